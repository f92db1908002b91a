"""Who at the customer a form is for: suggested by the rule, chosen among those who are known, or written down anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.addressee import NoLongerThere, addressee, in_order, named_among
from bot.domain.customer import Contact, Meeting, mail_address
from bot.domain.handoff import Handoff
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing
from bot.domain.typed import trimmed
from bot.domain.vocabulary import StepForm
from bot.errors import BotError
from bot.store import dossiers, journal
from bot.store.recorded import records_of
from bot.usecases import changes
from bot.usecases.accounts.accounts import NAME_LIMIT
from bot.usecases.accounts.dossier_access import access
from bot.usecases.accounts.dossier_things import KeptInCrm, is_crms
from bot.usecases.customers.customer_view import told_of
from bot.usecases.desk import Desk
from bot.usecases.fields import tried
from bot.usecases.handoffs.checklist import written

SOMEBODY_ELSE = 0
"""What stands in a form instead of a contact's number where a name is typed."""
OFFERED = 99
"""A select of Slack's takes 100 options, and one of them is “Somebody else”."""


@dataclass(frozen=True)
class Named:
    """Whom a form names: the number of a contact, SOMEBODY_ELSE, or None where there was nobody to choose from.

    `wrote`: the contact that this form itself has written down before it was sent: a name that is typed anew is theirs.
    """

    contact: int | None
    name: str = ""
    mail: str = ""
    wrote: int | None = None


@dataclass(frozen=True)
class Whom:
    """What a form shows of it. `people`: those to choose from, none while fewer than two are known of `known`.

    `contact`: the one it is for, as far as anybody has said. `typed`: name and mail address are asked for.
    """

    contact: Contact | None
    people: tuple[Contact, ...] = ()
    known: int = 0
    typed: bool = False
    wrote: int | None = None


