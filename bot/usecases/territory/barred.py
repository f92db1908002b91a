"""A territory run whose channel cannot be written to: its manager hears of it once, and it waits until that is mended.

Each of its handoffs would say so otherwise, and more of them would begin where nobody can read of them.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.people import Person, nobody
from bot.domain.territory import Run, RunState
from bot.store import journal, loading, runs
from bot.store.letters import Letter, freshen_existing, post_once
from bot.usecases.desk import Desk

KIND = "barred"
"""Of the letter that says so, and of the rule that a run has while it waits."""


def say(desk: Desk, session: Session, run: Run, to: Person, error: str, channel: str) -> None:
    """Somebody who answers for the run's handoffs hears of it, once for each channel until it is mended.

    `error`: Slack's word for it; empty where Slack was asked before anything was posted. `channel`: the run's, or one
    that it has left and in which handoffs of it stand.
    """
    detail = {"person_id": to.id, "error": error, "channel": channel}
    letter = Letter(f"{KIND}:{run.id}:{to.id}:{channel}", KIND, run.id, detail=detail, person_id=to.id)
    post_once(session, run.workspace_id, desk.now(), [letter])


def wait(desk: Desk, run_id: int, channel: str) -> None:
    """Nothing more of it begins for now, unless it goes on elsewhere by then."""
    with desk.db.write() as session:
        run = session.get(Run, run_id, with_for_update=True)
        if run is None or run.state is not RunState.RUNNING or run.channel_id != channel:
            return
        run.state, run.rules = RunState.PAUSED, {**run.rules, KIND: True}
        for by in loading.people_by_id(session, [run.by_id]).values():
            say(desk, session, run, by, "", channel)
        _noted(desk, session, run, "run.paused")


def mended(desk: Desk, session: Session, workspace_id: int, channel: str) -> None:
    """The channel can be written to again: what waited for it goes on, and whoever is barred anew hears of it anew."""
    runs.forget_letters(session, workspace_id, KIND, channel)
    for run in runs.in_channel(session, workspace_id, channel):
        freshen_existing(session, workspace_id, desk.now(), [f"board:{run.id}"])
        if goes_on(run):
            _noted(desk, session, run, "run.resumed")
            session.info["planned"] = True


def goes_on(run: Run) -> bool:
    """A run that waited for its channel waits no more. Returns whether it did."""
    waited = run.state is RunState.PAUSED and KIND in run.rules
    if waited:
        run.state, run.rules = RunState.RUNNING, without(run)
    return waited


def without(run: Run) -> dict[str, object]:
    """The run's rules once it waits no more."""
    return {name: value for name, value in run.rules.items() if name != KIND}


def _noted(desk: Desk, session: Session, run: Run, verb: str) -> None:
    """By nobody: it follows from what happened in Slack."""
    run.version += 1
    session.flush()
    journal.record(session, nobody(run.workspace_id), desk.now(), verb, run.id, after={KIND: run.channel_id})
    freshen_existing(session, run.workspace_id, desk.now(), [f"board:{run.id}"])
