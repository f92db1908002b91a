"""How fast letters may go: Slack's rates (SLACK.md section 2) and what Slack told us to wait.

Kept in memory per process; a 429 that comes all the same is obeyed, so a restart costs at most one of those.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

CHANNEL_SPACING = timedelta(seconds=1)
"""Posting: about one message a second in each channel."""

PER_MINUTE = {
    "chat.postMessage": 240,  # "several hundred per minute" in a workspace
    "chat.update": 50,
    "views.publish": 100,
    "users.info": 100,
    "usergroups.users.list": 20,
}


@dataclass
class Pacing:
    """Ask before each call; tell after each call and each 429. Safe between threads."""

    _next: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wait_until(self, method: str, channel: str | None, now: datetime) -> datetime:
        """The moment from which the call may be made; `now` when at once."""
        with self._lock:
            keys = [method, *([f"post:{channel}"] if method == "chat.postMessage" and channel else [])]
            return max([now, *(self._next[key] for key in keys if key in self._next)])

    def made(self, method: str, channel: str | None, now: datetime) -> None:
        """A call was made: the next one of its kind keeps its distance."""
        with self._lock:
            if method == "chat.postMessage" and channel:
                self._next[f"post:{channel}"] = now + CHANNEL_SPACING
            debt = max(now - timedelta(seconds=10), self._next.get(method, now - timedelta(seconds=10)))
            # a short burst is free, because ten seconds may be borrowed from the past; on average the tier holds
            self._next[method] = debt + timedelta(seconds=60 / PER_MINUTE.get(method, 50))

    def told_to_wait(self, method: str, seconds: float, now: datetime) -> None:
        """Slack answered 429 with Retry-After."""
        with self._lock:
            self._next[method] = max(self._next.get(method, now), now + timedelta(seconds=seconds))
