"""The brief as data: sections of lines of parts, which a template says in words; what of it whom it is for. Pure.

A brief is kept as JSON (a version), compared with a later one, and read section by section. Whatever depends on the
day or the language stays out of it: days are days, "late" is for whoever shows it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from bot.domain.money import Money
from bot.domain.people import Person


class Audience(StrEnum):
    """For whom a line is that is not for everybody who may read the brief."""

    REPS = "reps"
    """The manager and the two reps: confidential answers, what the customer said of people."""
    DEALS = "deals"
    """Those who work on the account's deals."""
    PAY = "pay"
    """Those who may see commissions."""
    TROUBLE = "trouble"
    """Those who may know who makes trouble at the customer's."""


class PartKind(StrEnum):
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    PERSON = "person"
    MONEY = "money"
    PERCENT = "percent"
    NUMBER = "number"
    WORD = "word"
    """A word of ours, by its key."""
    LINK = "link"


@dataclass(frozen=True)
class Part:
    """One piece of a line. `name`: how it is said (templates/brief/words.j2); `value`: as JSON keeps it."""

    name: str
    kind: PartKind
    value: Any

    @property
    def shown(self) -> Any:
        """The value as what it stands for: a date, a moment, Money; of a person the Slack id."""
        if self.kind is PartKind.DAY:
            return date.fromisoformat(self.value)
        if self.kind is PartKind.MOMENT:
            return datetime.fromisoformat(self.value)
        if self.kind is PartKind.MONEY:
            return Money(self.value[0], self.value[1])
        return self.value[0] if self.kind is PartKind.PERSON else self.value

    @property
    def called(self) -> str:
        """The name of somebody whom Slack does not know."""
        return str(self.value[1]) if self.kind is PartKind.PERSON else ""


@dataclass(frozen=True)
class Line:
    """`kind` is a word for the template, which knows what stands before the parts and whether it is a heading."""

    kind: str
    parts: tuple[Part, ...] = ()
    only: Audience | None = None

    @cached_property
    def essence(self) -> str:
        """What it says: two lines with the same essence are the same."""
        said = [[p.name, p.kind.value, p.value[0] or p.value[1] if p.kind is PartKind.PERSON else p.value]
                for p in self.parts]  # fmt: skip
        return json.dumps([self.kind, said], ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"k": self.kind, "p": [[p.name, p.kind.value, p.value] for p in self.parts]}
        return {**found, "o": self.only.value} if self.only else found

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Line:
        parts = tuple(Part(name, PartKind(kind), value) for name, kind, value in stored["p"])
        return cls(stored["k"], parts, Audience(stored["o"]) if stored.get("o") else None)


@dataclass(frozen=True)
class Section:
    """`hidden` counts the lines that the reader may not see; it is 0 as long as nothing was taken out."""

    key: str
    lines: tuple[Line, ...] = ()
    hidden: int = 0

    @cached_property
    def digest(self) -> str:
        """32 signs for what the section says to this reader."""
        return sha256("\n".join(line.essence for line in self.lines).encode("utf-8", "replace")).hexdigest()[:32]

    def seen_with(self, sight: Collection[Audience]) -> Section:
        """The same as somebody sees it who belongs to these audiences. A heading goes with all that stood under it."""
        kept = [line for line in self.lines if line.only is None or line.only in sight]
        hidden = len(self.lines) - len(kept)
        return replace(self, lines=tuple(_without_bare_headings(kept)) if hidden else self.lines, hidden=hidden)


HEADING = "heading"
"""The kind of a line under which those that follow belong."""
READ = ("move", "people", "buying", "deals", "answers", "customer", "history", "dates", "commission")
"""What people say that they have read; what else there is changes by the hour, or is no news of the account."""
TO_READ = {"history": ("buying",), "crm": ("people", "history"), "pipeline": ("deals",)}
"""What the step before the first visit asks for, by the sections in which it stands."""


