"""Territory runs: their lines, what becomes of each, and which is to be worked on next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.handoff import Acceptance, HandoffState
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.domain.territory import LineState, Run, RunLine, RunState
from bot.store import schema as t
from bot.store.queues import outbox
from bot.store.territories import run_lines, runs
from bot.store.visibility import known_to

_r, _l, _h, _a = runs.c, run_lines.c, t.handoffs.c, t.accounts.c


def run(session: Session, workspace_id: int, run_id: int, *, lock: bool = False) -> Run:
    """One run. Raises NoSuchThing."""
    query = select(Run).where(_r.id == run_id, _r.workspace_id == workspace_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NoSuchThing()
    return found


def latest(session: Session, workspace_id: int, limit: int) -> Sequence[Run]:
    """The runs of a workspace that were confirmed, the newest first."""
    query = select(Run).where(_r.workspace_id == workspace_id, _r.state != RunState.PREVIEW)
    return session.scalars(query.order_by(_r.id.desc()).limit(limit)).all()


def forget_previews(session: Session, workspace_id: int, by_id: int) -> None:
    """Plans of somebody that were never confirmed."""
    mine = select(_r.id).where(_r.workspace_id == workspace_id, _r.by_id == by_id, _r.state == RunState.PREVIEW)
    session.execute(run_lines.delete().where(_l.run_id.in_(mine)).execution_options(synchronize_session=False))
    session.execute(runs.delete().where(_r.id.in_(mine)).execution_options(synchronize_session=False))


def live(session: Session) -> Sequence[Any]:
    """The runs that go on now: number, workspace, who confirmed each, and where it is read."""
    return session.execute(_live()).all()


def in_channel(session: Session, workspace_id: int, channel: str) -> Sequence[Run]:
    """The runs whose board and handoffs stand in that channel and that are not over, locked."""
    live_ones = _r.state.in_([RunState.RUNNING, RunState.PAUSED])
    query = select(Run).where(_r.workspace_id == workspace_id, _r.channel_id == channel, live_ones)
    return session.scalars(query.order_by(_r.id).with_for_update()).all()


def forget_letters(session: Session, workspace_id: int, kind: str, channel: str) -> None:
    """What was said of runs in a channel may be said again."""
    c = outbox.c
    session.execute(
        outbox.delete().where(c.workspace_id == workspace_id, c.kind == kind, c.key.endswith(f":{channel}"))
    )


def seen(session: Session, reader: Person, run_id: int) -> Run:
    """A run for whoever looks at it: a plan that was not confirmed is its maker's alone. Raises NoSuchThing."""
    found = run(session, reader.workspace_id, run_id)
    if found.state is RunState.PREVIEW and found.by_id != reader.id:
        raise NoSuchThing()
    return found


def wishes(session: Session, limit: int) -> Sequence[int]:
    """Lines whose handoffs are still to be changed, of runs that are not paused; the oldest first."""
    return session.scalars(_wishes(), {"size": limit}).all()


def due(session: Session, run_id: int, today: date, limit: int) -> Sequence[int]:
    """Lines of a run whose wave has begun, in their order."""
    where = (_l.run_id == run_id, _l.state == LineState.WAITING, _l.start_on <= today)
    return session.scalars(select(_l.id).where(*where).order_by(_l.start_on, _l.position).limit(limit)).all()


def take(session: Session, line_id: int) -> RunLine | None:
    """The line, locked; None when another process has it."""
    query = select(RunLine).where(_l.id == line_id).with_for_update(skip_locked=True)
    return session.scalars(query).one_or_none()


@dataclass(frozen=True)
class Wave:
    """What became of a wave so far. `open` counts handoffs under way, `done` those that were handed over."""

    number: int
    start_on: date
    total: int
    waiting: int
    open: int
    accepted: int
    done: int
    cancelled: int
    left_out: int


def waves(session: Session, run_id: int) -> list[Wave]:
    """The waves of a run, counted in the database."""
    is_open = and_(_h.state == HandoffState.OPEN, _h.acceptance != Acceptance.ACCEPTED)
    accepted = and_(_h.state == HandoffState.OPEN, _h.acceptance == Acceptance.ACCEPTED)
    gone = or_(_l.state == LineState.CANCELLED, _h.state == HandoffState.CANCELLED)
    query = (
        select(
            _l.wave, func.min(_l.start_on), func.count(), _sum(_l.state == LineState.WAITING), _sum(is_open),
            _sum(accepted), _sum(_h.state == HandoffState.COMPLETED), _sum(gone), _sum(_l.state == LineState.LEFT_OUT),
        )
        .select_from(run_lines)
        .outerjoin(t.handoffs, _h.id == _l.handoff_id)
        .where(_l.run_id == run_id)
        .group_by(_l.wave)
        .order_by(_l.wave)
    )  # fmt: skip
    return [Wave(*row) for row in session.execute(query)]


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


@dataclass(frozen=True)
class Shown:
    """A line as people read it; `state` is that of its handoff where there is one."""

    line: RunLine
    account: Account
    handoff_state: HandoffState | None
    acceptance: Acceptance | None
    started_on: date | None


