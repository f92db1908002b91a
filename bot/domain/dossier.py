"""What is known about an account beside who serves it: notes, touches, complaints, orders, agreements, key dates.

Days are calendar days. What people remove keeps its row, with `removed_at`, for the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.people import Person


class EntryKind(StrEnum):
    """What a line of an account's history is. A touch is a contact with the customer; a note is none."""

    NOTE = "note"
    CALL = "call"
    VISIT = "visit"
    MAIL = "mail"
    MEETING = "meeting"
    COMPLAINT = "complaint"


TOUCHES = frozenset({EntryKind.CALL, EntryKind.VISIT, EntryKind.MAIL, EntryKind.MEETING})
"""The kinds that are contacts with the customer."""


class Fact(StrEnum):
    """What there is to know about an account; playbooks say what is necessary and what is nice to have (C17, C18)."""

    CONTACT = "contact"
    """Somebody at the customer."""
    DECISION_MAKER = "decision_maker"
    """Who decides there (E12)."""
    REACHABLE = "reachable"
    """A mail address or a phone number of a contact."""
    NEEDS = "needs"
    """What the customer needs (D35)."""
    DEALS = "deals"
    """The open deals, each with stage, amount and expected close (A35, D36)."""
    LEAD_SOURCE = "lead_source"
    """Where the lead of each open deal came from (E14)."""
    AGREEMENTS = "agreements"
    """What was agreed, until when."""
    KEY_DATES = "key_dates"
    """Occasions of the customer's (E22)."""
    REGULAR_ORDERS = "regular_orders"
    """What they order again and again (E19)."""
    NEXT_ORDER = "next_order"
    """When the next order is expected (E20)."""
    CRM_LINK = "crm_link"
    """Where the account is in the CRM (A14)."""
    NOTES = "notes"
    """A note or a touch that is not old (E16)."""
    ACCESS = "access"
    """What the customer can reach without a rep (D34)."""
    ORG_CHART = "org_chart"
    """Where the customer’s people and places are drawn (A18, E10)."""


class Reach(StrEnum):
    """What the customer can reach without a rep (D34)."""

    ORDERING_SITE = "ordering_site"
    SERVICE = "service"
    SUPPORT = "support"
    DOCUMENTS = "documents"


@dataclass(eq=False)
class Entry:
    """A line of the account's history. `link`: where in Slack it was said. `handoff_id`: the handoff in which it came
    up, and whose quietness it shares. `source_key`: what it was made from; the same is never written twice.
    `settled_on`: of a complaint, the day on which it was put right.
    """

    workspace_id: int
    account_id: int
    kind: EntryKind
    happened_on: date
    text: str
    created_at: datetime
    by_id: int | None = None
    link: str = ""
    handoff_id: int | None = None
    source_key: str | None = None
    settled_on: date | None = None
    removed_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    by: Person | None = None

    @property
    def touch(self) -> bool:
        """Whether it was a contact with the customer."""
        return self.kind in TOUCHES


@dataclass(eq=False)
class RegularOrder:
    """What the customer orders again and again (E19); `quantity` as people say it: "40 boxes a month"."""

    workspace_id: int
    account_id: int
    what: str
    quantity: str = ""
    note: str = ""
    removed_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it


@dataclass(eq=False)
class Agreement:
    """What was agreed with the customer, until when. `seen_on`: the expiry that somebody has dealt with."""

    workspace_id: int
    account_id: int
    title: str
    terms: str = ""
    starts_on: date | None = None
    expires_on: date | None = None
    seen_on: date | None = None
    removed_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    def expired(self, today: date) -> bool:
        """Whether its last day has passed; on the day itself it still holds."""
        return self.expires_on is not None and self.expires_on < today


@dataclass(eq=False)
class KeyDate:
    """An occasion of the customer's. `day`: when it comes; of a yearly one, any year's. `ahead_days`: so early whoever
    looks after the account is reminded. `seen_on`: the occasion that somebody has dealt with.
    """

    workspace_id: int
    account_id: int
    title: str
    day: date
    yearly: bool = False
    ahead_days: int = 7
    seen_on: date | None = None
    removed_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    def occasion(self, today: date) -> date | None:
        """The next time that it comes, today included; None for one that is over and does not come again."""
        return next_time(self.day, self.yearly, today)

    def due(self, today: date) -> date | None:
        """The occasion of which somebody is to be reminded today; None while it is far off, or once it was seen."""
        next_one = self.occasion(today)
        if next_one is None or next_one == self.seen_on or next_one - timedelta(days=self.ahead_days) > today:
            return None
        return next_one


def next_time(day: date, yearly: bool, today: date) -> date | None:
    """The next time that a day comes, today included; None for one that is over and does not come again."""
    if day >= today:
        return day
    if not yearly:
        return None
    this_year = in_year(day, today.year)
    return this_year if this_year >= today else in_year(day, today.year + 1)


def in_year(day: date, year: int) -> date:
    """The same day of another year; 29 February is the 28th in years that have none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def following_order(next_on: date, every_days: int, today: date) -> date:
    """The day on which the customer orders again after `next_on`, `every_days` apart: the first after today.

    `every_days` is 1 at least.
    """
    missed = max(0, (today - next_on).days) // every_days
    return next_on + timedelta(days=every_days * (missed + 1))
