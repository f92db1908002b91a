"""Weeks of handoffs in seconds; and proof that the simulation would notice: defects in real parts make it fail."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.commission import Commission, Split, Why
from bot.domain.deals import Deal
from bot.domain.facts import NOTHING_MISSING, Completeness
from bot.domain.handoff import Handoff
from bot.domain.money import Money
from bot.domain.people import Person
from bot.domain.territory import LineState, RunLine
from bot.domain.worktime import WorkTime
from bot.errors import BotError
from bot.outbox.queue import Claimed
from bot.outbox.reminders import Back, Reminders, Told
from bot.store import loading, runs, schedule
from bot.store.queues import NudgeState, nudges
from bot.store.schema import handoffs
from bot.store.territories import run_lines
from bot.usecases.accounts import account_dates
from bot.usecases.deals.settling import Settling
from bot.usecases.desk import Actor, Desk, presence
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.nudges import reminders
from bot.usecases.nudges.alarms import Line
from bot.usecases.nudges.due import DueNudges
from bot.usecases.nudges.nudges import Snooze, Until
from bot.usecases.territory import view as territory_view
from bot.usecases.territory.work import Runs
from tests.simulation.books import Books
from tests.simulation.cast import TEAM
from tests.simulation.composition import Hours, Mortal, Recipe
from tests.simulation.far_end import Killed
from tests.simulation.run import Scale, Simulation, quick_folder
from tests.simulation.violation import Violation

SMALL = Scale(handoffs=8, months=0.5, in_runs=0.4)
LAZY = Scale(handoffs=8, months=0.5, diligence=(0.05,))
"""Much is left lying, so that there are many reminders, and many of them are put off."""
CHRISTMAS = replace(LAZY, begin=datetime(2026, 12, 19, 6, tzinfo=UTC))
DEALING = Scale(handoffs=12, months=0.7, diligence=(0.6,), deals=1.0, in_runs=0.0)
"""Every account has a deal, and there is time for it before the handoff is over."""
HALTING = Scale(handoffs=24, months=0.5, stalls=300, diligence=(0.4,), in_runs=0.0)
"""The courier hangs most of the time: much happens between queueing and sending."""
MOVING = Scale(handoffs=9, months=0.7, in_runs=1.0)
"""All accounts change hands in territory runs, which begin on the first days."""


@pytest.fixture
def path(migrated_sqlite: Path) -> Iterator[Path]:
    """An empty database that lives in memory, where the machine has a place for that."""
    with TemporaryDirectory(dir=quick_folder()) as folder:
        shutil.copy(migrated_sqlite, Path(folder) / "baton.db")
        yield Path(folder) / "baton.db"


def test_every_promise_is_kept(path: Path) -> None:
    outcome = Simulation(path, 4, SMALL).play()
    for what in (
        "reminders",
        "handoffs",
        "rungs",
        "days",
        "storms",
        "restarts",
        "steps",
        "done",
        "gate",
        "secrets",
        "lines",
        "dates",
        "told",
        "lines started",
        "boards",
    ):
        assert outcome.counts.get(what, 0) > 0, f"nothing was looked at: {what}"


def test_a_seed_replays_exactly(path: Path) -> None:
    again = path.with_name("again.db")
    shutil.copy(path, again)
    little = Scale(handoffs=3, months=0.15)
    assert Simulation(path, 11, little).play() == Simulation(again, 11, little).play()


def test_a_word_to_somebody_who_may_not_know_is_found(path: Path) -> None:
    run = Simulation(path, 4, SMALL)
    assert run.bot is not None
    run.bot.setup.install(TEAM, "Simulation", "UBATON")
    manager, olaf, ines = (run.people[name] for name in ("UMANAGER1", "UOLAF1", "UINES1"))
    number = run.acts.start(manager, olaf, ines, "Account 1")
    with run.bot.db.write() as session:
        session.execute(update(handoffs).where(handoffs.c.id == number).values(quiet=True))
    word = {"text": "Account 1: Stage 1 of 2"}
    run.rules.read_by("DMANAGER1", word)
    run.rules.read_by("UINES1", word)
    run.rules.read_by("CMANAGER1", {"text": "Account 12"})
    for where in ("CMANAGER1", "DOLAF1", "UMANAGER2"):
        with pytest.raises(Violation, match="reads of Account 1, whose handoff is quiet"):
            run.rules.read_by(where, word)


@dataclass(frozen=True)
class SnoozeThatMovesTheCadence(Snooze):
    """The rest of the ladder waits as long as the nudge that was put off."""

    def __call__(self, actor: Actor, nudge_id: int, until: Until, day: object = None) -> datetime:
        at = super().__call__(actor, nudge_id, until, day)  # type: ignore[arg-type]
        with self.desk.db.write() as session:
            row = schedule.nudge(session, 1, nudge_id)
            assert row is not None
            mine = (nudges.c.obligation == row.obligation, nudges.c.subject_id == row.subject_id)
            ladder = (nudges.c.state == NudgeState.PLANNED, nudges.c.slot.not_like("%snooze%"))
            later = max(at, datetime.now(UTC)) + timedelta(days=2)
            session.execute(update(nudges).where(*mine, *ladder).values(due_at=later))
        return at


@dataclass(frozen=True)
class RemindersThatDoNotLookAgain(Reminders):
    """What was queued is sent, whatever has happened since."""

    def single(self, session: Session, letter: Claimed) -> Told | Back | None:
        row = schedule.nudge(session, letter.workspace_id, letter.subject_id)
        assert row is not None
        person = loading.people_by_id(session, [row.person_id])[row.person_id]
        handoff = loading.whole_handoff(session, letter.workspace_id, row.handoff_id)
        view = reminders.nudge(session, row, handoff, person, self.desk.now())
        return Told(person, "messages/nudge", {"nudge": view}, (row.id,), (handoff.id,))


@dataclass(frozen=True)
class SplitThatLosesACent(Settling):
    """Both parts are rounded down, and nobody gets what is left."""

    def _split(self, session: Session, commission: Commission, deal: Deal) -> Split:
        found = super()._split(session, commission, deal)
        part = found.incoming
        return replace(found, incoming=Money(part.minor - 1, part.currency)) if part.minor else found


@dataclass(frozen=True)
class SplitBeforeBothSigned(Settling):
    """What was proposed is paid, whoever has signed it."""

    def _split(self, session: Session, commission: Commission, deal: Deal) -> Split:
        found = super()._split(session, commission, deal)
        if found.why is not Why.UNSIGNED:
            return found
        outgoing, incoming = found.total.split(commission.outgoing_bp)
        return Split(outgoing, incoming, found.held, Why.AGREED)


def told_again(session: Session, workspace_id: int, today: date) -> Mapping[int, Sequence[Line]]:
    """What was to be told yesterday is told today as well."""
    found = {**account_dates.source(session, workspace_id, today - timedelta(days=1))}
    for number, lines in account_dates.source(session, workspace_id, today).items():
        found[number] = [*found.get(number, ()), *lines]
    return found


def waves_of_yesterday(session: Session, workspace_id: int, today: date) -> Mapping[int, Sequence[Line]]:
    """People hear of a wave when it has begun."""
    return territory_view.source(session, workspace_id, today - timedelta(days=1))


@dataclass(frozen=True)
class RunsThatCannotWait(Runs):
    """Whatever waits is started, on whichever day."""

    def advance(self) -> bool:
        with self.desk.db.read() as session:
            waiting = session.scalars(select(run_lines.c.id).where(run_lines.c.state == LineState.WAITING)).all()
        for number in waiting:
            self._begin(number)
        return super().advance()


@dataclass(frozen=True)
class RunsInTwoSteps(Runs):
    """The handoff is stored, and the line that says so after it."""

    def _begin(self, line_id: int) -> None:
        with self.desk.db.write() as session:
            line = session.get_one(RunLine, line_id)
            run = runs.run(session, 1, line.run_id)
            by = loading.people_by_id(session, [run.by_id])[run.by_id]
            try:
                started = self.start.within(session, by, self._form(session, run, line), run.id)
            except BotError:
                return
        assert isinstance(self.start, Mortal)
        if self.start.far_end.kill:
            raise Killed()
        with self.desk.db.write() as session:
            runs.written(session, line_id, {"state": LineState.STARTED, "handoff_id": started.handoff_id})


@dataclass(frozen=True)
class RunsThatForget(Runs):
    """What was wished of an open handoff is crossed off, and nothing is done."""

    def _grant(self, line_id: int) -> None:
        with self.desk.db.write() as session:
            runs.written(session, line_id, {"wish": None})


class GateThatAsksForNothing(Handoffs):
    """What is known of the account is not looked at."""

    def _lacking(self, session: Session, by: Person, handoff: Handoff) -> Completeness:
        return NOTHING_MISSING


def without_holidays(person: Person) -> WorkTime:
    return replace(presence(person), holidays=frozenset())


def due_on_holidays(desk: Desk, hours: Hours) -> DueNudges:
    return DueNudges(desk, hours, ladder_hours=without_holidays)


def in_one_zone_for_all(person: Person) -> WorkTime:
    return replace(presence(person), zone="UTC")


@pytest.mark.parametrize(
    ("recipe", "scale", "complaint"),
    [
        (Recipe(snooze=SnoozeThatMovesTheCadence), LAZY, "moved the ladder"),
        (Recipe(reminders=RemindersThatDoNotLookAgain), HALTING, "says nothing|outside their hours"),
        (Recipe(hours=in_one_zone_for_all), LAZY, "outside their hours"),
        (Recipe(settling=SplitThatLosesACent), DEALING, "its parts come to|is paid|was not agreed"),
        (Recipe(settling=SplitBeforeBothSigned), DEALING, "not both have signed"),
        (Recipe(handoffs=GateThatAsksForNothing), LAZY, "and nothing is known of"),
        (Recipe(occasions=told_again), LAZY, "tells U"),
        (Recipe(waves=waves_of_yesterday), MOVING, "tells U|is not told of|does not tell U"),
        (Recipe(runs=RunsThatCannotWait), MOVING, "outside the hours of|before its day|and the run was"),
        (Recipe(runs=RunsInTwoSteps), MOVING, "belongs to no line|was not started"),
        (Recipe(runs=RunsThatForget), MOVING, "was to go to|still open"),
        (Recipe(hours=without_holidays, due=due_on_holidays), CHRISTMAS, "is planned for|outside their hours"),
    ],
    ids=[
        "a snooze moves the cadence",
        "nobody looks again",
        "one zone for all",
        "a split loses a cent",
        "paid unsigned",
        "a gate asks for nothing",
        "a day of the customer's is told twice",
        "a wave is told late",
        "a run does not wait",
        "a start in two steps",
        "a wish is forgotten",
        "no holidays",
    ],
)
def test_a_defect_is_found(path: Path, recipe: Recipe, scale: Scale, complaint: str) -> None:
    with pytest.raises(Violation, match=complaint) as found:
        Simulation(path, 5, scale, recipe).play()
    assert str(found.value).startswith("seed 5, ")
    assert "The last events:" in str(found.value)


def test_a_day_of_which_nobody_knows_who_has_the_account_is_noticed(path: Path) -> None:
    run = Simulation(path, 4, SMALL)
    assert run.bot is not None
    run.bot.setup.install(TEAM, "Simulation", "UBATON")
    run.acts.start(*(run.people[name] for name in ("UMANAGER1", "UOLAF1", "UINES1")), "Account 1")
    run.rules.each_day()
    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER coverage_delete")
        running = "SELECT account_id FROM handoffs WHERE state = 'open'"
        assert database.execute(f"DELETE FROM coverage WHERE account_id IN ({running})").rowcount
    run.rules.books = Books(path)
    with pytest.raises(Violation, match="nobody knows who has it"):
        run.rules.each_day()
    run.rules.books.close()
