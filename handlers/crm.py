"""An owner changed in the CRM: the two buttons of the suggestion, and the form behind the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from handlers.answering import answering, under
from handlers.payloads import Body, Form, clicked, number
from handlers.routes import Routes
from handlers.start import begin_with
from handlers.start_form import Draft, account_option

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("owner_change.start")
    def start(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            change = bot.crm.changes.look(answer.actor, number(clicked(body), "change"))
            outgoing = change.outgoing.slack_id if change.outgoing is not None else None
            draft = Draft(
                account=account_option(change.account),
                outgoing=outgoing,
                outgoing_name="" if outgoing else change.outgoing_name,
                incoming=change.incoming.slack_id if change.incoming is not None else None,
            )
            begin_with(answer, draft)

    @routes.action("owner_change.decline")
    def decline(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            change = bot.crm.changes.look(answer.actor, number(clicked(body), "change"))
            answer.open("views/form/owner_change", change=change)

    @routes.view("owner_change.decline")
    def declined(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("reason"):
            form = Form.of(body)
            bot.crm.changes.decline(answer.actor, number(form.data, "change"), form.text("reason"))
