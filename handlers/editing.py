"""Changing a running handoff: the forms behind "Edit" in the card's menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, App, Respond

from bot.domain.edits import SWITCHES
from bot.domain.vocabulary import Reason, Role, SalesChannel, Tier
from bot.usecases.editing import Edit, chooses
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, StaleButton, clicked, number

if TYPE_CHECKING:
    from bot.app import Bot

PEOPLE = tuple(role.value for role in Role)
DAYS = ("last_day", "transfer_on", "support_until")
TEXTS = ("benefit", "outgoing_name", "account")
WORDS = {"reason": Reason, "sales_channel": SalesChannel, "tier": Tier}
IN_FORM = {
    "handoff.edit": ("outgoing", "incoming", "manager", "cover", "inside", "last_day", "benefit"),
    "handoff.edit.more": ("helper", "outgoing_name", "transfer_on", "support_until", "test_run"),
    "handoff.edit.account": ("account", "reason", "sales_channel", "tier", "overseas"),
}
VIEWS = {"edit.more": "views/edit_more", "edit.account": "views/edit_account"}


def register(app: App, bot: Bot) -> None:
    def opens(action_id: str, template: str) -> None:
        @app.action(action_id)
        def more(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer:
                answer.open(template, edit=bot.editing.look(answer.actor, number(clicked(body), "handoff")))

    def saves(callback_id: str, fields: tuple[str, ...]) -> None:
        @app.view(callback_id)
        def save(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer:
                _save(answer, Form.of(body), fields)

    for action_id, template in VIEWS.items():
        opens(action_id, template)
    for callback_id, fields in IN_FORM.items():
        saves(callback_id, fields)


def ask(answer: Answer, handoff_id: int) -> None:
    """Open the form with what is edited most."""
    answer.open("views/edit", edit=answer.bot.editing.look(answer.actor, handoff_id), newer=False)


def _save(answer: Answer, form: Form, fields: tuple[str, ...]) -> None:
    handoff_id, kept = number(form.data, "handoff"), form.data.get("seen")
    seen = kept if isinstance(kept, dict) else {}
    changed = answer.bot.editing(answer.actor, handoff_id, Edit({name: _value(form, name) for name in fields}, seen))
    if chooses(changed):
        pass


def _value(form: Form, name: str) -> Any:
    """What stands in a field, as the use case takes it. Raises StaleButton for what no form of ours sends."""
    if name in PEOPLE:
        return form.person(name)
    if name in DAYS:
        day = form.day(name)
        return day.isoformat() if day else None
    if name in SWITCHES:
        return name in form.all_chosen("switches")
    if name in WORDS:
        try:
            return WORDS[name](form.chosen(name) or "").value
        except ValueError:
            raise StaleButton() from None
    return form.text(name)
