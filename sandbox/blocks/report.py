"""The parts checks are made of. A check looks at one value at one JSON pointer and reports what Slack would refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MESSAGE, MODAL, HOME = "message", "modal", "home"


@dataclass
class Report:
    """What was found on one surface. `problems` are written like Slack's `response_metadata.messages`."""

    surface: str
    problems: list[str] = field(default_factory=list)

    def say(self, pointer: str, text: str) -> None:
        self.problems.append(f"[ERROR] {text} [json-pointer:{pointer}]")


Check = Callable[[Report, str, Any], None]


def string(most: int | None = None, least: int = 1, form: str | None = None) -> Check:
    """Text of `least` to `most` characters (code points), matching `form` (a regular expression) as a whole."""

    def check(report: Report, at: str, value: Any) -> None:
        if not isinstance(value, str):
            report.say(at, "must provide a string")
        elif len(value) < least:
            report.say(at, f"must be more than {least - 1} characters")
        elif most is not None and len(value) > most:
            report.say(at, f"must be less than {most + 1} characters")
        elif form and not re.fullmatch(form, value):
            report.say(at, f"must match the pattern {form}")

    return check


def boolean(report: Report, at: str, value: Any) -> None:
    if not isinstance(value, bool):
        report.say(at, "must provide a boolean")


def integer(least: int | None = None, most: int | None = None) -> Check:
    """A whole number within bounds (bounds included)."""

    def check(report: Report, at: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.say(at, "must provide an integer")
        elif least is not None and value < least:
            report.say(at, f"must be greater than or equal to {least}")
        elif most is not None and value > most:
            report.say(at, f"must be less than or equal to {most}")

    return check


def one_of(*allowed: str) -> Check:
    def check(report: Report, at: str, value: Any) -> None:
        if value not in allowed:
            report.say(at, f"must be a valid enum value: {', '.join(allowed)}")

    return check


def array(item: Check, least: int = 0, most: int | None = None) -> Check:
    """A list of `least` to `most` items, each passing `item`."""

    def check(report: Report, at: str, value: Any) -> None:
        if not isinstance(value, list):
            report.say(at, "must provide an array")
            return
        if len(value) < least:
            report.say(at, f"no fewer than {least} items allowed")
        if most is not None and len(value) > most:
            report.say(at, f"no more than {most} items allowed")
        for index, one in enumerate(value):
            item(report, f"{at}/{index}", one)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *rules: Check) -> Check:
    """An object with exactly these fields; `rules` look at the whole object afterwards."""
    known = {**required, **(optional or {})}

    def check(report: Report, at: str, value: Any) -> None:
        if not isinstance(value, dict):
            report.say(at, "must provide an object")
            return
        before = len(report.problems)
        for name in required:
            if name not in value:
                report.say(at, f"missing required field: {name}")
        for name, one in value.items():
            if name not in known:
                report.say(at, f"invalid additional property: {name}")
            elif one is not None:
                known[name](report, f"{at}/{name}", one)
            elif name in required:
                report.say(f"{at}/{name}", f"missing required field: {name}")
        if len(report.problems) == before:  # a rule may rely on well-formed fields
            for rule in rules:
                rule(report, at, value)

    return check


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` picks the check."""

    def check(report: Report, at: str, value: Any) -> None:
        if not isinstance(value, dict):
            report.say(at, "must provide an object")
        elif "type" not in value:
            report.say(at, "missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            report.say(f"{at}/type", f"unsupported type: {value['type']}")
        else:
            kinds[value["type"]](report, at, value)

    return check


def anything(report: Report, at: str, value: Any) -> None:
    """No rule."""


def exactly_one(*names: str) -> Check:
    """A rule: just one of these fields is there."""

    def check(report: Report, at: str, value: Any) -> None:
        if sum(value.get(name) is not None for name in names) != 1:
            report.say(at, f"must provide exactly one of: {', '.join(names)}")

    return check


def at_least_one(*names: str) -> Check:
    """A rule: one of these fields, or more, is there."""

    def check(report: Report, at: str, value: Any) -> None:
        if all(value.get(name) is None for name in names):
            report.say(at, f"must provide one of: {', '.join(names)}")

    return check


TYPE = {"type": anything}
"""The `type` field of a record that `tagged` has already looked at."""
ID = string(255)
URL = string(3000, form=r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+")
