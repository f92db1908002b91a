"""Changing a running handoff: the forms behind "Edit" in the card's menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.adoption import Offer
from bot.domain.edits import SWITCHES
from bot.domain.vocabulary import Reason, Role, SalesChannel, Tier
from bot.usecases.handoffs.adopting import AdoptView
from bot.usecases.handoffs.editing import Edit, chooses
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, StaleButton, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

AT_ONCE, BATCHES = 10, 20
PEOPLE = tuple(role.value for role in Role)
DAYS = ("last_day", "transfer_on", "support_until")
TEXTS = ("benefit", "outgoing_name", "account")
WORDS = {"reason": Reason, "sales_channel": SalesChannel, "tier": Tier}
IN_FORM = {
    "handoff.edit": ("outgoing", "incoming", "manager", "inside", "last_day", "benefit"),
    "handoff.edit.more": ("helper", "outgoing_name", "transfer_on", "support_until", "channel", "test_run"),
    "handoff.edit.account": ("account", "reason", "sales_channel", "tier", "overseas"),
}
VIEWS = {"edit.more": "views/edit_more", "edit.account": "views/edit_account"}


def register(routes: Routes, bot: Bot) -> None:
    def opens(action_id: str, template: str) -> None:
        @routes.action(action_id)
        def more(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer:
                answer.open(template, edit=bot.editing.look(answer.actor, number(clicked(body), "handoff")))

    def saves(callback_id: str, fields: tuple[str, ...]) -> None:
        @routes.view(callback_id)
        def save(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer:
                _save(answer, Form.of(body), fields)

    @routes.action("edit.adopt")
    def newer(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            adopt = bot.adopting.look(answer.actor, number(clicked(body), "handoff"))
            answer.open("views/adopt", adopt=adopt, batches=_batches(adopt))

    @routes.view("handoff.adopt")
    def take(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under("reason"):
            form = Form.of(body)
            count = min(number(form.data, "batches"), BATCHES)
            chosen = [ref for n in range(count) for ref in form.all_chosen(f"offers_{n}")]
            handoff_id, seen = number(form.data, "handoff"), word(form.data, "mark")
            bot.adopting(answer.actor, handoff_id, chosen, seen, form.text("reason"))

    @routes.action("edit.contact")
    def contact(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = bot.customers.contact_form(answer.actor, number(clicked(body), "handoff"))
            answer.open("views/edit_contact", form=form)

    @routes.view("handoff.edit.contact")
    def keep_contact(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            seen = form.data.get("seen")
            sent = (form.text("contact_name"), form.text("contact_mail"), seen if isinstance(seen, list) else [])
            bot.customers.edit_contact(answer.actor, number(form.data, "handoff"), *sent)

    for action_id, template in VIEWS.items():
        opens(action_id, template)
    for callback_id, fields in IN_FORM.items():
        saves(callback_id, fields)


def ask(answer: Answer, handoff_id: int) -> None:
    """Open the form with what is edited most."""
    edit = answer.bot.editing.look(answer.actor, handoff_id)
    answer.open("views/edit", edit=edit, newer=answer.bot.adopting.look(answer.actor, handoff_id).newer)


def _save(answer: Answer, form: Form, fields: tuple[str, ...]) -> None:
    handoff_id, kept = number(form.data, "handoff"), form.data.get("seen")
    seen = kept if isinstance(kept, dict) else {}
    wanted = {name: _value(form, name) for name in fields}
    changed = answer.bot.editing(answer.actor, handoff_id, Edit(wanted, seen, "yes" in form.all_chosen("anyway")))
    if chooses(changed):
        _offer(answer, handoff_id)


def _offer(answer: Answer, handoff_id: int) -> None:
    """Other steps may fit the account as it is now: what they are takes the place of the form just sent."""
    adopt = answer.bot.adopting.look(answer.actor, handoff_id)
    if adopt.newer:
        answer.fill("views/adopt", adopt=adopt, batches=_batches(adopt))


def _batches(adopt: AdoptView) -> list[tuple[Offer, ...]]:
    """Ten at a time: as many as a group of checkboxes takes."""
    return [adopt.offers[n : n + AT_ONCE] for n in range(0, len(adopt.offers), AT_ONCE)][:BATCHES]


def _value(form: Form, name: str) -> Any:
    """What stands in a field, as the use case takes it. Raises StaleButton for what no form of ours sends."""
    if name in PEOPLE:
        return form.person(name)
    if name in DAYS:
        day = form.day(name)
        return day.isoformat() if day else None
    if name == "channel":
        return form.place(name)
    if name in SWITCHES:
        return name in form.all_chosen("switches")
    if name in WORDS:
        try:
            return WORDS[name](form.chosen(name) or "").value
        except ValueError:
            raise StaleButton() from None
    return form.text(name)
