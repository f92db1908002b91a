"""How a territory run goes, and what a wave means for each person on the day it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NotAllowed
from bot.domain.territory import Run, RunState
from bot.store import loading, runs
from bot.usecases.desk import Desk
from bot.usecases.nudges.alarms import Line
from bot.usecases.territory import barred


@dataclass(frozen=True)
class RunView:
    """How a run goes: `waves` with their counts, who looks after it, the day it is for whoever reads.

    `orphaned`: whoever confirmed it is gone, or may start handoffs no more; it goes on when another manager says so.
    """

    run: Run
    by: Person | None
    waves: tuple[runs.Wave, ...]
    today: date
    orphaned: bool = False

    @property
    def barred(self) -> bool:
        """Whether it waits because its channel cannot be written to."""
        return self.run.state is RunState.PAUSED and barred.KIND in self.run.rules

    @property
    def total(self) -> int:
        return sum(one.total - one.left_out for one in self.waves)

    @property
    def handed(self) -> int:
        return sum(one.accepted + one.done for one in self.waves)

    @property
    def cancelled(self) -> int:
        return sum(one.cancelled for one in self.waves)

    @property
    def under_way(self) -> int:
        return sum(one.open for one in self.waves)

    @property
    def begun(self) -> int:
        """Handoffs that are open: those handed over, in their support, too."""
        return sum(one.open + one.accepted for one in self.waves)

    @property
    def left_out(self) -> int:
        return sum(one.left_out for one in self.waves)


def run_view(desk: Desk, session: Session, run: Run) -> RunView:
    """A run, for its board and for whoever asks how it goes."""
    by = loading.people_by_id(session, [run.by_id]).get(run.by_id)
    today = desk.today(by) if by is not None else run.created_at.date()
    orphaned = run.state.live and not goes_on(desk, session, by)
    return RunView(run, by, tuple(runs.waves(session, run.id)), today, orphaned)


def goes_on(desk: Desk, session: Session, by: Person | None) -> bool:
    """Whether handoffs may still be started in the name of whoever confirmed a run."""
    if by is None or not by.reachable:
        return False
    try:
        desk.require(session, Action.START, by)
    except NotAllowed:
        return False
    return True


def source(session: Session, workspace_id: int, day: date) -> Mapping[int, Sequence[Line]]:
    """Who has to do with a wave that begins on that day: one line for all its accounts, instead of one for each."""
    found: dict[int, list[Line]] = {}
    for row in runs.begins_today(session, workspace_id, day):
        for number, counts in runs.shares(session, row.id, row.wave).items():
            about = {"run": row.id, "title": row.title, "gives": 0, "gets": 0, "asked": 0, **counts}
            found.setdefault(number, []).append(Line("wave", about))
    return found
