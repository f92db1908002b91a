"""What a CRM sends: accounts and their owners, deals, contacts. All of a delivery is stored, or nothing of it.

The CRM is the record of what it sends. What is older than what is known changes nothing, so deliveries may come in any
order; the same one twice is done once. Nothing in the answer depends on who may know of what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.crm import schema
from bot.domain.accounts import Account, fold
from bot.domain.people import nobody
from bot.errors import BotError, Refused, Unavailable
from bot.store import loading
from bot.store.dossier import crm_deliveries
from bot.store.loading import open_handoff_of, served
from bot.usecases import changes
from bot.usecases.crm.handoffs import Requests
from bot.usecases.crm.owner_changes import OwnerChanges, Who
from bot.usecases.crm.records import Records
from bot.usecases.crm.work import Receipt, Skipped, Work
from bot.usecases.desk import Desk, NotInstalled

AHEAD = timedelta(minutes=5)
"""How far a CRM's clock may be ahead of ours."""
KEPT = timedelta(days=30)
"""How long a delivery is remembered; its signature is good for minutes."""
FIELDS = ("crm_link", "tier", "sales_channel", "territory", "region", "overseas")
OWNED = frozenset({"name", "crm_id", "crm_link", "territory", "region"})


def crm_fields(account: Account) -> frozenset[str]:
    """The fields of an account that only the CRM changes; none where none is linked.

    Sales channel and tier come along, but are confirmed with each start of a handoff.
    """
    return OWNED if account.crm else frozenset()


class AnotherContent(Refused):
    """The id of an earlier delivery, with another body."""


class Ahead(Refused):
    """An event that lies in the future; `event` is its place."""

    def __init__(self, event: int) -> None:
        super().__init__("it lies in the future")
        self.event = event


