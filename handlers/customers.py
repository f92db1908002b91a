"""The customer's side: the warning and its words, the meetings and their calendar files, the pulse, another rep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.checklist import ChecklistItem
from bot.domain.vocabulary import StepForm
from bot.usecases.customers.customers import Warned
from bot.usecases.customers.meetings import MeetingSent
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("customer.words")
    def words(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _keep_contact(answer, Form.of(body))

    @routes.view("form.warning")
    def warned(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            bot.customers.warned(answer.actor, number(form.data, "item"), _warned(form))

    @routes.view("form.pulse")
    def felt(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            bot.customers.felt(answer.actor, number(form.data, "item"), form.chosen("mood"), form.text("note"))

    @routes.view("handoff.decline")
    def declined(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("reason"):
            form = Form.of(body)
            handoff, person = number(form.data, "handoff"), number(form.data, "person")
            bot.rematch.declines(answer.actor, handoff, person, form.text("reason"))

    @routes.view("form.meeting")
    def meeting(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            planned = bot.meetings.write(answer.actor, number(form.data, "item"), _meeting(form))
            if planned is not None:
                answer.fill("views/form/planned", planned=planned)


def ask_about_another_rep(answer: Answer, handoff_id: int) -> None:
    """From the card's menu: the customer asks for somebody else."""
    answer.open("views/decline", handoff=answer.bot.rematch.form(answer.actor, handoff_id))


def ask_about_the_warning(answer: Answer, item: ChecklistItem, typed: Form | None = None, round: int = 0) -> None:
    """The form with the words for the customer. `typed`: what stands in it already, when it is drawn anew."""
    form = answer.bot.customers.warning_form(answer.actor, item.id)
    show = answer.open if typed is None else answer.fill
    show("views/form/warning", form=form, so_far=_warned(typed) if typed else None, round=round)


def ask_about_the_meeting(answer: Answer, item: ChecklistItem) -> None:
    form = answer.bot.meetings.form(answer.actor, item.id)
    answer.open("views/form/meeting", form=form)


def ask_for_the_pulse(answer: Answer, item: ChecklistItem) -> None:
    handoff = answer.bot.overview.handoff(answer.actor, item.handoff_id)
    answer.open("views/form/pulse", item=item, account=handoff.account)


FORMS = {
    StepForm.WARNING: ask_about_the_warning,
    StepForm.MEETING: ask_about_the_meeting,
    StepForm.INTRODUCTION: ask_about_the_meeting,
    StepForm.PULSE: ask_for_the_pulse,
}


def _keep_contact(answer: Answer, form: Form) -> None:
    """The customer's name and address go into the words, before anything is sent."""
    item = number(form.data, "item")
    answer.bot.customers.keep_contact(answer.actor, item, form.text("contact_name"), form.text("contact_mail"))
    found = answer.bot.checklist.item(answer.actor, item)
    ask_about_the_warning(answer, found, form, number(form.data, "round") + 1)


def _warned(form: Form) -> Warned:
    return Warned(
        by=form.person("by"),
        on=form.day("on"),
        how=form.chosen("how"),
        contact_name=form.text("contact_name"),
        contact_mail=form.text("contact_mail"),
    )


def _meeting(form: Form) -> MeetingSent:
    asked = "contact_name" in form.values
    return MeetingSent(
        at=form.moment("at"),
        mode=form.chosen("mode"),
        place=form.text("place"),
        attendees=form.people("attendees"),
        held=form.chosen("held") == "yes",
        seen=number(form.data, "seen"),
        endorsement=form.text("endorsement"),
        contact_name=form.text("contact_name") if asked else None,
        contact_mail=form.text("contact_mail") if asked else None,
        override=form.text("override"),
    )
