"""Support of the new rep: the forms of its steps, the plan, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.checklist import ChecklistItem
from bot.domain.support import REPORTS
from bot.domain.vocabulary import StepForm
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.view("form.report")
    def reported(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            chosen = {one.key: form.chosen(one.key) for choices in REPORTS.values() for one in choices}
            item, read = number(form.data, "item"), form.all_chosen("read")
            bot.support.report(answer.actor, item, form.day("on"), chosen, form.text("note"), read)

    @routes.view("form.support_plan")
    def planned(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            experienced, item = form.chosen("experienced") == "yes", number(form.data, "item")
            bot.support.plan(answer.actor, item, experienced, form.day("until"), form.text("note"))

    @routes.view("form.support_end")
    def ended(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            item = number(form.data, "item")
            if form.chosen("what") == "extend":
                bot.support.extend(answer.actor, item, form.day("until"))
            else:
                bot.support.end(answer.actor, item, form.text("note"))


def ask_what_was_done(answer: Answer, item: ChecklistItem) -> None:
    answer.open("views/form/report", form=answer.bot.support.report_form(answer.actor, item.id))


def ask_for_the_plan(answer: Answer, item: ChecklistItem) -> None:
    answer.open("views/form/support_plan", form=answer.bot.support.plan_form(answer.actor, item.id))


def ask_about_the_end(answer: Answer, item: ChecklistItem) -> None:
    answer.open("views/form/support_end", form=answer.bot.support.end_form(answer.actor, item.id))


FORMS = {
    **dict.fromkeys(REPORTS, ask_what_was_done),
    StepForm.SUPPORT_PLAN: ask_for_the_plan,
    StepForm.SUPPORT_END: ask_about_the_end,
}
