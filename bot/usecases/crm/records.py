"""Deals and contacts as a CRM sends them. A deal is closed as people close it, because commissions may hang on it.

Whoever looks after the CRM reads the answers, and may not know what was agreed, or prepared quietly: no answer hangs on
either. What has to be seen to, the handoff's manager hears.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.crm import schema
from bot.domain.accounts import Account
from bot.domain.customer import Contact
from bot.domain.deals import Deal, DealState
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.money import Money
from bot.store import dealing, loading, trail
from bot.store import schema as t
from bot.usecases import changes
from bot.usecases.crm.work import Skipped, Work
from bot.usecases.deals.deals import AT_MOST, Told, facts, noted
from bot.usecases.deals.duties import keep_duties
from bot.usecases.deals.settling import Settling
from bot.usecases.desk import Desk

CONTACTS_AT_MOST = 500
"""Of one account: more is a mistake of whoever sends them."""


@dataclass(frozen=True)
class Records:
    desk: Desk
    settling: Settling

    def deal(self, work: Work, event: schema.DealUpsert) -> bool | None:
        """True: something changed; False: nothing did; None: it is older than what is known. Raises Skipped."""
        found, sent = _deal(work.session, work.by.workspace_id, event.deal.id), event.deal
        if found is not None and found.crm_at is not None and event.at < found.crm_at:
            return None
        account = _account(work, sent.account_id)
        if found is not None and found.account_id != account.id:
            raise Skipped("this deal is known as one of another account")
        deal = found or self._of_that_name(work, account, sent.name)
        if deal is not None and not deal.open:
            raise Skipped("this deal is closed; send deal.closed to correct how")
        told = _told(work, account)
        before = facts(deal) if deal is not None else None
        if deal is None:
            self._room(work, account)
            deal = Deal(account.workspace_id, account.id, sent.name, work.now)
            work.session.add(deal)
        deal.crm_id, deal.crm_at, deal.name = sent.id, event.at, sent.name
        deal.stage = deal.stage if sent.stage is None else sent.stage
        deal.source = deal.source if sent.source is None else sent.source
        if sent.amount_minor is not None and sent.currency is not None:
            deal.amount_minor, deal.currency = sent.amount_minor, sent.currency
        deal.expected_close = sent.expected_close or deal.expected_close
        deal.version += 1 if before is not None and before != facts(deal) else 0
        work.session.flush()
        if before == facts(deal):
            return False
        noted(self.desk, work.session, work.by, told, deal, "deal.added" if before is None else "deal.changed", before)
        if told.handoff is not None:
            keep_duties(self.desk, work.session, work.by, told.handoff.id, moved=True)
        return True

    def closed(self, work: Work, event: schema.DealClosed) -> bool | None:
        """The same of a closing, or of a correction of one. Raises Skipped, and for the same things for every deal."""
        sent = event.deal
        deal = _deal(work.session, work.by.workspace_id, sent.id)
        if deal is None:
            raise Skipped("no deal with this id is known; send deal.upsert first")
        if deal.crm_at is not None and event.at < deal.crm_at:
            return None
        account = loading.account(work.session, work.by.workspace_id, deal.account_id)
        told = _told(work, account)
        state, amount = DealState(sent.outcome), _brought(deal, sent)
        problem = deal.unfit_day(sent.closed_on, date.min, self.desk.today(_reader(work, told.handoff)))
        if problem is not None:
            raise Skipped(str(problem))
        deal.crm_at = event.at
        if (deal.state, deal.closed_on, deal.closed) == (state, sent.closed_on, amount):
            return False
        self.settling.closed(work.session, work.by, told, deal, state, amount, sent.closed_on)
        self._closed_before(work, deal)
        return True

    def contact(self, work: Work, event: schema.ContactUpsert) -> bool | None:
        """The same of a contact. Whom people removed stays removed; what somebody is to us is not the CRM's to say."""
        sent, account = event.contact, _account(work, event.contact.account_id)
        c = t.contacts.c
        all_of_them = list(work.session.scalars(select(Contact).where(c.account_id == account.id).order_by(c.id)))
        contact = _same(all_of_them, sent)
        if contact is not None and contact.crm_at is not None and event.at < contact.crm_at:
            return None
        if contact is not None and contact.removed_at is not None:
            return False
        before: dict[str, Any] | None = None
        if contact is None:
            if len(all_of_them) >= CONTACTS_AT_MOST:
                raise Skipped(f"{CONTACTS_AT_MOST} contacts of one account are as many as are kept")
            contact = Contact(account.workspace_id, account.id, sent.name)
            work.session.add(contact)
        else:
            before = _facts(contact)
        contact.crm_id, contact.crm_at, contact.name = sent.id, event.at, sent.name
        for name in ("title", "mail", "phone"):
            value = getattr(sent, name)
            if value is not None:
                setattr(contact, name, value)
        if before == _facts(contact):
            return False
        contact.version += 1 if before is not None else 0
        work.session.flush()
        work.recorded("contact.kept", account.id, contact.id, before, _facts(contact))
        return True

    def _closed_before(self, work: Work, deal: Deal) -> None:
        """People are refused a day before the handoff; the CRM may not hear that one matters, so the manager does."""
        agreed = dealing.commissions_of(work.session, [deal.id]).get(deal.id)
        if agreed is None or deal.state is not DealState.WON or deal.closed_on is None:
            return
        shared_in = loading.whole_handoff(work.session, work.by.workspace_id, agreed.handoff_id)
        manager = shared_in.manager
        if deal.closed_on < shared_in.start_on and manager is not None and manager.reachable:
            values = {"deal": deal.name, "day": deal.closed_on.isoformat()}
            slot = f"closed_before:{deal.id}:{deal.version}"
            letter = changes.direct_message(shared_in.id, manager, slot, "closed_before", **values)
            changes.say(work.session, work.now, shared_in, letter)

    def _of_that_name(self, work: Work, account: Account, name: str) -> Deal | None:
        """The open deal of that name that people entered, if there is one: it is linked."""
        there = dealing.deals_of(work.session, account.id)
        return next((one for one in there if one.name.casefold() == name.casefold() and not one.crm_id), None)

    def _room(self, work: Work, account: Account) -> None:
        c = t.deals.c
        counted = select(func.count()).where(c.account_id == account.id, c.state == DealState.OPEN)
        if (work.session.scalar(counted) or 0) >= AT_MOST:
            raise Skipped(f"{AT_MOST} open deals are as many as are kept for one account")


