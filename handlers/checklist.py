"""Checklist items: Done and the menu beside it, in the thread, on Home, in nudges and in the whole checklist."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.checklist import NeedsForm
from bot.domain.permissions import Action
from bot.domain.refusals import NameThemFirst, RefuseDate, Unreachable
from bot.errors import FieldErrors
from bot.usecases.fields import Missing
from handlers import forms
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, StaleButton, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

FORMS = {
    "skip": "views/item/skip",
    "assign": "views/item/assign",
    "due": "views/item/due",
    "evidence": "views/item/evidence",
}


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("item.done")
    def done(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            item_id = number(clicked(body), "item")
            try:
                bot.checklist.complete(answer.actor, item_id)
            except NeedsForm as wanted:
                forms.ask(answer, wanted.form, item_id)
                return
            _redraw(answer)

    @routes.action(re.compile(r"item\.(menu|assign|skip)"))
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _chosen(answer, word(data, "do"), number(data, "item"))

    @routes.action("item.add")
    def add(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            ask_to_add(answer, number(clicked(body), "handoff"))

    @routes.action("checklist.whole")
    def whole(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            answer.open("views/checklist", **_stage(answer, number(data, "handoff"), number(data, "stage")))

    _forms(routes, bot)


def _forms(routes: Routes, bot: Bot) -> None:
    """What is sent from the forms behind the menu."""

    def sent(callback_id: str, field: str, work: Callable[[Answer, Form], None]) -> None:
        @routes.view(callback_id)
        def send(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer, under(field):
                form = Form.of(body)
                work(answer, form)
                _redraw_below(answer, form)

    sent("item.skip", "reason", lambda a, f: bot.checklist.skip(a.actor, _item(f), f.text("reason")))
    sent("item.evidence", "evidence", lambda a, f: bot.checklist.attach(a.actor, _item(f), f.text("evidence")))
    sent("item.assign", "owner", lambda a, f: bot.checklist.assign(a.actor, _item(f), _needed(f.person("owner"))))
    sent("item.due", "due", lambda a, f: bot.checklist.reschedule(a.actor, _item(f), _needed(f.day("due"))))
    sent("item.add", "title", _add)


def _add(answer: Answer, form: Form) -> None:
    owner = form.person("owner") or answer.actor.user_id
    day, necessary = form.day("due"), form.chosen("necessary") != "no"
    try:
        answer.bot.checklist.add(answer.actor, number(form.data, "handoff"), form.text("title"), owner, day, necessary)
    except RefuseDate as error:
        raise FieldErrors({"due": error}) from error
    except (Unreachable, NameThemFirst) as error:
        raise FieldErrors({"owner": error}) from error


def ask_to_add(answer: Answer, handoff_id: int) -> None:
    """The form for an item that the playbook does not have."""
    answer.bot.overview.require(answer.actor, Action.ADD_ITEM, handoff_id)
    answer.open(
        "views/item/add", handoff=answer.bot.overview.handoff(answer.actor, handoff_id), me=answer.actor.user_id
    )


def _chosen(answer: Answer, wish: str, item_id: int) -> None:
    if wish == "reopen":
        answer.bot.checklist.reopen(answer.actor, item_id)
        _redraw(answer)
        return
    if wish not in FORMS:
        raise StaleButton()
    item = answer.bot.checklist.item(answer.actor, item_id)
    answer.bot.overview.require(answer.actor, Action.TICK, item.handoff_id, item_id)
    answer.open(FORMS[wish], item=item, below=_whole(answer.body))


def _redraw(answer: Answer) -> None:
    """The whole checklist, when the click was in it; messages and Home are drawn anew by the courier."""
    place = _whole(answer.body)
    if place is not None:
        answer.fill("views/checklist", **_stage(answer, number(place, "handoff"), number(place, "stage")))


def _redraw_below(answer: Answer, form: Form) -> None:
    """The whole checklist from which a form was opened shows what the form changed."""
    view_id, place = answer.body["view"].get("previous_view_id"), form.data.get("below")
    if view_id and isinstance(place, Mapping):
        stage = _stage(answer, number(place, "handoff"), number(place, "stage"))
        answer.bot.screen.update_modal(view_id, "views/checklist", answer.locale, **stage)


def _whole(body: Body) -> Mapping[str, Any] | None:
    """Which checklist it is, when somebody clicked in a whole one."""
    view = body.get("view") or {}
    return Form.of(body).data if view.get("callback_id") == "checklist.whole" else None


def _stage(answer: Answer, handoff_id: int, stage_id: int) -> dict[str, Any]:
    stage = answer.bot.overview.stage(answer.actor, handoff_id, stage_id)
    return {"stage": stage, "today": stage.today}


def _item(form: Form) -> int:
    return number(form.data, "item")


def _needed(value: Any) -> Any:
    """What was chosen. Raises Missing when nothing was."""
    if value is None:
        raise Missing()
    return value
