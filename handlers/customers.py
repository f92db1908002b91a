"""The customer's side: the warning and its words, the meetings and their calendar files, the pulse, another rep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.checklist import ChecklistItem
from bot.domain.vocabulary import StepForm
from bot.usecases.customers.contacts import Named
from bot.usecases.customers.customers import Warned
from bot.usecases.customers.meetings import MeetingSent
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, StaleButton, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("customer.words")
    def words(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _keep_contact(answer, Form.of(body))

    @routes.action("contact")
    def contact(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form, redraw = Form.of(body), REDRAWN.get(str(body["view"].get("callback_id")))
            if redraw is None:
                raise StaleButton()
            redraw(answer, bot.checklist.item(answer.actor, number(form.data, "item")), form)

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


def ask_about_the_warning(
    answer: Answer, item: ChecklistItem, typed: Form | None = None, named: Named | None = None
) -> None:
    """The form with the words for the customer. `typed`: what stands in it already, when it is drawn anew.

    `named`: whom it names then, where it was kept meanwhile.
    """
    so_far = _warned(typed) if typed else None
    named = named or (so_far.named if so_far else None)
    form = answer.bot.customers.warning_form(answer.actor, item.id, named)
    show = answer.open if typed is None else answer.fill
    show("views/form/warning", form=form, so_far=so_far, round=_round(typed))


def ask_about_the_meeting(answer: Answer, item: ChecklistItem, typed: Form | None = None) -> None:
    so_far = _meeting(typed) if typed else None
    form = answer.bot.meetings.form(answer.actor, item.id, so_far.named if so_far else None)
    show = answer.open if typed is None else answer.fill
    show("views/form/meeting", form=form, so_far=so_far, round=_round(typed))


def ask_for_the_pulse(answer: Answer, item: ChecklistItem) -> None:
    handoff = answer.bot.overview.handoff(answer.actor, item.handoff_id)
    answer.open("views/form/pulse", item=item, account=handoff.account)


FORMS = {
    StepForm.WARNING: ask_about_the_warning,
    StepForm.MEETING: ask_about_the_meeting,
    StepForm.INTRODUCTION: ask_about_the_meeting,
    StepForm.PULSE: ask_for_the_pulse,
}
REDRAWN = {"form.warning": ask_about_the_warning, "form.meeting": ask_about_the_meeting}
"""What draws a form anew when somebody at the customer is chosen in it, by its callback_id."""


def _round(typed: Form | None) -> int:
    """How often the form was drawn anew."""
    return number(typed.data, "round") + 1 if typed else 0


def _keep_contact(answer: Answer, form: Form) -> None:
    """The customer's name and address go into the words, before anything is sent."""
    item = number(form.data, "item")
    named = answer.bot.customers.keep_contact(answer.actor, item, _named(form))
    ask_about_the_warning(answer, answer.bot.checklist.item(answer.actor, item), form, named)


def _named(form: Form) -> Named:
    """Who at the customer it is for."""
    wrote = form.data.get("wrote")
    return Named(
        contact=form.number("contact"),
        name=form.text("contact_name"),
        mail=form.text("contact_mail"),
        wrote=wrote if isinstance(wrote, int) else None,
    )


def _warned(form: Form) -> Warned:
    return Warned(by=form.person("by"), on=form.day("on"), how=form.chosen("how"), named=_named(form))


def _meeting(form: Form) -> MeetingSent:
    return MeetingSent(
        at=form.moment("at"),
        mode=form.chosen("mode"),
        place=form.text("place"),
        attendees=form.people("attendees"),
        held=form.chosen("held") == "yes",
        seen=number(form.data, "seen"),
        endorsement=form.text("endorsement"),
        named=_named(form) if {"contact", "contact_name"} & set(form.values) else None,
        override=form.text("override"),
    )
