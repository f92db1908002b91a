"""What the parts of a CRM's delivery share: its transaction, and what becomes of each event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.people import Person
from bot.errors import BotError
from bot.store import journal, trail
from bot.store import schema as t


@dataclass
class Receipt:
    """What became of a delivery. `skipped`: the place of an event and why nothing came of it."""

    changed: int = 0
    unchanged: int = 0
    older: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    unknown_owners: list[str] = field(default_factory=list)
    handoffs: list[dict[str, Any]] = field(default_factory=list)
    """Those that were asked for and have begun."""
    repeated: bool = False

    def facts(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "changed": self.changed,
            "unchanged": self.unchanged,
            "older": self.older,
            "skipped": self.skipped,
            "unknown_owners": self.unknown_owners,
            "handoffs": self.handoffs,
        }


class Skipped(Exception):
    """Nothing can come of this event; the text says why, for whoever looks after the CRM."""


@dataclass
class Work:
    """One delivery in its transaction. `by` stands for the CRM and is nobody in Slack."""

    session: Session
    by: Person
    system: str
    now: datetime
    receipt: Receipt
    touched: set[int] = field(default_factory=set)
    """The accounts of which something was recorded."""
    channel_problem: BotError | None = None
    """What Slack says against the channel in which handoffs from the CRM stand."""

    def account(self, crm_id: str) -> Account | None:
        """The account that the CRM knows by that id, locked for the transaction."""
        a = t.accounts.c
        mine = (a.workspace_id == self.by.workspace_id, a.crm_id == crm_id)
        return self.session.scalars(select(Account).where(*mine)).one_or_none()

    def recorded(
        self, verb: str, account_id: int, subject_id: int, before: Mapping[str, Any] | None, after: Mapping[str, Any]
    ) -> None:
        """In the audit trail, beside the account's latest handoff."""
        self.touched.add(account_id)
        about = trail.public_of(self.session, account_id)
        journal.record(self.session, self.by, self.now, verb, subject_id, about, before, after)
