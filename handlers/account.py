"""The view of an account: opened from anywhere, its lists, and the forms that change what is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.dossier import Fact
from bot.errors import BotError, FieldErrors
from bot.usecases.accounts.dossier_details import Part, part_of
from bot.usecases.accounts.dossier_forms import NOUNS, ThingSent
from handlers import capture, gate
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, StaleButton, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

FACT = re.compile(r"account\.fact(\.\w+)?")
"""Buttons that open the form of one missing fact; several stand in one row, so each has its own name."""
SHOWN, LISTED, GATE = "account.shown", "account.listed", "handoff.override"
DEAL = "deal"
DEEPEST = 3
"""Modals that Slack lays on each other."""


@dataclass(frozen=True)
class Removed:
    """What was taken away just now, to be brought back with one click."""

    number: int
    name: str


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("account.open")
    def open_view(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            found = bot.dossier.views.view(answer.actor, number(clicked(body), "account"))
            on = answer.fill if _depth(answer) > 1 else answer.open  # two more have to fit on top of it
            on("views/account/shown", view=found)

    @routes.action(FACT)
    def say_fact(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            ask_for_fact(answer, number(data, "account"), word(data, "fact"))

    @routes.action("account.list")
    def open_list(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            noun = _noun(clicked(body))
            answer.open(
                "views/account/listed", view=bot.dossier.views.view(answer.actor, account_of(answer)), noun=noun
            )

    @routes.action("account.add")
    def add(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            ask_for(answer, account_of(answer), _noun(clicked(body)))

    @routes.action("account.part")
    def part(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            found = part_of(word(clicked(body), "part"))
            if found is None:
                raise StaleButton()
            _ask_for_part(answer, account_of(answer), found)

    _changes(routes, bot)
    _forms(routes, bot)


def _changes(routes: Routes, bot: Bot) -> None:
    """What a click alone changes."""

    @routes.action("account.menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            noun, chosen = _noun(data), number(data, "n")
            if word(data, "do") == "edit":
                ask_for(answer, account_of(answer), noun, chosen)
                return
            with said_in_the_list(answer, noun):
                name = bot.dossier.things.remove(answer.actor, account_of(answer), noun, chosen, number(data, "v"))
                redraw_list(answer, noun, Removed(chosen, name))

    @routes.action("account.restore")
    def restore(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            noun = _noun(data)
            with said_in_the_list(answer, noun):
                bot.dossier.things.restore(answer.actor, account_of(answer), noun, number(data, "n"))
                redraw_list(answer, noun)

    @routes.action("account.attest")
    def attest(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            account_id = account_of(answer)
            bot.dossier.details.attest(answer.actor, account_id)
            answer.fill("views/account/shown", view=bot.dossier.views.view(answer.actor, account_id))


def _forms(routes: Routes, bot: Bot) -> None:
    """What is sent."""

    @routes.view("account.thing")
    def thing(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under_the_first(answer):
            form = Form.of(body)
            account_id, noun = number(form.data, "account"), _noun(form.data)
            fact = NOUNS[noun].fact if noun in NOUNS else None
            if form.all_chosen("none") and fact is not None:
                bot.dossier.things.deny(answer.actor, account_id, fact)
            else:
                bot.dossier.things.save(answer.actor, account_id, noun, _sent(form), *which(form))
            redraw_what_is_below(answer, form)

    @routes.view("account.detail")
    def detail(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under_the_first(answer):
            form = Form.of(body)
            found = part_of(word(form.data, "part"))
            if found is None:
                raise StaleButton()
            account_id, version = number(form.data, "account"), number(form.data, "v")
            bot.dossier.details.save(answer.actor, account_id, found, _sent(form), version)
            redraw_what_is_below(answer, form)


@contextmanager
def under_the_first(answer: Answer) -> Iterator[None]:
    """On a form that stands on two others Slack pushes no more: what is wrong stands under its first field."""
    try:
        yield
    except FieldErrors:
        raise
    except BotError as problem:
        if _depth(answer) < DEEPEST:
            raise
        raise FieldErrors({"": problem}) from problem


@contextmanager
def said_in_the_list(answer: Answer, noun: str) -> Iterator[None]:
    """What is refused stands at the top of the list, which is drawn as it is now."""
    try:
        yield
    except BotError as problem:
        redraw_list(answer, noun, problem=answer.bot.screen.sentence(problem, answer.locale))


def show(answer: Answer, rest: str) -> None:
    """`/handoff account ACME`."""
    answer.open("views/account/shown", view=answer.bot.dossier.views.find(answer.actor, rest))


def ask_for_fact(answer: Answer, account_id: int, fact: str) -> None:
    """Open just the form in which a missing fact is said; from a message, or on top of the view one is in."""
    if fact not in list(Fact):
        raise StaleButton()
    if fact == Fact.NOTES:
        capture.ask(answer, account_id, _here(answer))
        return
    where = answer.bot.dossier.views.where(answer.actor, account_id, Fact(fact))
    found = part_of(where.noun)
    if found is not None:
        _ask_for_part(answer, account_id, found)
    else:
        ask_for(answer, account_id, where.noun, where.number, where.role)


def ask_for(answer: Answer, account_id: int, noun: str, chosen: int | None = None, role: str = "") -> None:
    if noun == DEAL:
        form: Any = answer.bot.dossier.deals.form(answer.actor, account_id, chosen)
        put(answer, "views/account/deal", form)
    else:
        form = answer.bot.dossier.things.form(answer.actor, account_id, noun, chosen, role)
        put(answer, "views/account/thing", form)


def _ask_for_part(answer: Answer, account_id: int, part: Part) -> None:
    form = answer.bot.dossier.details.form(answer.actor, account_id, part)
    put(answer, "views/account/detail", form)


def put(answer: Answer, template: str, form: Any) -> None:
    """Open a form on top of what one is in; where nothing more fits, in its place."""
    here = _here(answer)
    if _depth(answer) < DEEPEST:
        answer.open(template, form=form, below=here)
    else:
        answer.fill(template, form=form, below=SHOWN if here == LISTED else None)


def _depth(answer: Answer) -> int:
    """How many modals lie on each other where somebody clicked, as far as Slack tells: 0, 1, 2, or 3 and more."""
    view = answer.body.get("view") or {}
    if view.get("type") != "modal":
        return 0
    previous = view.get("previous_view_id")
    return 1 if not previous else 2 if previous == view.get("root_view_id") else DEEPEST


def _here(answer: Answer) -> Any:
    """The view of ours in which somebody clicked; a form that is opened from it draws it anew.

    Of the list of what a gate waits for, which handoff it is about.
    """
    found = (answer.body.get("view") or {}).get("callback_id")
    if found == GATE:
        return {"gate": number(Form.of(answer.body).data, "handoff")}
    return found if found in (SHOWN, LISTED) else None


def redraw_what_is_below(answer: Answer, form: Form) -> None:
    """What lies below the form shows what it changed: the view, or a list and the view below that."""
    view, below = answer.body["view"], form.data.get("below")
    gate.redraw_below(answer, form)
    if below not in (SHOWN, LISTED):
        return
    found = answer.bot.dossier.views.view(answer.actor, number(form.data, "account"))
    screen, previous = answer.bot.screen, view.get("previous_view_id")
    shown = view.get("root_view_id") if below == LISTED else previous
    if below == LISTED and previous:
        screen.update_modal(previous, "views/account/listed", answer.locale, view=found, noun=_noun(form.data))
    if shown:
        screen.update_modal(shown, "views/account/shown", answer.locale, view=found)


def redraw_list(answer: Answer, noun: str, removed: Removed | None = None, problem: str = "") -> None:
    """The list in which somebody clicked, as it is now, and the view below it."""
    found = answer.bot.dossier.views.view(answer.actor, account_of(answer))
    answer.fill("views/account/listed", view=found, noun=noun, removed=removed, problem=problem)
    previous = (answer.body.get("view") or {}).get("previous_view_id")
    if previous:
        answer.bot.screen.update_modal(previous, "views/account/shown", answer.locale, view=found)


def account_of(answer: Answer) -> int:
    """The account of the view in which somebody clicked. Raises StaleButton elsewhere."""
    if _here(answer) not in (SHOWN, LISTED):
        raise StaleButton()
    return number(Form.of(answer.body).data, "account")


def _noun(data: Mapping[str, Any]) -> str:
    found = word(data, "noun")
    if found != DEAL and found not in NOUNS:
        raise StaleButton()
    return found


def which(form: Form) -> tuple[int | None, int | None]:
    """The thing that the form changes, and the version that it showed; none of both for a new one."""
    if form.data.get("n") is None:
        return None, None
    return number(form.data, "n"), number(form.data, "v")


def _sent(form: Form) -> ThingSent:
    names = form.values
    ticked = {one for name in ("yearly", "access") if name in names for one in form.all_chosen(name)}
    return ThingSent(
        texts={name: form.text(name) for name in names},
        days={name: form.day(name) for name in names},
        chosen={name: form.chosen(name) for name in names},
        ticked=frozenset(ticked),
    )
