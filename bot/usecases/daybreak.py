"""A new day changes what cards say ("in 9 days", "late"): each is drawn anew once, in its manager's morning."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.orm import Session

from bot.domain.handoff import HandoffState
from bot.domain.worktime import zone_or_utc
from bot.store import schema as t
from bot.store.letters import freshen
from bot.usecases import changes
from bot.usecases.desk import Desk


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
        h, s = t.handoffs.c, t.stages.c
        with self._desk.db.write() as session:
            drawn = session.execute(
                update(t.handoffs)
                .where(h.state == HandoffState.OPEN, _older(today), h.manager_id.in_(_people_in(zone)))
                .values(drawn_on=today)
                .returning(h.id, h.workspace_id, h.stage_position)
            ).all()
            for row in drawn:
                current = select(s.id).where(s.handoff_id == row.id, s.position == row.stage_position)
                stage_id = session.scalars(current).one()
                letters = [changes.card(row.id), changes.stage_message(row.id, stage_id)]
                freshen(session, row.workspace_id, now, letters)
        return len(drawn)

    def _stale(self, session: Session, zone: str, today: date) -> bool:
        h = t.handoffs.c
        one = select(h.id).where(h.state == HandoffState.OPEN, _older(today), h.manager_id.in_(_people_in(zone)))
        return session.scalar(one.limit(1)) is not None

    def _zones(self) -> Select[str]:
        h, p = t.handoffs.c, t.people.c
        managers = select(h.manager_id).where(h.state == HandoffState.OPEN)
        return select(p.tz).where(p.id.in_(managers)).distinct()


def _day(now: datetime, zone: str) -> date:
    return now.astimezone(zone_or_utc(zone)).date()


def _older(today: date) -> ColumnElement[bool]:
    drawn_on = t.handoffs.c.drawn_on
    return or_(drawn_on.is_(None), drawn_on < today)


def _people_in(zone: str) -> Select[int]:
    return select(t.people.c.id).where(t.people.c.tz == zone)
