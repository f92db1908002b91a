"""What people do: clicks and forms on the handoffs they are in, and on the reminders they get.

People see the state of things in the database; which of them does what is drawn from the run's random numbers. What
the product refuses is part of life and counted.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from bot.domain.checklist import NeedsForm
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.errors import BotError
from bot.usecases.desk import Actor
from bot.usecases.handoffs.editing import Edit
from bot.usecases.handoffs.start import AccountChoice, StartForm
from bot.usecases.nudges.nudges import Until
from tests.simulation import dealing, facts
from tests.simulation.books import Books, Nudge
from tests.simulation.cast import TEAM, Citizen, of_job
from tests.simulation.composition import Bot
from tests.simulation.rules import Rules
from tests.simulation.violation import Violation
from tests.simulation.virtual import VirtualClock

QUIET = 0.3
"""So many handoffs are prepared quietly before they are opened."""
MOVES = 0.04
"""So often does a handoff go to another channel when its people look at it."""
ROLES = {"outgoing": "outgoing_id", "incoming": "incoming_id", "manager": "manager_id", "inside": "inside_id"}


@dataclass
class Acts:
    """`bot` is the process at hand; `note` writes the run's log; so many handoffs (`deals`) have one in flight."""

    bot: Bot
    clock: VirtualClock
    people: Mapping[str, Citizen]
    books: Books
    rules: Rules
    rng: Random
    note: Callable[..., None]
    deals: float
    done: Counter[str] = field(default_factory=Counter)

    def start(self, manager: Citizen, outgoing: Citizen, incoming: Citizen, account: str) -> int | None:
        """A handoff begins. Returns its number."""
        form = StartForm(
            account=AccountChoice(new_name=account),
            reason=self.rng.choice(list(Reason)),
            outgoing=outgoing.slack_id,
            outgoing_name="",
            incoming=incoming.slack_id,
            last_day=manager.today(self.clock.now()) + timedelta(days=self.rng.randint(3, 9)),
            benefit="A rep who lives nearby.",
            sales_channel=SalesChannel.DIRECT,
            tier=self.rng.choice((Tier.STANDARD, Tier.STANDARD, Tier.KEY)),
            channel=f"C{manager.slack_id[1:]}",
            inside=of_job(self.people, "ida", self.rng).slack_id,
            quiet=self.rng.random() < QUIET,
        )
        started: list[int] = []
        self.attempt("start", lambda: started.append(self.bot.start(_actor(manager), form).handoff_id))
        for number in started:
            self.rules.touch(number)
        return started[0] if started else None

    def visit(self, number: int, diligence: float) -> bool:
        """Some of the people in a handoff do some of what is to be done. False: it is over."""
        handoff = self.books.handoff(number)
        if handoff["state"] != "open":
            return False
        for item in self.books.items(number):
            self._item(handoff, item, diligence)
        for request in self.books.requests(number):
            self._request(handoff, request, diligence)
        self._handoff(handoff, diligence)
        dealing.visit(self, self.books.handoff(number), self.rng)
        facts.visit(self, handoff, Random(f"{number} {self.clock.now()} facts"))
        self.rules.touch(number)
        return bool(self.books.handoff(number)["state"] == "open")

    def call_off(self, number: int) -> bool:
        """The manager takes it back."""
        manager = self.actor(self.books.handoff(number)["manager_id"])
        return self.attempt("cancel", self.bot.handoffs.cancel, manager, number, "Started by mistake.")

    def react(self, slack_id: str, nudges: list[int]) -> None:
        """Somebody answers reminders with their buttons."""
        for nudge in self.books.nudges(nudges):
            by, roll = Actor(TEAM, slack_id), self.rng.random()
            if roll < 0.45:
                self._settle(by, nudge)
            elif roll < 0.75:
                self._snooze(by, nudge)
            elif roll < 0.82:
                self.attempt("give away", self.bot.passing.reassign, by, nudge.id, self._anybody())
            elif roll < 0.87:
                self.attempt("cannot", self.bot.passing.decline, by, nudge.id, "No time.", None)
            self.rules.touch(nudge.handoff_id)

    def leave(self, citizen: Citizen, first: date, last: date, delegate: str | None) -> None:
        """Somebody says that they are away."""
        if self.attempt("away", self.bot.away.add, Actor(TEAM, citizen.slack_id), first, last, delegate, None):
            citizen.away.append((first, last))

    # -- one thing at a time ---------------------------------------------------------------------------------------

    def _item(self, handoff: sqlite3.Row, item: sqlite3.Row, diligence: float) -> None:
        by, roll, ref = self._owner(handoff, item), self.rng.random(), item["id"]
        checklist = self.bot.checklist
        if item["state"] != "open":
            if roll < 0.04:
                self.attempt("reopen", checklist.reopen, by, ref)
            return
        if roll < diligence:
            self.attempt("done", self._done, by, ref)
            if roll < diligence / 10:
                self.attempt("done again", checklist.complete, by, ref)
        elif roll < diligence + 0.05:
            self.attempt("skip", checklist.skip, by, ref, "Not needed here.")
        elif roll < diligence + 0.09:
            day = self.clock.now().date() + timedelta(days=self.rng.randint(-1, 8))
            self.attempt("reschedule", checklist.reschedule, by, ref, day)
        elif roll < diligence + 0.13:
            self.attempt("assign", checklist.assign, by, ref, self._anybody())
        elif roll < diligence + 0.15:
            self.attempt("attach", checklist.attach, by, ref, "https://crm.example.com/1")

    def _request(self, handoff: sqlite3.Row, request: sqlite3.Row, diligence: float) -> None:
        asked, roll, ref = request["asked_id"] or handoff["manager_id"], self.rng.random(), request["id"]
        by, feedback = self.actor(asked), self.bot.feedback
        if request["state"] != "open" and roll < 0.97:
            return
        if roll < diligence:
            self.attempt("answer", feedback.answer, by, ref, "payment", self.rng.choice(("on_time", "late")))
        elif roll < diligence + 0.05:
            self.attempt("nothing to report", feedback.nothing_to_report, by, ref)
        elif roll < diligence + 0.10:
            self.attempt("redirect", feedback.redirect, by, ref, self._anybody())
        elif roll < diligence + 0.13:
            self.attempt("note", feedback.note, by, ref, {}, "Pays by cheque.")

    def _handoff(self, handoff: sqlite3.Row, diligence: float) -> None:
        number, roll, handoffs = handoff["id"], self.rng.random(), self.bot.handoffs
        manager, incoming = self.actor(handoff["manager_id"]), self.actor(handoff["incoming_id"])
        if handoff["quiet"] and self.rng.random() < 0.2:
            self.attempt("open", self.bot.opening, manager, number)
        apart = Random(f"{number} {self.clock.now()}")  # so that all else is drawn as it was without this
        if apart.random() < MOVES:
            channel = f"C{apart.choice(list(self.people))[1:]}"
            self.attempt("move", self.bot.editing, manager, number, Edit({"channel": channel}))
        if handoff["acceptance"] == "asked":
            if roll < diligence:
                self.attempt("accept", handoffs.accept, incoming, number)
            elif roll < diligence + 0.12:
                self.attempt("return", handoffs.send_back, incoming, number, [], "The contract\nWho decides")
        elif roll < diligence:
            passed = facts.pass_gate(self, handoff)
            if passed and self.rng.random() < 0.05:
                self.attempt("override", handoffs.override, manager, number, "The customer wants it.")
            if passed and self.rng.random() < 0.7:
                self.attempt("accept", handoffs.accept, incoming, number)
        elif roll < diligence + 0.05:
            self.attempt("add", self.bot.checklist.add, manager, number, "One more thing", self._anybody(), None, True)
        elif roll < diligence + 0.10:
            self.attempt("edit", self.bot.editing, manager, number, self._edited(handoff))
        elif roll < diligence + 0.18:
            self.attempt("cancel", handoffs.cancel, manager, number, "The customer left.")
        elif roll < diligence + 0.26:
            self.attempt("nudge them", self.bot.ask_after.everybody, self.rng.choice((manager, incoming)), number)

    def _edited(self, handoff: sqlite3.Row) -> Edit:
        names = self.books.people()
        wanted = {role: names.get(handoff[column]) for role, column in ROLES.items()}
        wanted["incoming"] = of_job(self.people, "ines", self.rng).slack_id
        wanted["last_day"] = (self.clock.now().date() + timedelta(days=self.rng.randint(0, 9))).isoformat()
        return Edit({**wanted, "benefit": handoff["benefit"]})

    def _settle(self, by: Actor, nudge: Nudge) -> None:
        if nudge.kind == "item":
            self.attempt("done", self._done, by, nudge.ref)
        elif nudge.kind == "answer":
            self.attempt("answer", self.bot.feedback.answer, by, nudge.ref, "payment", "late")
        else:
            self.attempt("accept", self.bot.handoffs.accept, by, nudge.ref)

    def _done(self, by: Actor, item_id: int) -> None:
        """Tick it off; what asks for a form gets one."""
        try:
            self.bot.checklist.complete(by, item_id)
        except NeedsForm as wanted:
            self.bot.checklist.write_down(by, item_id, wanted.form, {"note": "Done."})

    def _snooze(self, by: Actor, nudge: Nudge) -> None:
        """What was planned before stands where it stood (U7)."""
        before = self._rungs(nudge)
        until = self.rng.choice(list(Until))
        day = self.clock.now().date() + timedelta(days=self.rng.randint(1, 6)) if until is Until.DAY else None
        self.attempt("snooze", self.bot.snooze, by, nudge.id, until, day)
        if self._rungs(nudge) != before:
            raise Violation(f"a snooze of nudge {nudge.id} moved the ladder: {before} became {self._rungs(nudge)}")

    def _rungs(self, nudge: Nudge) -> set[tuple[str, object]]:
        mine = (one for one in self.books.planned(nudge.handoff_id) if (one.kind, one.ref) == (nudge.kind, nudge.ref))
        return {(one.slot, one.due_at) for one in mine if "snooze" not in one.slot}

    # -- who -------------------------------------------------------------------------------------------------------

    def _owner(self, handoff: sqlite3.Row, item: sqlite3.Row) -> Actor:
        """Mostly whoever has it, now and then the manager or somebody who may not."""
        roll = self.rng.random()
        if roll < 0.03:
            return Actor(TEAM, self._anybody())
        owner = item["owner_id"] or handoff[ROLES.get(item["owner_role"] or "manager", "manager_id")]
        return self.actor(handoff["manager_id"] if roll < 0.12 else owner)

    def actor(self, number: int | None) -> Actor:
        return Actor(TEAM, self.rules.citizen(number).slack_id) if number is not None else Actor(TEAM, self._anybody())

    def by(self, slack_id: str) -> Actor:
        return Actor(TEAM, slack_id)

    def _anybody(self) -> str:
        return self.rng.choice(list(self.people))

    def attempt(self, name: str, act: Callable[..., object], *values: object) -> bool:
        """Whether it was done; a refusal is noted with its name."""
        outcome = "ok"
        try:
            act(*values)
        except BotError as refusal:
            outcome = type(refusal).__name__
        self.done[name] += 1
        self.done["refused"] += outcome != "ok"
        who = next((value.user_id for value in values if isinstance(value, Actor)), "")
        self.note(name, who, *(value for value in values[1:] if isinstance(value, int | str)), outcome)
        return outcome == "ok"


def _actor(citizen: Citizen) -> Actor:
    return Actor(TEAM, citizen.slack_id)
