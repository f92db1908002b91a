"""The deals of an account, as its view shows and changes them: in its handoff where one is open, else beside any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.deals import Deal, DealState
from bot.domain.dossier import Fact
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NotAllowed
from bot.store import dealing, journal, loading
from bot.usecases import changes
from bot.usecases.accounts.dossier_access import Access, access, changed_by, require, told_in
from bot.usecases.deals.deals import (
    AT_MOST,
    ChangedMeanwhile,
    DealForm,
    Deals,
    TooManyDeals,
    deal_values,
    facts,
    is_crms,
)
from bot.usecases.deals.settling import CloseForm, Settling, closing_values
from bot.usecases.desk import Actor, Desk


@dataclass(frozen=True)
class AccountDealForm:
    """What the form begins with. `currency`: the one that this account's deals are in. `denies`: there is none yet."""

    account: Account
    deal: Deal | None
    second: Person | None
    currency: str
    from_crm: bool
    denies: bool


@dataclass(frozen=True)
class AccountClosing:
    """What the form that closes a deal begins with. `shared`: a commission is settled with it."""

    account: Account
    deal: Deal
    today: date
    shared: bool


@dataclass(frozen=True)
class AccountDeals:
    desk: Desk
    deals: Deals

    def form(self, actor: Actor, account_id: int, deal_id: int | None = None) -> AccountDealForm:
        """Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            require(self.desk, session, Action.DOSSIER_DEALS, reader, account)
            there = dealing.deals_of(session, account.id)
            deal = dealing.deal(session, reader.workspace_id, account.id, deal_id) if deal_id is not None else None
            second = loading.people_by_id(session, [deal.second_id]).get(deal.second_id or 0) if deal else None
            usual = deal.currency if deal is not None else there[-1].currency if there else ""
            return AccountDealForm(account, deal, second, usual, is_crms(account, deal), deal is None and not there)

    def save(
        self,
        actor: Actor,
        account_id: int,
        form: DealForm,
        deal_id: int | None = None,
        version: int | None = None,
    ) -> None:
        """Add a deal, or change an open one that the person saw in that version; raises as `Deals.save` does.

        Where a handoff is open, its duties about deals follow.
        """
        handoff_id = self._in_handoff(actor, account_id)
        if handoff_id is not None:
            self.deals.save(actor, handoff_id, form, deal_id, version)
            self._no_longer_denied(actor, account_id)
            return
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.DOSSIER_DEALS, by, account_id)
            self._keep(session, by, held, account, form, deal_id, version)

    def closing(self, actor: Actor, account_id: int, deal_id: int) -> AccountClosing:
        """Raises NotAllowed, NoSuchThing, DealClosed."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            require(self.desk, session, Action.DOSSIER_DEALS, reader, account)
            deal = dealing.deal(session, reader.workspace_id, account.id, deal_id)
            deal.require_open()
            shared = bool(dealing.commissions_of(session, [deal.id]))
            return AccountClosing(account, deal, self.desk.today(reader), shared)

    def close(self, actor: Actor, account_id: int, deal_id: int, form: CloseForm, version: int) -> None:
        """Won or lost. In a handoff, an open one or that whose commission it settles, as `Settling.close` does it.

        Raises FieldErrors, NotAllowed, NoSuchThing, DealClosed, ChangedMeanwhile.
        """
        handoff_id = self._in_handoff(actor, account_id) or self._shared_in(deal_id)
        if handoff_id is not None:
            self.closing(actor, account_id, deal_id)
            Settling(self.desk).close(actor, handoff_id, deal_id, form, version)
            return
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.DOSSIER_DEALS, by, account_id)
            deal = dealing.deal(session, by.workspace_id, account.id, deal_id)
            if deal.version != version:
                raise ChangedMeanwhile(deal=deal.name)
            deal.require_open()
            amount, on = closing_values(form, deal, date.min, self.desk.today(by))
            before = facts(deal)
            deal.close(DealState.WON if form.won else DealState.LOST, amount, on)
            session.flush()
            after = facts(deal)
            changed = [name for name in after if after[name] != before[name]]
            was, now = ({name: one[name] for name in changed} for one in (before, after))
            about = told_in(session, held)
            journal.record(session, by, self.desk.now(), "deal.closed", deal.id, about, was, now)
            changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def _shared_in(self, deal_id: int) -> int | None:
        """The handoff, over by now, in which a commission on the deal was agreed."""
        with self.desk.db.read() as session:
            found = dealing.commissions_of(session, [deal_id]).get(deal_id)
            return found.handoff_id if found is not None else None

    def _keep(
        self,
        session: Session,
        by: Person,
        held: Access,
        account: Account,
        form: DealForm,
        deal_id: int | None,
        version: int | None,
    ) -> None:
        there = dealing.deals_of(session, account.id)
        deal = dealing.deal(session, by.workspace_id, account.id, deal_id) if deal_id is not None else None
        if deal is not None and version is not None and deal.version != version:
            raise ChangedMeanwhile(deal=deal.name)
        if deal is not None:
            deal.require_open()
        elif len(there) >= AT_MOST:
            raise TooManyDeals(limit=AT_MOST)
        others = [one.name for one in there if one is not deal]
        values = deal_values(self.desk, session, by, account, form, deal, others)
        before = facts(deal) if deal is not None else {}
        verb = "deal.added" if deal is None else "deal.changed"
        if deal is None:
            deal = Deal(by.workspace_id, account.id, values["name"], self.desk.now())
            session.add(deal)
        for name, value in values.items():
            setattr(deal, name, value)
        deal.version += 1 if before else 0
        _some(account)
        session.flush()
        after = facts(deal)
        changed = [name for name in after if after[name] != before.get(name)]
        was = {name: before[name] for name in changed if name in before}
        about = told_in(session, held)
        journal.record(session, by, self.desk.now(), verb, deal.id, about, was, {name: after[name] for name in changed})
        changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def _in_handoff(self, actor: Actor, account_id: int) -> int | None:
        """The open handoff in which this person may change the deals."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            held = access(self.desk, session, reader, loading.account(session, reader.workspace_id, account_id))
            if held.handoff is None:
                return None
            try:
                self.desk.require(session, Action.DEALS, reader, held.handoff)
            except NotAllowed:
                return None
            return held.handoff.id

    def _no_longer_denied(self, actor: Actor, account_id: int) -> None:
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            _some(loading.account(session, by.workspace_id, account_id))


def _some(account: Account) -> None:
    if Fact.DEALS in (account.none_of or ()):
        account.none_of = sorted(set(account.none_of or ()) - {Fact.DEALS.value}) or None
        account.version += 1
