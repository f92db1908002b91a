"""The bot as `bot.app.build` puts it together, without a web server; only the far end of the network is not real.

`Recipe` names the parts in which a test can put a defect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, cast

from sqlalchemy import Engine, event

from bot.domain.people import Person
from bot.domain.worktime import WorkTime
from bot.migrations import upgrade
from bot.outbox.compose import Composer
from bot.outbox.composed import Composed
from bot.outbox.courier import Courier
from bot.outbox.queue import Claimed
from bot.outbox.reminders import Reminders
from bot.playbooks.files import SHIPPED, load_library
from bot.slack.answers import UserInfo
from bot.slack.gateway import Gateway
from bot.slack.places import Places
from bot.slack.render import Renderer
from bot.store.database import Database
from bot.usecases.accounts import account_dates
from bot.usecases.accounts.account_dates import AccountDates
from bot.usecases.accounts.dossier_things import Things
from bot.usecases.coverage import cover_alarms
from bot.usecases.coverage.coverage_desk import CoverageDesk, coverage_desk
from bot.usecases.deals.commission import Commissions
from bot.usecases.deals.deals import Deals
from bot.usecases.deals.duties import after_an_item
from bot.usecases.deals.settling import Settling
from bot.usecases.deals.worklog import WorkLog
from bot.usecases.desk import Desk, presence
from bot.usecases.feedback.feedback import Feedback
from bot.usecases.handoffs.checklist import Checklist
from bot.usecases.handoffs.daybreak import Daybreak
from bot.usecases.handoffs.editing import Editing
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.opening import Opening
from bot.usecases.handoffs.start import Start, Started
from bot.usecases.nudges.alarms import Alarms, Source
from bot.usecases.nudges.asking_after import AskAfter
from bot.usecases.nudges.away import Away
from bot.usecases.nudges.due import DueNudges
from bot.usecases.nudges.nudges import Snooze
from bot.usecases.nudges.passing import Passing
from bot.usecases.territory import view as territory_view
from bot.usecases.territory.territory import Territory
from bot.usecases.territory.work import Runs
from bot.usecases.workspace.people import People
from bot.usecases.workspace.setup import Setup
from bot.usecases.workspace.trouble import Trouble
from tests.simulation.far_end import FarEnd, Killed
from tests.simulation.virtual import VirtualClock

PLAYBOOKS = Path(__file__).parent / "recipe"


class Watched(Composer):
    """A composer that says which letter is in hand, so that the far end's messages can be told apart."""

    def __init__(self, desk: Desk, renderer: Renderer, reminders: Reminders, alarms: Alarms) -> None:
        super().__init__(desk, renderer, reminders, alarms)
        self.in_hand: Claimed | None = None

    def compose(self, letter: Claimed) -> Composed:
        self.in_hand = letter
        return super().compose(letter)


@dataclass(frozen=True)
class Mortal(Start):
    """The process may die when a handoff is written, and nothing is committed yet."""

    far_end: FarEnd
    chance: Callable[[], float]

    def within(self, *values: Any, **named: Any) -> Started:
        started = super().within(*values, **named)
        if self.far_end.kill and self.chance() < 0.5:
            self.far_end.kill = False
            raise Killed()
        return started


Hours = Callable[[Person], WorkTime]


@dataclass(frozen=True)
class Recipe:
    """Which real part does what; a defect is another one in its place. `hours` says when somebody is at work."""

    hours: Hours = presence
    due: Callable[[Desk, Hours], DueNudges] = DueNudges
    reminders: Callable[[Desk, Hours], Reminders] = Reminders
    snooze: Callable[[Desk], Snooze] = Snooze
    settling: Callable[[Desk], Settling] = Settling
    handoffs: Callable[[Desk], Handoffs] = Handoffs
    occasions: Source = account_dates.source
    waves: Source = territory_view.source
    runs: Callable[[Desk, Start, Handoffs, Editing], Runs] = Runs


@dataclass(frozen=True)
class Bot:
    """One process of Baton: what it knows beyond these parts is in its database."""

    db: Database
    setup: Setup
    start: Start
    handoffs: Handoffs
    opening: Opening
    editing: Editing
    checklist: Checklist
    feedback: Feedback
    snooze: Snooze
    passing: Passing
    ask_after: AskAfter
    away: Away
    people: People
    coverage: CoverageDesk
    deals: Deals
    terms: Commissions
    log: WorkLog
    settling: Settling
    things: Things
    dates: AccountDates
    plans: Territory
    runs: Runs
    alarms: Alarms
    due: DueNudges
    daybreak: Daybreak
    composer: Watched
    courier: Courier


def build(path: Path, clock: VirtualClock, far_end: FarEnd, recipe: Recipe, rng: Random) -> Bot:
    """A new process on the database in `path`."""
    db = Database(f"sqlite:///{path}")
    hasty(db.engine, db._writers)
    upgrade(db.engine)
    desk = Desk(db, clock, load_library([PLAYBOOKS]))
    gateway = cast(Gateway, far_end)
    checklist, feedback, trouble = Checklist(desk, after_an_item(desk)), Feedback(desk), Trouble(desk)
    coverage = coverage_desk(desk, checklist, Handoffs(desk))
    people = People(desk, far_end.usergroups, UserInfo.read, coverage.left)
    alarms = Alarms(desk, (cover_alarms.source, recipe.occasions, recipe.waves), recipe.hours)
    start = Start(desk, Places(gateway).problem_with)
    editing = Editing(desk, Handoffs(desk), Places(gateway).problem_with)
    composer = Watched(desk, Renderer([SHIPPED]), recipe.reminders(desk, recipe.hours), alarms)
    return Bot(
        db=db,
        setup=Setup(desk),
        start=start,
        handoffs=recipe.handoffs(desk),
        opening=Opening(desk),
        editing=editing,
        checklist=checklist,
        feedback=feedback,
        snooze=recipe.snooze(desk),
        passing=Passing(desk, checklist, feedback),
        ask_after=AskAfter(desk),
        away=Away(desk),
        people=people,
        coverage=coverage,
        deals=Deals(desk, checklist),
        terms=Commissions(desk, checklist),
        log=WorkLog(desk, checklist),
        settling=recipe.settling(desk),
        things=Things(desk),
        dates=AccountDates(desk),
        plans=Territory(desk, start),
        runs=recipe.runs(desk, Mortal(desk, start.check_channel, far_end, rng.random), Handoffs(desk), editing),
        alarms=alarms,
        due=recipe.due(desk, recipe.hours),
        daybreak=Daybreak(desk, (coverage.days.look,)),
        composer=composer,
        courier=Courier(desk, composer, gateway, people, trouble, chance=rng.random),
    )


def hasty(*engines: Engine) -> None:
    """No power cut is simulated here, so nothing needs to be flushed to a disk."""
    for engine in engines:

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA synchronous=OFF")
