"""How one person's due nudges become messages: a digest a day, a cap, what is pressing by itself (U17).

Pure: what has gone out that day goes in, what becomes of each nudge comes out. The schedule's rows are decided with it
(`bot/usecases/due.py`), and a preview looks ahead with it (`bot/usecases/forecast.py`), so that both agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

DAILY_CAP = 5
"""Reminder messages per person and day, where setup says nothing else."""


class Way(StrEnum):
    """What becomes of a nudge that is ready."""

    DIGEST = "digest"
    """Part of the day's digest."""
    SINGLE = "single"
    """A message of its own."""
    HOLD = "hold"
    """Not today: it is part of what comes on the next working morning."""


@dataclass(frozen=True)
class Ready:
    """A nudge that may go to its recipient now.

    `pressing`: due today or late, about somebody else's delay, asked for, or put off until now. `urgent`: it holds up
    the handoff and is late, or tells a manager so; such ones are marked and go first.
    """

    nudge_id: int
    pressing: bool = True
    urgent: bool = False


@dataclass(frozen=True)
class DaySoFar:
    """What a person got on their calendar's day: `messages` of reminders, the digest included.

    `digest`: there is one already; `digest_waits`: it has not left yet, so that more may join it.
    """

    messages: int = 0
    digest: bool = False
    digest_waits: bool = False


def share_out(ready: Sequence[Ready], day: DaySoFar, cap: int = DAILY_CAP) -> Mapping[int, Way]:
    """What becomes of each, by nudge id: never more messages than `cap` (at least 1) a day, never a second digest."""
    if not ready:
        return {}
    if day.digest_waits:
        return {one.nudge_id: Way.DIGEST for one in ready}
    room = max(cap, 1) - day.messages
    if len(ready) > 1 and not day.digest and room > 0:
        return {one.nudge_id: Way.DIGEST for one in ready}
    chosen: dict[int, Way] = {}
    for one in sorted(ready, key=lambda one: (not one.urgent, not one.pressing, one.nudge_id)):
        goes = room > 0 and (one.pressing or not day.digest)
        chosen[one.nudge_id] = Way.SINGLE if goes else Way.HOLD
        room -= goes
    return chosen