@dataclass(frozen=True)
class Brief:
    """All sections, in the order in which people read them."""

    sections: tuple[Section, ...]

    def section(self, key: str) -> Section:
        """That section; one without lines where there is none."""
        return next((one for one in self.sections if one.key == key), Section(key))

    def seen_with(self, sight: Collection[Audience]) -> Brief:
        return Brief(tuple(one.seen_with(sight) for one in self.sections))

    def to_dict(self) -> dict[str, Any]:
        """As a version keeps it, with everything confidential in it."""
        return {"sections": [{"key": one.key, "lines": [x.to_dict() for x in one.lines]} for one in self.sections]}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Brief:
        """From what a version keeps."""
        return cls(tuple(Section(one["key"], tuple(map(Line.read, one["lines"]))) for one in stored["sections"]))


@dataclass(frozen=True)
class Change:
    """What became of a section: `new` are numbers of lines in the later one, `gone` lines of the earlier one."""

    new: frozenset[int] = frozenset()
    gone: tuple[Line, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone)


def change(before: Section, after: Section) -> Change:
    """What differs, as the same reader sees both. Lines that only moved are no change."""
    was = Counter(line.essence for line in before.lines)
    new = []
    for number, line in enumerate(after.lines):
        if was[line.essence]:
            was[line.essence] -= 1
        else:
            new.append(number)
    gone = []
    for line in reversed(before.lines):  # of several that say the same, the last are those that went
        if was[line.essence]:
            was[line.essence] -= 1
            gone.append(line)
    return Change(frozenset(new), tuple(reversed(gone)))


def differs(before: Brief, after: Brief) -> bool:
    """Whether anything says something else."""
    keys = {one.key for one in (*before.sections, *after.sections)}
    return any(before.section(key).digest != after.section(key).digest for key in keys)


def read_up(read: Mapping[str, str], brief: Brief) -> frozenset[str]:
    """Which words of TO_READ are read, by somebody who read these sections (digests by key) as they stand now.

    What says nothing cannot be read, and keeps nobody back.
    """

    def done(section: Section) -> bool:
        return not section.lines or read.get(section.key) == section.digest

    return frozenset(word for word, keys in TO_READ.items() if all(done(brief.section(key)) for key in keys))


# -- making parts ----------------------------------------------------------------------------------------------------


def text(said: str, name: str = "") -> Part | None:
    """What somebody typed; None for nothing, which `line` leaves out."""
    return Part(name, PartKind.TEXT, said) if said and not said.isspace() else None


def word(group: str, key: str, name: str = "") -> Part:
    """A word of ours: `group` names the words among which `key` is looked up."""
    return Part(name, PartKind.WORD, [group, key])


def day(on: date | None, name: str = "") -> Part | None:
    return Part(name, PartKind.DAY, on.isoformat()) if on is not None else None


def moment(at: datetime | None, name: str = "") -> Part | None:
    return Part(name, PartKind.MOMENT, at.isoformat()) if at is not None else None


def person(who: Person | None, name: str = "", otherwise: str = "") -> Part | None:
    """By Slack's id alone: a version keeps no names. `otherwise`: what somebody is called who has none."""
    if who is not None:
        return Part(name, PartKind.PERSON, [who.slack_id, ""])
    return Part(name, PartKind.PERSON, ["", otherwise]) if otherwise else None


def money(amount: Money | None, name: str = "") -> Part | None:
    return Part(name, PartKind.MONEY, [amount.minor, amount.currency]) if amount is not None else None


def percent(basis_points: int, name: str) -> Part:
    return Part(name, PartKind.PERCENT, basis_points)


def number(count: int | None, name: str) -> Part | None:
    return Part(name, PartKind.NUMBER, count) if count is not None else None


def link(url: str, name: str = "") -> Part | None:
    """An address; where it is none, what is shown is its words."""
    return Part(name, PartKind.LINK, url) if url else None


def line(kind: str, *parts: Part | None, only: Audience | None = None) -> Line:
    """A line of those parts that there are."""
    return Line(kind, tuple(part for part in parts if part is not None), only)


def _without_bare_headings(lines: Sequence[Line]) -> Iterable[Line]:
    for number, one in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else None
        if one.kind == HEADING and (following is None or following.kind == HEADING):
            continue
        yield one
