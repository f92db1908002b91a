"""The card's buttons and the acceptance: pass the gate, override, cancel, accept, return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.permissions import Action
from bot.errors import BotError
from handlers import customers, editing
from handlers.answering import Answer, answering, under
from handlers.checklist import ask_to_add
from handlers.payloads import Body, Form, StaleButton, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

STEPS = 100
"""As many options as a menu takes."""
FORMS = {"cancel": (Action.CANCEL, "views/cancel")}


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("handoff.gate")
    def gate(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _try_gate(answer, number(data, "handoff"), number(data, "stage"))

    @routes.action("handoff.menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _chosen(answer, word(data, "do"), number(data, "handoff"), data)

    @routes.action("handoff.accept")
    def accept(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.handoffs.accept(answer.actor, number(clicked(body), "handoff"))

    @routes.action("handoff.return")
    def ask_to_return(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _ask_what_is_missing(answer, number(clicked(body), "handoff"))

    _forms(routes, bot)


def _forms(routes: Routes, bot: Bot) -> None:
    def sent(callback_id: str, field: str, work: Callable[[Answer, Form], object]) -> None:
        @routes.view(callback_id)
        def send(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer, under(field):
                work(answer, Form.of(body))

    sent("handoff.override", "reason", _override)
    sent("handoff.cancel", "reason", lambda a, f: bot.handoffs.cancel(a.actor, _handoff(f), f.text("reason")))
    sent("handoff.return", "gaps", _send_back)


def _try_gate(answer: Answer, handoff_id: int, stage: int) -> None:
    """Pass, or list exactly what is missing, with a reason field for those who may override."""
    result = answer.bot.handoffs.gate(answer.actor, handoff_id, stage)
    if result.passed is None:
        answer.open("views/gate", result=result, today=answer.today)


def redraw_below(answer: Answer, form: Form) -> None:
    """The list of what is missing follows what was said in a form on top of it, where there is one."""
    below, view_id = form.data.get("below"), answer.body["view"].get("previous_view_id")
    if not isinstance(below, dict) or not view_id:
        return
    handoff_id = number(below, "gate")
    with suppress(BotError):  # closed meanwhile: what was said is kept all the same
        result = answer.bot.handoffs.look(answer.actor, handoff_id)
        answer.bot.screen.update_modal(view_id, "views/gate", answer.locale, result=result, today=answer.today)


def _chosen(answer: Answer, wish: str, handoff_id: int, data: Mapping[str, Any]) -> None:
    """The card's menu. Overriding begins with the list of what is missing, like the gate's own button."""
    if wish == "add":
        ask_to_add(answer, handoff_id)
    elif wish == "override":
        _try_gate(answer, handoff_id, number(data, "stage"))
    elif wish == "decline":
        customers.ask_about_another_rep(answer, handoff_id)
    elif wish == "edit":
        editing.ask(answer, handoff_id)
    elif wish in FORMS:
        action, template = FORMS[wish]
        answer.bot.overview.require(answer.actor, action, handoff_id)
        answer.open(template, handoff=answer.bot.overview.handoff(answer.actor, handoff_id))
    else:
        raise StaleButton()


def _ask_what_is_missing(answer: Answer, handoff_id: int) -> None:
    form = answer.bot.handoffs.return_form(answer.actor, handoff_id)
    handoff = form.handoff
    answer.open("views/return", handoff=handoff, steps=handoff.items_of(handoff.stage)[:STEPS], facts=form.facts)


def _override(answer: Answer, form: Form) -> None:
    stage = number(form.data, "stage")
    answer.bot.handoffs.override(answer.actor, _handoff(form), form.text("reason"), stage)


def _send_back(answer: Answer, form: Form) -> None:
    steps = form.numbers("steps")
    answer.bot.handoffs.send_back(answer.actor, _handoff(form), steps, form.text("gaps"))


def _handoff(form: Form) -> int:
    return number(form.data, "handoff")
