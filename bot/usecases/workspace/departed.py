"""Strangers who have just left Slack: kept in memory for an hour and nowhere else, because a form may still offer them.

Nothing of somebody unknown is stored when they go, least of all of somebody who was erased. Where a process has not
heard of it, the look-up that follows a choice finds it out, and whoever chose them is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

REMEMBERED = timedelta(hours=1)
"""As long as a form that somebody has left open is likely to be sent."""


class Departed:
    """By workspace and Slack id, when they went."""

    def __init__(self) -> None:
        self._went: dict[tuple[int, str], datetime] = {}
        self._lock = Lock()

    def went(self, workspace_id: int, slack_id: str, now: datetime) -> None:
        """Somebody unknown has left."""
        with self._lock:
            self._went = {one: at for one, at in self._went.items() if at > now - REMEMBERED}
            self._went[workspace_id, slack_id] = now

    def came_back(self, workspace_id: int, slack_id: str) -> None:
        """Slack knows them again."""
        with self._lock:
            self._went.pop((workspace_id, slack_id), None)

    def has(self, workspace_id: int, slack_id: str, now: datetime) -> bool:
        """Whether they left a while ago."""
        at = self._went.get((workspace_id, slack_id))
        return at is not None and at > now - REMEMBERED
