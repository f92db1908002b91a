"""The view of an account: what is known about it, what is missing, how fresh it is, as one reader may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.customer import Contact, left_to_others
from bot.domain.deals import Deal
from bot.domain.dossier import Agreement, Entry, Fact, KeyDate, RegularOrder
from bot.domain.facts import Completeness, Dossier, Freshness, completeness, dated, freshness, known
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.rules import DossierRule
from bot.store import dealing, dossiers, loading
from bot.store.entries import entries_of
from bot.usecases.accounts.accounts import one_account
from bot.usecases.accounts.dossier_access import Access, access
from bot.usecases.accounts.dossier_things import shown_note, shown_role
from bot.usecases.coverage import cover_views
from bot.usecases.coverage.cover_views import AccountCover
from bot.usecases.desk import Actor, Desk
from bot.usecases.workspace.playbooks import playbook_of

LATEST = 5
"""Lines of the history that the view shows."""
CLOSED = 30
"""As many of the latest deals that were won or lost as can be corrected here."""


@dataclass(frozen=True)
class ContactLine:
    """A contact with the role and the note that the reader may know of; `crm`: name and addresses are the CRM's."""

    contact: Contact
    role: str
    note: str
    crm: bool


@dataclass(frozen=True)
class DateLine:
    """`comes`: the next time; None for what is over."""

    key_date: KeyDate
    comes: date | None


@dataclass(frozen=True)
class AccountView:
    """`deals` is None for a reader who may not see them. `handoff_id`: the open one, if the reader may know of it.

    `closed`: the deals that were won or lost.
    """

    account: Account
    cover: AccountCover
    handoff_id: int | None
    score: Completeness
    fresh: Freshness
    attested_by: Person | None
    contacts: tuple[ContactLine, ...]
    deals: tuple[Deal, ...] | None
    agreements: tuple[Agreement, ...]
    key_dates: tuple[DateLine, ...]
    orders: tuple[RegularOrder, ...]
    entries: tuple[Entry, ...]
    edits: bool
    attests: bool
    today: date
    others: tuple[Account, ...] = ()
    closed: tuple[Deal, ...] = ()


@dataclass(frozen=True)
class Where:
    """The form in which a fact is said: a noun of things and which one, or a part of the account's own fields."""

    noun: str
    number: int | None = None
    role: str = ""


@dataclass(frozen=True)
class AccountViews:
    desk: Desk

    def find(self, actor: Actor, query: str) -> AccountView:
        """`/handoff account ACME`. Raises NoAccount."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account, others = one_account(session, reader, query)
            return self._view(session, reader, account, others)

    def view(self, actor: Actor, account_id: int) -> AccountView:
        """Raises NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            return self._view(session, reader, loading.account(session, reader.workspace_id, account_id), ())

    def where(self, actor: Actor, account_id: int, fact: Fact) -> Where:
        """Where the fact is said: in the one thing that lacks it, else in a new one. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            held = access(self.desk, session, reader, account)
            return _where(dossiers.dossier_of(session, account, reader), fact, held.may(Action.TROUBLE_MAKERS))

    def _view(self, session: Session, reader: Person, account: Account, others: tuple[Account, ...]) -> AccountView:
        held = access(self.desk, session, reader, account)
        today, found = self.desk.today(reader), dossiers.dossier_of(session, account, reader)
        (cover,) = cover_views.of_accounts(session, reader, [account], today)
        rule, confided = rule_of(session, held), held.may(Action.TROUBLE_MAKERS)
        by = account.attested_by_id
        dates = [DateLine(one, one.occasion(today)) for one in found.key_dates]
        return AccountView(
            account=account,
            cover=cover,
            handoff_id=held.handoff.id if held.handoff is not None else None,
            score=completeness(known(found, rule, today), rule),
            fresh=freshness(found, rule, today),
            attested_by=loading.people_by_id(session, [by]).get(by) if by is not None else None,
            contacts=tuple(
                ContactLine(
                    one,
                    shown_role(one, confided=confided),
                    shown_note(one, confided=confided),
                    bool(account.crm and one.crm_id),
                )
                for one in found.contacts
            ),
            deals=tuple(found.deals) if held.may(Action.DOSSIER_DEALS) else None,
            agreements=tuple(sorted(found.agreements, key=lambda one: (one.expires_on or date.max, one.id))),
            key_dates=tuple(sorted(dates, key=lambda one: (one.comes or date.max, one.key_date.id))),
            orders=tuple(found.orders),
            entries=tuple(entries_of(session, reader, account.id, LATEST)),
            edits=held.may(Action.DOSSIER),
            attests=held.may(Action.ATTEST),
            today=today,
            others=others,
            closed=tuple(dealing.closed_of(session, account.id, CLOSED)) if held.may(Action.DOSSIER_DEALS) else (),
        )


def rule_of(session: Session, held: Access) -> DossierRule:
    """What the playbook of the open handoff wants to be known; what everybody would, without one."""
    if held.handoff is None:
        return DossierRule()
    return playbook_of(session, held.handoff).rules.dossier


def _where(dossier: Dossier, fact: Fact, confided: bool) -> Where:
    if fact is Fact.DECISION_MAKER:
        only = dossier.contacts[0] if len(dossier.contacts) == 1 else None
        theirs = only is not None and not left_to_others(only.role, only.note, confided=confided)
        return Where("contact", only.id if only is not None and theirs else None, "decision_maker")
    if fact in (Fact.CONTACT, Fact.REACHABLE):
        return Where("contact", dossier.contacts[0].id if fact is Fact.REACHABLE and dossier.contacts else None)
    if fact in (Fact.DEALS, Fact.LEAD_SOURCE):
        lacks = (one.id for one in dossier.deals if not (dated(one) if fact is Fact.DEALS else one.source))
        return Where("deal", next(lacks, None))
    return _FORMS[fact]


_FORMS = {
    Fact.NEEDS: Where("needs"),
    Fact.AGREEMENTS: Where("agreement"),
    Fact.KEY_DATES: Where("key_date"),
    Fact.REGULAR_ORDERS: Where("order"),
    Fact.NEXT_ORDER: Where("next_order"),
    Fact.CRM_LINK: Where("links"),
    Fact.NOTES: Where("note"),
    Fact.ACCESS: Where("access"),
    Fact.ORG_CHART: Where("links"),
}
