"""A desk on an empty database, with a clock that stands still: use cases without Slack."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text, update

from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.playbooks.files import SHIPPED, load_library
from bot.store.database import Database
from bot.store.schema import checklist_items, people
from bot.usecases.desk import Actor, Desk
from bot.usecases.feedback.feedback import Feedback
from bot.usecases.handoffs.checklist import Checklist
from bot.usecases.handoffs.editing import Editing
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.start import AccountChoice, Start, Started, StartForm
from bot.usecases.nudges.due import DueNudges
from bot.usecases.nudges.nudges import Snooze
from bot.usecases.views.overview import Overview
from bot.usecases.workspace.setup import Setup, SetupView, Stakeholder


@dataclass
class StillClock:
    moment: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def passes(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@dataclass
class Office:
    """Use cases by name; people by their initials."""

    db: Database
    clock: StillClock = field(default_factory=StillClock)

    def __post_init__(self) -> None:
        self.desk = Desk(self.db, self.clock, load_library([SHIPPED]))
        self.setup = Setup(self.desk)
        self.setup.install("T1", "Town", "UBOT")
        self.start = Start(self.desk, lambda _channel: None)
        self.checklist, self.handoffs, self.feedback = Checklist(self.desk), Handoffs(self.desk), Feedback(self.desk)
        self.editing = Editing(self.desk, self.handoffs, lambda _channel: None)
        self.overview, self.due, self.snooze = Overview(self.desk), DueNudges(self.desk), Snooze(self.desk)

    def who(self, name: str) -> Actor:
        return Actor("T1", f"U{name.upper()}")

    def set_up(self) -> None:
        functions = {"credit": "UCARL", "warranty": "UWANDA", "marketing": "UMAREK", "inside_sales": "UIDA"}
        named = {function: Stakeholder(person) for function, person in functions.items()}
        self.setup.save(self.who("mia"), SetupView(named, ("UMIA",), None))

    def started(self, account: str = "Acme", **changes: object) -> Started:
        values = {
            "account": AccountChoice(new_name=account),
            "reason": Reason.RETIREMENT,
            "outgoing": "UOLAF",
            "outgoing_name": "",
            "incoming": "UINES",
            "last_day": date(2026, 12, 18),
            "benefit": "Somebody who lives nearby.",
            "sales_channel": SalesChannel.DIRECT,
            "tier": Tier.STANDARD,
            "channel": "C1",
            **changes,
        }
        started = self.start(self.who("mia"), StartForm(**values))
        self.look_up()
        with self.db.write() as session:  # every step of these stories is finished with a tick
            session.execute(update(checklist_items).values(form=None))
        return started

    def look_up(self) -> None:
        """As the courier does: Slack has said where everybody lives (in UTC, here)."""
        with self.db.write() as session:
            session.execute(update(people).values(refreshed_at=self.clock.now()))

    def items(self, handoff_id: int) -> list:
        """The steps of the current stage."""
        handoff = self.overview.handoff(self.who("mia"), handoff_id)
        return handoff.items_of(handoff.stage)

    def rows(self, sql: str, **values: object) -> list:
        with self.db.read() as session:
            return list(session.execute(text(sql), values).all())


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    db = Database(database_url)
    yield Office(db)
    db.close()
