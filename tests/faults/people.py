"""People who click while things break: each acts on what stands in Slack, and remembers what Slack said to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sandbox.model import Json, MessageAt, Outcome
from sandbox.seen import Modal
from sandbox.server import Sandbox
from tests.faults import territories

AFTER_ALL = timedelta(seconds=1)
"""How long a private sentence may be on its way after its click was acknowledged."""
RECENT = 80
"""People look at the newest messages of a conversation, not at all of them."""
MENTION = re.compile(r"<@(\w+)>")
NOT_THERE = (AssertionError, LookupError, ValueError)
"""What Person raises when something cannot be seen or done, as when the bot died before it answered."""

WEIGHTS = {"done": 3, "answer": 3, "snooze": 4, "accept": 4, "gate": 1, "skip": 1}

MANAGERS = ("gate", "skip")
"""What only managers do here."""


@dataclass(frozen=True)
class Act:
    """Something a person did. `acknowledged`: Slack showed no error. `about`: ids and words to look for afterwards."""

    kind: str
    user_id: str
    at: datetime
    acknowledged: bool
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """A button that this person may press."""

    kind: str
    where: MessageAt
    block_id: str
    action_id: str
    value: str | None
    about: dict[str, Any]


class Somebody:
    """One person, acting one thing after the other. `acts` is the record."""

    def __init__(self, sandbox: Sandbox, name: str, random: Random, *, manages: bool = False) -> None:
        self._sandbox, self._random, self._manages = sandbox, random, manages
        self.person = sandbox.person(name)
        self.acts: list[Act] = []

    def does_something(self) -> Act | None:
        """One act of those that are offered; None when nothing is."""
        self._tidies_up()
        offers: dict[str, list[Offer]] = {}
        for offer in self._offers():
            offers.setdefault(offer.kind, []).append(offer)
        if not offers:
            return None
        kinds = sorted(offers)
        kind = self._random.choices(kinds, [WEIGHTS[one] for one in kinds])[0]
        return self._noted(kind, self._presses, self._random.choice(offers[kind]))

    def starts(self, account: str, channel: str, last_day: str) -> Act:
        """A new handoff, through the form; `last_day` as ISO text."""
        self._tidies_up()
        return self._noted("start", self._fills_in, account, channel, last_day)

    def plans(self, lot: int, last_day: str, first_day: str) -> Act:
        """A territory run over the accounts of one lot."""
        self._tidies_up()
        return self._noted("territory", self._plans, lot, last_day, first_day)

    def _in_front(self) -> Modal | None:
        view = self._sandbox.workspace.top_modal(self.person.id)
        return Modal(self.person, view) if view is not None else None

    def _plans(self, lot: int, last_day: str, first_day: str) -> tuple[str, dict[str, Any], Outcome]:
        about = {"run": territories.title_of(lot)}
        return "territory", about, territories.plans(self.person, self._in_front, lot, last_day, first_day)

    def _noted(self, kind: str, deed: Any, *given: Any) -> Act:
        at = self._sandbox.workspace.now()
        about: dict[str, Any] = {}
        try:
            kind, about, outcome = deed(*given)
        except NOT_THERE:
            outcome = Outcome(False, "what was looked for was not there")
        act = Act(kind, self.person.id, at, outcome.ok and not outcome.errors, about)
        self.acts.append(act)
        return act

    def _presses(self, offer: Offer) -> tuple[str, dict[str, Any], Outcome]:
        outcome = self._sandbox.actions.act(self.person.id, offer.where, offer.block_id, offer.action_id, offer.value)
        if offer.kind in ("gate", "skip") and outcome.ok:
            return self._says_why(offer)
        if offer.kind == "done" and self._sandbox.workspace.top_modal(self.person.id) is not None:
            return "look", offer.about, outcome  # it asks for more than a tick, and whoever looked closes it again
        return offer.kind, offer.about, outcome

    def _says_why(self, offer: Offer) -> tuple[str, dict[str, Any], Outcome]:
        """The form that opened wants a reason. None opened: the gate was open, and there is nothing to say."""
        modal = self._in_front()
        if modal is None:
            return "look", offer.about, Outcome()
        modal.fill("Reason" if offer.kind == "skip" else "Say why", f"Because of {self._random.randint(1, 10**9)}")
        return offer.kind, offer.about, self._sends(modal)

    def _fills_in(self, account: str, channel: str, last_day: str) -> tuple[str, dict[str, Any], Outcome]:
        about = {"account": account}
        opened = self.person.types(f"/handoff start {account}", in_="#accounts")
        form = self._in_front()
        if not opened.ok or form is None:
            return "look", about, opened
        self.person.wait_for(lambda: "Account" in form.labels)  # it opens empty, and is filled at once
        for label, value in (
            ("Reason", "Retirement"),
            ("Outgoing rep", "@olaf"),
            ("Incoming rep", "@ines"),
            ("Last day", last_day),
            ("Sales channel", "Direct"),
            ("Tier", "Standard"),
            ("Channel", channel),
        ):
            form.choose(label, value)
        form.fill("Benefit to the customer", "A rep who lives nearby.")
        return "start", about, self._sends(form)

    def _sends(self, modal: Modal) -> Outcome:
        """Submit; a window that is put on top of the form says that it was refused."""
        outcome = modal.submit()
        top = self._sandbox.workspace.top_modal(self.person.id)
        refused = top is not None and top.id != modal.view_id
        return Outcome(False, "refused") if refused else outcome

    def _tidies_up(self) -> None:
        top = self._sandbox.workspace.top_modal(self.person.id)
        if top is not None:
            self._sandbox.actions.close(self.person.id, top.id, whole_stack=True)

    # -- what is offered ---------------------------------------------------------------------------------------------

    def _offers(self) -> Iterator[Offer]:
        workspace, me = self._sandbox.workspace, self.person.id
        with workspace.lock:
            mine = [channel for channel in workspace.channels.values() if me in channel.members]
            seen = [(channel.id, message) for channel in mine for message in channel.messages[-RECENT:]]
        for channel_id, message in seen:
            if message.owned:
                yield from self._of_message(MessageAt(channel_id, message.ts), message.blocks)

    def _of_message(self, where: MessageAt, blocks: list[Json]) -> Iterator[Offer]:
        owner = self.person.id if where.channel_id.startswith("D") else ""
        for block in blocks:
            if block["type"] == "section" and str(block.get("block_id", "")).startswith("item-"):
                found = MENTION.search(block["text"]["text"])
                owner = found[1] if found else ""
            if block["type"] == "actions":
                for element in block["elements"]:
                    yield from self._of_element(where, block["block_id"], element, owner == self.person.id)

    def _of_element(self, where: MessageAt, block_id: str, element: Json, mine: bool) -> Iterator[Offer]:
        """What one element offers: itself, or each of its options."""
        chosen = [option["value"] for option in element.get("options", [])]
        for value in chosen or [element.get("value")]:
            data = _data(value)
            kind = _kind_of(element["action_id"], data)
            may = self._manages if kind in MANAGERS else mine or (kind == "done" and self._manages)
            if kind and may:
                yield Offer(kind, where, block_id, element["action_id"], value if chosen else None, data)


def _kind_of(action_id: str, data: dict[str, Any]) -> str:
    if action_id.startswith("answer.tap."):
        return "answer"
    if action_id == "item.menu":
        return "skip" if data.get("do") == "skip" else ""
    known = {"item.done": "done", "nudge.snooze": "snooze", "handoff.accept": "accept", "handoff.gate": "gate"}
    return known.get(action_id, "")


def _data(value: str | None) -> dict[str, Any]:
    try:
        found = json.loads(value or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def refused(sandbox: Sandbox, acts: list[Act], number: int) -> bool:
    """Whether the bot answered this act with a private sentence: about when the same person did the next thing.

    The sentence follows the acknowledgement, so that somebody quick may have clicked again before it comes.
    """
    act = acts[number]
    until = acts[number + 1].at + AFTER_ALL if number + 1 < len(acts) else act.at + timedelta(seconds=10)
    told = (datetime.fromtimestamp(float(one.id), tz=act.at.tzinfo) for one in _whispers(sandbox, act.user_id))
    return any(act.at <= moment < until for moment in told)


def _whispers(sandbox: Sandbox, user_id: str) -> list[Any]:
    with sandbox.workspace.lock:
        return sandbox.workspace.ephemerals_for(user_id)
