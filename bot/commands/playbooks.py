"""`baton playbooks reference` and `baton playbooks diff`: what a playbook may say, and what changed between two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.environment import settings
from bot.running.mending import in_words

if TYPE_CHECKING:
    from rich.text import Text

    from bot.domain.playbook import Playbook
    from bot.domain.playbook_diff import Change

DIFFERENT = 1
"""The exit code, as `diff` has it; 2 is for what cannot be compared, as everywhere."""
PIPED_WIDTH = 240
MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
HEADS = {
    "playbook": "Playbook",
    "ladder": "Reminders (ladder)",
    "rules": "Rules",
    "ask": "Who is asked (feedback)",
    "stage": "Stages",
    "step": "Steps",
}

Files = Annotated[
    list[Path], typer.Argument(help="The old file and the new one; one file to compare with what is kept.")
]
OfHandoff = Annotated[int | None, typer.Option("--handoff", help="Compare with the version this handoff began with.")]
Kept = Annotated[bool, typer.Option("--database", help="Compare with the version that was started with last.")]


class CannotCompare(ValueError):
    """The text says why."""


def reference() -> None:
    """Print every word of a playbook and a feedback pack, in Markdown."""
    from bot.playbooks.reference import reference

    typer.echo(reference(), nl=False)


def diff(files: Files, handoff: OfHandoff = None, database: Kept = False) -> None:
    """Say what changed between two playbooks. Code 0: nothing, 1: something, 2: they cannot be compared."""
    from rich.console import Console

    from bot.domain.playbook_diff import diff
    from bot.playbooks.files import PlaybookError

    with in_words(PlaybookError, CannotCompare):
        (was, old), (name, new) = _two(files, handoff, database)
    found = diff(old, new)
    own = Console(highlight=False, markup=False)
    console = own if own.is_terminal else Console(highlight=False, markup=False, width=PIPED_WIDTH, soft_wrap=True)
    if not found:
        console.print("Both say the same.")
        return
    console.print(f"From {was} to {name}:")
    for line in _lines(found):
        console.print(line, soft_wrap=True)
    raise typer.Exit(DIFFERENT)


def _two(files: list[Path], handoff: int | None, database: bool) -> tuple[tuple[str, Playbook], tuple[str, Playbook]]:
    """The old and the new playbook, each with its name."""
    from bot.playbooks.files import load_file

    kept = handoff is not None or database
    if len(files) != (1 if kept else 2) or (handoff is not None and database):
        raise CannotCompare("Name two files, or one file and either --handoff NUMBER or --database.")
    books = [load_file(path)[0] for path in files]
    if not kept:
        return (str(files[0]), books[0]), (str(files[1]), books[1])
    old = _kept(handoff, books[0].key)
    return (f"{old.key} {old.version}", old), (str(files[0]), books[0])


def _kept(handoff: int | None, key: str) -> Playbook:
    from bot.commands.database import opened
    from bot.usecases.workspace.playbooks import kept_for, last_kept

    with opened(settings().database_url) as db, db.read() as session:
        found = kept_for(session, handoff) if handoff is not None else last_kept(session, key)
    if found is None:
        missing = f"There is no handoff {handoff}." if handoff is not None else f"No handoff has followed {key} yet."
        raise CannotCompare(missing)
    return found


def _lines(changes: tuple[Change, ...]) -> Iterator[Text]:
    from rich.text import Text

    from bot.playbooks import words

    head = ""
    for change in changes:
        if HEADS[change.part] != head:
            head = HEADS[change.part]
            yield Text(head, style="bold")
        mark, colour = MARKS[change.kind]
        title = " ".join(part for part in (change.key, words.thing(change.thing)) if part)
        place = f" in {change.stage}" if change.stage else ""
        deltas = [
            f"{words.word(d.name)}: {words.value(d.name, d.before)} → {words.value(d.name, d.after)}"
            for d in change.deltas
        ]
        if title:
            yield Text(f"  {mark} {title}{place}", style=colour)
        for delta in deltas:
            yield Text(f"      {delta}" if title else f"  {mark} {delta}", style=colour)