def lines(session: Session, reader: Person, run_id: int, limit: int | None = None, offset: int = 0) -> list[Shown]:
    """The lines of a run in their order, of the accounts that the reader may know of."""
    query = (
        select(RunLine, Account, _h.state, _h.acceptance, _h.start_on)
        .join(t.accounts, _a.id == _l.account_id)
        .outerjoin(t.handoffs, _h.id == _l.handoff_id)
        .where(_l.run_id == run_id, known_to(reader))
        .order_by(_l.position)
        .offset(offset)
    )
    rows = session.execute(query.limit(limit) if limit is not None else query)
    return [Shown(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def cancel_waiting(session: Session, run_id: int) -> int:
    """What has not begun does not begin. Returns how many lines that were."""
    where = (_l.run_id == run_id, _l.state == LineState.WAITING)
    return _changed(session, *where, state=LineState.CANCELLED)


def hand_to(session: Session, run_id: int, from_id: int, to_id: int) -> int:
    """What waits for one rep is planned for another."""
    where = (_l.run_id == run_id, _l.state == LineState.WAITING, _l.incoming_id == from_id, _not_from(_l, to_id))
    return _changed(session, *where, incoming_id=to_id)


def wish(
    session: Session, run_id: int, wanted: dict[str, object], incoming_id: int | None = None, to_id: int | None = None
) -> int:
    """Have something done to every open handoff of the run; or to those for one rep that another is to get.

    Returns to how many.
    """
    mine = select(_h.id).where(_h.run_id == run_id, _h.state == HandoffState.OPEN)
    if incoming_id is not None:
        mine = mine.where(_h.incoming_id == incoming_id, _h.acceptance != Acceptance.ACCEPTED, _not_from(_h, to_id))
    return _changed(session, _l.run_id == run_id, _l.handoff_id.in_(mine), wish=wanted)


def _not_from(columns: Any, person_id: int | None) -> Any:
    """Nobody gets what they give away."""
    return columns.outgoing_id.is_distinct_from(person_id)


def granted(session: Session, line_id: int, wanted: dict[str, Any], values: dict[str, Any]) -> None:
    """Write what became of a wish, unless something else has been wished since."""
    line = session.scalars(select(RunLine).where(_l.id == line_id).with_for_update()).one_or_none()
    if line is not None and line.wish == wanted:
        written(session, line_id, {**values, "wish": None})


def over(session: Session, run_id: int) -> bool:
    """Whether nothing of the run is waiting, under way or wished for."""
    return session.scalar(_going(), {"run": run_id}) is None


def begins_today(session: Session, workspace_id: int, day: date) -> list[Row[Any]]:
    """Waves of running runs that begin on that day: run, wave, the run's title."""
    return list(session.execute(_begins(), {"workspace": workspace_id, "day": day}))


# Asked at each look, and mostly in vain: building these costs more than running them.
@cache
def _live() -> Select[Any]:
    query = select(_r.id, _r.workspace_id, _r.by_id, _r.channel_id).where(_r.state == RunState.RUNNING)
    return query.order_by(_r.id)


@cache
def _wishes() -> Select[Any]:
    query = select(_l.id).join(runs, _r.id == _l.run_id).where(_l.wish.is_not(None), _r.state != RunState.PAUSED)
    return query.order_by(_l.id).limit(bindparam("size"))


@cache
def _going() -> Select[Any]:
    going = or_(_l.state == LineState.WAITING, _l.wish.is_not(None), _h.state == HandoffState.OPEN)
    query = select(_l.id).outerjoin(t.handoffs, _h.id == _l.handoff_id)
    return query.where(_l.run_id == bindparam("run"), going).limit(1)


@cache
def _begins() -> Select[Any]:
    mine = (_r.workspace_id == bindparam("workspace"), _r.state == RunState.RUNNING, _l.start_on == bindparam("day"))
    query = select(_r.id, _l.wave, _r.title).join(run_lines, _l.run_id == _r.id)
    return query.where(*mine, _l.state != LineState.LEFT_OUT).distinct()


def shares(session: Session, run_id: int, wave: int) -> dict[int, dict[str, int]]:
    """What a wave means for each person: accounts they give and get, questions they are asked. By person's number."""
    found: dict[int, dict[str, int]] = {}
    mine = (_l.run_id == run_id, _l.wave == wave, _l.state.in_([LineState.WAITING, LineState.STARTED]))
    for name, column in (("gives", _l.outgoing_id), ("gets", _l.incoming_id)):
        for number, count in session.execute(select(column, func.count()).where(*mine).group_by(column)):
            if number is not None:
                found.setdefault(number, {})[name] = count
    q = t.feedback_requests.c
    asked = select(q.asked_id, func.count()).join(run_lines, _l.handoff_id == q.handoff_id)
    for number, count in session.execute(asked.where(*mine, q.state == "open").group_by(q.asked_id)):
        if number is not None:
            found.setdefault(number, {})["asked"] = count
    return found


def _changed(session: Session, *where: Any, **values: Any) -> int:
    statement = update(run_lines).where(*where).values(**values)
    return int(session.connection().execute(statement).rowcount)


def started_before(session: Session, account_ids: Iterable[int]) -> set[int]:
    """Those of these accounts that another run waits to start."""
    live_ones = select(_r.id).where(_r.state.in_([RunState.RUNNING, RunState.PAUSED]))
    where = (_l.account_id.in_(list(account_ids)), _l.state == LineState.WAITING, _l.run_id.in_(live_ones))
    return set(session.scalars(select(_l.account_id).where(*where)))


def written(session: Session, line_id: int, values: dict[str, Any]) -> None:
    """Write these values into a line."""
    _changed(session, _l.id == line_id, **values)


def of_line(session: Session, line_id: int) -> Run:
    """The run of a line."""
    return session.scalars(select(Run).join(run_lines, _l.run_id == _r.id).where(_l.id == line_id)).one()
