"""Whose eyes a text is rendered for: what the person may know by name, and their wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Reader:
    """The person who looks at the page.

    ``people`` holds user id to display name, ``channels`` only the channels that this person may see (id to name
    without the number sign), ``groups`` the user group handles without the at sign. ``now`` is aware UTC.
    """

    user_id: str
    zone: ZoneInfo
    now: datetime
    address: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def here(self) -> datetime:
        """Now on the reader's wall clock."""
        return self.now.astimezone(self.zone)

    def person(self, user_id: str) -> str:
        """The display name of a person, or a plain word for somebody unknown."""
        return self.people.get(user_id, "unknown person")

    def link_to(self, channel_id: str) -> str:
        """The address of a channel on this person's page."""
        return f"{self.address}?at={channel_id}"
