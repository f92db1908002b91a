"""The history of an account in people's words: pages, filters, and the menu of each line."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.dossier import EntryKind
from bot.slack.wording import opened
from handlers.answering import Answer, answering
from handlers.payloads import Body, StaleButton, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    def page(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _show(answer, number(data, "account"), data)

    for name in ("list", "filter", "newest", "older"):
        routes.action(f"entry.{name}")(page)

    @routes.action("entry.edit")
    def edit(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _edit(answer, number(clicked(body), "entry"))

    @routes.action("entry.menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            entry, do = number(data, "entry"), word(data, "do")
            if do == "edit":
                _edit(answer, entry)
                return
            if do == "remove":
                bot.capture.entries.remove(answer.actor, entry)
            elif do in ("settle", "reopen"):
                bot.capture.entries.settle(answer.actor, entry, do == "settle")
            else:
                raise StaleButton()
            here = opened(body["view"].get("private_metadata"))
            _show(answer, number(here, "account"), here)


def _edit(answer: Answer, entry: int) -> None:
    answer.open("views/capture", form=answer.bot.capture.entries.form(answer.actor, entry))


def _show(answer: Answer, account: int, data: Any) -> None:
    """In the window in which somebody pages or filters, else in one of its own."""
    view = answer.bot.capture.entries.page(answer.actor, account, _kind(data), _before(data))
    shown = {"view": view, "today": view.today}
    if data.get("kind") is not None:
        answer.fill("views/entries", **shown)
    else:
        answer.open("views/entries", **shown)


def _kind(data: Any) -> EntryKind | None:
    found = str(data.get("kind") or "")
    return EntryKind(found) if found in {one.value for one in EntryKind} else None


def _before(data: Any) -> tuple[date, int] | None:
    if "day" not in data:
        return None
    try:
        return date.fromisoformat(word(data, "day")), number(data, "number")
    except ValueError:
        raise StaleButton() from None
