"""The watch list: reps who might leave, for managers' eyes only, and what would hang in the air without them (A6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.deals import Deal
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing, Refusal, RefuseDate
from bot.domain.suggesting import suggested
from bot.domain.typed import trimmed
from bot.domain.watching import Offered, Signal, is_long, may_see, single_threaded
from bot.errors import BotError, FieldErrors
from bot.store import covers, journal
from bot.store import schema as t
from bot.store import watched as store
from bot.store.loading import people_by_id
from bot.usecases.coverage.bench import ChangedByAnother, on_the_bench
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing, unfit
from bot.usecases.handoffs.checklist import TEXT_LIMIT, rewritten
from bot.usecases.nudges import alarms
from bot.usecases.nudges.alarms import Line

SHOWN = 12
"""Entries that the list shows."""

_w = t.watched.c


class NobodyManages(Refusal):
    sentence = "Only managers may see this list, and none are named yet. Name them in `/handoff setup` first."


class WatchedAlready(Refusal):
    sentence = "%(person)s is on the list already."


class NotYourself(Refusal):
    sentence = "You cannot put yourself on this list. Talk to your own manager instead."


class TooLongNote(Refusal):
    sentence = "%(limit)s characters at most, please."


@dataclass(frozen=True)
class Alone:
    """An account (or one long deal of it) that hangs on one person; `second` is who could safely be introduced."""

    account: Account
    deal: Deal | None
    contacts: int
    second: Person | None


@dataclass(frozen=True)
class Entry:
    """Somebody who might leave. `accounts` counts what they own or hand over, `ready` what has no handoff yet."""

    id: int
    person: Person
    by: Person | None
    signals: tuple[Signal, ...]
    offered: tuple[Offered, ...]
    note: str
    follow_up: date | None
    version: int
    alone: tuple[Alone, ...] = ()
    accounts: int = 0
    ready: int = 0


@dataclass(frozen=True)
class WatchForm:
    """What was filled in; `person` (a Slack id) only for a new entry."""

    person: str | None
    signals: Sequence[str]
    offered: Sequence[str]
    follow_up: date | None
    note: str


@dataclass(frozen=True)
class Watching:
    desk: Desk

    def list(self, actor: Actor) -> tuple[Entry, ...]:
        """Everybody on it, but the reader. Raises NotAllowed, NobodyManages."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            self.require(session, reader)
            rows = [row for row in _rows(session, reader.workspace_id) if _sees(reader, row)][: SHOWN + 1]
            people = people_by_id(session, (number for row in rows for number in (row.person_id, row.by_id)))
            return tuple(self._with_accounts(session, reader, _read(row, people)) for row in rows)

    def may_add(self, actor: Actor) -> None:
        """Raise NotAllowed, NobodyManages for whoever may not."""
        with self.desk.db.read() as session:
            self.require(session, self.desk.viewer(session, actor))

    def entry(self, actor: Actor, number: int) -> Entry:
        """One of them. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            return self.one(session, self.desk.viewer(session, actor), number)

    def one(self, session: Session, reader: Person, number: int) -> Entry:
        """One of them, within a transaction. Raises NotAllowed, NoSuchThing."""
        self.require(session, reader)
        row = _row(session, reader, number)
        return self._with_accounts(session, reader, _read(row, people_by_id(session, (row.person_id, row.by_id))))

    def require(self, session: Session, reader: Person) -> None:
        """Raise NobodyManages, NotAllowed unless the reader is a manager by setup."""
        if self.desk.standing(session, reader).open_house:
            raise NobodyManages()
        self.desk.require(session, Action.WATCH, reader)

    def save(self, actor: Actor, form: WatchForm, number: int | None = None, version: int = 0) -> None:
        """Add somebody, or change what is known. Raises FieldErrors, NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.require(session, by)
            row = _row(session, by, number, lock=True) if number is not None else None
            if row is not None and row.version != version:
                raise FieldErrors({"note": ChangedByAnother()})
            values = self._values(session, by, form, row)
            now = self.desk.now()
            if row is None:
                new = {"workspace_id": by.workspace_id, "by_id": by.id, "created_at": now}
                kept = session.execute(insert(t.watched).values(**new, **values).returning(_w.id)).scalar_one()
                journal.record(session, by, now, "watched.added", kept, after=journal.as_json(values))
            else:
                session.execute(update(t.watched).where(_w.id == row.id).values(**values, version=row.version + 1))
                was = journal.as_json({name: getattr(row, name) for name in values})
                journal.record(session, by, now, "watched.changed", row.id, None, was, journal.as_json(values))
            alarms.redraw(session, by.workspace_id, now)

    def close(self, actor: Actor, number: int) -> None:
        """Off the list; closed twice is closed once. Raises NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.require(session, by)
            mine = (_w.id == number, _w.workspace_id == by.workspace_id, _w.state == "open", _w.person_id != by.id)
            closed = {"state": "closed", "closed_at": self.desk.now()}
            for one in session.scalars(update(t.watched).where(*mine).values(**closed).returning(_w.id)).all():
                journal.record(session, by, self.desk.now(), "watched.closed", one)
            alarms.redraw(session, by.workspace_id, self.desk.now())

    def source(self, session: Session, workspace_id: int, today: date) -> Mapping[int, Sequence[Line]]:
        """Whom to talk to again by today: for the manager who entered it, and for nobody who stands in."""
        rows = [row for row in _rows(session, workspace_id) if row.follow_up_on and row.follow_up_on <= today]
        people = people_by_id(session, (number for row in rows for number in (row.person_id, row.by_id)))
        told: dict[int, list[Line]] = {}
        for row in rows:
            by = people.get(row.by_id)
            if by is not None and self.desk.standing(session, by).manager and _sees(by, row):
                about = {"person": people[row.person_id], "day": row.follow_up_on, "entry": row.id}
                told.setdefault(by.id, []).append(Line("watch", about, confided=frozenset({by.id})))
        return told

    def _values(self, session: Session, by: Person, form: WatchForm, row: Row[Any] | None) -> dict[str, Any]:
        errors: dict[str, BotError] = {}
        values: dict[str, Any] = {
            "signals": [one.value for one in Signal if one.value in form.signals],
            "offered": [one.value for one in Offered if one.value in form.offered],
            "follow_up_on": form.follow_up,
        }
        if row is None:
            values["person_id"] = self._person(session, by, form.person, errors)
        if form.follow_up is None:
            errors["follow_up"] = Missing()
        elif form.follow_up < self.desk.today(by) and (row is None or row.follow_up_on != form.follow_up):
            errors["follow_up"] = RefuseDate()
        note = trimmed(form.note)
        if len(note) > TEXT_LIMIT:
            errors["note"] = TooLongNote(limit=TEXT_LIMIT)
        if errors:
            raise FieldErrors(errors)
        values["note"] = rewritten(note, row.note) if row is not None and note else note
        return values

    def _person(self, session: Session, by: Person, slack_id: str | None, errors: dict[str, BotError]) -> int | None:
        if not slack_id:
            errors["person"] = Missing()
            return None
        person = self.desk.person(session, by.workspace_id, slack_id)
        problem = NotYourself() if person.id == by.id else unfit(person)
        if problem is not None:
            errors["person"] = problem
        elif person.id in store.watched_ids(session, by.workspace_id):
            errors["person"] = WatchedAlready(person=slack_id)
        return person.id

    def _with_accounts(self, session: Session, reader: Person, entry: Entry) -> Entry:
        """The entry with what hangs on its person alone, and who could be introduced there."""
        today = self.desk.today(reader)
        accounts = {one.id: one for one in store.accounts_of(session, reader, entry.person.id, today)}
        contacts = store.contacts_of(session, accounts)
        second = self._seconds(session, reader, entry.person, today)
        alone = [
            Alone(account, None, contacts.get(number, 0), second(account))
            for number, account in accounts.items()
            if single_threaded(contacts.get(number, 0))
        ]
        alone += [
            Alone(accounts[deal.account_id], deal, contacts.get(deal.account_id, 0), second(accounts[deal.account_id]))
            for deal in store.deals_alone(session, accounts)
            if is_long(deal.expected_close, deal.created_at.date(), today)
        ]
        ready = len(accounts.keys() - store.under_way(session, reader, accounts))
        return Entry(
            **{name: getattr(entry, name) for name in Entry.__dataclass_fields__ if name not in _COUNTED},
            alone=tuple(alone),
            accounts=len(accounts),
            ready=ready,
        )

    def _seconds(self, session: Session, reader: Person, person: Person, today: date) -> Any:
        """From an account to who could safely be its second contact: not watched, not leaving, here, the least busy."""
        held = covers.held(session, reader, today)
        bench = {one.person.id for one in on_the_bench(self.desk, session, reader) if one.person is not None}
        unsafe = store.watched_ids(session, reader.workspace_id) | covers.leaving(session, reader)
        ids = ({one.person_id for one in held} | bench) - unsafe - {person.id}
        people = people_by_id(session, ids)
        here = [one.id for one in people.values() if one.reachable and one.absence_on(today) is None]

        def second(account: Account) -> Person | None:
            best = suggested(held, here, account.territory, account.region, 1)
            return people[best[0].person_id] if best else None

        return second


_COUNTED = frozenset({"alone", "accounts", "ready"})


def _sees(reader: Person, row: Row[Any]) -> bool:
    return may_see(reader.id, manager=True, watched_id=row.person_id)


def _rows(session: Session, workspace_id: int) -> Sequence[Row[Any]]:
    where = (_w.workspace_id == workspace_id, _w.state == "open")
    return session.execute(select(t.watched).where(*where).order_by(_w.follow_up_on, _w.id)).all()


def _row(session: Session, reader: Person, number: int, *, lock: bool = False) -> Row[Any]:
    query = select(t.watched).where(_w.id == number, _w.workspace_id == reader.workspace_id, _w.state == "open")
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None or not _sees(reader, row):
        raise NoSuchThing()
    return row


def _read(row: Row[Any], people: Mapping[int, Person]) -> Entry:
    return Entry(
        id=row.id,
        person=people[row.person_id],
        by=people.get(row.by_id),
        signals=tuple(Signal(one) for one in row.signals),
        offered=tuple(Offered(one) for one in row.offered),
        note=row.note,
        follow_up=row.follow_up_on,
        version=row.version,
    )
