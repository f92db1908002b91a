"""The deals of an account, as its view shows and changes them: in its handoff where one is open, else beside any.

What was closed beside any is corrected and reopened here; what a handoff closed, and what pays somebody, by its rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.deals import ClosedInCrm, Deal
from bot.domain.dossier import Fact
from bot.domain.people import Person
from bot.domain.permissions import Action, Standing, allowed, relations, sees
from bot.domain.refusals import NotAllowed
from bot.store import dealing, loading, trail
from bot.usecases import changes
from bot.usecases.accounts.dossier_access import Access, access, changed_by, require, told_in
from bot.usecases.deals.deals import (
    ChangedMeanwhile,
    DealForm,
    Deals,
    SameName,
    Told,
    deal_values,
    facts,
    is_crms,
    is_taken,
    noted,
    require_room,
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
    """What the form that closes a deal, or corrects how, begins with.

    `shared`: a commission is settled with it, and the reader may know.
    """

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

    def closing(self, actor: Actor, account_id: int, deal_id: int, *, again: bool = False) -> AccountClosing:
        """To close an open deal, or `again` a closed one, to correct how.

        Raises NotAllowed, NoSuchThing, DealClosed, DealOpen, ClosedInCrm.
        """
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account, deal = self._deal(session, reader, account_id, deal_id, again=again)
            handoff_id = self._ruled_in(session, reader, account, deal)
            return AccountClosing(
                account, deal, self.desk.today(reader), self._shares(session, reader, deal, handoff_id)
            )

    def close(self, actor: Actor, account_id: int, deal_id: int, form: CloseForm, version: int) -> None:
        """Won or lost. In a handoff, an open one or that whose commission it settles, as `Settling.close` does it.

        Raises FieldErrors, NotAllowed, NoSuchThing, DealClosed, ChangedMeanwhile.
        """
        self._end(actor, account_id, deal_id, form, version, again=False)

    def correct(self, actor: Actor, account_id: int, deal_id: int, form: CloseForm, version: int) -> None:
        """How a closed deal ended. In the handoff that closed it, or whose commission hangs on it, by its rules.

        Raises FieldErrors, NotAllowed, NoSuchThing, DealOpen, ClosedInCrm, ChangedMeanwhile.
        """
        self._end(actor, account_id, deal_id, form, version, again=True)

    def reopen(self, actor: Actor, account_id: int, deal_id: int, version: int) -> None:
        """As if it had never been closed, by the same rules.

        Raises NotAllowed, NoSuchThing, DealOpen, ClosedInCrm, ChangedMeanwhile, TooManyDeals, SameName.
        """
        handoff_id = self._asked(actor, account_id, deal_id, version, again=True)
        if handoff_id is not None:
            Settling(self.desk).reopen(actor, handoff_id, deal_id)
            self._no_longer_denied(actor, account_id)
            return
        with self.desk.db.write() as session:
            by, account, deal, told = self._own(session, actor, account_id, deal_id, version, again=True)
            there = dealing.deals_of(session, account.id)
            require_room(there)
            if is_taken(deal.name, (one.name for one in there)):
                raise SameName()
            Settling(self.desk).reopened(session, by, told, deal)
            _some(account)
            changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def _end(self, actor: Actor, account_id: int, deal_id: int, form: CloseForm, version: int, *, again: bool) -> None:
        handoff_id = self._asked(actor, account_id, deal_id, version, again=again)
        if handoff_id is not None:
            Settling(self.desk).close(actor, handoff_id, deal_id, form, version)
            return
        with self.desk.db.write() as session:
            by, account, deal, told = self._own(session, actor, account_id, deal_id, version, again=again)
            amount, on = closing_values(form, deal, date.min, self.desk.today(by))
            Settling(self.desk).closed(session, by, told, deal, form.state, amount, on)
            changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def _asked(self, actor: Actor, account_id: int, deal_id: int, version: int, *, again: bool) -> int | None:
        """The handoff in which that is to be done; None: by the account's own rules. Raises as `_own` does."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account, deal = self._deal(session, reader, account_id, deal_id, version, again=again)
            return self._ruled_in(session, reader, account, deal)

    def _own(
        self, session: Session, actor: Actor, account_id: int, deal_id: int, version: int, *, again: bool
    ) -> tuple[Person, Account, Deal, Told]:
        """A deal whose closing is the account's alone, for a change. Somebody may have agreed to share it just now."""
        by = self.desk.actor(session, actor)
        _, held = changed_by(self.desk, session, Action.DOSSIER_DEALS, by, account_id)
        account, deal = self._deal(session, by, account_id, deal_id, version, again=again)
        if self._ruled_in(session, by, account, deal) is not None:
            raise ChangedMeanwhile(deal=deal.name)
        return by, account, deal, Told(None, told_in(session, held))

    def _deal(
        self,
        session: Session,
        reader: Person,
        account_id: int,
        deal_id: int,
        version: int | None = None,
        *,
        again: bool,
    ) -> tuple[Account, Deal]:
        account = loading.account(session, reader.workspace_id, account_id)
        require(self.desk, session, Action.DOSSIER_DEALS, reader, account)
        deal = dealing.deal(session, reader.workspace_id, account.id, deal_id)
        if version is not None and deal.version != version:
            raise ChangedMeanwhile(deal=deal.name)
        if again:
            deal.require_closed()
        else:
            deal.require_open()
        return account, deal

    def _ruled_in(self, session: Session, reader: Person, account: Account, deal: Deal) -> int | None:
        """The handoff by whose rules the deal is closed, corrected or reopened; None: by those of the account alone.

        A commission is settled in a handoff. What a handoff has closed is corrected as there. Raises ClosedInCrm.
        """
        agreed = dealing.commissions_of(session, [deal.id]).get(deal.id)
        if deal.open or agreed is not None:
            return self._open_one(session, reader, account) or (agreed.handoff_id if agreed is not None else None)
        known = trail.closings_of(session, account.id, deal.id)
        by_file = not known or known[0].verb == trail.REOPENED  # a file leaves no such line
        if is_crms(account, deal) and (by_file or known[0].by_id is None):
            raise ClosedInCrm(deal=deal.name)
        how = next((row for row in known if row.verb == trail.CLOSED), None)
        if by_file or how is None or how.by_id is None or how.handoff_id is None:
            return None
        handoff = loading.whole_handoff(session, account.workspace_id, how.handoff_id)
        under_way = handoff.closed_at is None or how.at < handoff.closed_at
        if not under_way or handoff.test_run or not sees(reader, handoff):
            return None
        by = loading.people_by_id(session, [how.by_id])[how.by_id]
        in_it = allowed(Action.DEALS, relations(by, Standing(manager=False, open_house=False), handoff))
        return handoff.id if in_it else None

    def _shares(self, session: Session, reader: Person, deal: Deal, handoff_id: int | None) -> bool:
        """Whether a commission hangs on it, as far as the reader may know."""
        agreed = dealing.commissions_of(session, [deal.id]).get(deal.id) if handoff_id is not None else None
        if agreed is None:
            return False
        handoff = loading.whole_handoff(session, deal.workspace_id, agreed.handoff_id)
        return self.desk.may(session, Action.COMMISSION, reader, handoff) or agreed.role_of(reader.id) is not None

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
        else:
            require_room(there)
        others = [one.name for one in there if one is not deal]
        values = deal_values(self.desk, session, by, account, form, deal, others)
        before = facts(deal) if deal is not None else None
        verb = "deal.added" if deal is None else "deal.changed"
        if deal is None:
            deal = Deal(by.workspace_id, account.id, values["name"], self.desk.now())
            session.add(deal)
        for name, value in values.items():
            setattr(deal, name, value)
        deal.version += 1 if before else 0
        _some(account)
        noted(self.desk, session, by, Told(None, told_in(session, held)), deal, verb, before)
        changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def _in_handoff(self, actor: Actor, account_id: int) -> int | None:
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            return self._open_one(session, reader, loading.account(session, reader.workspace_id, account_id))

    def _open_one(self, session: Session, reader: Person, account: Account) -> int | None:
        """The open handoff in which this person may change the deals."""
        held = access(self.desk, session, reader, account)
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
