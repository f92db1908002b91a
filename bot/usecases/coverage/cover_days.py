"""What time and departures do to who looks after an account: last days pass, covers end, people leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from bot.domain import coverage as lines
from bot.domain.accounts import CoverageKind
from bot.domain.coverage import Line
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.people import Person
from bot.store import lines as store
from bot.store import loading
from bot.store import schema as t
from bot.store.letters import freshen_existing
from bot.usecases import changes
from bot.usecases.coverage import covering
from bot.usecases.desk import Desk
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.nudges import alarms

AHEAD = timedelta(hours=14)
"""No clock on earth is further ahead."""


@dataclass(frozen=True)
class CoverDays:
    desk: Desk
    handoffs: Handoffs

    def look(self) -> int:
        """See who is gone, whose last day has passed and whose cover is over, by their calendars. Asked often.

        Returns how many accounts changed.
        """
        latest = (self.desk.now() + AHEAD).date()
        with self.desk.db.read() as session:
            gone, waiting = _gone(session, latest), _waiting(session, latest)
        left = sum(self._left(number) for number in gone)
        return left + sum(self._one(workspace_id, number) for workspace_id, number in waiting)

    def left(self, session: Session, person: Person, today: date) -> list[int]:
        """Somebody is gone: from `today` on nobody has what they owned, and what they covered or would is off.

        Returns the numbers of those accounts. Their handoffs are brought in step, in the caller's transaction.
        """
        numbers = sorted(store.accounts_of(session, person.id, today))
        for number in numbers:
            running = loading.open_handoff_of(session, person.workspace_id, number)
            self._repaint(
                session, person.workspace_id, number, running, lambda _, line: lines.without(line, person.id, today)
            )
        return numbers

    def _left(self, person_id: int) -> int:
        with self.desk.db.write() as session:
            person = loading.people_by_id(session, [person_id])[person_id]
            return len(self.left(session, person, self.desk.today(person))) if person.deactivated else 0

    def _one(self, workspace_id: int, number: int) -> bool:
        with self.desk.db.write() as session:
            handoff = loading.handoff(session, workspace_id, number, lock=True)
            return self._repaint(session, workspace_id, handoff.account_id, handoff, self._by_the_day)

    def _by_the_day(self, handoff: Handoff | None, line: Line) -> Line:
        if handoff is None or handoff.manager is None or handoff.test_run:
            return line
        return covering.last_day_passed(handoff, line, self.desk.today(handoff.manager))

    def _repaint(
        self,
        session: Session,
        workspace_id: int,
        account_id: int,
        running: Handoff | None,
        paint: Callable[[Handoff | None, Line], Line],
    ) -> bool:
        """Change one line and what hangs on it. Returns whether anything did."""
        now = self.desk.now()
        handoff = loading.whole_handoff(session, workspace_id, running.id, lock=True) if running is not None else None
        before = store.line_of(session, account_id, lock=True)
        after = paint(handoff, before)
        store.write(session, workspace_id, account_id, before, after)
        changed = after != before
        if handoff is not None and handoff.manager is not None and handoff.state is HandoffState.OPEN:
            changed = self._follow(session, handoff, handoff.manager, now, changed=changed) or changed
        if changed:
            people = {one.person_id for one in (*before, *after) if one.person_id is not None}
            freshen_existing(session, workspace_id, now, [changes.home(number) for number in people])
            alarms.redraw(session, workspace_id, now)
        return changed

    def _follow(self, session: Session, handoff: Handoff, manager: Person, now: datetime, *, changed: bool) -> bool:
        today, covered_by = self.desk.today(manager), handoff.cover_id
        covering.follow_line(session, handoff, today, None, now, anew=True)
        if not changed and handoff.cover_id == covered_by:
            return False
        self.handoffs.moved(session, manager, handoff)
        covering.ask_in_thread(session, loading.whole_handoff(session, handoff.workspace_id, handoff.id), today, now)
        return True


def _gone(session: Session, latest: date) -> list[int]:
    """People without an account in Slack who still look after something, by the plan."""
    return list(session.scalars(_gone_ones(), {"latest": latest}))


def _waiting(session: Session, latest: date) -> list[tuple[int, int]]:
    """Open handoffs (workspace, number) whose last day has passed, or whose cover is over, somewhere by `latest`."""
    found: list[tuple[int, int]] = []
    for workspace_id in session.scalars(select(t.workspaces.c.id)).all():  # by workspace, as the index has them
        values = {"workspace": workspace_id, "latest": latest}
        numbers = [number for query in _passed_and_over() for number in session.scalars(query, values)]
        found += [(workspace_id, number) for number in dict.fromkeys(numbers)]
    return found


# Asked often, and mostly in vain: building these costs more than running them.
@cache
def _gone_ones() -> Select[Any]:
    p, c = t.people.c, t.coverage.c
    theirs = exists().where(c.person_id == p.id, or_(c.until_on.is_(None), c.until_on > bindparam("latest")))
    return select(p.id).where(p.deactivated, theirs)


@cache
def _passed_and_over() -> tuple[Select[Any], Select[Any]]:
    h, c = t.handoffs.c, t.coverage.c
    latest: Any = bindparam("latest")
    owned = exists().where(
        c.account_id == h.account_id,
        c.kind == CoverageKind.OWNER,
        c.person_id == h.outgoing_id,
        or_(c.until_on.is_(None), c.until_on > latest),
    )
    gone = (h.last_day < latest, h.acceptance != Acceptance.ACCEPTED, owned)
    covered = exists().where(
        c.account_id == h.account_id,
        c.kind == CoverageKind.COVER,
        c.person_id == h.cover_id,
        c.confirmed,
        c.until_on > latest,
    )
    over = (h.cover_id.is_not(None), ~covered)
    real = (h.state == HandoffState.OPEN, h.test_run.is_(False))
    query = select(h.id).where(h.workspace_id == bindparam("workspace"), *real)
    return query.where(*gone), query.where(*over)
