"""Putting a nudge off. Done, Accept and the answers on a nudge are the same buttons as elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, App, Respond

from bot.usecases.nudges import Until
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, StaleButton, clicked, number, word

if TYPE_CHECKING:
    from bot.app import Bot


def register(app: App, bot: Bot) -> None:
    def snooze(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _snooze(answer, number(data, "nudge"), word(data, "until"))

    app.action("nudge.snooze")(snooze)
    app.action("nudge.menu")(snooze)

    @app.view("nudge.snooze")
    def until_day(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("day"):
            form = Form.of(body)
            bot.snooze(answer.actor, number(form.data, "nudge"), Until.DAY, form.day("day"))


def _snooze(answer: Answer, nudge_id: int, until: str) -> None:
    """For an hour, until tomorrow or next week at once; for a date, a form asks which."""
    if until not in set(Until):
        raise StaleButton()
    if until == Until.DAY:
        answer.open("views/snooze", nudge_id=nudge_id)
    else:
        answer.bot.snooze(answer.actor, nudge_id, Until(until))
