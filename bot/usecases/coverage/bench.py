"""The bench: who could come in when somebody leaves, from inside and outside; for managers' eyes only (D15, E6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action, allowed, relations
from bot.domain.refusals import NoSuchThing, Refusal
from bot.domain.typed import trimmed
from bot.errors import FieldErrors
from bot.store import journal
from bot.store import schema as t
from bot.store.loading import people_by_id
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing, unfit
from bot.usecases.handoffs.checklist import TEXT_LIMIT, rewritten

NAME, LINE, SHOWN = 120, 150, 40
"""Characters of a name and of a one-line field; entries that a list shows."""
TEXTS = ("source", "territory", "experience", "languages")

_b = t.bench.c


class OnTheBench(Refusal):
    sentence = "%(person)s is on the bench already."


class TooLongHere(Refusal):
    sentence = "%(limit)s characters at most, please."


class ChangedByAnother(Refusal):
    sentence = "Somebody changed this while you had the form open. Open it again to see what it is now."


@dataclass(frozen=True)
class Entry:
    """Somebody who could come in. `person`: a member of the workspace; `outside`: a candidate who is not."""

    id: int
    name: str
    person: Person | None
    outside: bool
    source: str
    territory: str
    experience: str
    languages: str
    note: str
    version: int


@dataclass(frozen=True)
class EntryForm:
    """What was filled in: a member of the workspace (a Slack id), or the name of a candidate from outside."""

    person: str | None
    name: str
    source: str
    territory: str
    experience: str
    languages: str
    note: str


@dataclass(frozen=True)
class Bench:
    desk: Desk

    def list(self, actor: Actor) -> list[Entry]:
        """Everybody on it. Raises NotAllowed."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            self.desk.require(session, Action.BENCH, reader)
            return _entries(session, reader.workspace_id)

    def entry(self, actor: Actor, number: int) -> Entry:
        """One of them. Raises NotAllowed, NoSuchThing."""
        found = numbered(self.list(actor), number)
        if found is None:
            raise NoSuchThing()
        return found

    def save(self, actor: Actor, form: EntryForm, number: int | None = None, version: int = 0) -> None:
        """Add somebody, or change what is known of them. Raises FieldErrors, NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.desk.require(session, Action.BENCH, by)
            before = _entry(session, by.workspace_id, number) if number is not None else None
            if before is not None and before.version != version:
                raise FieldErrors({"name": ChangedByAnother()})
            values = self._values(session, by, form, before)
            if before is None:
                new = {"workspace_id": by.workspace_id, "by_id": by.id, "created_at": self.desk.now()}
                kept = session.execute(insert(t.bench).values(**new, **values).returning(_b.id)).scalar_one()
                journal.record(session, by, self.desk.now(), "bench.added", kept, after=values)
                return
            session.execute(update(t.bench).where(_b.id == before.id).values(**values, version=before.version + 1))
            was = {name: getattr(before, name) for name in ("name", *TEXTS, "note")}
            journal.record(session, by, self.desk.now(), "bench.changed", before.id, None, was, values)

    def remove(self, actor: Actor, number: int) -> None:
        """Off the bench; removed twice is removed once. Raises NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.desk.require(session, Action.BENCH, by)
            mine = (_b.id == number, _b.workspace_id == by.workspace_id, _b.removed_at.is_(None))
            gone = session.scalars(update(t.bench).where(*mine).values(removed_at=self.desk.now()).returning(_b.id))
            for one in gone.all():
                journal.record(session, by, self.desk.now(), "bench.removed", one)

    def _values(self, session: Session, by: Person, form: EntryForm, before: Entry | None) -> dict[str, Any]:
        errors: dict[str, Refusal] = {}
        person = self.desk.person(session, by.workspace_id, form.person) if form.person else None
        name = " ".join(trimmed(form.name).split())
        problem = unfit(person) if person is not None else None
        if problem is not None:
            errors["person"] = problem
        elif person is not None and _has(session, by.workspace_id, person, before):
            errors["person"] = OnTheBench(person=person.slack_id)
        elif person is None and not name:
            errors["name"] = Missing()
        texts = {one: " ".join(getattr(form, one).split()) for one in TEXTS}
        errors |= {one: TooLongHere(limit=LINE) for one, text in texts.items() if len(text) > LINE}
        if len(name) > NAME:
            errors["name"] = TooLongHere(limit=NAME)
        note = trimmed(form.note)
        if len(note) > TEXT_LIMIT:
            errors["note"] = TooLongHere(limit=TEXT_LIMIT)
        if errors:
            raise FieldErrors(dict(errors))
        note = rewritten(note, before.note) if before is not None and note else note
        number = person.id if person is not None else None
        return {"person_id": number, "name": name, "outside": person is None, **texts, "note": note}


def on_the_bench(desk: Desk, session: Session, reader: Person) -> list[Entry]:
    """Who could come in, for a manager who looks for somebody; nobody else is shown any."""
    if not allowed(Action.BENCH, relations(reader, desk.standing(session, reader))):
        return []
    return _entries(session, reader.workspace_id)


def _entries(session: Session, workspace_id: int) -> list[Entry]:
    where = (_b.workspace_id == workspace_id, _b.removed_at.is_(None))
    rows = session.execute(select(t.bench).where(*where).order_by(_b.outside, _b.id)).all()
    people = people_by_id(session, (row.person_id for row in rows))
    return [_read(row, people.get(row.person_id)) for row in rows]


def _entry(session: Session, workspace_id: int, number: int) -> Entry:
    where = (_b.workspace_id == workspace_id, _b.id == number, _b.removed_at.is_(None))
    row = session.execute(select(t.bench).where(*where).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchThing()
    return _read(row, None)


def _has(session: Session, workspace_id: int, person: Person, before: Entry | None) -> bool:
    mine = (_b.workspace_id == workspace_id, _b.person_id == person.id, _b.removed_at.is_(None))
    found = session.scalars(select(_b.id).where(*mine)).all()
    return any(before is None or number != before.id for number in found)


def _read(row: Row[Any], person: Person | None) -> Entry:
    texts = {name: getattr(row, name) for name in (*TEXTS, "note")}
    return Entry(id=row.id, name=row.name, person=person, outside=row.outside, version=row.version, **texts)
