"""A whole town for one test: the local workspace, Baton in it over real sockets, and a clock that stands still.

Nothing of ours is replaced. Workers do not run in the background here; after each act `settle` lets the courier finish,
and `passes` moves the clock from one due moment to the next, so a test never sleeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from werkzeug.serving import BaseWSGIServer

from bot.app import Bot, build
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.running.web import create_app
from bot.settings import Settings
from bot.usecases.accounts.dossier_details import Part
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.desk import Actor
from bot.usecases.handoffs.start import AccountChoice, StartForm
from bot.usecases.nudges.due import BATCH
from bot.usecases.workspace.setup import SetupView, Stakeholder
from sandbox.clock import ManualClock, MovableClock
from sandbox.person import Person
from sandbox.seen import Seen
from sandbox.server import Sandbox
from tests.served import described, served
from tests.snapshot import Once

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Ten o'clock in Berlin, where the manager sits: a working morning far from any holiday."""
TOKEN, SECRET = "xoxb-sandbox-bot-token", "sandbox-signing-secret"
STEPS = 2_000
"""More moments than any story has: whoever needs more goes round in circles."""
LOOK = timedelta(minutes=5)
"""How often the workers look whether a new day has begun somewhere."""
PATIENCE = timedelta(minutes=5)
"""How far `settle` moves the clock for letters that keep their distance."""


@dataclass(frozen=True)
class Still:
    """The bot's view of the workspace's clock."""

    clock: MovableClock

    def now(self) -> datetime:
        return self.clock.now()


def say_who_answers(mia: Person) -> None:
    """The manager fills in the setup form."""
    assert mia.types("/handoff setup", in_="#accounts").ok
    form = mia.modal
    assert form is not None
    for label, who in (
        ("Credit", "@carl"),
        ("Warranty", "@wanda"),
        ("Marketing", "@marek"),
        ("Inside sales", "@ida"),
    ):
        form.choose(label, who)
    form.choose("Managers", ["@mia"])
    assert form.submit().ok


