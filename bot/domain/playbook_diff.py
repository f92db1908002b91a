"""What changed between two versions of a playbook: pure, in the words of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from bot.domain.playbook import Ask, Playbook, Stage, Step


class Part(StrEnum):
    """What a change is about, in the order in which changes are told."""

    PLAYBOOK = "playbook"
    LADDER = "ladder"
    RULES = "rules"
    ASK = "ask"
    STAGE = "stage"
    STEP = "step"


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Delta:
    """One word with another value. The values are the domain's: a Due, a Role, a tuple of keys for "order" …"""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """`key` names the stage, the step or the function asked; `stage` is a step's; `deltas` are of what was changed.

    `thing` is what was added or removed, or what it is now: a Stage, a Step, an Ask; None for the playbook's own words.
    """

    part: Part
    kind: Kind
    key: str = ""
    stage: str = ""
    deltas: tuple[Delta, ...] = ()
    thing: Stage | Step | Ask | None = None


def diff(old: Playbook, new: Playbook) -> tuple[Change, ...]:
    """Every change from `old` to `new`, first the playbook's own words, then in the order of the new file.

    Empty exactly when both say the same; the name of the file (the playbook's key) does not count.
    """
    return (
        *_own_words(old, new),
        *_changed(Part.LADDER, _deltas(old.ladder, new.ladder)),
        *_changed(Part.RULES, _rules(old, new)),
        *_asks(old, new),
        *_stages(old, new),
        *_steps(old, new),
    )


def step_deltas(old: Step, new: Step) -> tuple[Delta, ...]:
    """What is different in a step, its stage aside."""
    return tuple(_deltas(old, new, leave_out=("key",)))


def _own_words(old: Playbook, new: Playbook) -> Iterator[Change]:
    names = ("title", "summary", "transfer_after", "acceptance_working_days")
    found = [Delta(name, getattr(old, name), getattr(new, name)) for name in names]
    found += [Delta(f"for.{one.name}", one.before, one.after) for one in _deltas(old.match, new.match)]
    asked = [f"{ask.function} ({ask.pack})" for ask in old.feedback], [f"{a.function} ({a.pack})" for a in new.feedback]
    found += _order("order of feedback", *asked)
    found += _order("order of stages", [one.key for one in old.stages], [one.key for one in new.stages])
    return _changed(Part.PLAYBOOK, [one for one in found if one.before != one.after])


def _rules(old: Playbook, new: Playbook) -> list[Delta]:
    return [
        Delta(f"{section.name}.{one.name}", one.before, one.after)
        for section in fields(old.rules)
        for one in _deltas(getattr(old.rules, section.name), getattr(new.rules, section.name))
    ]


def _asks(old: Playbook, new: Playbook) -> Iterator[Change]:
    before, after = _numbered(old.feedback), _numbered(new.feedback)
    for name, ask in after.items():
        if name not in before:
            yield Change(Part.ASK, Kind.ADDED, ask.function, thing=ask)
        else:
            yield from _changed(Part.ASK, _deltas(before[name], ask), key=ask.function, thing=ask)
    for name, ask in before.items():
        if name not in after:
            yield Change(Part.ASK, Kind.REMOVED, ask.function, thing=ask)


def _numbered(asks: Iterable[Ask]) -> Mapping[tuple[str, str, int], Ask]:
    """By function and pack; a function that is asked the same for several kinds of account, in their order."""
    seen = Counter[tuple[str, str]]()
    found = {}
    for ask in asks:
        seen[ask.function, ask.pack] += 1
        found[ask.function, ask.pack, seen[ask.function, ask.pack]] = ask
    return found


def _stages(old: Playbook, new: Playbook) -> Iterator[Change]:
    for stage in new.stages:
        was = old.stage(stage.key)
        if was is None:
            yield Change(Part.STAGE, Kind.ADDED, stage.key, thing=stage)
            continue
        deltas = _deltas(was, stage, leave_out=("key", "steps"))
        deltas += _order("order of steps", [one.key for one in was.steps], [one.key for one in stage.steps])
        yield from _changed(Part.STAGE, deltas, key=stage.key, thing=stage)
    for stage in old.stages:
        if new.stage(stage.key) is None:
            yield Change(Part.STAGE, Kind.REMOVED, stage.key, thing=stage)


def _steps(old: Playbook, new: Playbook) -> Iterator[Change]:
    """Steps are known by their keys, so one that moved to another stage is the same step."""
    before, after = _placed(old), _placed(new)
    for key, (stage, step) in after.items():
        if key not in before:
            yield Change(Part.STEP, Kind.ADDED, key, stage, thing=step)
            continue
        was_in, was = before[key]
        moved = [Delta("stage", was_in, stage)] if was_in != stage else []
        yield from _changed(Part.STEP, [*moved, *step_deltas(was, step)], key=key, stage=stage, thing=step)
    for key, (stage, step) in before.items():
        if key not in after:
            yield Change(Part.STEP, Kind.REMOVED, key, stage, thing=step)


def _placed(playbook: Playbook) -> dict[str, tuple[str, Step]]:
    return {step.key: (stage.key, step) for stage in playbook.stages for step in stage.steps}


def _changed(
    part: Part, deltas: Sequence[Delta], key: str = "", stage: str = "", thing: Stage | Step | Ask | None = None
) -> Iterator[Change]:
    if deltas:
        yield Change(part, Kind.CHANGED, key, stage, tuple(deltas), thing)


def _deltas(old: Any, new: Any, leave_out: Sequence[str] = ()) -> list[Delta]:
    """The fields of two dataclasses of one kind that differ."""
    pairs = [(one.name, getattr(old, one.name), getattr(new, one.name)) for one in fields(old)]
    return [Delta(name, a, b) for name, a, b in pairs if name not in leave_out and a != b]


def _order(name: str, old: Sequence[str], new: Sequence[str]) -> list[Delta]:
    """Whether those that are in both stand in another order."""
    before, after = (tuple(key for key in one if key in other) for one, other in ((old, new), (new, old)))
    return [Delta(name, before, after)] if before != after else []
