"""What all who steer a run do: take hold of it while it is live, and write down what they did."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.territory import Run
from bot.store import journal, runs
from bot.store.letters import freshen
from bot.usecases.desk import Actor, Desk
from bot.usecases.territory.form import PlanIsOld
from bot.usecases.territory.territory import board


def live(desk: Desk, session: Session, actor: Actor, run_id: int) -> tuple[Person, Run]:
    """Who steers it, and the run, locked. Raises PlanIsOld for one that is over, NotAllowed, NoSuchThing."""
    by = desk.actor(session, actor)
    desk.require(session, Action.START, by)
    run = runs.run(session, by.workspace_id, run_id, lock=True)
    if not run.state.live:
        raise PlanIsOld()
    return by, run


def noted(
    desk: Desk,
    session: Session,
    by: Person,
    run: Run,
    verb: str,
    after: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Into the audit trail, onto the board, and on to the workers."""
    run.version += 1
    session.flush()
    journal.record(session, by, desk.now(), verb, run.id, before=before, after=after)
    freshen(session, run.workspace_id, desk.now(), [board(run)])
    session.info["planned"] = True
