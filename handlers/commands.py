"""/handoff and its words; the menu's buttons say the same words."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.errors import BotError
from handlers import (
    account,
    away,
    brief,
    capture,
    commission,
    cover,
    history,
    importing,
    privacy,
    setup,
    special,
    territory,
    watch,
)
from handlers.answering import Answer, answering
from handlers.payloads import Body, clicked, typed_after, word
from handlers.routes import Routes
from handlers.start import begin

if TYPE_CHECKING:
    from bot.app import Bot

Command = Callable[[Answer, str], None]

SCOPES = ("mine", "team", "overdue")
RUN = re.compile(r"menu\.run(\.\w+)?")
"""Buttons that say a line for whoever is too busy to type it."""
LATER = frozenset({"report"})
"""Words that Baton will know one day."""


class WhichAccount(BotError):
    """A word that needs an account was typed alone."""

    def __init__(self, command: str) -> None:
        super().__init__("Which account? Type `/handoff %(command)s` and a few letters of its name.", command=command)


def register(routes: Routes, bot: Bot) -> None:
    @routes.command("/handoff")
    def handoff(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            run(answer, typed_after(body))

    @routes.action(RUN)
    def run_again(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            run(answer, word(clicked(body), "line"))

    for name in ("list", "cover", "nudges", "away", "setup", "help"):
        routes.action(f"menu.{name}")(_button(bot, name))


def _button(bot: Bot, name: str) -> Callable[[Ack, Respond, Body], None]:
    def click(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            COMMANDS[name](answer, "")

    return click


def run(answer: Answer, line: str) -> None:
    """One line after /handoff: a word and what it is about. Nothing typed: the menu."""
    first, _, rest = line.partition(" ")
    if not first:
        _menu(answer, "")
        return
    command = COMMANDS.get(first.casefold())
    if command is None:
        _unknown(answer, first, rest)
    else:
        command(answer, rest.strip())


def _menu(answer: Answer, _rest: str) -> None:
    answer.say("messages/private/menu", menu=answer.bot.overview.menu(answer.actor))


def _help(answer: Answer, _rest: str) -> None:
    answer.say("messages/private/help")


def _list(answer: Answer, rest: str) -> None:
    wanted = rest.casefold() or "mine"
    scope = next(iter(get_close_matches(wanted, SCOPES, 1)), "mine")
    view = answer.bot.overview.list(answer.actor, scope)
    answer.say("messages/private/list", view=view, today=view.today)


def _show(answer: Answer, rest: str) -> None:
    view = answer.bot.overview.show(answer.actor, _account(rest, "show"))
    answer.say("messages/private/show", view=view, card=view.card, today=view.card.today)


def _owner(answer: Answer, rest: str) -> None:
    found = answer.bot.accounts.owner(answer.actor, _account(rest, "owner"))
    answer.say("messages/private/owner", found=found, now=answer.bot.clock.now())


def _nudges(answer: Answer, _rest: str) -> None:
    view = answer.bot.forecasts(answer.actor)
    answer.say("messages/private/nudges", view=view, today=view.today)


def _account(rest: str, command: str) -> str:
    if not rest:
        raise WhichAccount(command)
    return rest


def _unknown(answer: Answer, typed: str, rest: str) -> None:
    """The nearest word that there is, and the help; never silence."""
    guess = next(iter(get_close_matches(typed.casefold(), COMMANDS, 1)), "")
    later = typed.casefold() in LATER
    line = "" if later or not guess else f"{guess} {rest}".strip()
    answer.say("messages/private/unknown", said=typed, later=later, line=line)


COMMANDS: dict[str, Command] = {
    "start": begin,
    "list": _list,
    "show": _show,
    "owner": _owner,
    "brief": lambda answer, rest: brief.show(answer, _account(rest, "brief")),
    "history": lambda answer, rest: history.show(answer, _account(rest, "history")),
    "cover": cover.show,
    "note": capture.note,
    "special": lambda answer, rest: special.show(answer, _account(rest, "special")),
    "nudges": _nudges,
    "away": away.ask,
    "deals": commission.ask,
    "account": lambda answer, rest: account.show(answer, _account(rest, "account")),
    "watch": watch.show,
    "import": importing.ask,
    "setup": lambda answer, _rest: setup.ask(answer),
    "territory": territory.ask,
    "me": privacy.show,
    "erase": privacy.ask,
    "help": _help,
}
