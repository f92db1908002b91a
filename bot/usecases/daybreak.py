"""A new day changes what cards say ("in 9 days", "late"): each is drawn anew once, in its manager's morning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.handoff import HandoffState
from bot.domain.worktime import zone_or_utc
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.usecases import changes
from bot.usecases.desk import Desk

AT_ONCE = 200
"""Handoffs in one transaction, so that clicks get their turn between them."""


class Daybreak:
    """`draw_cards` is asked often and does something once a day and time zone, however many workers ask."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def draw_cards(self) -> int:
        """Mark the cards and current checklists that show yesterday. Returns how many handoffs there were."""
        now = self._desk.now()
        with self._desk.db.read() as session:
            zones = session.scalars(self._zones()).all()
            waiting = [zone for zone in zones if self._stale(session, zone, _day(now, zone))]
        return sum(self._draw(zone, _day(now, zone), now) for zone in waiting)

    def _draw(self, zone: str, today: date, now: datetime) -> int:
        drawn, found = 0, AT_ONCE
        while found == AT_ONCE:
            found = self._draw_some(zone, today, now)
            drawn += found
        return drawn

    def _draw_some(self, zone: str, today: date, now: datetime) -> int:
        h, s = t.handoffs.c, t.stages.c
        some = select(h.id).where(*_waiting(zone, today)).order_by(h.id).limit(AT_ONCE)
        with self._desk.db.write() as session:
            ids = session.scalars(some.with_for_update(skip_locked=True)).all()
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

    def _stale(self, session: Session, zone: str, today: date) -> bool:
        return session.scalar(select(t.handoffs.c.id).where(*_waiting(zone, today)).limit(1)) is not None

    def _zones(self) -> Select[str]:
        h, p = t.handoffs.c, t.people.c
        manages = exists().where(h.manager_id == p.id, h.state == HandoffState.OPEN)
        return select(p.tz).where(manages).distinct()


def _day(now: datetime, zone: str) -> date:
    return now.astimezone(zone_or_utc(zone)).date()


def _waiting(zone: str, today: date) -> tuple[ColumnElement[bool], ...]:
    """Open handoffs that were last drawn before `today`, of managers in that zone."""
    h = t.handoffs.c
    people = select(t.people.c.id).where(t.people.c.tz == zone)
    return (h.state == HandoffState.OPEN, or_(h.drawn_on.is_(None), h.drawn_on < today), h.manager_id.in_(people))
