"""An hour in a town where something is wrong: people click and start handoffs, nudges fall due, the clock goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

from sandbox.limits import TIERS
from sandbox.model import ChannelKind
from sandbox.weather import Call
from sandbox.webapi import METHODS
from tests.faults.evidence import Evidence
from tests.faults.invariants import everything
from tests.faults.people import Somebody
from tests.faults.promises import promises_kept
from tests.faults.starting import start
from tests.town import Town

HOUR, STEP = timedelta(hours=1), timedelta(minutes=5)
RECOVERY = timedelta(hours=1)
PEOPLE = ("mia", "olaf", "ines", "carl", "wanda", "marek", "ida")


class Hour:
    """Two handoffs run, and the next nudge is due in half an hour; then `passes` with something going wrong."""

    def __init__(self, town: Town, seed: int = 7) -> None:
        self.town = town
        town.begun("Acme")
        town.begun("Blue Boats")
        self._until_nudges_are_near()
        town.sandbox.settle = self.no_time_goes_by
        self.people = [Somebody(town.sandbox, name, Random(f"{seed} {name}"), manages=name == "mia") for name in PEOPLE]
        self.during: list[Call] = []
        self.after: list[Call] = []

    def passes(
        self,
        begins: Callable[[], None],
        ends: Callable[[], None],
        *,
        clicking: bool = True,
        starting: tuple[int, ...] = (1, 4),
        since: int = 0,
    ) -> None:
        """An hour goes by in steps of five minutes, then another one in peace.

        Something is wrong from step `since` to the end of the first hour; in the steps `starting` a handoff begins.
        """
        calls = self.town.sandbox.workspace.weather.calls
        before, end = len(calls), self.town.clock.now() + HOUR
        for step in range(HOUR // STEP):
            if step == since:
                begins()
            if step in starting:
                start(self.town, f"Firm {step}")
            if clicking:
                self.people[step % len(self.people)].does_something()
            self.town.until(min(end, self.town.clock.now() + STEP))
        self.during = calls[before:]
        ends()
        after = len(calls)
        self.town.passes(hours=RECOVERY / HOUR)
        self.town.settle()
        self.after = calls[after:]

    def restarts(self) -> None:
        """The bot is started again, and asks Slack whose token it has, as each start does."""
        self.town.restart()
        self.town.sandbox.settle = self.no_time_goes_by
        bot = self.town.bot
        identity = bot.gateway.auth_test()
        bot.setup.install(identity.team_id, identity.team, identity.bot_user_id)

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.town.bot.db.engine, self.town.sandbox)

    def wrong(self) -> list[str]:
        """What is not as it should be, now that it is over."""
        evidence = self.evidence
        return [*everything(evidence), *promises_kept(evidence, self.people), *too_fast(self.after)]

    def _until_nudges_are_near(self) -> None:
        due = self.town.bot.due.next_due()
        assert due is not None
        self.town.until(due - timedelta(minutes=30))

    def no_time_goes_by(self) -> None:
        """What Person calls after an act: letters wait for `passes`."""
        assert self.town.bot.listeners.wait_idle(10)


def too_fast(calls: list[Call]) -> list[str]:
    """What is faster than Slack allows: a 429 of Slack's own, two posts of one second in a place, a crowded minute."""
    own = [call for call in calls if call.error == "ratelimited" and not call.fault]
    return [*(f"{call.method} was too fast at {call.at}" for call in own), *_crowded_places(calls), *_crowds(calls)]


def _crowded_places(calls: list[Call]) -> list[str]:
    found, last = [], {}
    for call in calls:
        if call.method == "chat.postMessage" and (call.args.get("text") or call.args.get("blocks")):
            place = call.args["channel"]
            if place in last and call.at - last[place] < timedelta(seconds=1):
                found.append(f"{place} got two posts within a second, at {last[place]} and {call.at}")
            last[place] = call.at
    return found


def _crowds(calls: list[Call]) -> list[str]:
    found = []
    for method in {call.method for call in calls if call.method in METHODS}:
        moments = [call.at for call in calls if call.method == method]
        most = max(sum(at <= other < at + timedelta(minutes=1) for other in moments) for at in moments)
        if most > TIERS[METHODS[method].tier]:
            found.append(f"{most} calls of {method} within a minute")
    return found


def attempts(calls: list[Call]) -> Counter[str]:
    """How many calls there were, by method."""
    return Counter(call.method for call in calls)


def direct_with(town: Town, name: str) -> list[str]:
    """What the bot wrote to somebody directly."""
    workspace, who = town.sandbox.workspace, town.sandbox.person(name).id
    direct = [c for c in workspace.channels.values() if c.kind is ChannelKind.IM and who in c.members]
    return [message.text for channel in direct for message in channel.messages]
