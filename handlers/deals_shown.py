"""The list of deals as it stands on the screen: opened, drawn anew, and found again below the forms it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.vocabulary import StepForm
from handlers.answering import Answer
from handlers.payloads import Form, StaleButton, number

DEALS = "views/commission/deals"
SHOWN = ("deals.shown", "deals.done")


def open_deals(answer: Answer, **which: Any) -> None:
    """Open the list; `which` says of which handoff or account, and for which step."""
    view = answer.bot.deal_desk.deals.view(answer.actor, **which)
    answer.open(DEALS, view=view, today=view.today)


def drawn(answer: Answer, below: Mapping[str, Any], changed: str = "") -> dict[str, Any]:
    """What the list is drawn from; `below` says which one."""
    kind = below.get("form")
    view = answer.bot.deal_desk.deals.view(
        answer.actor,
        number(below, "handoff"),
        form=StepForm(kind) if kind in list(StepForm) else None,
        item_id=item_in(below),
        changed=changed,
    )
    return {"view": view, "today": view.today}


def redraw_below(answer: Answer, form: Form) -> None:
    """The list from which a form was opened shows what the form changed."""
    view_id, below = answer.body["view"].get("previous_view_id"), below_of(form)
    if view_id and below:
        answer.bot.screen.update_modal(view_id, DEALS, answer.locale, **drawn(answer, below))


def here(answer: Answer) -> dict[str, Any]:
    """Which list it is, in which somebody clicked. Raises StaleButton elsewhere."""
    view = answer.body.get("view") or {}
    if view.get("callback_id") not in SHOWN:
        raise StaleButton()
    data = Form.of(answer.body).data
    return {name: data.get(name) for name in ("handoff", "item", "form")}


def below_of(form: Form) -> Mapping[str, Any]:
    """The list that a form was opened from; empty for a form that stands alone."""
    found = form.data.get("below")
    return found if isinstance(found, Mapping) else {}


def item_in(below: Mapping[str, Any]) -> int | None:
    """The step that the list is for."""
    return number(below, "item") if below.get("item") is not None else None
