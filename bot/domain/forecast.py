"""Looking ahead: exactly the reminders that will be sent if nobody does anything from now on (PRODUCT section 4).

Pure. Nothing here decides: whose turn it is, what is pressing, what is shared out and when the next rung comes is asked
of the functions that the engine asks (`bot/domain/reminding.py`, `bot/domain/cadence.py`), moment by moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.people import Person


class Because(StrEnum):
    """Why a reminder comes: the kind of its rung, or what a person asked for."""

    HEADS_UP = "heads_up"
    DUE = "due"
    REPEAT = "repeat"
    MANAGER = "manager"
    MANAGERS_MANAGER = "managers_manager"
    SNOOZED = "snoozed"
    """Put off until then."""
    ASKED = "asked"
    """Somebody who waits pressed "Nudge them"."""


@dataclass(frozen=True)
class Entry:
    """One thing in a reminder: `subject_id` of `kind` (item, answer, acceptance) in a handoff, by its ladder's `rung`.

    `late_days` are working days of the owner, 0 on the day itself, negative before; `owner` owes it, and `standing_in`
    says that the message goes to somebody else because the owner (or their manager) is away or has left.
    """

    handoff_id: int
    kind: str
    subject_id: int
    slot: str
    rung: str
    because: Because
    owner: Person
    due_on: date
    late_days: int
    urgent: bool = False
    standing_in: bool = False


@dataclass(frozen=True)
class Foreseen:
    """One message: when (UTC), to whom, as the day's digest or by itself, with what."""

    at: datetime
    to: Person
    digest: bool
    entries: tuple[Entry, ...]