@dataclass(frozen=True)
class Crm:
    """`changes` suggests handoffs, `records` keeps deals and contacts, `requests` starts handoffs."""

    desk: Desk
    changes: OwnerChanges
    records: Records
    requests: Requests

    def take(self, delivery: schema.Delivery, digest: str) -> Receipt:
        """Store a delivery; `digest` is of its body. Raises Ahead, AnotherContent, NotInstalled, Unavailable."""
        now = self.desk.now()
        for place, event in enumerate(delivery.events):
            if event.at > now + AHEAD:
                raise Ahead(place)
        problem = self.requests.problem(delivery)
        try:
            return self._stored(delivery, digest, now, problem)
        except IntegrityError as clash:  # somebody has entered the same name at the same moment: the CRM sends it again
            raise Unavailable() from clash

    def _stored(self, delivery: schema.Delivery, digest: str, now: datetime, problem: BotError | None) -> Receipt:
        with self.desk.db.write() as session:
            workspace_id = _workspace(session)
            known_before = _before(session, workspace_id, delivery.id)
            if known_before is not None:
                if known_before.get("digest") != digest:
                    raise AnotherContent("this id was used for another content")
                return Receipt(**{**known_before["receipt"], "repeated": True})
            by = nobody(workspace_id)
            work = Work(session, by, delivery.system, now, Receipt(), channel_problem=problem)
            who = Who(self.desk, session, workspace_id)
            for place, event in enumerate(delivery.events):
                self._take(work, who, place, event)
            changes.facts_touched(session, now, workspace_id, work.touched)
            work.receipt.unknown_owners = who.unknown
            _remember(session, workspace_id, delivery.id, now, digest, work.receipt)
            return work.receipt

    def _take(self, work: Work, who: Who, place: int, event: schema.Event) -> None:
        receipt = work.receipt
        try:
            changed = self._event(work, who, event)
        except Skipped as why:
            receipt.skipped.append({"event": place, "reason": str(why)})
            return
        work.session.flush()
        receipt.changed += changed is True
        receipt.unchanged += changed is False
        receipt.older += changed is None

    def _event(self, work: Work, who: Who, event: schema.Event) -> bool | None:
        if isinstance(event, schema.AccountUpsert):
            return self._account(work, who, event)
        if isinstance(event, schema.OwnerChanged):
            return self._owner(work, who, event)
        if isinstance(event, schema.DealUpsert):
            return self.records.deal(work, event)
        if isinstance(event, schema.DealClosed):
            return self.records.closed(work, event)
        if isinstance(event, schema.HandoffRequested):
            return self.requests.begin(work, who, event)
        return self.records.contact(work, event)

    def _account(self, work: Work, who: Who, event: schema.AccountUpsert) -> bool | None:
        """True: something changed; False: nothing did; None: it is older than what is known."""
        facts: schema.AccountFacts = event.account
        account = work.account(facts.id)
        if account is not None and account.crm_at is not None and event.at < account.crm_at:
            return None
        if account is None:
            account = self._linked(work, facts.id, facts.name)
            if account is None:
                return True
        changed = self._fill(work, account, facts, event.at)
        if facts.owner is not None:
            changed = self.changes.says(work.session, work.by, account, who, facts.owner, None, event.at) or changed
        return changed

    def _owner(self, work: Work, who: Who, event: schema.OwnerChanged) -> bool | None:
        account = work.account(event.account.id)
        if account is not None and account.crm_at is not None and event.at < account.crm_at:
            return None
        if account is None:
            if event.account.name is None:
                raise Skipped("no account with this id is known; send account.upsert first, or its name with this")
            account = self._linked(work, event.account.id, event.account.name)
            if account is None:
                return True
        account.crm, account.crm_at, account.quiet = work.system, event.at, False
        work.session.flush()
        return self.changes.says(work.session, work.by, account, who, event.owner, event.before, event.at)

    def _linked(self, work: Work, crm_id: str, name: str) -> Account | None:
        """The account of that name, linked with the CRM from now on; or a new one. None: of which nobody may hear."""
        account = loading.account_by_name(work.session, work.by.workspace_id, name)
        if account is None:
            account = Account(work.by.workspace_id, name, crm_id=crm_id)
            work.session.add(account)
            work.session.flush()
            work.recorded("account.crm", account.id, account.id, None, {"name": account.name})
            return account
        if account.crm_id and account.crm_id != crm_id:
            if account.quiet:
                return None
            raise Skipped("another account of this name is linked already")
        account.crm_id = crm_id
        return account

    def _fill(self, work: Work, account: Account, facts: schema.AccountFacts, at: datetime) -> bool:
        values = {"crm_link": facts.link, **{name: getattr(facts, name) for name in FIELDS[1:]}}
        wanted = {name: value for name, value in values.items() if value is not None}
        wanted |= {"crm_id": facts.id, "crm": work.system}
        if fold(facts.name) == account.name_key or self._free(work, account, facts.name):
            wanted["name"] = facts.name
        before = {name: getattr(account, name) for name in wanted if getattr(account, name) != wanted[name]}
        account.quiet, account.crm_at = False, at  # what the CRM knows is no secret
        if not before:
            return False
        for name, value in wanted.items():
            setattr(account, name, value)
        account.name_key = fold(account.name)
        account.version += 1
        work.session.flush()
        work.recorded("account.crm", account.id, account.id, before, {name: wanted[name] for name in before})
        handoff = open_handoff_of(work.session, work.by.workspace_id, account.id)
        if handoff is not None:
            changes.touched(work.session, work.now, handoff)
        return True

    def _free(self, work: Work, account: Account, name: str) -> bool:
        """Whether no other account has that name; if one has, ours keeps its own."""
        other = loading.account_by_name(work.session, work.by.workspace_id, name)
        return other is None or other.id == account.id


def _workspace(session: Session) -> int:
    """The workspace that this installation serves; deliveries to it wait for one another. Raises NotInstalled."""
    found = served(session, lock=True)
    if found is None:
        raise NotInstalled()
    return found


def _before(session: Session, workspace_id: int, key: str) -> dict[str, Any] | None:
    c = crm_deliveries.c
    row = session.execute(select(c.detail).where(c.workspace_id == workspace_id, c.key == key)).one_or_none()
    return None if row is None else dict(row.detail or {})


def _remember(session: Session, workspace_id: int, key: str, now: datetime, digest: str, receipt: Receipt) -> None:
    detail = {"digest": digest, "receipt": receipt.facts()}
    row = {"workspace_id": workspace_id, "key": key, "at": now, "outcome": "done", "detail": detail}
    session.execute(insert(crm_deliveries).values(row))
    session.execute(delete(crm_deliveries).where(crm_deliveries.c.at < now - KEPT))
