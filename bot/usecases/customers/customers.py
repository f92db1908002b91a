"""The customer's side of a handoff: told in time, asked how it feels; what the card and the brief show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import fold
from bot.domain.checklist import ChecklistItem
from bot.domain.customer import Contact, How, Mood, mail_address, require_told_on
from bot.domain.edits import ChangedMeanwhile
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.typed import trimmed
from bot.domain.vocabulary import StepForm
from bot.errors import BotError, FieldErrors
from bot.store import customers as stored
from bot.store import dossiers, journal, loading
from bot.usecases import changes
from bot.usecases.accounts.accounts import NAME_LIMIT
from bot.usecases.accounts.dossier_things import KeptInCrm, is_crms
from bot.usecases.customers.mails import CustomerMails, MailView
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing, chosen, one_of, tried
from bot.usecases.handoffs.checklist import Checklist, Follow, written

NOTE_LIMIT = 1000


@dataclass(frozen=True)
class WarningForm:
    """What the form of a warning shows; `me` is who filled it in so far, `today` their day."""

    item: ChecklistItem
    handoff: Handoff
    contact: Contact | None
    mail: MailView
    me: Person
    today: date


@dataclass(frozen=True)
class Warned:
    """What was written into it. `by` is the Slack id of who told the customer."""

    by: str | None
    on: date | None
    how: str | None
    contact_name: str
    contact_mail: str


@dataclass(frozen=True)
class ContactForm:
    """The customer's contact as it is kept, None where nobody is known; `seen` goes back with the form."""

    handoff: Handoff
    contact: Contact | None
    seen: list[str]


