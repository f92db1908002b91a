"""The audit trail as people may read it: who may see what of a change, and what its values are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.coverage import Line
from bot.domain.people import Person
from bot.domain.permissions import TABLE, Action, Relation
from bot.domain.vocabulary import Role

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_HOLDERS = frozenset(role.value for role in Role)

_PAIR = frozenset({Relation.HANDOFF_MANAGER, Relation.OUTGOING, Relation.INCOMING})
_TAUGHT = frozenset({Relation.HANDOFF_MANAGER, Relation.INCOMING})
_CHIEFS = frozenset({Relation.WORKSPACE_MANAGER, Relation.ADMIN})
_NAMED = frozenset({Relation.PARTICIPANT, Relation.HANDOFF_MANAGER})

LINE = "line"
"""The field in which a change of an account's line of time is stored."""
OF_THE_ACCOUNT = frozenset({"deal"})
"""Nouns of what is the account's in whichever handoff's history it stands: what one is to the account counts, too."""

NUMBERS = frozenset({"contact_id"})
"""Fields that hold the number of a row of ours which is no person's in Slack."""

HIDDEN: Mapping[str, frozenset[Relation]] = {
    "commission": _PAIR,
    "deal": TABLE[Action.DOSSIER_DEALS],
    "deals": _PAIR,
    "work": _PAIR,
    "pay": _PAIR,
    "record.deals": _PAIR,
    "record.terms": _PAIR,
    "record.work_log": _PAIR,
    "record.coaching": _TAUGHT,
    "record.one_on_one": _TAUGHT,
    "watched": _CHIEFS,
    "watch": _CHIEFS,
    "bench": _CHIEFS,
    "contact.confided": _PAIR | {Relation.COVER, Relation.WORKSPACE_MANAGER},
}
"""Verbs, whole or by their noun, of which nobody else hears at all."""
GUARDED: Mapping[str, frozenset[Relation]] = {
    "record": _NAMED,
    "record.pulse": _PAIR,
    "record.declined": _PAIR,
    "contact": _NAMED,
    "answer": _NAMED,
}
"""Verbs of which everybody may know that it happened, but only these what was written."""


class Sight(StrEnum):
    """How much of a change somebody may see; HEAD: that it happened, by whom and when."""

    WHOLE = "whole"
    HEAD = "head"
    NOTHING = "nothing"


def sight(verb: str, held: frozenset[Relation]) -> Sight:
    """What somebody who stands in these relations to the handoff may see of a change."""
    noun = verb.partition(".")[0]
    hidden = HIDDEN.get(verb, HIDDEN.get(noun))
    if hidden is not None:
        return Sight.WHOLE if hidden & held else Sight.NOTHING
    guarded = GUARDED.get(verb, GUARDED.get(noun))
    return Sight.HEAD if guarded is not None and not guarded & held else Sight.WHOLE


class ValueKind(StrEnum):
    NOTHING = "nothing"
    PERSON = "person"
    CHANNEL = "channel"
    DAY = "day"
    SWITCH = "switch"
    TEXT = "text"
    COVERAGE = "coverage"
    """Who looks after the account, one after the other: a tuple of Looked."""


@dataclass(frozen=True)
class Looked:
    """A piece of an account's line of time; `kind` is a CoverageKind, `last` is included, None: without an end.

    `offered`: a cover that nobody had confirmed yet.
    """

    kind: str
    person: Person | None
    first: date
    last: date | None
    offered: bool


@dataclass(frozen=True)
class Value:
    """One value of a change; `what` is a Person, the Slack id of a person or channel, a date, a text …, by `kind`."""

    kind: ValueKind
    what: Any = None


@dataclass(frozen=True)
class Field:
    """What became of one field."""

    name: str
    before: Value
    after: Value


def fields(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, people: Mapping[int, Person]
) -> tuple[Field, ...]:
    """What changed, field by field, with people for their numbers; numbers of rows that say nobody anything are left
    out."""
    was, now = before or {}, after or {}
    names = [name for name in dict.fromkeys([*was, *now]) if name not in NUMBERS]
    return tuple(Field(name, value(name, was.get(name), people), value(name, now.get(name), people)) for name in names)


def value(name: str, stored: Any, people: Mapping[int, Person]) -> Value:
    """A stored value as what it stands for."""
    if stored is None or stored == "" or stored == []:
        return Value(ValueKind.NOTHING)
    if isinstance(stored, bool):
        return Value(ValueKind.SWITCH, stored)
    if isinstance(stored, int) and names_a_person(name):
        person = people.get(stored)
        return Value(ValueKind.PERSON, person) if person is not None else Value(ValueKind.NOTHING)
    if isinstance(stored, str) and name == "channel" and re.fullmatch(r"[CG][A-Z0-9]{2,}", stored):
        return Value(ValueKind.CHANNEL, stored)
    if isinstance(stored, str) and re.fullmatch(r"[UW][A-Z0-9]{5,}", stored):
        return Value(ValueKind.PERSON, stored)
    if isinstance(stored, str) and (day := _day(stored)) is not None:
        return Value(ValueKind.DAY, day)
    if name == LINE and isinstance(stored, list):
        return Value(ValueKind.COVERAGE, tuple(_looked(one, people) for one in stored))
    if isinstance(stored, Mapping):
        return Value(ValueKind.TEXT, ", ".join(f"{key}: {part}" for key, part in stored.items()))
    if isinstance(stored, list):
        return Value(ValueKind.TEXT, ", ".join(str(part) for part in stored))
    return Value(ValueKind.TEXT, str(stored))


def in_line(said: Any) -> set[int]:
    """The numbers of the people in an account's line of time, as it is stored."""
    found = (one.get("person_id") for one in said) if isinstance(said, list) else ()
    return {number for number in found if number is not None}


def stored(line: Line, today: date) -> dict[str, Any]:
    """What the audit trail keeps of an account's line of time: what is looked after from today on, and by whom."""
    ahead = (one for one in line if one.until_on is None or one.until_on > today)
    return {
        LINE: [
            {
                "kind": one.kind.value,
                "person_id": one.person_id,
                "from": one.from_on.isoformat(),
                "until": one.until_on.isoformat() if one.until_on else None,
                "confirmed": one.confirmed,
            }
            for one in ahead
        ]
    }


def _looked(one: Mapping[str, Any], people: Mapping[int, Person]) -> Looked:
    until = date.fromisoformat(one["until"]) - timedelta(days=1) if one["until"] else None
    person = people.get(one["person_id"] or 0)
    return Looked(one["kind"], person, date.fromisoformat(one["from"]), until, not one["confirmed"])


def _day(stored: str) -> date | None:
    try:
        return date.fromisoformat(stored) if _DAY.fullmatch(stored) else None
    except ValueError:
        return None


def names_a_person(name: str) -> bool:
    """Whether a number under this name is somebody's."""
    return name in _HOLDERS or name in ("owner_id", "person_id", "by_id", "second_id", "delegate_id", "asked_id")
