"""A new day changes what cards say ("in 9 days", "late"): each is drawn anew once, in its manager's morning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, or_, select, update

from bot.domain.handoff import HandoffState
from bot.domain.worktime import zone_or_utc
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.usecases import changes
from bot.usecases.desk import Desk

AT_ONCE = 5
"""Managers whose handoffs are marked in one transaction, so that clicks get their turn between them."""


class Daybreak:
    """`look` is asked often; each thing that a new day brings happens once, however many workers ask.

    `first`: what changes with the day before the cards are drawn.
    """

    def __init__(self, desk: Desk, first: Sequence[Callable[[], object]] = ()) -> None:
        self._desk, self._first = desk, first

    def look(self) -> None:
        """See whether a new day has begun somewhere, and what follows from it."""
        self.turn()
        self.draw_cards()

    def turn(self) -> None:
        """What changes with the day itself."""
        for job in self._first:
            job()

    def draw_cards(self) -> int:
        """Mark the cards and current checklists that show yesterday. Returns how many handoffs there were."""
        now = self._desk.now()
        with self._desk.db.read() as session:
            zones = session.scalars(self._zones()).all()
            waiting = [zone for zone in zones if session.scalar(_behind(zone, _day(now, zone)).limit(1))]
        return sum(self._draw(zone, _day(now, zone), now) for zone in waiting)

    def _draw(self, zone: str, today: date, now: datetime) -> int:
        drawn = 0
        while managers := self._managers(zone, today):
            drawn += self._draw_some(managers, today, now)
        return drawn

    def _managers(self, zone: str, today: date) -> Sequence[int]:
        with self._desk.db.read() as session:
            return session.scalars(_behind(zone, today).limit(AT_ONCE)).all()

    def _draw_some(self, managers: Sequence[int], today: date, now: datetime) -> int:
        h, s = t.handoffs.c, t.stages.c
        theirs = select(h.id).where(h.manager_id.in_(managers), *_old(today))
        with self._desk.db.write() as session:
            # not against those who write rows that point to a handoff, and in one order: nobody waits in a circle
            ids = session.scalars(theirs.order_by(h.id).with_for_update(key_share=True)).all()
            drawn = session.execute(
                update(t.handoffs)
                .where(h.id.in_(ids))
                .values(drawn_on=today)
                .returning(h.id, h.workspace_id, h.stage_position)
            ).all()
            places = {(row.id, row.stage_position): row.workspace_id for row in drawn}
            letters: dict[int, list[Letter]] = {}
            for stage in session.execute(select(s.id, s.handoff_id, s.position).where(s.handoff_id.in_(ids))):
                workspace_id = places.get((stage.handoff_id, stage.position))
                if workspace_id is not None:
                    both = (changes.card(stage.handoff_id), changes.stage_message(stage.handoff_id, stage.id))
                    # thousands of cards in one morning: whatever people do meanwhile is shown before
                    letters.setdefault(workspace_id, []).extend(
                        replace(one, priority=Priority.BACKGROUND) for one in both
                    )
            for workspace_id, stale in letters.items():
                freshen(session, workspace_id, now, stale)
        return len(ids)

    def _zones(self) -> Select[str]:
        h, p = t.handoffs.c, t.people.c
        manages = exists().where(h.manager_id == p.id, h.state == HandoffState.OPEN)
        return select(p.tz).where(manages).distinct()


def _day(now: datetime, zone: str) -> date:
    return now.astimezone(zone_or_utc(zone)).date()


def _behind(zone: str, today: date) -> Select[int]:
    """Managers in that zone of whose open handoffs some were last drawn before `today`."""
    p = t.people.c
    return select(p.id).where(p.tz == zone, exists().where(t.handoffs.c.manager_id == p.id, *_old(today)))


def _old(today: date) -> tuple[ColumnElement[bool], ...]:
    h = t.handoffs.c
    return (h.state == HandoffState.OPEN, h.quiet.is_(False), or_(h.drawn_on.is_(None), h.drawn_on < today))
