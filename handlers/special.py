"""Special relationships: /handoff special, the form, and handing one over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.checklist import ChecklistItem
from bot.domain.vocabulary import StepForm
from bot.usecases.coverage.special import Sent
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, clicked, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("special.open")
    def open_form(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            chosen = number(data, "special") if "special" in data else None
            answer.open("views/form/special", form=bot.specials.form(answer.actor, number(data, "account"), chosen))

    @routes.view("special.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            item = number(form.data, "item") if "item" in form.data else None
            bot.specials.save(answer.actor, number(form.data, "account"), _sent(form), item)

    @routes.view("special.over")
    def over(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            chosen, item = form.numbers("which"), number(form.data, "item")
            bot.specials.hand_over(answer.actor, item, chosen, form.person("to"), form.text("note"))


def show(answer: Answer, rest: str) -> None:
    """/handoff special ACCOUNT."""
    view = answer.bot.specials.list(answer.actor, rest)
    answer.say("messages/private/specials", view=view, today=view.today)


def ask_who_holds_it(answer: Answer, item: ChecklistItem) -> None:
    answer.open("views/form/special", form=answer.bot.specials.form_of_item(answer.actor, item.id))


def ask_who_gets_it(answer: Answer, item: ChecklistItem) -> None:
    answer.open("views/form/special_over", form=answer.bot.specials.over_form(answer.actor, item.id))


FORMS = {StepForm.SPECIAL: ask_who_holds_it, StepForm.SPECIAL_OVER: ask_who_gets_it}


def _sent(form: Form) -> Sent:
    return Sent(
        kind=form.chosen("kind"),
        title=form.text("title"),
        terms=form.text("terms"),
        owner=form.person("owner"),
        expires_on=form.day("expires_on"),
        transfer_on=form.day("transfer_on"),
        special_id=number(form.data, "special") if "special" in form.data else None,
    )
