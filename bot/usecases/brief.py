"""The brief: all that is known about a handoff on one page, for one reader; and the question that comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.deals import Deal
from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.pack import Pack
from bot.usecases.customer_view import NOTHING_RECORDED, CustomerView
from bot.usecases.reading import AnswerLine, ItemLine, answer_lines, hidden, line


@dataclass(frozen=True)
class BriefSection:
    """A function's answers; `by` is who gave them."""

    function: str
    title: str
    request: FeedbackRequest
    lines: tuple[AnswerLine, ...]
    hidden: int


@dataclass(frozen=True)
class BriefView:
    handoff: Handoff
    sections: tuple[BriefSection, ...]
    done: tuple[ChecklistItem, ...]
    skipped: tuple[ChecklistItem, ...]
    open: tuple[ItemLine, ...]
    next: ItemLine | None
    today: date
    customer: CustomerView = NOTHING_RECORDED
    deals: tuple[Deal, ...] = ()


@dataclass(frozen=True)
class AcceptanceView:
    """`place` is open, accepted, returned or off."""

    brief: BriefView
    place: str


def brief(
    handoff: Handoff,
    viewer_id: int | None,
    today: date,
    customer: CustomerView = NOTHING_RECORDED,
    deals: Sequence[Deal] = (),
) -> BriefView:
    """Everything known, for one reader: confidential answers only for the manager and the two reps.

    The deals are for them, and for whoever covers the account.
    """
    insider = viewer_id is not None and viewer_id in (handoff.manager_id, handoff.incoming_id, handoff.outgoing_id)
    sections = tuple(_section(request, insider) for request in handoff.requests)
    lines = tuple(line(handoff, item, today) for item in handoff.items if item.open)
    return BriefView(
        handoff=handoff,
        sections=sections,
        done=tuple(item for item in handoff.items if item.state is ItemState.DONE),
        skipped=tuple(item for item in handoff.items if item.state is ItemState.SKIPPED),
        open=tuple(one for one in lines if one.item.necessary),
        next=_following(handoff, lines, today),
        today=today,
        customer=customer if insider else customer.for_others(),
        deals=tuple(deals) if insider or (viewer_id is not None and viewer_id == handoff.cover_id) else (),
    )


def _following(handoff: Handoff, lines: Sequence[ItemLine], today: date) -> ItemLine | None:
    """The next necessary step of the stage at hand; of the one to come, for whoever is asked to take the account."""
    position = handoff.stage_position + (handoff.acceptance is Acceptance.ASKED)
    there = {stage.id for stage in handoff.stages if stage.position == position}
    mine = [one for one in lines if one.item.stage_id in there] or list(lines)
    return min(mine, key=lambda one: (not one.item.necessary, one.item.due_on or date.max), default=None)


def _section(request: FeedbackRequest, insider: bool) -> BriefSection:
    pack = Pack.from_dict(request.pack)
    shown = tuple(one for one in answer_lines(pack, request, confidential=insider) if one.answer is not None)
    return BriefSection(request.function, pack.title, request, shown, 0 if insider else hidden(request))


def acceptance(
    handoff: Handoff,
    viewer_id: int | None,
    asked_at: str,
    today: date,
    customer: CustomerView = NOTHING_RECORDED,
    deals: Sequence[Deal] = (),
) -> AcceptanceView:
    current = handoff.acceptance_asked_at.isoformat() if handoff.acceptance_asked_at else ""
    place = "off"
    if handoff.acceptance is Acceptance.ACCEPTED and current == asked_at:
        place = "accepted"
    elif handoff.state is HandoffState.OPEN and handoff.acceptance is Acceptance.ASKED and current == asked_at:
        place = "open"
    elif handoff.state is HandoffState.OPEN:
        place = "returned"
    return AcceptanceView(brief(handoff, viewer_id, today, customer, deals), place)
