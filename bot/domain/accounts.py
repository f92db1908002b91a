"""The customer, and who looks after them from when until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.people import Person
from bot.domain.vocabulary import SalesChannel, Tier


class CoverageKind(StrEnum):
    OWNER = "owner"
    COVER = "cover"
    VACANT = "vacant"


@dataclass(eq=False)
class Coverage:
    """One stretch of an account's line of time, from `from_on` (inclusive) to `until_on` (exclusive; empty: it lasts).

    Nobody looks after the account while it is vacant. A cover that is not `confirmed` is an offer so far.
    """

    workspace_id: int
    account_id: int
    person_id: int | None
    kind: CoverageKind
    from_on: date
    until_on: date | None = None
    handoff_id: int | None = None
    by_id: int | None = None
    confirmed: bool = True
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    person: Person | None = None


@dataclass(eq=False)
class Account:
    """A customer or prospect. `name_key` is the name folded for look-up; unique in a workspace.

    `quiet`: it came up in a quiet handoff, and only those who may know of that know of it. `crm`: the system that is
    the record of it, fresh as of `crm_at`; empty where there is none. `access`: what the customer can reach without a
    rep; None while nobody said. `needs`: what the customer wants of us; `opportunities`: what else they might buy;
    `org_chart`: where their people and places are drawn. `none_of`: the facts of which somebody said that there are
    none (`bot/domain/facts.py`): that is known as well.
    """

    workspace_id: int
    name: str
    name_key: str = ""
    crm_id: str = ""
    crm_link: str = ""
    sales_channel: SalesChannel = SalesChannel.DIRECT
    tier: Tier = Tier.STANDARD
    overseas: bool = False
    territory: str = ""
    region: str = ""
    quiet: bool = False
    crm: str = ""
    crm_at: datetime | None = None
    attested_at: datetime | None = None
    attested_by_id: int | None = None
    next_order_on: date | None = None
    order_every_days: int | None = None
    access: list[str] | None = None
    needs: str = ""
    opportunities: str = ""
    org_chart: str = ""
    none_of: list[str] | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    def __post_init__(self) -> None:
        self.name = " ".join(self.name.split())
        self.name_key = fold(self.name)


def fold(name: str) -> str:
    """The form of a name by which it is found: no case, single spaces."""
    return " ".join(name.casefold().split())
