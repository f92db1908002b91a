"""What one row of each kind says. None: nothing (an empty cell erases nothing)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from bot.domain.customer import ContactRole
from bot.domain.deals import DealState
from bot.domain.money import Money
from bot.domain.vocabulary import SalesChannel, Tier


class AccountRow(NamedTuple):
    """`owner` as it stands in the file."""

    line: int
    name: str
    crm_id: str | None = None
    crm_link: str | None = None
    owner: str | None = None
    sales_channel: SalesChannel | None = None
    tier: Tier | None = None
    territory: str | None = None
    region: str | None = None
    overseas: bool | None = None
    next_order_on: date | None = None
    order_every_days: int | None = None


class ContactRow(NamedTuple):
    line: int
    name: str
    account: str | None = None
    account_crm_id: str | None = None
    crm_id: str | None = None
    role: ContactRole | None = None
    title: str | None = None
    mail: str | None = None
    phone: str | None = None
    note: str | None = None


class DealRow(NamedTuple):
    """`closed` is what it brought. A deal whose stage says won or lost has that `state`."""

    line: int
    name: str
    account: str | None = None
    account_crm_id: str | None = None
    crm_id: str | None = None
    stage: str | None = None
    state: DealState | None = None
    amount: Money | None = None
    expected_close: date | None = None
    closed_on: date | None = None
    closed: Money | None = None
    source: str | None = None


AnyRow = AccountRow | ContactRow | DealRow
