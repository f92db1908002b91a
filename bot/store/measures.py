"""What an operator wants to know about the queues, from queries that read only what waits (partial indexes)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select, text
from sqlalchemy.orm import Session

from bot.store.letters import Priority
from bot.store.queues import EDIT, ERRAND, FIRST_POST, LetterState, NudgeState, nudges, outbox
from bot.store.schema import workspaces

SHOWN = (LetterState.QUEUED, LetterState.SENDING, LetterState.FAILED)
WAITING = (FIRST_POST, EDIT, ERRAND)
"""All that is queued, in the words of the three partial indexes that hold it."""


@dataclass(frozen=True)
class Measures:
    """The queues at one moment. Ages in seconds; 0 when nothing waits."""

    letters: Mapping[tuple[str, str], int]
    """How many by state and urgency (`bot.store.letters.Priority`)."""
    oldest_letter: float
    nudges_due: int
    oldest_nudge: float
    paused: int
    """Workspaces to which nothing is sent, because Slack does not accept the token."""


def measure(session: Session, now: datetime) -> Measures:
    """Read the queues. Raises what a database that is away raises."""
    c, letters, oldest = nudges.c, Counter[tuple[str, str]](), [now]
    for where in WAITING:
        for priority, number, since in session.execute(_waiting(where)):
            letters[LetterState.QUEUED.value, _urgency(priority)] += number
            oldest.append(since)
    for state in (LetterState.SENDING, LetterState.FAILED):
        for priority, number in session.execute(_of(state)):
            letters[state.value, _urgency(priority)] += number
    due = select(func.count(), func.min(c.due_at)).where(_is(c.state, NudgeState.PLANNED), c.due_at <= now)
    number, due_at = session.execute(due).one()
    paused = select(func.count()).select_from(workspaces).where(workspaces.c.active.is_(False))
    return Measures(
        letters=letters,
        oldest_letter=(now - min(oldest)).total_seconds(),
        nudges_due=number,
        oldest_nudge=(now - due_at).total_seconds() if due_at is not None else 0.0,
        paused=session.scalar(paused) or 0,
    )


def _waiting(where: str) -> Select[Any]:
    """By priority: how many, and since when somebody waits (for a first post since it was written)."""
    c = outbox.c
    since = func.min(case((c.sent_at.is_(None), c.created_at), else_=c.not_before), type_=c.created_at.type)
    # in the order of its index, which SQLite else overlooks for errands
    in_order = (c.kind, c.priority) if where == ERRAND else (c.priority,)
    return select(c.priority, func.count(), since).where(text(where)).group_by(*in_order)


def _of(state: LetterState) -> Select[Any]:
    c = outbox.c
    return select(c.priority, func.count()).where(_is(c.state, state)).group_by(c.priority)


def _is(column: ColumnElement[Any], word: LetterState | NudgeState) -> ColumnElement[bool]:
    """With the word in the text of the query: only so does a database see that it is that of a partial index."""
    return column == literal_column(f"'{word.value}'")


def _urgency(priority: int) -> str:
    return Priority(priority).name.lower() if priority in set(Priority) else str(priority)
