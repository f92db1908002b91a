"""Changing a handoff by a form: what two people change at once, and what cannot be.

A handoff's facts are plain values by field: a person's number, an ISO date, a word, a text, a truth value, None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from bot.domain.accounts import fold
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.refusals import Empty, Refusal, RefuseDate, SameRep, TooLong
from bot.domain.typed import trimmed
from bot.domain.vocabulary import Role

NAME_LIMIT, BENEFIT_LIMIT, LONE_NAME_LIMIT = 120, 3000, 150
DATES = ("last_day", "transfer_on", "support_until")
WORDS = ("reason", "sales_channel", "tier")
SWITCHES = ("overseas", "test_run")
CHOOSING = frozenset({"reason", "sales_channel", "tier", "overseas"})
"""The facts that choose playbook and steps."""

_CHANNEL = re.compile(r"[CG][A-Z0-9]{1,30}")
"""Slack's number of a channel, public or private; of nothing else."""

Facts = Mapping[str, Any]


class ChangedMeanwhile(Refusal):
    sentence = "Somebody changed this while you had the form open. Open it again to see what it is now."


class NoManager(Refusal):
    sentence = "Somebody has to answer for the handoff: choose a manager."


class NobodyLeaves(Refusal):
    sentence = "Choose the outgoing rep, or write their name if they have already left."


class SomebodyHasIt(Refusal):
    sentence = "The account has been taken over: name who has it instead of nobody."


class BeforeTheTransfer(Refusal):
    sentence = "Support ends after the account has changed hands: choose a later day."


class SupportWouldBeOver(Refusal):
    sentence = "The support of the new rep would be over before that: set its end, %(day)s, to a later day first."


class NoChannel(Refusal):
    sentence = "Choose the channel in which the card and its thread live."


class NameTaken(Refusal):
    sentence = "There is another account of that name already."


def facts(handoff: Handoff) -> dict[str, Any]:
    """Everything about a handoff that can be edited, as it is."""
    dates = {name: getattr(handoff, name) for name in DATES}
    return {
        **{role.value: handoff.holder_id(role) for role in Role},
        **{name: day.isoformat() if day else None for name, day in dates.items()},
        **{name: str(getattr(handoff, name)) for name in WORDS},
        **{name: bool(getattr(handoff, name)) for name in SWITCHES},
        "outgoing_name": handoff.outgoing_name,
        "benefit": handoff.benefit,
        "account": handoff.account.name,
        "channel": handoff.channel_id,
    }


def seen(known: Facts, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a form keeps of the facts it was opened with: short marks for texts, so that they fit beside it."""
    return {name: _mark(known[name]) for name in fields}


def merged(wanted: Facts, was: Facts, now: Facts) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """What the form changes, and the fields that it and somebody else changed.

    `was` is what `seen` kept when the form was opened: what was left as it stood there is not changed, whatever
    somebody else has made of it since. A field that `was` does not have is taken to have been as it is now.
    """
    changes: dict[str, Any] = {}
    clashes: dict[str, Refusal] = {}
    for name, value in wanted.items():
        before = was.get(name, _mark(now[name]))
        if _mark(value) in (before, _mark(now[name])):
            continue
        if before != _mark(now[name]):
            clashes[name] = ChangedMeanwhile()
        else:
            changes[name] = value
    return changes, clashes


def mistakes(handoff: Handoff, changes: Facts, today: date) -> dict[str, Refusal]:
    """What is wrong with the changes by themselves, by field; people are looked at by whoever knows them."""
    after = {**facts(handoff), **changes}
    found: dict[str, Refusal] = {}
    for name in DATES:
        if name in changes and changes[name] is not None and date.fromisoformat(changes[name]) < today:
            found[name] = RefuseDate()
    transfer = after["transfer_on"] or after["last_day"]
    until = changes.get("support_until")
    if until is not None and transfer is not None and until < transfer:
        found.setdefault("support_until", BeforeTheTransfer())
    put_off = next((name for name in ("transfer_on", "last_day") if changes.get(name) == transfer), None)
    kept = after["support_until"] if until is None and handoff.acceptance is not Acceptance.ACCEPTED else None
    if put_off is not None and transfer is not None and kept is not None and kept < transfer:
        found.setdefault(put_off, SupportWouldBeOver(day=date.fromisoformat(kept)))
    if "manager" in changes and changes["manager"] is None:
        found["manager"] = NoManager()
    leaver = after["outgoing"] is not None or trimmed(after["outgoing_name"])
    if {"outgoing", "outgoing_name"} & set(changes) and not leaver:
        found["outgoing_name" if "outgoing_name" in changes else "outgoing"] = NobodyLeaves()
    if {"incoming", "outgoing"} & set(changes) and after["incoming"] is not None:
        if after["incoming"] == after["outgoing"]:
            found["incoming" if "incoming" in changes else "outgoing"] = SameRep()
    elif "incoming" in changes and handoff.acceptance is Acceptance.ACCEPTED:
        found["incoming"] = SomebodyHasIt()
    if "channel" in changes and not _CHANNEL.fullmatch(changes["channel"] or ""):
        found["channel"] = NoChannel()
    return {**found, **_texts(changes)}


def _texts(changes: Facts) -> dict[str, Refusal]:
    found: dict[str, Refusal] = {}
    for name, limit in (("benefit", BENEFIT_LIMIT), ("account", NAME_LIMIT), ("outgoing_name", LONE_NAME_LIMIT)):
        if name in changes and len(changes[name]) > limit:
            found[name] = TooLong(limit=limit)
        elif name in changes and name != "outgoing_name" and not trimmed(changes[name]):
            found[name] = Empty()
    return found


def apply(handoff: Handoff, changes: Facts) -> None:
    """Make the changes; they have been looked at. A new name is the account's, for all who look after it.

    What is true of the handoff is true of its account, but for what a test run only plays.
    """
    was_test = handoff.test_run
    for name, value in changes.items():
        if name == "account":
            handoff.account.name, handoff.account.name_key = value, fold(value)
        elif name == "channel":
            handoff.channel_id = value
        elif name in DATES:
            setattr(handoff, name, date.fromisoformat(value) if value else None)
        elif name in WORDS:
            setattr(handoff, name, type(getattr(handoff, name))(value))
        elif name in {role.value for role in Role}:
            _give(handoff, Role(name), value)
        else:
            setattr(handoff, name, value)
    for name in ("sales_channel", "tier", "overseas"):
        if not handoff.test_run and (name in changes or was_test):
            setattr(handoff.account, name, getattr(handoff, name))


def _give(handoff: Handoff, role: Role, to: int | None) -> None:
    """Somebody else holds the role: what waits for it in the name of the one before follows the role.

    An incoming rep who was asked to accept, or has returned it, is not asked any more; the gate asks the new one.
    """
    before = handoff.holder_id(role)
    setattr(handoff, f"{role.value}_id", to)
    for item in handoff.items:
        if item.open and item.owner_role == role and before is not None and item.owner_id == before:
            item.owner_id = None
            item.version += 1
    if role is Role.INCOMING and handoff.acceptance is not Acceptance.ACCEPTED:
        handoff.acceptance, handoff.acceptance_asked_at = Acceptance.NOT_ASKED, None
        handoff.acceptance_due_on = None


def _mark(value: Any) -> Any:
    """The value itself where it is short; a long text by its fingerprint."""
    if isinstance(value, str) and len(value) > 60:
        return sha256(value.encode()).hexdigest()[:20]
    return value