def _brought(deal: Deal, sent: schema.DealClosing) -> Money | None:
    """What it was won for; None for one that was lost. Raises Skipped."""
    if sent.outcome == "lost":
        return None
    if sent.amount_minor is None or sent.currency is None:
        if deal.amount is None:
            raise Skipped("say for how much this deal was won")
        return deal.amount
    counted = deal.amount is not None or deal.closed is not None  # and would be in the other currency, too
    if counted and sent.currency != deal.currency:
        raise Skipped(f"this deal is kept in {deal.currency}: say in {deal.currency} for how much it was won")
    return Money(sent.amount_minor, sent.currency)


def _account(work: Work, crm_id: str) -> Account:
    found = work.account(crm_id)
    if found is None:
        raise Skipped("no account with this id is known; send account.upsert first")
    return found


def _deal(session: Session, workspace_id: int, crm_id: str) -> Deal | None:
    c = t.deals.c
    return session.scalars(select(Deal).where(c.workspace_id == workspace_id, c.crm_id == crm_id)).one_or_none()


def _handoff(work: Work, account: Account) -> Handoff | None:
    """The account's handoff, whole and locked: the open one, else the latest; None while there never was one."""
    h = t.handoffs.c
    mine = select(h.id).where(h.account_id == account.id)
    number = work.session.scalar(mine.order_by((h.state == HandoffState.OPEN).desc(), h.id.desc()).limit(1))
    if number is None:
        return None
    return loading.whole_handoff(work.session, account.workspace_id, number, lock=True)


def _told(work: Work, account: Account) -> Told:
    """In the account's handoff, if there is one. What is prepared quietly has its own history, which hardly anybody
    reads: there, what the CRM says stands beside the account's other changes, and tells of no handoff.
    """
    handoff = _handoff(work, account)
    if handoff is None or handoff.quiet or handoff.test_run:
        return Told(handoff, trail.public_of(work.session, account.id))
    return Told(handoff, handoff.id)


def _reader(work: Work, handoff: Handoff | None) -> Any:
    """By whose calendar today is reckoned; what is prepared quietly leaves no trace in it."""
    return handoff.manager if handoff is not None and handoff.manager is not None and not handoff.quiet else work.by


def _same(there: list[Contact], sent: schema.ContactFacts) -> Contact | None:
    """By the CRM's id; else, of those that people entered, by mail address, else by name."""
    found = next((one for one in there if one.crm_id == sent.id), None)
    free = [one for one in there if not one.crm_id and one.removed_at is None]
    if found is None and sent.mail:
        found = next((one for one in free if one.mail.casefold() == sent.mail.casefold()), None)
    return found or next((one for one in free if one.name.casefold() == str(sent.name).casefold()), None)


def _facts(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in ("name", "title", "mail", "phone", "crm_id")}