@dataclass(frozen=True)
class Customers:
    desk: Desk
    checklist: Checklist
    mails: CustomerMails

    def warning_form(self, actor: Actor, item_id: int) -> WarningForm:
        """The form, with the words for the customer. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            me = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, me.workspace_id, item_id)
            self.desk.sight(me, handoff)
            contact = stored.contact_of(session, handoff.account_id)
            mail = self.mails.warning(session, handoff, item, me)
            return WarningForm(item, handoff, contact, mail, me, self.desk.today(me))

    def keep_contact(self, actor: Actor, item_id: int, name: str, mail: str) -> None:
        """Who the customer's contact is, before the form is sent. Raises FieldErrors, NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            self.desk.require(session, Action.TICK, by, handoff, item)
            handoff.require_open()
            errors: dict[str, BotError] = {}
            self.contact(session, by, handoff, name, mail, errors)
            if errors:
                raise FieldErrors(errors)

    def contact_form(self, actor: Actor, handoff_id: int) -> ContactForm:
        """What the form behind "Edit" begins with. Raises NotAllowed, HandoffClosed, NoSuchThing."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
            self.desk.require(session, Action.EDIT, by, handoff)
            handoff.require_open()
            contact = stored.contact_of(session, handoff.account_id)
            return ContactForm(handoff, contact, _seen(contact))

    def edit_contact(self, actor: Actor, handoff_id: int, name: str, mail: str, seen: Sequence[str]) -> None:
        """Somebody else at the customer, another address, or nobody any more (both fields empty).

        Raises FieldErrors (contact_name, contact_mail; ChangedMeanwhile where `seen` is not what is kept any more),
        NotAllowed, HandoffClosed.
        """
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
            self.desk.require(session, Action.EDIT, by, handoff)
            handoff.require_open()
            known = stored.contact_of(session, handoff.account_id)
            if list(seen) != _seen(known):
                raise FieldErrors({"contact_name": ChangedMeanwhile()})
            if known is not None and not trimmed(name) and not trimmed(mail):
                if is_crms(handoff.account, known):
                    raise FieldErrors({"contact_name": KeptInCrm(what=known.name)})
                known.removed_at = self.desk.now()
                was = {"name": known.name, "mail": known.mail}
                journal.record(session, by, self.desk.now(), "contact.removed", known.id, handoff.id, was)
                changes.facts_touched(session, self.desk.now(), by.workspace_id, [handoff.account_id])
                return
            errors: dict[str, BotError] = {}
            self.contact(session, by, handoff, name, mail, errors)
            if errors:
                raise FieldErrors(errors)

    def warned(self, actor: Actor, item_id: int, form: Warned) -> None:
        """The customer was told: who, when, how, in which words. Raises FieldErrors, and as `write_down`."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            self.desk.require(session, Action.TICK, by, handoff, item)
            errors: dict[str, BotError] = {}
            contact = self.contact(session, by, handoff, form.contact_name, form.contact_mail, errors)
            teller = chosen(self.desk, session, by, form.by, "by", errors, may_have_left=True)
            on, how = form.on, one_of(How, form.how, "how", errors)
            if on is None:
                errors["on"] = Missing()
            else:
                tried(errors, "on", lambda: require_told_on(on, handoff.start_on, self.desk.today(by)))
            if errors or on is None or how is None or contact is None or teller is None:
                raise FieldErrors(errors)
            view = self.mails.warning(session, handoff, item, by)
            body = {
                "by": teller.slack_id,
                "on": on.isoformat(),
                "how": how.value,
                "contact": contact.name,
                "kind": "sudden" if view.sudden else "warning",
                "text": f"{view.mail.subject}\n\n{view.mail.body}",
            }
            self.checklist.written_down(session, actor, item_id, StepForm.WARNING, body)

    def felt(self, actor: Actor, item_id: int, mood: str | None, note: str) -> None:
        """The customer's pulse. A bad one is told to the manager at once. Raises FieldErrors."""
        with self.desk.db.write() as session:
            errors: dict[str, BotError] = {}
            taken = one_of(Mood, mood, "mood", errors)
            words = trimmed(note)
            if words:
                tried(errors, "note", lambda: written(words, NOTE_LIMIT))
            if errors or taken is None:
                raise FieldErrors(errors)
            by = self.desk.actor(session, actor)
            _, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            since = handoff.transfer_on
            day = (self.desk.today(by) - since).days if since else None
            body = {"mood": taken.value, "note": words, "day": day}
            follow = self._tell_the_manager(words) if taken is Mood.BAD else None
            self.checklist.written_down(session, actor, item_id, StepForm.PULSE, body, follow)

    def contact(
        self, session: Session, by: Person, handoff: Handoff, name: str, mail: str, errors: dict[str, BotError]
    ) -> Contact | None:
        """Keep the customer's contact; what is wrong with it goes under its field. The mail address may be empty."""
        called = " ".join(trimmed(name).split())
        tried(errors, "contact_name", lambda: written(called, NAME_LIMIT))
        address = (tried(errors, "contact_mail", lambda: mail_address(mail)) or "") if trimmed(mail) else ""
        if "contact_name" in errors or "contact_mail" in errors:
            return None
        known = self._meant(session, handoff, called)
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

    def _meant(self, session: Session, handoff: Handoff, called: str) -> Contact | None:
        """Whose name it is; else the one that is known, to be called so from now on, unless that one is the CRM's."""
        there = dossiers.contacts_of(session, handoff.account_id)
        same = next((one for one in there if fold(one.name) == fold(called)), None)
        known = same or stored.contact_of(session, handoff.account_id)
        return None if same is None and known is not None and is_crms(handoff.account, known) else known

    def _tell_the_manager(self, note: str) -> Follow:
        def follow(session: Session, handoff: Handoff, item: ChecklistItem, by: Person) -> None:
            now = self.desk.now()
            slot = f"pulse:{item.id}:{int(now.timestamp())}"
            changes.tell_the_chief(session, now, handoff, by, slot, "pulse", note=note)

        return follow


def _seen(contact: Contact | None) -> list[str]:
    return [contact.name, contact.mail] if contact is not None else []
