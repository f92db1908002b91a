"""The customer's side of a handoff: told in time, asked how it feels; what the card and the brief show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.customer import Contact, How, Mood, require_told_on
from bot.domain.edits import ChangedMeanwhile
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.typed import trimmed
from bot.domain.vocabulary import StepForm
from bot.errors import BotError, FieldErrors
from bot.store import journal, loading
from bot.usecases import changes
from bot.usecases.accounts.dossier_things import KeptInCrm, is_crms
from bot.usecases.customers.contacts import Contacts, Named, Whom
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
    whom: Whom
    mail: MailView
    me: Person
    today: date


@dataclass(frozen=True)
class Warned:
    """What was written into it. `by` is the Slack id of who told the customer."""

    by: str | None
    on: date | None
    how: str | None
    named: Named


@dataclass(frozen=True)
class ContactForm:
    """The customer's contact as it is kept, None where nobody is known; `seen` goes back with the form.

    `known`: how many people are known there.
    """

    handoff: Handoff
    contact: Contact | None
    seen: list[str]
    known: int = 1


@dataclass(frozen=True)
class Customers:
    desk: Desk
    checklist: Checklist
    mails: CustomerMails
    contacts: Contacts

    def warning_form(self, actor: Actor, item_id: int, named: Named | None = None) -> WarningForm:
        """The form, with the words for the customer. `named`: whom it names when it is drawn anew.

        Raises NoSuchThing.
        """
        with self.desk.db.read() as session:
            me = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, me.workspace_id, item_id)
            self.desk.sight(me, handoff)
            whom = self.contacts.whom(session, handoff, me, named)
            mail = self.mails.warning(session, handoff, item, me, whom.contact)
            return WarningForm(item, handoff, whom, mail, me, self.desk.today(me))

    def keep_contact(self, actor: Actor, item_id: int, named: Named) -> Named:
        """Whom the form names, before it is sent; returns how it goes on. Raises FieldErrors, NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            self.desk.require(session, Action.TICK, by, handoff, item)
            handoff.require_open()
            errors: dict[str, BotError] = {}
            kept = self.contacts.put(session, by, handoff, named, errors)
            if errors or kept is None:
                raise FieldErrors(errors)
            return kept

    def contact_form(self, actor: Actor, handoff_id: int) -> ContactForm:
        """What the form behind "Edit" begins with. Raises NotAllowed, HandoffClosed, NoSuchThing."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
            self.desk.require(session, Action.EDIT, by, handoff)
            handoff.require_open()
            contact, known = self.contacts.edited(session, handoff, by)
            return ContactForm(handoff, contact, _seen(contact), known)

    def edit_contact(self, actor: Actor, handoff_id: int, name: str, mail: str, seen: Sequence[str]) -> None:
        """Another address or, where only one is known, another name; somebody who is not known yet; or one of them
        less (both fields empty).

        Raises FieldErrors (contact_name, contact_mail; ChangedMeanwhile where `seen` is not what is kept any more),
        NotAllowed, HandoffClosed.
        """
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
            self.desk.require(session, Action.EDIT, by, handoff)
            handoff.require_open()
            known, count = self.contacts.edited(session, handoff, by)
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
            named, edited = Named(None, name, mail), known if count > 1 else None
            self.contacts.keep(session, by, handoff, named, errors, edited)
            if errors:
                raise FieldErrors(errors)

    def warned(self, actor: Actor, item_id: int, form: Warned) -> None:
        """The customer was told: who, when, how, in which words. Raises FieldErrors, and as `write_down`."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            self.desk.require(session, Action.TICK, by, handoff, item)
            errors: dict[str, BotError] = {}
            contact = self.contacts.keep(session, by, handoff, form.named, errors)
            teller = chosen(self.desk, session, by, form.by, "by", errors, may_have_left=True)
            on, how = form.on, one_of(How, form.how, "how", errors)
            if on is None:
                errors["on"] = Missing()
            else:
                tried(errors, "on", lambda: require_told_on(on, handoff.start_on, self.desk.today(by)))
            if errors or on is None or how is None or contact is None or teller is None:
                raise FieldErrors(errors)
            view = self.mails.warning(session, handoff, item, by, contact)
            body = {
                "by": teller.slack_id,
                "on": on.isoformat(),
                "how": how.value,
                "contact": contact.name,
                "contact_id": contact.id,
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

    def _tell_the_manager(self, note: str) -> Follow:
        def follow(session: Session, handoff: Handoff, item: ChecklistItem, by: Person) -> None:
            now = self.desk.now()
            slot = f"pulse:{item.id}:{int(now.timestamp())}"
            changes.tell_the_chief(session, now, handoff, by, slot, "pulse", note=note)

        return follow


def _seen(contact: Contact | None) -> list[str]:
    return [contact.name, contact.mail] if contact is not None else []
