"""/handoff history: what was changed in an account's handoffs, by whom and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.usecases.views.history import HistoryView
from handlers.answering import Answer, answering
from handlers.payloads import Body, clicked, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("edit.history")
    def of_handoff(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            view = bot.history.of_handoff(answer.actor, number(clicked(body), "handoff"))
            answer.open("views/history", view=view, today=view.today)

    @routes.action("history.older")
    def older(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _show(answer, bot.history.older(answer.actor, number(data, "account"), number(data, "before")))


def show(answer: Answer, query: str) -> None:
    """`/handoff history ACME`."""
    _show(answer, answer.bot.history(answer.actor, query))


def _show(answer: Answer, view: HistoryView) -> None:
    """In a window the page takes the place of the one before; elsewhere it is a message of its own."""
    if (answer.body.get("view") or {}).get("type") == "modal":
        answer.fill("views/history", view=view, today=view.today)
    else:
        file = answer.bot.history.link(answer.actor, view.account.id)
        answer.say("messages/private/history", view=view, file=file, today=view.today)
