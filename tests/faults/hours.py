"""Hours in a town where something is wrong: people click and start handoffs, nudges fall due, the clock goes on."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random

from sandbox.limits import TIERS
from sandbox.model import ChannelKind
from sandbox.weather import Call
from sandbox.webapi import METHODS
from tests.faults.evidence import Evidence
from tests.faults.invariants import everything
from tests.faults.people import Somebody
from tests.faults.promises import promises_kept
from tests.town import Town

BAD = timedelta(minutes=60 if os.environ.get("BATON_EVERYWHERE") else 20)
"""How long it lasts: a whole hour with BATON_EVERYWHERE=1."""
STEPS = 12
STEP = BAD / STEPS
RECOVERY = timedelta(hours=1)
A_MOMENT = timedelta(milliseconds=1)
MOMENTS = 2_000
"""More than any of these hours has."""
TRIES = 2 * BAD // timedelta(minutes=1) + 6
"""Calls of one method while nothing works, however many letters wait: two a minute, and the first few."""
PEOPLE = ("mia", "olaf", "ines", "carl", "wanda", "marek", "ida")


class Hours:
    """A town with one handoff, in which `passes` can be called again and again. `during` and `after` hold the calls."""

    def __init__(self, town: Town, seed: int = 7) -> None:
        self.town = town
        town.begun("Acme")
        town.sandbox.settle = self.no_time_goes_by
        self.people = [Somebody(town.sandbox, name, Random(f"{seed} {name}"), manages=name == "mia") for name in PEOPLE]
        self._numbers = count(1)
        self.accounts = {"Acme"}
        self.began: datetime = town.clock.now()
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
        """Time goes by in which nudges fall due and everybody acts, then an hour in peace.

        Something is wrong from step `since` to the last one of the first part; in the steps `starting` a handoff
        begins.
        """
        self._until_nudges_are_near()
        calls, began = self.town.sandbox.workspace.weather.calls, self.town.clock.now()
        before = len(calls)
        for step in range(STEPS):
            if step == since:
                self.began = self.town.clock.now()
                begins()
            if step in starting:
                self._starts()
            if clicking:
                self.people[step % len(self.people)].does_something()
            self._goes_on_until(began + (step + 1) * STEP)
        self.during = calls[before:]
        ends()
        after = len(calls)
        self._goes_on_until(self.town.clock.now() + RECOVERY)
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
        there = {evidence.accounts[row.account_id].name for row in evidence.handoffs.values()}
        lost = [f"the handoff of {name} was started and is not there" for name in self.accounts - there]
        return [*lost, *everything(evidence), *promises_kept(evidence, self.people), *too_fast(self.after)]

    def no_time_goes_by(self) -> None:
        """What Person calls after an act: letters wait for `passes`."""
        assert self.town.bot.afterwards.wait_idle(10)

    def _goes_on_until(self, moment: datetime) -> None:
        """As `Town.until`, but never a moment further, so that no step takes longer than it says."""
        town, bot = self.town, self.town.bot
        bot.daybreak.look()
        for _ in range(MOMENTS):
            while bot.courier.deliver_next():
                pass
            due, wake = bot.due.next_due(), bot.courier.next_wake()
            if due is not None and due <= town.clock.now():
                bot.due.queue_due()
                continue
            following = min((at for at in (due, wake) if at is not None), default=moment)
            if following >= moment:
                town.clock.jump_to(max(moment, town.clock.now()))
                return
            town.clock.jump_to(max(following, town.clock.now() + A_MOMENT))
        raise AssertionError("time does not get on")

    def _until_nudges_are_near(self) -> None:
        due = self.town.bot.due.next_due()
        assert due is not None
        self.town.until(due - BAD / 2)

    def _starts(self) -> None:
        account = f"Firm {next(self._numbers)}"
        self.town.starts(account)
        self.accounts.add(account)


def too_fast(calls: list[Call]) -> list[str]:
    """What is faster than Slack allows: a 429 of Slack's own, two posts of one second in a place, a crowded minute."""
    own = [call for call in calls if call.error == "ratelimited" and not call.fault]
    return [*(f"{call.method} was too fast at {call.at}" for call in own), *_crowded_places(calls), *_crowds(calls)]


def _crowded_places(calls: list[Call]) -> list[str]:
    found = []
    last: dict[str, datetime] = {}
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
