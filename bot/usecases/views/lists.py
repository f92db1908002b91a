"""Handoffs in lists, and what somebody has to do in them: shown by App Home, the menu and /handoff list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.phases import Stay
from bot.store import loading
from bot.store import schema as t
from bot.store.glance import Glance, Place, Stage
from bot.store.visibility import visible
from bot.usecases.handoffs.links import card_links
from bot.usecases.handoffs.phases import stays
from bot.usecases.views import reading
from bot.usecases.views.reading import ItemLine

Steps = Mapping[int, Sequence[ChecklistItem]]  # by handoff


@dataclass(frozen=True)
class Row:
    """A handoff in a list: the stage it is in with its steps, what is late, where the card stands ("": nowhere yet)."""

    handoff: Handoff
    stage: Stage
    done: int
    total: int
    late: int
    link: str
    stay: Stay | None = None


@dataclass(frozen=True)
class MyItem:
    handoff: Handoff
    line: ItemLine


def involving(session: Session, person: Person, limit: int = 50, *, seen: bool = False) -> list[int]:
    """Open handoffs with a role, an open item or an open question of this person.

    `seen`: only those that they may know of and were brought into, to be shown to them.
    """
    ids = loading.handoff_ids_of(session, person, limit, brought_in=seen)
    i, r, h = t.checklist_items.c, t.feedback_requests.c, t.handoffs.c
    assigned = select(i.handoff_id).where(i.owner_id == person.id, i.state == ItemState.OPEN)
    asked = select(r.handoff_id).where(r.asked_id == person.id, r.state == RequestState.OPEN)
    others = select(h.id).where(h.state == HandoffState.OPEN, or_(h.id.in_(assigned), h.id.in_(asked))).limit(limit)
    found = list(dict.fromkeys([*ids, *session.scalars(others)]))
    if seen and found:
        mine = set(session.scalars(select(h.id).where(h.id.in_(found), visible(person))))
        found = [number for number in found if number in mine]
    return found


def rows_of(session: Session, shown: Sequence[Glance], today: date) -> tuple[Row, ...]:
    handoffs = [one.handoff for one in shown]
    links, stay = card_links(session, handoffs), stays(session, handoffs, today)
    return tuple(
        Row(one.handoff, one.stage, one.done, one.total, one.late, links[one.handoff.id], stay[one.handoff.id])
        for one in shown
    )


def my_items(steps: Steps, involved: Sequence[Place], person: Person, today: date) -> list[MyItem]:
    """What this person has to do now: first what nobody can do once they have left, then by date."""
    lines = (
        (h, reading.line(h, item, today)) for h in (one.handoff for one in involved) for item in steps.get(h.id, ())
    )
    found = (MyItem(handoff, line) for handoff, line in lines)
    return sorted((one for one in found if one.line.owner is not None and one.line.owner.id == person.id), key=_by_date)


def _by_date(one: MyItem) -> tuple[bool, date, int]:
    return (not one.line.last, one.line.item.due_on or date.max, one.line.item.id)
