"""A person as the directory knows them: who they are in Slack and whether they still work here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

ERASED = "erased"
"""What stands in place of somebody's Slack id and name, once they have been erased."""


@dataclass(frozen=True)
class Absence:
    """Away from `first` to `last`, both included; `delegate_id` stands in, if anybody.

    `said_by_id`: who said so, where it was somebody else.
    """

    first: date
    last: date
    delegate_id: int | None = None
    said_by_id: int | None = field(default=None, compare=False)

    @classmethod
    def read(cls, row: dict[str, Any]) -> Absence:
        """From what the table holds."""
        return cls(
            date.fromisoformat(row["from"]), date.fromisoformat(row["until"]), row.get("delegate"), row.get("by")
        )

    def to_dict(self) -> dict[str, Any]:
        """As the table holds it."""
        kept = {"from": self.first.isoformat(), "until": self.last.isoformat(), "delegate": self.delegate_id}
        return kept if self.said_by_id is None else {**kept, "by": self.said_by_id}


@dataclass(eq=False)
class Person:
    """One member of a workspace; `slack_id` is Slack's user id, `tz` an IANA zone, `locale` Slack's, as in "en-US".

    `country` (ISO 3166) is theirs by choice (`country_own`) or what zone, locale and setup tell; `work_week` holds
    weekdays as digits, Monday = 0, and is empty when it is their country's; `opens` and `closes` are minutes after
    midnight; `away` are absences as the table keeps them (`absences` reads them).
    """

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
    country: str = ""
    country_own: bool = False
    work_week: str = ""
    opens: int | None = None
    closes: int | None = None
    manager_id: int | None = None
    away: list[dict[str, Any]] | None = None
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    @property
    def absences(self) -> tuple[Absence, ...]:
        """When they are away, as they said."""
        return tuple(Absence.read(one) for one in self.away or ())

    def absence_on(self, day: date) -> Absence | None:
        """The absence that `day` (on their calendar) lies in; the one that lasts longest, of several."""
        if not self.away:
            return None
        found = [one for one in self.absences if one.first <= day <= one.last]
        return max(found, key=lambda one: one.last, default=None)

    def away_throughout(self, first: date, last: date) -> bool:
        """Whether they are away on each day from `first` to `last`, both included."""
        day = first
        while day <= last:
            absence = self.absence_on(day)
            if absence is None:
                return False
            day = absence.last + timedelta(days=1)
        return True

    @property
    def erased(self) -> bool:
        """Whether all that is left of them is their number."""
        return self.slack_id.startswith(ERASED)

    @property
    def reachable(self) -> bool:
        """Whether a direct message to them can be expected to arrive."""
        return not (self.deactivated or self.is_bot)


def nobody(workspace_id: int) -> Person:
    """Whose change it was that nobody in Slack made: the operator's, a CRM's, or one that follows by itself."""
    return Person(workspace_id=workspace_id, slack_id="")
