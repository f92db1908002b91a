"""A handoff whose manager is gone goes to whoever is next in charge: else nobody would hear of it any more.

A quiet one at once, because nobody could ever open or end it; another one if whoever started it is gone as well.

In this order, the first who can be reached: a manager whom setup names and who knows of it already; whom the manager
reports to; who started it, if they are a manager; the other managers of setup; an admin of the workspace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.handoff import Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.quiet import confidants, next_in_charge
from bot.store import journal, loading
from bot.store import schema as t
from bot.store.letters import Letter
from bot.store.managing import managers_by_setup
from bot.usecases import changes
from bot.usecases.desk import Desk
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.links import card_link
from bot.usecases.nudges.debts import workspaces_of


@dataclass(frozen=True)
class Succession:
    desk: Desk
    handoffs: Handoffs

    def look(self) -> int:
        """See to handoffs for which nobody was there when their manager left. Asked often.

        Returns how many have a manager again.
        """
        h, p, starter = t.handoffs.c, t.people.c, t.people.alias()
        gone = or_(p.deactivated, p.is_bot)
        alone = or_(h.quiet, starter.c.id.is_(None), starter.c.deactivated, starter.c.is_bot)
        query = (
            select(h.id)
            .join(t.people, p.id == h.manager_id)
            .join(starter, starter.c.id == h.started_by_id, isouter=True)
            .where(h.state == HandoffState.OPEN, gone, alone)
        )
        with self.desk.db.read() as session:
            waiting = [loading.whole_handoffs(session, [number])[0] for number in session.scalars(query.order_by(h.id))]
            ready = [(one.workspace_id, one.id) for one in waiting if _next(session, one) is not None]
        return sum(self._one(*each) for each in ready)

    def _one(self, workspace_id: int, number: int) -> bool:
        with self.desk.db.write() as session:
            handoff = loading.whole_handoff(session, workspace_id, number, lock=True)
            gone = handoff.manager
            if gone is None or gone.reachable or not hand_on(self.desk, session, gone, [handoff]):
                return False
            self.handoffs.moved(session, gone, handoff)
            whole = loading.whole_handoff(session, workspace_id, number)
            changes.say(session, self.desk.now(), whole, *_word(session, whole, gone))
            return True


def hand_on(desk: Desk, session: Session, gone: Person, handoffs: Iterable[Handoff]) -> set[int]:
    """Those of these open handoffs that were managed by `gone` and that nobody would hear of have another manager now,
    where there is one. Returns their numbers; the caller loads them anew, redraws, and tells who has them.
    """
    moved = set()
    for handoff in handoffs:
        orphaned = handoff.manager_id == gone.id and (handoff.quiet or not _started_by_somebody_here(session, handoff))
        to = _next(session, handoff) if orphaned else None
        if to is not None:
            sides = {"manager": gone.id}, {"manager": to.id}
            handoff.manager_id = to.id
            journal.record(session, gone, desk.now(), "handoff.edited", handoff.id, handoff.id, *sides)
            moved.add(handoff.id)
    session.flush()
    return moved


def _word(session: Session, handoff: Handoff, gone: Person) -> list[Letter]:
    if handoff.manager is None:
        return []
    held = {
        "account": handoff.account.name,
        "link": card_link(session, handoff),
        "roles": [],
        "items": [],
        "functions": [],
        "inherits": True,
        "quiet": handoff.quiet,
    }
    slot = f"unreachable:{gone.id}"
    values = {"who": gone.slack_id, "left": gone.deactivated, "held": [held], "more": 0}
    return [changes.direct_message(handoff.id, handoff.manager, slot, "unreachable", **values)]


def _started_by_somebody_here(session: Session, handoff: Handoff) -> bool:
    return any(one.reachable for one in loading.people_by_id(session, [handoff.started_by_id]).values())


def _next(session: Session, handoff: Handoff) -> Person | None:
    managers = managers_by_setup(session, handoff.workspace_id)
    known, ids = confidants(handoff), {one.id for one in managers}
    above = workspaces_of(session, {handoff.workspace_id}, {})[handoff.workspace_id].chief
    people = loading.people_by_id(session, [handoff.manager_id, handoff.started_by_id])
    manager, starter = people.get(handoff.manager_id or 0), people.get(handoff.started_by_id or 0)
    own = loading.people_by_id(session, [manager.manager_id]).values() if manager is not None else ()
    in_line = (
        *(one for one in managers if one.id in known),
        *own,
        *((above,) if above is not None else ()),
        *((starter,) if starter is not None and starter.id in ids else ()),
        *managers,
        *_admins(session, handoff.workspace_id),
    )
    return next_in_charge(handoff, in_line)


def _admins(session: Session, workspace_id: int) -> list[Person]:
    p = t.people.c
    return list(session.scalars(select(Person).where(p.workspace_id == workspace_id, p.is_admin).order_by(p.id)))
