"""What is done about a day of the customer's: Done, an order that came, an expiry that was dealt with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from handlers.answering import answering
from handlers.payloads import Body, Form, clicked, day_of, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("key_date.done")
    def done(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            bot.capture.dates.seen(answer.actor, number(data, "id"), day_of(word(data, "day")))

    @routes.action("expiry.done")
    def dealt_with(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            bot.capture.dates.expiry_seen(answer.actor, number(data, "id"), day_of(word(data, "day")))

    @routes.action("order.open")
    def ask(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = bot.capture.dates.order_form(answer.actor, number(clicked(body), "account"))
            answer.open("views/form/order", form=form)

    @routes.view("order.save")
    def ordered(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            bot.capture.dates.ordered(answer.actor, number(form.data, "account"), form.text("days"))