class Town:
    """People act by what they see: `town.mia.types("/handoff start Acme", in_="#accounts")`."""

    def __init__(
        self,
        database_url: str,
        start: datetime = MONDAY,
        prepare: Callable[[Bot], None] | None = None,
        clock: MovableClock | None = None,
    ) -> None:
        """`clock`: one that goes by itself, for stories with real processes; without it, time stands still."""
        self.clock = clock or ManualClock(start)
        self.sandbox = Sandbox.start(described(), self.clock)
        app = self.sandbox.workspace.app
        self.settings = Settings(
            bot_token=getattr(app, "bot_token", TOKEN),
            signing_secret=getattr(app, "signing_secret", SECRET),
            api_url=self.sandbox.api_url,
            database_url=database_url,
            public_url="https://baton.example",
        )
        self._prepare = prepare
        self._server: BaseWSGIServer | None = None
        self.open_bot()
        self.once = Once(database_url if prepare is None else "", self.sandbox.workspace)

    def open_bot(self) -> None:
        """Start the bot, as after a restart: everything it knows is in the database."""
        self.bot = build(self.settings, Still(self.clock), chance=lambda: 0.5)
        if self._prepare is not None:
            self._prepare(self.bot)
        ready, reason = self.bot.ready()
        assert ready, reason
        bot = self.bot
        app = create_app(bot.bolt, self.settings.signing_secret, bot.ready, bot.metrics, bot.downloads)
        self._server = served(app)
        self.request_url = f"http://127.0.0.1:{self._server.server_port}/slack/events"
        self.sandbox.connect(self.request_url, self.settle)

    def close_bot(self) -> None:
        """Stop the bot; nothing but the database is left of it."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self.bot.stop(1)

    def restart(self) -> None:
        self.close_bot()
        self.open_bot()
        self.bot.courier.begin(alone=True)

    def close(self) -> None:
        self.close_bot()
        self.sandbox.close()

    def settle(self) -> None:
        """Let the courier deliver everything that may go, keeping its distance on the workspace's clock."""
        assert self.bot.afterwards.wait_idle(10)
        last = self.clock.now() + PATIENCE
        for _ in range(STEPS):
            while self.bot.courier.deliver_next() or self.bot.imports.work.work_next():
                pass
            wake = self.bot.courier.next_wake()
            if wake is None or wake > last:
                return
            self.clock.jump_to(max(wake, self.clock.now() + timedelta(milliseconds=1)))
        raise AssertionError("the courier never comes to rest")

    def passes(self, **duration: float) -> None:
        """Time goes by (`days=1, hours=2`); nudges fall due on the way, each at its moment."""
        self.until(self.clock.now() + timedelta(**duration))

    def until(self, moment: datetime) -> None:
        """Time goes by until that moment."""
        looks = self.clock.now()
        for _ in range(STEPS):
            while self.bot.due.queue_due() == BATCH:
                pass
            if self.clock.now() >= looks:
                self.bot.daybreak.look()
                while self.bot.territory.runs.advance():
                    pass
                looks = self.clock.now() + LOOK
            self.settle()
            coming = [at for at in (self.bot.due.next_due(), self.bot.courier.next_wake()) if at is not None]
            following = min([*coming, self._morning()])
            if following > moment or self.clock.now() >= moment:
                break
            self.clock.jump_to(max(following, self.clock.now() + timedelta(milliseconds=1)))
        else:
            raise AssertionError("time does not get on")
        if self.clock.now() < moment:
            self.clock.jump_to(moment)

    def _morning(self) -> datetime:
        """When the workers look at the day next: every few minutes in life, in the morning here."""
        today = self.clock.now().replace(hour=9, minute=0, second=0, microsecond=0)
        return today if today > self.clock.now() else today + timedelta(days=1)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """What the database says."""
        with self.bot.db.read() as session:
            return list(session.execute(text(sql), values).all())

    def __getattr__(self, name: str) -> Person:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.sandbox.person(name)

    # -- what most stories begin with ------------------------------------------------------------------------------

    def set_up(self) -> None:
        """The manager says who answers for what. Happens as `Once` says."""
        self.once("set up", lambda: say_who_answers(self.mia))

    def begun(self, account: str = "Acme") -> Town:
        """Set up and started by the use cases behind the forms: for stories about what comes after; see `Once`."""

        def begin() -> None:
            self.appoints("mia")
            self.starts(account)
            self.settle()

        self.once(f"begun {account}", begin)
        return self

    def appoints(self, *managers: str, above: str | None = None) -> None:
        """Mia says who answers, who the managers are and to whom they report, by the use case behind the form."""
        named = {"credit": "carl", "warranty": "wanda", "marketing": "marek", "inside_sales": "ida"}
        who = {function: Stakeholder(self.sandbox.person(name).id) for function, name in named.items()}
        ids = tuple(self.sandbox.person(name).id for name in managers)
        chief = self.sandbox.person(above).id if above else None
        self.bot.setup.save(self.actor("mia"), SetupView(who, ids, None, chief=chief))

    def starts(self, account: str, channel: str = "C0ACCOUNTS0") -> None:
        """Started by the use case behind the form, which itself needs a Slack that works; nothing is delivered yet."""
        self.bot.start(self.actor("mia"), self.form(account, channel))

    def knows(self, account: str = "Acme", who: str = "olaf") -> None:
        """What the shipped playbooks want to be known before an account is handed over, said as its forms say it."""
        views, by = self.bot.dossier, self.actor(who)
        number = views.views.find(by, account).account.id
        views.things.save(by, number, "contact", ThingSent({"name": "Ada Lind"}, {}, {"role": "decision_maker"}))
        views.details.save(by, number, Part.NEEDS, ThingSent({"needs": "Filters that last a year"}, {}, {}))

    def form(self, account: str, channel: str = "C0ACCOUNTS0") -> StartForm:
        """What a filled-in start form holds: Olaf hands the account to Ines and leaves in 25 days."""
        return StartForm(
            account=AccountChoice(new_name=account),
            reason=Reason.RETIREMENT,
            outgoing=self.olaf.id,
            outgoing_name="",
            incoming=self.ines.id,
            last_day=(self.clock.now() + timedelta(days=25)).date(),
            benefit="A rep who lives nearby and knows their plants.",
            sales_channel=SalesChannel.DIRECT,
            tier=Tier.STANDARD,
            channel=channel,
        )

    def actor(self, name: str) -> Actor:
        """Somebody of the town, as use cases know them."""
        return Actor("T0SANDBOX01", self.sandbox.person(name).id)

    def handoff(self, account: str = "Acme", reason: str = "Retirement", **fields: Any) -> Seen:
        """A started handoff; returns its card. `fields` are labels with values, None leaves one out."""
        self.mia.types(f"/handoff start {account}", in_="#accounts")
        form = self.mia.modal
        assert form is not None
        self.fill(form, account, reason, fields)
        outcome = form.submit()
        assert outcome.ok, outcome
        assert not outcome.errors, outcome.errors
        return self.card(account)

    def fill(self, form: Any, account: str, reason: str, fields: dict[str, Any] | None = None) -> None:
        """Fill in the start form the way most stories need it."""
        values = {
            "Outgoing rep": "@olaf",
            "Incoming rep": "@ines",
            "Last day": (self.clock.now() + timedelta(days=25)).date().isoformat(),
            "Sales channel": "Direct",
            "Tier": "Standard",
            "Channel": "#accounts",
            **(fields or {}),
        }
        benefit = values.pop("Benefit to the customer", "A rep who lives nearby and knows their plants.")
        form.choose("Account", account)
        form.choose("Reason", reason)
        for label, value in values.items():
            if value is not None:
                form.choose(label, value)
        if benefit is not None:
            form.fill("Benefit to the customer", benefit)

    def finishes(self, who: str, item_id: int) -> None:
        """A step is done, by the use case behind its button or its form."""
        item = self.bot.checklist.item(self.actor(who), item_id)
        if item.form is None:
            self.bot.checklist.complete(self.actor(who), item_id)
        else:
            self.bot.checklist.write_down(self.actor(who), item_id, item.form, {"note": "It is done."})

    def says_the_customer_knows(self, who: str = "olaf", called: str = "Ada Lind") -> None:
        """The form that opens when somebody presses Done on the warning, filled in and sent."""
        form = self.sandbox.person(who).modal
        assert form is not None
        form.fill("Whom at the customer?", called)
        form.choose("How?", "Call")
        outcome = form.submit()
        assert outcome.ok, outcome
        assert not outcome.errors, outcome.errors

    def card(self, account: str = "Acme", in_: str = "#accounts", who: str = "mia") -> Seen:
        """The card of an account's handoff: the last message of the bot in the channel that names it."""
        found = [m for m in self.sandbox.person(who).messages(in_) if account in m.text and m.buttons]
        assert found, f"no card of {account} in {in_}"
        return found[-1]

    def checklist(self, who: str = "mia", account: str = "Acme", stage: int = -1) -> Seen:
        """A stage's checklist message in the thread, as that person sees it."""
        person = self.sandbox.person(who)
        found = [
            m
            for m in person.thread(self.card(account, who=who))
            if "Done" in m.buttons or "☑" in m.text or "done" in m.text
        ]
        assert found
        return found[stage]
