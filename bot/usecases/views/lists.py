"""Handoffs in lists, and what somebody has to do in them: shown by App Home, the menu and /handoff list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.phases import Stay
from bot.store.glance import Glance, Place, Stage
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
