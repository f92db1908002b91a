"""Steps that are finished by filling in a form: Done opens it, sending it finishes the step.

Each feature names the forms it knows: `FORMS = {StepForm.PULSE: ask_for_the_pulse}`, called with the answer and the
item. A form that no feature knows is a note in people's own words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.checklist import ChecklistItem
from bot.domain.permissions import Action
from bot.domain.vocabulary import StepForm
from bot.usecases.handoffs.checklist import written
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

Opener = Callable[[Answer, ChecklistItem], None]


def register(routes: Routes, bot: Bot) -> None:
    @routes.view("form.note")
    def note(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("note"):
            form = Form.of(body)
            said = {"note": written(form.text("note"))}
            kind = StepForm(word(form.data, "form"))
            bot.checklist.write_down(answer.actor, number(form.data, "item"), kind, said)


def ask(answer: Answer, form: StepForm, item_id: int) -> None:
    """Open the form of this item."""
    item = answer.bot.checklist.item(answer.actor, item_id)
    answer.bot.overview.require(answer.actor, Action.TICK, item.handoff_id, item_id)
    _openers().get(form, _note)(answer, item)


@cache
def _openers() -> dict[StepForm, Opener]:
    """Of all features; asked for late, because they import this module to name their openers."""
    from handlers import commission, cover, customers, special, support

    return {**customers.FORMS, **commission.FORMS, **cover.FORMS, **support.FORMS, **special.FORMS}


def _note(answer: Answer, item: ChecklistItem) -> None:
    handoff = answer.bot.overview.handoff(answer.actor, item.handoff_id)
    answer.open("views/form/note", item=item, account=handoff.account)
