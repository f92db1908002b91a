"""Contacts, agreements, key dates and regular orders of an account: added, changed, removed, and brought back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.customer import Contact, ContactRole, left_to_others
from bot.domain.dossier import Fact
from bot.domain.facts import DENIABLE
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing, Refusal
from bot.errors import FieldErrors
from bot.store import dossiers, journal, loading
from bot.usecases import changes
from bot.usecases.accounts.dossier_access import Access, changed_by, require, told_in
from bot.usecases.accounts.dossier_forms import NOUNS, Noun, Some, ThingSent
from bot.usecases.desk import Actor, Desk

AT_MOST = 50
"""Things of one kind that an account has."""
CONFIDED = "contact.confided"
"""The verb under which a change stands that tells who makes trouble."""
CONFIDENTIAL = ("role", "note")
"""What of a contact who makes trouble only some may read."""


class ChangedMeanwhile(Refusal):
    sentence = "“%(what)s” has changed meanwhile. Close this form and look at it again."


class TooManyThings(Refusal):
    sentence = "%(limit)s are as many as I keep for one account. Remove one first."


class KeptInCrm(Refusal):
    sentence = "“%(what)s” comes from the CRM. Change it there; here you see it as the CRM has it."


class ThereAreSome(Refusal):
    sentence = "There is one already. Remove it first if it is none any more."


class MayBeConfidential(Refusal):
    sentence = (
        "Of “%(what)s” you see neither role nor note. There may be more that is confidential: "
        "only the manager, both reps, the owner and whoever covers can remove them."
    )


@dataclass(frozen=True)
class ThingForm:
    """What a form begins with: the thing to change, or None for a new one. `roles`: those the reader may choose.

    `role` and `note`: a contact's, as far as the reader may know of them; no roles, where both are left to others.

    `from_crm`: what it is called and how to reach it is the CRM's. `denies`: they may say that there are none.
    """

    account: Account
    noun: str
    thing: Some | None
    role: str
    note: str
    roles: tuple[ContactRole, ...]
    from_crm: bool
    denies: bool
    today: date


@dataclass(frozen=True)
class Things:
    desk: Desk

    def form(self, actor: Actor, account_id: int, word: str, number: int | None = None, role: str = "") -> ThingForm:
        """`role`: what a new contact is suggested to be. Raises NotAllowed, NoSuchThing."""
        noun = noun_of(word)
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            held = require(self.desk, session, Action.DOSSIER, reader, account)
            thing = dossiers.thing(session, noun.kind, account, number) if number is not None else None
            confided = held.may(Action.TROUBLE_MAKERS)
            return ThingForm(
                account=account,
                noun=word,
                thing=thing,
                role=shown_role(thing, confided=confided) if isinstance(thing, Contact) else role,
                note=shown_note(thing, confided=confided) if isinstance(thing, Contact) else "",
                roles=() if _left_to_others(thing, held) else roles_for(confided=confided),
                from_crm=is_crms(account, thing),
                denies=thing is None and noun.fact is not None and not self._some(session, noun, account),
                today=self.desk.today(reader),
            )

    def save(
        self,
        actor: Actor,
        account_id: int,
        word: str,
        sent: ThingSent,
        number: int | None = None,
        version: int | None = None,
    ) -> int:
        """Add one, or change the one that the person saw in that version. Returns its number.

        Raises FieldErrors, ChangedMeanwhile, TooManyThings, NotAllowed, NoSuchThing.
        """
        noun = noun_of(word)
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.DOSSIER, by, account_id)
            thing = self._seen(session, noun, account, number, version) if number is not None else None
            values = _values(noun, sent, account, thing, held)
            if thing is None:
                if len(dossiers.things_of(session, noun.kind, account.id)) >= AT_MOST:
                    raise TooManyThings(limit=AT_MOST)
                thing, before = noun.kind(account.workspace_id, account.id, **values), {}
                session.add(thing)
                _no_longer_denied(account, noun)
            else:
                before = _facts(thing, values)
                for name, value in values.items():
                    setattr(thing, name, value)
                thing.version += 1
            session.flush()
            self._note(session, by, held, noun, thing, "changed" if number is not None else "added", before, values)
            return int(thing.id)

    def deny(self, actor: Actor, account_id: int, fact: Fact) -> None:
        """There are none of these, somebody says. Raises ThereAreSome, NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.DOSSIER, by, account_id)
            if fact not in DENIABLE:
                raise NoSuchThing()
            there = dossiers.dossier_of(session, account, by)
            some = {
                Fact.DEALS: there.deals,
                Fact.AGREEMENTS: there.agreements,
                Fact.KEY_DATES: there.key_dates,
                Fact.REGULAR_ORDERS: there.orders,
            }
            if some[fact]:
                raise ThereAreSome()
            if fact not in (account.none_of or ()):
                account.none_of = sorted({*(account.none_of or ()), fact.value})
                account.version += 1
                about, after = told_in(session, held), {"none": fact.value}
                journal.record(session, by, self.desk.now(), "account.denied", account.id, about, None, after)
                changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def remove(self, actor: Actor, account_id: int, word: str, number: int, version: int | None = None) -> str:
        """Take it away; the audit trail and `restore` keep it. Returns what it was called.

        Raises KeptInCrm, MayBeConfidential, and as `save` does.
        """
        noun = noun_of(word)
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.DOSSIER, by, account_id)
            thing = self._seen(session, noun, account, number, version)
            if is_crms(account, thing):
                raise KeptInCrm(what=getattr(thing, noun.title))
            if _left_to_others(thing, held):
                raise MayBeConfidential(what=getattr(thing, noun.title))
            thing.removed_at = self.desk.now()
            thing.version += 1
            before = _facts(thing, _fields(noun, thing))
            self._note(session, by, held, noun, thing, "removed", before, {})
            return str(getattr(thing, noun.title))

    def restore(self, actor: Actor, account_id: int, word: str, number: int) -> None:
        """Bring back what was removed. Raises NoSuchThing for what was not, TooManyThings, NotAllowed."""
        noun = noun_of(word)
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.DOSSIER, by, account_id)
            thing = dossiers.thing(session, noun.kind, account, number, removed=True, lock=True)
            if len(dossiers.things_of(session, noun.kind, account.id)) >= AT_MOST:
                raise TooManyThings(limit=AT_MOST)
            thing.removed_at = None
            thing.version += 1
            _no_longer_denied(account, noun)
            self._note(session, by, held, noun, thing, "restored", {}, _fields(noun, thing))

    def _seen(self, session: Session, noun: Noun, account: Account, number: int, version: int | None) -> Any:
        """The thing as the person saw it. Two at once: the second is told."""
        thing = dossiers.thing(session, noun.kind, account, number, lock=True)
        if version is not None and thing.version != version:
            raise ChangedMeanwhile(what=getattr(thing, noun.title))
        return thing

    def _some(self, session: Session, noun: Noun, account: Account) -> bool:
        return bool(dossiers.things_of(session, noun.kind, account.id))

    def _note(
        self,
        session: Session,
        by: Person,
        held: Access,
        noun: Noun,
        thing: Any,
        did: str,
        before: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> None:
        """Into the audit trail goes what changed; who makes trouble stands in an entry of its own."""
        after = _facts(thing, values)
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        now, about = self.desk.now(), told_in(session, held)
        was = {name: before[name] for name in changed if name in before}
        became = {name: after[name] for name in changed if name in after}
        if _troubles(thing) or ContactRole.TROUBLE_MAKER in (was.get("role"), became.get("role")):
            names: list[str] = [name for name in changed if name in CONFIDENTIAL]
            was_then, is_now = ({name: side.pop(name, "") for name in names} for side in (was, became))
            if names:
                journal.record(session, by, now, CONFIDED, thing.id, about, was_then, is_now)
        called = {} if noun.title in {**was, **became} else {noun.title: getattr(thing, noun.title)}
        journal.record(session, by, now, f"{noun.word}.{did}", thing.id, about, was, {**called, **became})
        changes.facts_touched(session, now, by.workspace_id, [thing.account_id])


def noun_of(word: str) -> Noun:
    """Raises NoSuchThing for a word that is none of ours."""
    if word not in NOUNS:
        raise NoSuchThing()
    return NOUNS[word]


def shown_role(contact: Contact, *, confided: bool) -> str:
    """What somebody at the customer is, as far as the reader may know: who makes trouble is confidential (E13)."""
    return "" if contact.role == ContactRole.TROUBLE_MAKER and not confided else contact.role


def shown_note(contact: Contact, *, confided: bool) -> str:
    """What is noted about them: about somebody who makes trouble, it says why."""
    return "" if _troubles(contact) and not confided else contact.note


def roles_for(*, confided: bool) -> tuple[ContactRole, ...]:
    """What somebody may say that a contact is."""
    return tuple(one for one in ContactRole if confided or one is not ContactRole.TROUBLE_MAKER)


def _left_to_others(thing: Some | None, held: Access) -> bool:
    confided = held.may(Action.TROUBLE_MAKERS)
    return isinstance(thing, Contact) and left_to_others(thing.role, thing.note, confided=confided)


def _troubles(thing: Some) -> bool:
    return isinstance(thing, Contact) and thing.role == ContactRole.TROUBLE_MAKER


def _values(noun: Noun, sent: ThingSent, account: Account, thing: Any, held: Access) -> dict[str, Any]:
    """What the form says, checked. What is the CRM's, and what is left to others, stay as they are."""
    errors: dict[str, Any] = {}
    values = noun.read(sent, errors)
    if is_crms(account, thing):
        for name in noun.from_crm:
            values[name] = getattr(thing, name)
            errors.pop(name, None)
    if _left_to_others(thing, held):
        for name in CONFIDENTIAL:
            values[name] = getattr(thing, name)
            errors.pop(name, None)
    elif values.get("role") == ContactRole.TROUBLE_MAKER and not held.may(Action.TROUBLE_MAKERS):
        values["role"] = ""
    if errors:
        raise FieldErrors(errors)
    return values


def is_crms(account: Account, thing: Some | None) -> bool:
    """Whether the CRM is the record of what it is called and how to reach it."""
    return bool(account.crm) and isinstance(thing, Contact) and bool(thing.crm_id)


def _no_longer_denied(account: Account, noun: Noun) -> None:
    if noun.fact is not None and noun.fact in (account.none_of or ()):
        account.none_of = sorted(set(account.none_of or ()) - {noun.fact.value}) or None
        account.version += 1


def _fields(noun: Noun, thing: Any) -> dict[str, Any]:
    read = noun.read(ThingSent({}, {}, {}), {})
    return {name: getattr(thing, name) for name in read}


def _facts(thing: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """These fields of the thing as they stand, as JSON values; what is empty is left out."""
    found = {name: getattr(thing, name) for name in values}
    return journal.as_json({name: one for name, one in found.items() if one not in ("", None)})
