"""Deals in flight of an account, and what people did for them: the work log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.money import Money
from bot.domain.people import Person
from bot.domain.refusals import Refusal


class DealState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class DealClosed(Refusal):
    sentence = "“%(deal)s” is closed. Correct the closing, or reopen the deal first."


class DealOpen(Refusal):
    sentence = "“%(deal)s” is open already."


class ClosedInCrm(Refusal):
    sentence = "“%(deal)s” was closed in the CRM, and its word counts. Correct it there."


class NotYet(Refusal):
    sentence = "That day has not come yet. Choose today or earlier."


class BeforeIt(Refusal):
    sentence = "That is before the handoff began."


@dataclass(eq=False)
class Deal:
    """A sale under way. Amounts are whole numbers of the currency's smallest unit; `second_id` knows it as well (A6).
    `source`: where the lead came from (E14).

    `closed_on` and `closed_minor` say when and for how much it was won; of a lost deal only when.
    """

    workspace_id: int
    account_id: int
    name: str
    created_at: datetime
    stage: str = ""
    amount_minor: int | None = None
    currency: str = ""
    expected_close: date | None = None
    second_id: int | None = None
    state: DealState = DealState.OPEN
    closed_on: date | None = None
    closed_minor: int | None = None
    source: str = ""
    crm_id: str = ""
    crm_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    @property
    def open(self) -> bool:
        return self.state is DealState.OPEN

    @property
    def amount(self) -> Money | None:
        """What it is expected to bring."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def closed(self) -> Money | None:
        """What it brought; None while it is open and when it was lost."""
        return None if self.closed_minor is None else Money(self.closed_minor, self.currency)

    def require_open(self) -> None:
        if not self.open:
            raise DealClosed(deal=self.name)

    def require_closed(self) -> None:
        if self.open:
            raise DealOpen(deal=self.name)

    def close(self, state: DealState, amount: Money | None, on: date) -> None:
        """Won for `amount`, or lost. Closing what is closed corrects it.

        The amount is in the deal's currency; a deal that nobody has estimated gets it from here.
        """
        self.state, self.closed_on, self.closed_minor = state, on, None
        if amount is not None and state is DealState.WON:
            self.closed_minor, self.currency = amount.minor, amount.currency
        self.version += 1

    def unfit_day(self, on: date, first: date, today: date) -> Refusal | None:
        """What is wrong with saying that it closed `on` that day; `first` is the day on which the handoff began.

        A day that was kept already may stay, whatever handoff it was kept in.
        """
        if on > today:
            return NotYet()
        return BeforeIt() if on < first and on != self.closed_on else None

    def reopen(self) -> None:
        """As if it had never been closed; the audit trail keeps that it was."""
        self.require_closed()
        self.state, self.closed_on, self.closed_minor = DealState.OPEN, None, None
        self.version += 1


@dataclass(eq=False)
class WorkEntry:
    """What somebody did for a deal on a day. What is not here does not count."""

    workspace_id: int
    handoff_id: int
    deal_id: int | None
    by_id: int | None
    done_on: date
    what: str
    at: datetime
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    by: Person | None = None
