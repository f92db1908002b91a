"""Special relationships of an account: private label, licence, joint venture, partner program, exclusivity (A31).

Each has an owner of its own, who is not always the account's, terms, an expiry, and a day on which it changes hands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.people import Person
from bot.domain.refusals import Refusal, RefuseDate


class SpecialKind(StrEnum):
    PRIVATE_LABEL = "private_label"
    LICENSEE = "licensee"
    JOINT_VENTURE = "joint_venture"
    PARTNER_PROGRAM = "partner_program"
    EXCLUSIVITY = "exclusivity"


class TransferAfterExpiry(Refusal):
    sentence = "It expires on %(day)s: hand it over before that, or change the expiry."


class HandedOver(Refusal):
    sentence = "%(person)s has it already, since %(day)s."


NOTICE_DAYS = 30
"""So long before it expires its owner hears of it."""


@dataclass(eq=False)
class Special:
    """`expires_on` and `transfer_on` are calendar days; `transferred_at` is set once it has changed hands."""

    workspace_id: int
    account_id: int
    kind: SpecialKind
    title: str
    terms: str = ""
    owner_id: int | None = None
    expires_on: date | None = None
    transfer_on: date | None = None
    transferred_at: datetime | None = None
    handoff_id: int | None = None
    state: str = "open"
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    owner: Person | None = None

    def hand_over(self, to: Person, now: datetime, today: date) -> None:
        """It is theirs now. Raises HandedOver when it already is."""
        if self.owner_id == to.id and self.transferred_at is not None:
            raise HandedOver(person=to.slack_id, day=self.transferred_at.date())
        self.owner_id, self.transferred_at = to.id, now
        self.transfer_on = today
        self.version += 1

    def raises_alarm(self, today: date, owner: Person | None) -> str | None:
        """Which word has to be said today: "orphaned" (its `owner` cannot be reached any more), "expires", "expired",
        "transfer" (its day has come), or none.
        """
        if self.state != "open":
            return None
        if owner is not None and not owner.reachable:
            return "orphaned"
        if self.expires_on is not None and self.expires_on < today:
            return "expired"
        if self.transferred_at is None and self.transfer_on is not None and self.transfer_on <= today:
            return "transfer"
        if self.expires_on is not None and (self.expires_on - today).days <= NOTICE_DAYS:
            return "expires"
        return None


def require_dates(expires_on: date | None, transfer_on: date | None, today: date) -> None:
    """Raise RefuseDate for a day that has passed, TransferAfterExpiry when it would be over by then."""
    if any(day is not None and day < today for day in (expires_on, transfer_on)):
        raise RefuseDate()
    if expires_on is not None and transfer_on is not None and transfer_on > expires_on:
        raise TransferAfterExpiry(day=expires_on)
