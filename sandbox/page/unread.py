"""How far each person has read: kept for as long as the sandbox runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.model import Message


@dataclass
class ReadMarks:
    """The ts of the last message seen, by (user, channel, thread; "" for the channel itself).

    Whatever was there when the sandbox started (``since``, a ts) counts as read.
    """

    since: str
    _marks: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def see(self, user_id: str, channel_id: str, ts: str, thread_ts: str = "") -> None:
        """Remember that everything up to ts was seen."""
        if self.is_new(user_id, channel_id, ts, thread_ts):
            self._marks[user_id, channel_id, thread_ts] = ts

    def is_new(self, user_id: str, channel_id: str, ts: str, thread_ts: str = "") -> bool:
        """Whether something with this ts came after what the person has seen there."""
        return _number(ts) > _number(self._marks.get((user_id, channel_id, thread_ts), self.since))

    def count(self, user_id: str, messages: list[Message], thread_ts: str = "") -> int:
        """How many of these messages, written by others, the person has not seen."""
        return sum(
            1
            for message in messages
            if message.user_id != user_id
            and not message.system
            and self.is_new(user_id, message.channel_id, message.ts, thread_ts)
        )


def _number(ts: str) -> float:
    try:
        return float(ts)
    except ValueError:
        return 0.0
