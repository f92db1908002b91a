"""Rounds of faults: people click, nudges fall due, one process is killed at a bad moment and started again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event, Timer

from sqlalchemy import create_engine, func, select

from bot.store.queues import NudgeState, nudges, pace
from sandbox.clock import ShiftedClock
from sandbox.config import load_town
from sandbox.server import Sandbox
from tests.faults.account_names import account_name
from tests.faults.balance import Balanced
from tests.faults.bots import ROOT, Baton, DidNotStart
from tests.faults.calm import Calm, NeverCalm
from tests.faults.evidence import Evidence
from tests.faults.invariants import UNSETTLED, everything, repeats_excused
from tests.faults.moments import DELAY, Moment, Watch
from tests.faults.people import Act, Somebody
from tests.faults.promises import promises_kept
from tests.faults.territories import LOTS, Begun, fill_the_book
from tests.town import say_who_answers

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHANNELS = ("#accounts", "#general")
ONE_PROCESS = ("run",)
FOUR_PROCESSES = ("web", "web", "worker", "worker")
NAMES = ("mia", "olaf", "ines", "carl", "wanda", "marek", "ida")
ACTS = 2
"""How often each of three people acts in a round."""
TERRITORIES = 0.15
"""How likely it begins with a territory run."""
STARTS = 0.4
"""How likely a round begins with a new handoff."""
STILLBORN, LONGEST_BIRTH = 0.1, 2.0
"""How likely what was started again dies once more while it starts, and within how many seconds."""


@dataclass
class Counts:
    """What a run has seen. `violations` has to stay empty."""

    rounds: int = 0
    kills: int = 0
    begun: int = 0
    acts: int = 0
    acknowledged: int = 0
    posted: int = 0
    nudges_sent: int = 0
    suspected: int = 0
    repeats: int = 0
    errors: int = 0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)


class Campaign:
    """Everything of one run: `database_url` of a migrated, empty database; `roles` of the processes."""

    def __init__(self, database_url: str, roles: Sequence[str], seed: int) -> None:
        self._random = Random(seed)
        self._clock = ShiftedClock(MONDAY - datetime.now(UTC))
        self.sandbox = Sandbox.start(load_town(ROOT / "sandbox" / "town.yaml", ROOT / "manifest.yaml"), self._clock)
        self._let_the_bot_into("#general")
        self._engine = create_engine(database_url)
        self.bots = [Baton(role, self._variables(database_url)) for role in roles]
        self._served = [bot for bot in self.bots if bot.role != "worker"]
        app = self.sandbox.workspace.app
        self._transport = Balanced([bot.request_url for bot in self._served], app.signing_secret)
        self.sandbox.delivery.connect_by(self._transport)
        self._watch = Watch(self.sandbox.workspace)
        self._calm = Calm(self._engine, self.sandbox)
        self.everybody = [
            Somebody(self.sandbox, name, Random(f"{seed} {name}"), manages=name == "mia") for name in NAMES
        ]
        self.counts = Counts()
        self._begun = Begun(self._engine, self.sandbox)
        self._url = database_url
        self._strays = 0
        self._accounts = self._lots = 0

    def __enter__(self) -> Campaign:
        try:
            for bot in self.bots:
                bot.start()
            for bot in self.bots:
                bot.wait_until_ready()
            self._set_up()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing that was started stays behind."""
        for bot in self.bots:
            bot.stop()
        self._transport.close()
        self.sandbox.close()
        self._engine.dispose()

    def run(self, rounds: int, told: Callable[[Counts], None] = lambda _: None) -> Counts:
        """So many rounds; `told` after each. Ends early when things do not calm down, and with Ctrl-C."""
        began = time.monotonic()
        try:
            with suppress(KeyboardInterrupt):
                for _ in range(rounds):
                    self._round()
                    told(self.counts)
            self._come_to_rest()
        except (NeverCalm, DidNotStart) as problem:
            self.counts.violations.append(f"{problem}, at {self._clock.now()}; {self._left()} {self._last_words()}")
        self._judge()
        self.counts.seconds = time.monotonic() - began
        return self.counts

    # -- one round ---------------------------------------------------------------------------------------------------

    def _round(self) -> None:
        """People act while one process dies; the others go on, and the dead one is started again."""
        kills = self.counts.kills
        self._those_who_ended_start_again()
        self._nudges_fall_due()
        victim = self._random.choice(self.bots)
        moment = Moment.at_random(self._random)
        victim.wait_until_ready()
        self._watch.arm(moment, victim.kill)
        self._people_act(moment)
        self._watch.now()
        self.counts.kills += 1
        victim.wait_until_dead()
        self._starts_again(victim)
        if len(self._served) == 1 or victim.role == "worker":
            victim.wait_until_ready()
        if len(self._served) == 1:
            self._people_act(None)
        self.counts.rounds += 1
        self._calm.until_calm()
        self._look(kills)

    def _those_who_ended_start_again(self) -> None:
        """A process that nobody killed is there; one that is not counts as a kill, and somebody has to look at it."""
        for bot in self.bots:
            if not bot.runs:
                self.counts.violations.append(f"baton {bot.role} ended by itself: {bot.last_words()}")
                self.counts.kills += 1
                bot.wait_until_dead()
                bot.start()
                bot.wait_until_ready()

    def _starts_again(self, victim: Baton) -> None:
        """Now and then it dies once more while it starts."""
        victim.start()
        if self._random.random() < STILLBORN:
            Event().wait(self._random.uniform(0, LONGEST_BIRTH))
            victim.kill()
            self.counts.kills += 1
            victim.wait_until_dead()
            victim.start()

    def _people_act(self, moment: Moment | None) -> None:
        """Three at once, each one thing after the other; the blow, if there is one to come, may fall at any time."""
        blow = Timer(moment.delay if moment is not None else 0, self._watch.now)
        if moment is not None and moment.kind == DELAY:
            blow.start()
        manager, others = self.everybody[0], self._random.sample(self.everybody[1:], 2)
        with ThreadPoolExecutor(3) as pool:
            done = [pool.submit(self._acts, one) for one in (manager, *others)]
        for one in done:
            one.result()
        blow.cancel()

    def _acts(self, somebody: Somebody) -> None:
        if somebody is self.everybody[0] and self._lots < LOTS and self._random.random() < TERRITORIES:
            self._watch.clicked()
            self._plan(somebody)
            return
        if somebody is self.everybody[0] and self._random.random() < STARTS:
            self._watch.clicked()
            self._start(somebody)
            return
        for _ in range(ACTS):
            self._watch.clicked()
            somebody.does_something()

    def _start(self, somebody: Somebody) -> Act:
        number, self._accounts = self._accounts, self._accounts + 1
        last_day = (self._clock.now() + timedelta(days=25)).date().isoformat()
        return somebody.starts(account_name(number), CHANNELS[number % len(CHANNELS)], last_day)

    def _plan(self, somebody: Somebody) -> Act:
        lot, self._lots = self._lots, self._lots + 1
        today = self._clock.now().date()
        return somebody.plans(lot, (today + timedelta(days=25)).isoformat(), today.isoformat())

    def _nudges_fall_due(self) -> None:
        """Go to the moment of the next nudge, while nothing is under way."""
        with self._engine.connect() as connection:
            due = connection.execute(select(func.min(nudges.c.due_at)).where(nudges.c.state == NudgeState.PLANNED))
            following = due.scalar_one()
        some_minutes = timedelta(minutes=self._random.uniform(1, 90))
        self._clock.jump_to(max(following or self._clock.now(), self._clock.now()) + some_minutes)

    def _look(self, kills: int) -> None:
        """After each round: a blow made at most one message come twice. `kills`: how many there were before."""
        evidence = Evidence(self._engine, self.sandbox)
        strays = len(evidence.strays)
        if strays - self._strays > self.counts.kills - kills:
            found = [(place.key, place.words[:80]) for place in evidence.strays]
            self.counts.violations.append(f"round {self.counts.rounds}: too many repeats {found[self._strays :]}")
        self._strays = strays
        acts = [act for one in self.everybody for act in one.acts]
        self.counts.acts, self.counts.acknowledged = len(acts), sum(act.acknowledged for act in acts)
        self.counts.begun = len(evidence.run_lines)
        self.counts.posted, self.counts.repeats = len(evidence.posts), strays
        self.counts.suspected = sum(row.maybe_repeat for row in evidence.letters)
        self.counts.nudges_sent = sum(row.state == NudgeState.SENT for row in evidence.nudges.values())

    def _last_words(self) -> str:
        """What the processes said last, for whoever has to find out why."""
        return "\n".join(f"{bot.role}: {bot.last_words()}" for bot in self.bots)

    def _left(self) -> str:
        """The letters that did not go, with the paces they wait for."""
        letters = [row for row in Evidence(self._engine, self.sandbox).letters if row.state in UNSETTLED]
        with self._engine.connect() as connection:
            return f"{letters} {connection.execute(select(pace)).all()}"

    # -- before and after --------------------------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        self._watch.now()
        for bot in self.bots:
            if not bot.runs:
                bot.wait_until_dead()
                bot.start()
            bot.wait_until_ready()
        self._begun.until_all_have()
        self._calm.until_calm()

    def _judge(self) -> None:
        evidence = Evidence(self._engine, self.sandbox)
        self.counts.violations += [*everything(evidence), *repeats_excused(evidence)]
        self.counts.violations += promises_kept(evidence, self.everybody)
        errors = [line for bot in self.bots for line in bot.complaints]
        self.counts.errors = len(errors)
        self.counts.violations += [f"an error was logged: {line}" for line in errors]
        if len(evidence.strays) > self.counts.kills:
            self.counts.violations.append(f"{len(evidence.strays)} repeats after {self.counts.kills} kills")

    def _set_up(self) -> None:
        say_who_answers(self.everybody[0].person)
        for _ in CHANNELS:
            started = self._start(self.everybody[0])
            assert started.acknowledged, (started, self._last_words())
        fill_the_book(self._url, self.sandbox.person("olaf").id, self._clock.now().date())
        self._calm.until_calm()

    def _let_the_bot_into(self, name: str) -> None:
        channel = self.sandbox.workspace.find_channel(name)
        assert channel is not None
        self.sandbox.workspace.join(channel, self.sandbox.workspace.app.bot_user_id)
        self.sandbox.workspace.take_events()  # before anybody listens

    def _variables(self, database_url: str) -> dict[str, str]:
        app = self.sandbox.workspace.app
        return {
            "SLACK_BOT_TOKEN": app.bot_token,
            "SLACK_SIGNING_SECRET": app.signing_secret,
            "SLACK_API_URL": self.sandbox.api_url,
            "BATON_CLOCK_URL": f"{self.sandbox.url}/clock",
            "DATABASE_URL": database_url,
            "HOST": "127.0.0.1",
        }
