"""The nudge table is the schedule: planning, claiming what is due, settling what was met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Row, Select, Update, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from bot.store import many
from bot.store.among import among
from bot.store.plain import run
from bot.store.queues import NudgeState, nudges

WAITING = (NudgeState.PLANNED, NudgeState.QUEUED)
DECIDED = (many.NUMBER, "state", "due_at", "person_id", "queued_at", "digest_id")
"""The number of a due nudge, and what deciding it may change."""
PLANNED = (
    *("workspace_id", "handoff_id", "obligation", "subject_id", "slot", "due_at", "state"),
    *("person_id", "asked_by_id", "asked_at"),
)


class Obligation(NamedTuple):
    """What somebody owes: `kind` is item, answer or acceptance; `subject_id` the row it is about."""

    kind: str
    subject_id: int


class PlannedNudge(NamedTuple):
    """`person_id`: to whom it comes back (a snooze); `asked_by_id`, `asked_at`: who asked for it, and when."""

    workspace_id: int
    handoff_id: int
    obligation: Obligation
    slot: str
    due_at: datetime
    person_id: int | None = None
    asked_by_id: int | None = None
    asked_at: datetime | None = None


def plan(session: Session, planned: Iterable[PlannedNudge]) -> None:
    """Put these on the schedule. A slot that was already sent stays sent; one that was settled unsent lives again."""
    # of two for one slot the later counts
    rows = {(one.obligation, one.slot): _row(one) for one in planned}
    if rows:
        many.write(session, _plan(session.get_bind().dialect.name), PLANNED, list(rows.values()))
        session.info["spoke"] = session.info["planned"] = True


def hold(session: Session, handoff_id: int) -> None:
    """Lock what is planned of a handoff, before its letters are touched and the schedule is made anew.

    Whoever decides what is due has its nudges first, then the letters in which they stand: two that take them the other
    way round would wait for each other. Planned ones come first, because they are what that other one has.
    """
    session.connection().execute(_waiting_of(), {"handoff": handoff_id})


def settle(session: Session, obligation: Obligation) -> None:
    """The obligation is met or gone: nothing more is sent about it, and what was queued is not either."""
    run(session, _settle(), values_about(obligation))


def settle_handoff(session: Session, handoff_id: int) -> None:
    """Nothing about this handoff is owed any more."""
    session.execute(
        update(nudges)
        .where(nudges.c.handoff_id == handoff_id, nudges.c.state.in_(WAITING))
        .values(state=NudgeState.MET)
        .execution_options(synchronize_session=False)
    )


def unplan(session: Session, handoff_id: int, obligation: Obligation | None = None) -> None:
    """Forget what has not gone out, of one obligation or of all in the handoff; what people put off stays put off."""
    where = [nudges.c.handoff_id == handoff_id, nudges.c.state.in_(WAITING)]
    if obligation is not None:
        where += [nudges.c.obligation == obligation.kind, nudges.c.subject_id == obligation.subject_id]
    session.execute(
        update(nudges)
        .where(*where, nudges.c.slot.not_like("%/snooze:%"))
        .values(state=NudgeState.MET)
        .execution_options(synchronize_session=False)
    )


def gone_out(session: Session, handoff_id: int) -> dict[Obligation, list[str]]:
    """The slots already queued or sent, by obligation, in the order in which they went."""
    found: dict[Obligation, list[str]] = {}
    for kind, subject_id, slot in session.connection().execute(_gone_out(), {"handoff": handoff_id}):
        found.setdefault(Obligation(kind, subject_id), []).append(slot)
    return found


def next_due(session: Session) -> datetime | None:
    """When the next nudge is due; None when nothing is planned."""
    return session.scalar(
        select(nudges.c.due_at).where(nudges.c.state == NudgeState.PLANNED).order_by(nudges.c.due_at).limit(1)
    )


def claim_due(session: Session, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """The nudges due by `now`, oldest first, locked for this transaction; another worker's are passed over."""
    return session.connection().execute(_claim(), {"moment": now, "at_most": limit}).all()


def decided(session: Session, changes: many.Rows) -> None:
    """Write down what became of claimed nudges: of each the values of DECIDED."""
    many.write(session, _decided(session.get_bind().dialect.name), DECIDED, changes)


def gone_lately(session: Session, obligations: Iterable[Obligation], since: datetime) -> Sequence[Row[Any]]:
    """Nudges about these that were queued and have not left yet, and those that have left since."""
    about: dict[str, set[int]] = {}
    for one in obligations:
        about.setdefault(one.kind, set()).add(one.subject_id)
    found = list[Row[Any]]()
    for kind, subjects in about.items():
        values = {"kind_is": kind, "subjects": list(subjects), "since": since}
        found += session.connection().execute(_gone_lately(), values).all()
    return found


def merge(session: Session, nudge_ids: Iterable[int]) -> None:
    """A later nudge about the same thing takes the place of these."""
    become(session, nudge_ids, NudgeState.QUEUED, {"state": NudgeState.MERGED})