@dataclass(frozen=True)
class Contacts:
    desk: Desk

    def addressee(
        self, session: Session, handoff: Handoff, reader: Person | None, plan: Meeting | None = None
    ) -> Contact | None:
        """Who a mail goes to: whom the plan names; else as the rule has it. Without a reader, for anybody's eyes."""
        there = dossiers.contacts_of(session, handoff.account_id)
        confided = len(there) > 1 and self._confided(session, reader, handoff.account)
        return _suggested(session, handoff, there, confided, plan)

    def edited(self, session: Session, handoff: Handoff, reader: Person) -> tuple[Contact | None, int]:
        """Whose data the form behind "Edit" shows, and how many people are known; somebody, where anybody is."""
        there = dossiers.contacts_of(session, handoff.account_id)
        confided = len(there) > 1 and self._confided(session, reader, handoff.account)
        found = _suggested(session, handoff, there, confided)
        return found or next(iter(in_order(there, confided=confided)), None), len(there)

    def known(self, session: Session, handoff: Handoff, number: int) -> Contact | None:
        """The contact of that number, if they are still among the people of this account."""
        return numbered(dossiers.contacts_of(session, handoff.account_id), number)

    def whom(
        self,
        session: Session,
        handoff: Handoff,
        reader: Person,
        named: Named | None = None,
        plan: Meeting | None = None,
    ) -> Whom:
        """What a form shows, opened (`named` is None) or with what stands in it."""
        there = dossiers.contacts_of(session, handoff.account_id)
        if len(there) < 2:
            return Whom(there[0] if there else None, known=len(there), wrote=named.wrote if named else None)
        wrote, typed, confided = None, False, self._confided(session, reader, handoff.account)
        if named is None:
            contact = _suggested(session, handoff, there, confided, plan)
        else:
            wrote, typed = numbered(there, named.wrote), named.contact == SOMEBODY_ELSE
            contact = wrote if typed else numbered(there, named.contact)
        order = [one for one in in_order(there, confided=confided) if one is not wrote]
        people = order[:OFFERED]
        if contact is not None and contact in order[OFFERED:]:
            people[-1] = contact
        return Whom(contact, tuple(people), len(there), typed, wrote.id if wrote else None)

    def put(
        self, session: Session, by: Person, handoff: Handoff, named: Named, errors: dict[str, BotError]
    ) -> Named | None:
        """Keep whom a form names before it is sent; returns how the form goes on. Errors as `keep`."""
        before = {one.id for one in dossiers.contacts_of(session, handoff.account_id)}
        contact = self.keep(session, by, handoff, named, errors)
        if contact is None:
            return None
        if contact.id == named.wrote or (before and contact.id not in before):
            return Named(SOMEBODY_ELSE, contact.name, contact.mail, contact.id)
        return replace(named, contact=contact.id)

    def keep(
        self,
        session: Session,
        by: Person,
        handoff: Handoff,
        named: Named,
        errors: dict[str, BotError],
        edited: Contact | None = None,
    ) -> Contact | None:
        """Whom a form names, written down if need be; what is wrong with it goes under its field.

        A name that nobody has is somebody new, who is added. Only where there was nobody to choose from, because one
        is known, is it that one, called so from now on; a contact of the CRM's keeps their name even then. `edited`:
        of several, the one whose data stood in the fields.
        """
        there = dossiers.contacts_of(session, handoff.account_id)
        if named.contact:
            found = numbered(there, named.contact)
            if found is None:
                errors["contact"] = NoLongerThere()
            return found
        called = " ".join(trimmed(named.name).split())
        tried(errors, "contact_name", lambda: written(called, NAME_LIMIT))
        typed = trimmed(named.mail)
        address = (tried(errors, "contact_mail", lambda: mail_address(typed)) or "") if typed else ""
        if "contact_name" in errors or "contact_mail" in errors:
            return None
        known = _meant(handoff.account, there, called, named)
        if edited is not None and known is not edited and address in ("", edited.mail):
            address = known.mail if known else ""  # what stood in the field is the other's
        if known is not None and named.contact == SOMEBODY_ELSE and known.id != named.wrote:
            called, address = known.name, address or known.mail
        return self._kept(session, by, handoff, known, called, address, errors)

    def _kept(
        self,
        session: Session,
        by: Person,
        handoff: Handoff,
        known: Contact | None,
        called: str,
        address: str,
        errors: dict[str, BotError],
    ) -> Contact | None:
        if known is not None and (known.name, known.mail) == (called, address):
            return known
        if known is not None and is_crms(handoff.account, known):
            if address and address != known.mail:
                errors["contact_mail"] = KeptInCrm(what=known.name)
            return known
        before = {"name": known.name, "mail": known.mail} if known else None
        contact = known or Contact(handoff.workspace_id, handoff.account_id, called)
        contact.name, contact.mail = called, address
        contact.version += known is not None
        session.add(contact)
        session.flush()
        after = {"name": called, "mail": address}
        journal.record(session, by, self.desk.now(), "contact.kept", contact.id, handoff.id, before, after)
        changes.facts_touched(session, self.desk.now(), by.workspace_id, [handoff.account_id])
        return contact

    def _confided(self, session: Session, reader: Person | None, account: Account) -> bool:
        """Whether they may know who makes trouble, as in the view of the account."""
        if reader is None:
            return False
        try:
            return access(self.desk, session, reader, account).may(Action.TROUBLE_MAKERS)
        except NoSuchThing:
            return False


def _suggested(
    session: Session, handoff: Handoff, there: list[Contact], confided: bool, plan: Meeting | None = None
) -> Contact | None:
    planned = numbered(there, plan.contact_id if plan is not None else None)
    if planned is not None or len(there) < 2:
        return planned or next(iter(there), None)
    told = told_of(records_of(session, handoff.id, (StepForm.WARNING,)))
    return addressee(there, told, confided=confided)


def _meant(account: Account, there: list[Contact], called: str, named: Named) -> Contact | None:
    """Whose name it is; else whom this form wrote down, or the only one who is known; never one of the CRM's."""
    same = named_among(there, called)
    if same is not None:
        return same
    only = there[0] if len(there) == 1 and named.contact is None else None
    renamed = numbered(there, named.wrote) or only
    return None if renamed is not None and is_crms(account, renamed) else renamed
