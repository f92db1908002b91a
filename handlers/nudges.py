"""What people do with a reminder besides settling it: put it off, give it away, ask why; and having others reminded.

Done, Accept and the answers on a reminder are the same buttons as elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.refusals import Empty, TooLong
from bot.errors import FieldErrors
from bot.usecases.fields import Missing
from bot.usecases.nudges.asking_after import AskedView
from bot.usecases.nudges.nudges import Until
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, StaleButton, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

FORMS = {"reassign": "views/nudge/reassign", "cannot": "views/nudge/cannot"}


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("nudge.snooze")
    def snooze(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _snooze(answer, number(data, "nudge"), word(data, "until"))

    @routes.action("nudge.menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _chosen(answer, word(data, "do"), number(data, "nudge"))

    @routes.action("nudge.ask")
    def ask_one(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            about = (number(data, "handoff"), word(data, "kind"), number(data, "subject"))
            _asked(answer, bot.ask_after(answer.actor, *about))

    @routes.action("nudge.late")
    def ask_all(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _asked(answer, bot.ask_after.everybody(answer.actor, number(clicked(body), "handoff")))

    _forms(routes, bot)


def _forms(routes: Routes, bot: Bot) -> None:
    @routes.view("nudge.snooze")
    def until_day(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("day"):
            form = Form.of(body)
            bot.snooze(answer.actor, number(form.data, "nudge"), Until.DAY, form.day("day"))

    @routes.view("nudge.reassign")
    def give(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("to"):
            form = Form.of(body)
            to = form.person("to")
            if to is None:
                raise Missing()
            bot.passing.reassign(answer.actor, number(form.data, "nudge"), to)

    @routes.view("nudge.cannot")
    def decline(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("to"):
            form = Form.of(body)
            try:
                bot.passing.decline(answer.actor, number(form.data, "nudge"), form.text("why"), form.person("to"))
            except (Empty, TooLong) as error:
                raise FieldErrors({"why": error}) from error


def _snooze(answer: Answer, nudge_id: int, until: str) -> None:
    if until not in set(Until) - {Until.DAY}:
        raise StaleButton()
    answer.bot.snooze(answer.actor, nudge_id, Until(until))


def _chosen(answer: Answer, wish: str, nudge_id: int) -> None:
    """The menu beside a reminder. Each entry opens a window."""
    if wish == "day":
        answer.open("views/snooze", nudge_id=nudge_id)
    elif wish == "why":
        why = answer.bot.explain(answer.actor, nudge_id)
        answer.open("views/nudge/why", why=why, today=why.nudge.today)
    elif wish in FORMS:
        given = answer.bot.passing.form(answer.actor, nudge_id)
        answer.open(FORMS[wish], given=given, today=given.nudge.today)
    else:
        raise StaleButton()


def _asked(answer: Answer, asked: AskedView) -> None:
    """Whom it reminded: privately beside the card, in a small window on Home."""
    if answer.body.get("response_url"):
        answer.say("messages/private/asked", asked=asked)
    else:
        answer.open("views/nudge/asked", asked=asked)
