"""Special relationships of an account: who owns each, on which terms, until when, and when it changes hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.checklist import ChecklistItem
from bot.domain.handoff import Handoff
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing
from bot.domain.special import NOTICE_DAYS, Special, SpecialKind, require_dates
from bot.domain.typed import trimmed
from bot.domain.vocabulary import StepForm
from bot.errors import BotError, FieldErrors
from bot.store import journal, known, loading, trail
from bot.store import schema as t
from bot.store.specials import KEPT, as_known, known_of_account, of_account
from bot.usecases import changes
from bot.usecases.accounts.accounts import one_account
from bot.usecases.coverage.cover_alarms import confided, managers_of, through_quiet
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing, chosen, one_of, tried
from bot.usecases.handoffs.checklist import Checklist, written
from bot.usecases.nudges.alarms import Line

TITLE_LIMIT, TERMS_LIMIT = 120, 2000


@dataclass(frozen=True)
class SpecialForm:
    """What the form shows: the relationship to change (none: a new one), and those there are. `owner` is suggested."""

    account: Account
    special: Special | None
    others: tuple[Special, ...]
    owner: Person | None
    item: ChecklistItem | None


@dataclass(frozen=True)
class OverForm:
    """Who gets which; `suggested` is the incoming rep."""

    account: Account
    specials: tuple[Special, ...]
    suggested: Person | None
    item: ChecklistItem


@dataclass(frozen=True)
class SpecialsView:
    """`/handoff special ACCOUNT`; `may`: the reader may change them."""

    account: Account
    specials: tuple[Special, ...]
    may: bool
    today: date


@dataclass(frozen=True)
class Sent:
    """What was written into the form; `special_id` is the one changed."""

    kind: str | None
    title: str
    terms: str
    owner: str | None
    expires_on: date | None
    transfer_on: date | None
    special_id: int | None = None


@dataclass(frozen=True)
class Specials:
    desk: Desk
    checklist: Checklist

    def list(self, actor: Actor, query: str) -> SpecialsView:
        """Raises NoAccount."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account, _ = one_account(session, reader, query)
            may = self._may(session, reader, account)
            return SpecialsView(account, known_of_account(session, reader, account.id), may, self.desk.today(reader))

    def form(self, actor: Actor, account_id: int, special_id: int | None = None) -> SpecialForm:
        """To add one (`special_id` empty) or change one. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            self._require(session, reader, account)
            all_of_them = known_of_account(session, reader, account.id)
            found = numbered(all_of_them, special_id)
            if special_id is not None and found is None:
                raise NoSuchThing()
            return SpecialForm(account, found, all_of_them, found.owner if found else None, None)

    def form_of_item(self, actor: Actor, item_id: int) -> SpecialForm:
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, reader.workspace_id, item_id)
            self.desk.sight(reader, handoff)
            owner = handoff.cover or handoff.manager
            return SpecialForm(handoff.account, None, of_account(session, handoff.account_id), owner, item)

    def save(self, actor: Actor, account_id: int, sent: Sent, item_id: int | None = None) -> None:
        """Keep it; with `item_id`, the step that asked for it is done. Raises FieldErrors, NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account = loading.account(session, by.workspace_id, account_id)
            handoff = None
            if item_id is None:
                self._require(session, by, account)
            else:
                item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
                self.desk.require(session, Action.TICK, by, handoff, item)
            special = self._kept(session, by, account, sent, handoff)
            if item_id is not None:
                body = {"special": special.id, "title": special.title, "owner": sent.owner}
                self.checklist.written_down(session, actor, item_id, StepForm.SPECIAL, body)

    def over_form(self, actor: Actor, item_id: int) -> OverForm:
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, reader.workspace_id, item_id)
            self.desk.sight(reader, handoff)
            return OverForm(handoff.account, of_account(session, handoff.account_id), handoff.incoming, item)

    def hand_over(self, actor: Actor, item_id: int, special_ids: Iterable[int], to: str | None, note: str) -> None:
        """These have a new owner from today; the step is done. With none chosen the note says why."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            self.desk.require(session, Action.TICK, by, handoff, item)
            errors: dict[str, BotError] = {}
            wanted = set(special_ids)
            moved = [one for one in of_account(session, handoff.account_id) if one.id in wanted]
            person = chosen(self.desk, session, by, to, "to", errors) if moved else None
            if not moved and not trimmed(note):
                errors["note"] = Missing()
            if errors:
                raise FieldErrors(errors)
            now, today = self.desk.now(), self.desk.today(by)
            for one in moved:
                assert person is not None, "looked at above"
                before = {"owner_id": one.owner_id}
                one.handoff_id = handoff.id if handoff.quiet else one.handoff_id
                tried(errors, "to", lambda one=one: one.hand_over(person, now, today))  # type: ignore[misc]
                after = {"owner_id": one.owner_id, "title": one.title}
                journal.record(session, by, now, "special.handed_over", one.id, handoff.id, before, after)
            if errors:
                raise FieldErrors(errors)
            body = {"specials": [one.id for one in moved], "to": to, "note": trimmed(note)}
            self.checklist.written_down(session, actor, item_id, StepForm.SPECIAL_OVER, body)

    def _kept(self, session: Session, by: Person, account: Account, sent: Sent, handoff: Handoff | None) -> Special:
        errors: dict[str, BotError] = {}
        kind = one_of(SpecialKind, sent.kind, "kind", errors)
        title = tried(errors, "title", lambda: written(" ".join(sent.title.split()), TITLE_LIMIT))
        terms = tried(errors, "terms", lambda: written(sent.terms, TERMS_LIMIT)) if trimmed(sent.terms) else ""
        owner = chosen(self.desk, session, by, sent.owner, "owner", errors)
        known_one = numbered(of_account(session, account.id), sent.special_id)
        shown = numbered(known_of_account(session, by, account.id), sent.special_id)
        if sent.special_id is not None and (known_one is None or shown is None):
            raise NoSuchThing()
        unchanged = known_one is not None and known_one.expires_on == sent.expires_on
        checked = None if unchanged else sent.expires_on  # what expired long ago may still be described better
        tried(errors, "expires_on", lambda: require_dates(checked, None, self.desk.today(by)))
        tried(errors, "transfer_on", lambda: require_dates(sent.expires_on, sent.transfer_on, self.desk.today(by)))
        if errors or owner is None:
            raise FieldErrors(errors)
        special = known_one or Special(by.workspace_id, account.id, kind, title)
        before = _facts(shown) if shown else None  # as whoever writes knows it
        planned, planned_in = (_facts(special), special.handoff_id) if known_one is not None else (None, None)
        special.kind, special.title, special.terms, special.owner_id = kind, title, terms, owner.id
        special.expires_on, special.transfer_on = sent.expires_on, sent.transfer_on
        through = handoff or self._quiet(session, by, account)
        number = through.id if through is not None else None
        everybodys = known_one is not shown  # somebody wrote it who may not know what was planned quietly
        special.handoff_id = number or (None if everybodys else special.handoff_id)
        special.version += 1
        session.add(special)
        session.flush()
        about = number or trail.public_of(session, account.id)
        journal.record(session, by, self.desk.now(), KEPT, special.id, about, before, _facts(special))
        if everybodys and planned is not None and planned_in is not None:
            self._tell_who_planned(session, by, special, planned, planned_in)
        return special

    def _tell_who_planned(
        self, session: Session, by: Person, special: Special, planned: Mapping[str, Any], number: int
    ) -> None:
        """What somebody writes in the open holds; the manager who had planned something else quietly hears of it."""
        handoff = loading.whole_handoff(session, by.workspace_id, number)
        manager = handoff.manager
        if manager is None or not manager.reachable or manager.id == by.id:
            return
        owner = loading.people_by_id(session, [planned["owner_id"]]).get(planned["owner_id"] or 0)
        values = {**planned, "owner": owner.slack_id if owner is not None else None, "who": by.slack_id}
        slot = f"special:{special.id}:{special.version}"
        letter = changes.direct_message(number, manager, slot, "special_changed", **values)
        changes.say(session, self.desk.now(), handoff, letter)

    def _quiet(self, session: Session, by: Person, account: Account) -> Handoff | None:
        """The quiet handoff that they prepare: what they change meanwhile is as quiet."""
        running = known.open_handoff_of(session, by, account.id)
        return running if running is not None and running.quiet else None

    def _may(self, session: Session, reader: Person, account: Account) -> bool:
        running = known.open_handoff_of(session, reader, account.id)
        if running is not None:
            return self.desk.may(session, Action.EDIT, reader, running)
        return self.desk.standing(session, reader).starts

    def _require(self, session: Session, reader: Person, account: Account) -> None:
        if not known.is_known(session, reader, account):
            raise NoSuchThing()
        running = known.open_handoff_of(session, reader, account.id)
        self.desk.require(session, Action.EDIT if running else Action.START, reader, running)


def source(session: Session, workspace_id: int, today: date) -> Mapping[int, Sequence[Line]]:
    """What expires, should have changed hands by today, or whose owner is gone: for its owner, and for the account's
    managers.
    """
    c, p = t.special_relationships.c, t.people.c
    soon = or_(c.expires_on <= today + timedelta(days=NOTICE_DAYS), c.transfer_on <= today)
    gone = or_(p.deactivated, p.is_bot)
    query = select(Special).join(t.people, p.id == c.owner_id, isouter=True)
    found = list(
        session.scalars(query.where(c.workspace_id == workspace_id, c.state == "open", or_(soon, gone)).order_by(c.id))
    )
    owners = loading.people_by_id(session, (one.owner_id for one in found))
    found = [one for one in found if one.raises_alarm(today, owners.get(one.owner_id or 0)) is not None]
    if not found:
        return {}
    accounts = {
        one.id: one
        for one in session.scalars(select(Account).where(t.accounts.c.id.in_({s.account_id for s in found})))
    }
    managers = managers_of(session, workspace_id, accounts)
    hidden = confided(session, (one.id for one in accounts.values() if one.quiet))
    quiet = through_quiet(session, {one.handoff_id for one in found})
    told: dict[int, list[Line]] = {}
    for one in found:
        owner = owners.get(one.owner_id or 0)
        know = quiet.get(one.handoff_id, hidden.get(one.account_id))
        hear = {person.id: person for person in managers.get(one.account_id, ())}
        hear |= {owner.id: owner} if owner is not None and owner.reachable else {}
        for number, person in sorted(hear.items()):
            told_so = one.handoff_id not in quiet or number in quiet[one.handoff_id]
            for shown in [one] if told_so else as_known(session, person, [one]):
                theirs = owner if shown is one else shown.owner
                if shown.raises_alarm(today, theirs) is not None:
                    about = _about(shown, accounts[one.account_id], theirs, today)
                    told.setdefault(number, []).append(Line("special", about, know if told_so else None))
    return told


def _about(one: Special, account: Account, owner: Person | None, today: date) -> dict[str, Any]:
    return {
        "word": one.raises_alarm(today, owner),
        "account": account.name,
        "account_id": account.id,
        "special_id": one.id,
        "title": one.title,
        "owner": owner,
        "expires": one.expires_on,
        "transfer": one.transfer_on,
    }


def _facts(one: Special) -> dict[str, Any]:
    return {
        "kind": SpecialKind(one.kind).value,
        "title": one.title,
        "terms": one.terms,
        "owner_id": one.owner_id,
        "expires_on": one.expires_on.isoformat() if one.expires_on else None,
        "transfer_on": one.transfer_on.isoformat() if one.transfer_on else None,
    }
