"""What must hold in and between playbooks and packs beyond the words a file may use.

The rules read the raw content and overlook what has the wrong shape (the schema names that), so that a person gets all
problems at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import combinations, product
from pathlib import Path
from typing import Any

from bot.domain.playbook import Match, Playbook
from bot.domain.vocabulary import Reason, Role, SalesChannel, Tier
from bot.playbooks.yaml_files import Document, Problem, Where, did_you_mean

_COUNTER = len(" (12/12)")
_LONGEST_TITLE = 150

Entry = tuple[Where, dict[str, Any]]


def playbook_problems(document: Document, packs: Collection[str] | None) -> list[Problem]:
    """Keys twice, who hands over, the incoming rep too early, unknown packs, escalations out of order."""
    stages = list(_entries(document.data, (), "stages"))
    steps = [list(_entries(stage, where, "steps")) for where, stage in stages]
    found = [*_twice(document, stages), *_twice(document, [step for group in steps for step in group])]
    found += _handing_over(document, stages, steps)
    found += [problem for group in steps for step in group for problem in _counted_title(document, step)]
    return [*found, *_asks(document, packs), *_ladder(document)]


def pack_problems(document: Document) -> list[Problem]:
    """Keys twice; a choice without options, a text with some."""
    questions = list(_entries(document.data, (), "questions"))
    found = list(_twice(document, questions))
    for where, question in questions:
        options = list(_entries(question, where, "options"))
        found += _twice(document, options)
        kind = question.get("kind", "choice")
        if kind == "text" and options:
            found.append(document.problem((*where, "options"), "a text question has no options", "take them out"))
        if kind == "choice" and not options:
            found.append(document.problem(where, "a choice needs options", "add 'options:', or write 'kind: text'"))
    return found


def conflicts(books: Mapping[Path, Playbook]) -> list[Problem]:
    """Pairs of playbooks of which neither is more specific for some account: nobody could say which one is meant."""
    return [
        Problem(
            second,
            1,
            "for",
            f"matches the same handoffs as {first.name}",
            f"name a tier or a sales channel in one of them; to replace {first.name}, give your file that name",
        )
        for (first, one), (second, other) in combinations(books.items(), 2)
        if _equally_specific(one.match, other.match)
    ]


def holes(books: Iterable[Playbook], folder: Path) -> list[Problem]:
    """Handoffs that no playbook is for, one problem per reason."""
    matches = [book.match for book in books]
    found = []
    for reason in Reason:
        missing = [
            f"{channel}/{tier}"
            for channel, tier in product(SalesChannel, Tier)
            if not any(match.matches(reason, channel, tier) for match in matches)
        ]
        if missing:
            cases = "any account" if len(missing) == len(SalesChannel) * len(Tier) else ", ".join(missing)
            message = f"no playbook for the reason {reason} ({cases})"
            found.append(
                Problem(folder, 0, "for", message, "add the reason to a playbook, or write one without 'for:'")
            )
    return found


def _entries(holder: Any, where: Where, name: str) -> Iterator[Entry]:
    """The mappings in the list called `name`, each with its place."""
    listed = holder.get(name) if isinstance(holder, dict) else None
    for number, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield (*where, name, number), entry


def _twice(document: Document, entries: Iterable[Entry]) -> Iterator[Problem]:
    seen: dict[str, Where] = {}
    for where, entry in entries:
        key = entry.get("key")
        if isinstance(key, str) and key in seen:
            line = document.lines.get(seen[key], 0)
            yield document.problem((*where, "key"), f"the key '{key}' is already used in line {line}", "choose another")
        elif isinstance(key, str):
            seen[key] = (*where, "key")


def _handing_over(document: Document, stages: list[Entry], steps: list[list[Entry]]) -> Iterator[Problem]:
    marked = [number for number, (_, stage) in enumerate(stages) if stage.get("hands_over") is True]
    if not marked and stages:
        fix = "write 'hands_over: yes' in the stage after which the incoming rep takes part"
        yield document.problem(("stages",), "no stage hands over", fix)
    for number in marked[1:]:
        where = (*stages[number][0], "hands_over")
        yield document.problem(where, "only one stage can hand over", "keep 'hands_over: yes' in one of them")
    for group in steps[: marked[0] + 1] if marked else ():
        for where, step in group:
            if step.get("owner") == Role.INCOMING:
                message = "the incoming rep is not involved before the handover"
                fix = "give the step to outgoing, manager, cover, inside or helper, or move it to a later stage"
                yield document.problem((*where, "owner"), message, fix)


def _counted_title(document: Document, step: Entry) -> Iterator[Problem]:
    where, content = step
    title, fits = content.get("title"), _LONGEST_TITLE - _COUNTER
    if content.get("repeat") and isinstance(title, str) and fits < len(title.strip()) <= _LONGEST_TITLE:
        message = f"has {len(title.strip())} characters, at most {fits} fit beside the counter of a repeated step"
        yield document.problem((*where, "title"), message, "say it in fewer words")


def _asks(document: Document, packs: Collection[str] | None) -> Iterator[Problem]:
    seen: set[tuple[str, str, str]] = set()
    for where, ask in _entries(document.data, (), "feedback"):
        pack = ask.get("pack")
        if packs is not None and isinstance(pack, str) and pack not in packs:
            yield document.problem((*where, "pack"), f"there is no feedback pack '{pack}'", did_you_mean(pack, packs))
        same = (str(ask.get("function")), str(pack), str(ask.get("when")))
        if same in seen:
            yield document.problem(where, f"asks {same[0]} the same twice", "take one of them out")
        seen.add(same)


def _ladder(document: Document) -> Iterator[Problem]:
    ladder = document.data.get("ladder") if isinstance(document.data, dict) else None
    if isinstance(ladder, dict):
        first, second = ladder.get("manager_after", 3), ladder.get("managers_manager_after", 8)
        if isinstance(first, int) and isinstance(second, int) and second <= first:
            message = "the manager's manager would hear of it before the manager"
            yield document.problem(("ladder", "managers_manager_after"), message, f"write a number above {first}")


def _equally_specific(one: Match, other: Match) -> bool:
    if one.named != other.named:
        return False
    pairs = ((one.reasons, other.reasons), (one.sales_channels, other.sales_channels), (one.tiers, other.tiers))
    return all(not (left or right) or bool(set(left) & set(right)) for left, right in pairs)
