"""What the territory runs of all workspaces wait for: read at each look, a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.store import loading, runs
from bot.usecases.desk import Desk, presence

BATCH = 20
"""Accounts that are worked on before reminders and clicks get their turn."""


@dataclass(frozen=True)
class ToDo:
    """Lines with wishes, runs that are over, lines whose wave has begun, and the channels of their runs (by run)."""

    wished: Sequence[int]
    ended: Sequence[int]
    due: Sequence[int]
    channels: Mapping[int, str]

    @property
    def any(self) -> bool:
        return bool(self.wished or self.ended or self.due)

    @property
    def full(self) -> bool:
        """Whether there is more than this look takes."""
        return len(self.due) == BATCH or len(self.wished) == BATCH


def to_do(desk: Desk) -> ToDo:
    """A wave begins in the working hours of whoever planned its run."""
    with desk.db.read() as session:
        ended, due, channels = list[int](), list[int](), dict[int, str]()
        for live in runs.live(session):
            if runs.over(session, live.id):
                ended.append(live.id)
            by = loading.people_by_id(session, [live.by_id]).get(live.by_id)
            if by is not None and presence(by).is_working(desk.now()) and len(due) < BATCH:
                mine = runs.due(session, live.id, desk.today(by), BATCH - len(due))
                due += mine
                channels |= dict.fromkeys([live.id] if mine else [], live.channel_id)
        return ToDo(runs.wishes(session, BATCH), ended, due, channels)
