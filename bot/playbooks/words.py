"""The values of a playbook as its file says them: the inverse of `bot/playbooks/schema.py`, to show what changed."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from bot.domain.playbook import ALWAYS, Anchor, Ask, Condition, Due, Repeat, Stage, Step

_ANCHORS = {Anchor.START: "start", Anchor.LAST_DAY: "last day", Anchor.TRANSFER: "transfer"}
_FILE_WORDS = {
    "reasons": "reason",
    "sales_channels": "sales_channel",
    "tiers": "tier",
    "outgoing_bp": "outgoing_percent",
    "incoming_bp": "incoming_percent",
}


def word(name: str) -> str:
    """A field's name as the file has it, the part after the last dot aside: `for.reasons` is `for.reason`."""
    before, dot, last = name.rpartition(".")
    return before + dot + _FILE_WORDS.get(last, last)


def value(name: str, found: Any) -> str:
    """One value as the file says it; "nothing" for one that is left out."""
    if name.endswith("_bp"):
        return f"{found / 100:g}"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if found is None or found == "" or found == ALWAYS:
        return "nothing"
    if isinstance(found, Due):
        return due(found)
    if isinstance(found, Repeat):
        return f"{found.times} times every {_days(found.every)}"
    if isinstance(found, Condition):
        return when(found)
    if isinstance(found, frozenset):
        return _listed(sorted(one.value for one in found)) if found else "any"
    if isinstance(found, tuple):
        return _listed(str(one) for one in found)
    return str(found.value) if isinstance(found, Enum) else str(found)


def due(rule: Due) -> str:
    """As in "5 working days before last day"."""
    anchor = _ANCHORS[rule.anchor]
    if rule.working_days == 0:
        return f"on {anchor}"
    side = "before" if rule.working_days < 0 else "after"
    return f"{_days(abs(rule.working_days))} {side} {anchor}"


def when(condition: Condition) -> str:
    """As in "{tier: key}"."""
    named = {"sales_channel": condition.sales_channels, "tier": condition.tiers}
    said = [f"{name}: {_one_or_list(sorted(one.value for one in words))}" for name, words in named.items() if words]
    said += [] if condition.overseas is None else [f"overseas: {'yes' if condition.overseas else 'no'}"]
    return "{" + ", ".join(said) + "}"


def thing(found: Stage | Step | Ask | None) -> str:
    """A stage, a step or a question in one line."""
    if isinstance(found, Stage):
        return f"{found.title} ({len(found.steps)} steps, due {due(found.due)})"
    if isinstance(found, Step):
        marks = [found.owner.value, due(found.due), "" if found.necessary else "nice to have"]
        marks += [f"form {found.form.value}" if found.form else "", when(found.when) if found.when != ALWAYS else ""]
        return f"{found.title} ({', '.join(mark for mark in marks if mark)})"
    if isinstance(found, Ask):
        return f"asked with the pack {found.pack}" + ("" if found.necessary else ", nice to have")
    return ""


def _days(count: int) -> str:
    return f"{count} working day{'' if count == 1 else 's'}"


def _listed(words: Iterable[str]) -> str:
    return "[" + ", ".join(words) + "]"


def _one_or_list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else _listed(words)
