"""Many handoffs at a glance: what lists and App Home show of each, without loading every step and question of all.

A list counts in the database; only what is still open is brought along, and only by those who show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.feedback import FeedbackRequest, RequestState
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.vocabulary import Role
from bot.store import looking
from bot.store import schema as t
from bot.store.among import among
from bot.store.visibility import READER_AT, involves_reader, of_reader, visible_to_reader


@dataclass(frozen=True)
class Stage:
    """What is shown of the stage that a handoff is in."""

    id: int
    title: str
    hands_over: bool


@dataclass(frozen=True)
class Place:
    """A handoff with its account and the people of its roles, and the stage it is in."""

    handoff: Handoff
    stage: Stage


@dataclass(frozen=True)
class Glance(Place):
    """Besides, how many steps that stage has and how many are done.

    `late` counts what is open past its day: steps of the stage, and questions.
    """

    done: int
    total: int
    late: int


@dataclass(frozen=True)
class Work:
    """What is open in several handoffs, by handoff: the steps of the stages they are in, and questions.

    Steps come without what is told in many words, questions without their packs.
    """

    steps: Mapping[int, Sequence[ChecklistItem]]
    questions: Mapping[int, Sequence[FeedbackRequest]]


def page(
    session: Session, reader: Person, limit: int, *, mine: bool = False, late_on: date | None = None
) -> tuple[list[int], int]:
    """The ids of the first `limit` open handoffs, the soonest last day first, and how many there are in all.

    Only those that `reader` may know of. `mine`: only those in which they hold a role and were brought in;
    `late_on`: only those with something late on that day.
    """
    values = {**of_reader(reader), "today": late_on, "limit": limit}
    rows = session.execute(_page(mine, late_on is not None), values).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def places(session: Session, ids: Iterable[int]) -> list[Place]:
    """These handoffs in the order of the ids. Whoever holds a role in them may be read after the session."""
    wanted = list(ids)
    if not wanted:
        return []
    rows = session.connection().execute(_places(), {"ids": wanted})
    found = {row[0]: Place(looking.with_account(row), Stage(*row[-3:])) for row in rows}
    handoffs = [one.handoff for one in found.values()]
    people = looking.met(session, (one.holder_id(role) for one in handoffs for role in Role))
    looking.beside(handoffs, looking.ROLES, people)
    return [found[number] for number in wanted]


def glances(session: Session, shown: Sequence[Place], today: date) -> list[Glance]:
    """These with what there is to count."""
    if not shown:
        return []
    values = {"ids": [one.handoff.id for one in shown], "stages": [one.stage.id for one in shown], "today": today}
    connection = session.connection()
    steps = {stage: (total, left, late) for stage, total, left, late in connection.execute(_steps(), values)}
    questions = {row[0]: row[1] for row in connection.execute(_late_questions(), values)}
    return [_glance(one, steps.get(one.stage.id, (0, 0, 0)), questions.get(one.handoff.id, 0)) for one in shown]


def work(session: Session, shown: Sequence[Place], who: Person) -> Work:
    """What is open in these; of the questions those for which a gate waits and those that `who` is asked.

    Whose a step is, and who is asked, may be read after the session.
    """
    if not shown:
        return Work({}, {})
    waited_for = [one.handoff.id for one in shown if one.stage.hands_over]
    values = {"ids": [one.handoff.id for one in shown], "stages": [one.stage.id for one in shown]}
    connection = session.connection()
    items = [_ITEM(row) for row in connection.execute(_open_items(), values)]
    asking = {**values, "waited_for": waited_for, "who": who.id or 0}
    requests = [_REQUEST(row) for row in connection.execute(_open_requests(), asking)]
    numbers = chain((one.owner_id for one in items), (one.asked_id for one in requests))
    people = looking.met(session, numbers)
    looking.beside(items, (("owner", "owner_id"),), people)
    looking.beside(requests, looking.ASKED, people)
    return Work(_by_handoff(items), _by_handoff(requests))


def titles(session: Session, request_ids: Iterable[int]) -> dict[int, str]:
    """The titles of the packs that were asked, by request; "" where a pack has none."""
    ids = list(request_ids)
    rows = session.execute(_titles(), {"ids": ids}) if ids else ()
    return {number: title or "" for number, title in rows}


SAID = ("detail", "evidence_wanted", "evidence", "skip_reason")
STEP = tuple(column for column in t.checklist_items.c if column.key not in SAID)
BARE = tuple(column for column in t.feedback_requests.c if column.key != "pack")
_ITEM = looking.maker(ChecklistItem, (column.key for column in STEP))
_REQUEST = looking.maker(FeedbackRequest, (column.key for column in BARE))


def _glance(place: Place, steps: tuple[int, int, int], questions: int) -> Glance:
    total, still_open, late = steps
    return Glance(place.handoff, place.stage, total - still_open, total, late + questions)


# Built once: building a statement costs more than running it.
@cache
def _page(mine: bool, late: bool) -> Select[Any]:
    h = t.handoffs.c
    where = [h.workspace_id == READER_AT, h.state == HandoffState.OPEN, visible_to_reader()]
    where += [involves_reader()] if mine else []
    where += [_has_late(bindparam("today"))] if late else []
    query = select(h.id, func.count().over()).where(*where)
    return query.order_by(h.last_day, h.id).limit(bindparam("limit"))


@cache
def _places() -> Select[Any]:
    h, s = t.handoffs.c, t.stages.c
    here = and_(s.handoff_id == h.id, s.position == h.stage_position)
    query = select(t.handoffs, t.accounts, s.id, s.title, s.hands_over).join(t.stages, here)
    return query.join(t.accounts, t.accounts.c.id == h.account_id).where(among(h.id, "ids"))


@cache
def _steps() -> Select[Any]:
    """Steps by stage: how many, how many of them open, how many late."""
    i = t.checklist_items.c
    is_open = i.state == ItemState.OPEN
    late = and_(is_open, i.due_on < bindparam("today"))
    return (
        select(i.stage_id, func.count(), _number_of(is_open), _number_of(late))
        .where(among(i.handoff_id, "ids"), among(i.stage_id, "stages"))
        .group_by(i.stage_id)
    )


@cache
def _late_questions() -> Select[Any]:
    r = t.feedback_requests.c
    where = (among(r.handoff_id, "ids"), r.state == RequestState.OPEN, r.due_on < bindparam("today"))
    return select(r.handoff_id, func.count()).where(*where).group_by(r.handoff_id)


@cache
def _open_items() -> Select[Any]:
    i = t.checklist_items.c
    here = (among(i.handoff_id, "ids"), among(i.stage_id, "stages"))
    return select(*STEP).where(*here, i.state == ItemState.OPEN).order_by(i.position, i.id)


@cache
def _open_requests() -> Select[Any]:
    r = t.feedback_requests.c
    wanted = or_(among(r.handoff_id, "waited_for"), r.asked_id == bindparam("who"))
    where = (among(r.handoff_id, "ids"), r.state == RequestState.OPEN, wanted)
    return select(*BARE).where(*where).order_by(r.id)


@cache
def _titles() -> Select[Any]:
    r = t.feedback_requests.c
    return select(r.id, r.pack["title"].as_string()).where(among(r.id, "ids"))


def _has_late(today: BindParameter[date]) -> ColumnElement[bool]:
    """For each open handoff two look-ups in indexes that hold only what is open, however long the past is."""
    h, s, i, r = t.handoffs.c, t.stages.c, t.checklist_items.c, t.feedback_requests.c
    # the stage as a value, not as a join: PostgreSQL would otherwise read all stages of all time to join them
    here = select(s.id).where(s.handoff_id == h.id, s.position == h.stage_position).correlate(t.handoffs)
    item = exists().where(i.handoff_id == h.id, i.stage_id == here.scalar_subquery(), i.state == ItemState.OPEN)
    question = exists().where(r.handoff_id == h.id, r.state == RequestState.OPEN)
    late = (item.where(i.due_on < today), question.where(r.due_on < today))
    return or_(*(one.correlate(t.handoffs) for one in late))


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _by_handoff(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.handoff_id, []).append(row)
    return found