def put_off(session: Session, nudge_ids: Iterable[int], until: datetime) -> None:
    """They could not leave in time: on the schedule again, to be decided anew at `until`."""
    values = {"state": NudgeState.PLANNED, "due_at": until, "digest_id": None, "queued_at": None}
    become(session, nudge_ids, NudgeState.QUEUED, values)
    session.info["spoke"] = session.info["planned"] = True


def planned_in(session: Session, handoff_ids: Iterable[int], after: datetime) -> Sequence[Row[Any]]:
    """What is on the schedule of these handoffs for later than `after`."""
    ids = list(handoff_ids)
    where = (nudges.c.handoff_id.in_(ids), nudges.c.state == NudgeState.PLANNED, nudges.c.due_at > after)
    return session.execute(select(nudges).where(*where)).all() if ids else []


def forget(session: Session, nudge_ids: Iterable[int]) -> None:
    """These are not sent after all; planned again, they live again."""
    become(session, nudge_ids, NudgeState.PLANNED, {"state": NudgeState.MET})


def bring_forward(session: Session, nudge_ids: Iterable[int], to: datetime) -> None:
    """What had been put off is decided anew at `to`."""
    become(session, nudge_ids, NudgeState.PLANNED, {"due_at": to})
    session.info["spoke"] = session.info["planned"] = True


def become(session: Session, nudge_ids: Iterable[int], so_far: NudgeState, values: dict[str, Any]) -> None:
    """Change those of these nudges that are still in the state `so_far`."""
    ids = list(nudge_ids)
    if not ids:
        return
    mine = (nudges.c.id.in_(ids), nudges.c.state == so_far)
    # in the order of their ids, so that two who change the same ones never wait for each other in a circle
    rows = select(nudges.c.id).where(*mine).order_by(nudges.c.id).with_for_update()
    changed = update(nudges).where(nudges.c.id.in_(rows)).values(values)
    session.execute(changed.execution_options(synchronize_session=False))


def nudge(session: Session, workspace_id: int, nudge_id: int) -> Row[Any] | None:
    """One row of the schedule."""
    values = {"number": nudge_id, "workspace": workspace_id}
    return session.connection().execute(_nudge(), values).one_or_none()


def values_about(obligation: Obligation) -> dict[str, Any]:
    """What a statement with `nudges_about` is given."""
    return {"kind_is": obligation.kind, "subject": obligation.subject_id}


def nudges_about() -> ColumnElement[bool]:
    """The nudges about one obligation, of `values_about`."""
    return and_(nudges.c.obligation == bindparam("kind_is"), nudges.c.subject_id == bindparam("subject"))


@cache
def _nudge() -> Select[Any]:
    mine = (nudges.c.id == bindparam("number"), nudges.c.workspace_id == bindparam("workspace"))
    return select(nudges).where(*mine)


@cache
def _claim() -> Select[Any]:
    c = nudges.c
    due = (c.state == NudgeState.PLANNED, c.due_at <= bindparam("moment", type_=c.due_at.type))
    first = select(nudges).where(*due).order_by(c.due_at, c.id).limit(bindparam("at_most", type_=Integer))
    return first.with_for_update(skip_locked=True)


@cache
def _decided(dialect: str) -> Update:
    return many.update_of(nudges, DECIDED, dialect)


@cache
def _gone_lately() -> Select[Any]:
    c = nudges.c
    since = c.queued_at > bindparam("since", type_=c.queued_at.type)
    lately = or_(c.state == NudgeState.QUEUED, and_(c.state == NudgeState.SENT, since))
    about = (c.obligation == bindparam("kind_is"), among(c.subject_id, "subjects"))
    return select(nudges).where(*about, lately)


@cache
def _gone_out() -> Select[Any]:
    c, gone = nudges.c, (NudgeState.QUEUED, NudgeState.SENT, NudgeState.MERGED)
    mine = (c.handoff_id == bindparam("handoff"), c.state.in_(gone))
    return select(c.obligation, c.subject_id, c.slot).where(*mine).order_by(c.queued_at, c.id)


@cache
def _waiting_of() -> Select[Any]:
    c = nudges.c
    waiting = select(c.id).where(c.handoff_id == bindparam("handoff"), c.state.in_(WAITING))
    return waiting.order_by(c.state, c.id).with_for_update()


@cache
def _settle() -> Update:
    return update(nudges).where(nudges_about(), nudges.c.state.in_(WAITING)).values(state=NudgeState.MET)


@cache
def _plan(dialect: str) -> Any:
    insert = many.insert_into(nudges, PLANNED, dialect)
    return insert.on_conflict_do_update(
        index_elements=["obligation", "subject_id", "slot"],
        set_={"due_at": insert.excluded.due_at, "state": NudgeState.PLANNED},
        where=or_(nudges.c.state == NudgeState.PLANNED, nudges.c.state == NudgeState.MET),
    )


def _row(nudge: PlannedNudge) -> tuple[Any, ...]:
    what = (nudge.workspace_id, nudge.handoff_id, *nudge.obligation, nudge.slot, nudge.due_at, NudgeState.PLANNED)
    return (*what, nudge.person_id, nudge.asked_by_id, nudge.asked_at)
