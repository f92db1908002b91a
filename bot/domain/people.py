"""A person as the directory knows them: who they are in Slack and whether they still work here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False)
class Person:
    """One member of a workspace; `slack_id` is Slack's user id, `tz` an IANA zone, `locale` Slack's, as in "en-US"."""

    workspace_id: int
    slack_id: str
    name: str = ""
    tz: str = "UTC"
    locale: str = "en-US"
    deactivated: bool = False
    is_bot: bool = False
    is_admin: bool = False
    greeted_at: datetime | None = None
    refreshed_at: datetime | None = None
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    @property
    def reachable(self) -> bool:
        """Whether a direct message to them can be expected to arrive."""
        return not (self.deactivated or self.is_bot)
