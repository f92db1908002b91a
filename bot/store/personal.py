"""What the tables hold about one person, found and erased in all of them, whichever tables there will be.

A person is named in two ways: by their number (a foreign key to `people`), and in text: their Slack id or name in a
column of text or JSON. Both are read from the tables' own definitions, so a new table is covered from its first day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, Select, String, Table, Text, cast, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON

from bot.domain.people import ERASED, Person
from bot.errors import BotError
from bot.store import dossier, queues, territories  # noqa: F401  (they register their tables)
from bot.store import schema as t
from bot.store.columns import metadata
from bot.store.journal import as_json
from bot.store.types import Words

PART = 2
"""Letters of a name by which texts are sought that may have it; without as many plain ones, all its forms are."""
ALIASES = "people"
"""Under which choices for imports hold whom a name in a file means; it may be quite another name than Slack's."""
SHORTEST = 4
"""Letters of a name that is looked for in texts: a shorter one stands in too many other words."""
THEIRS_ALONE = (
    (t.managers, "person_id"),
    (t.stakeholders, "person_id"),
    (t.watched, "person_id"),
    (t.bench, "person_id"),
    (queues.digests, "person_id"),
)
"""Rows that say nothing without the person, and go with them."""
NOT_THEIRS = frozenset(
    {
        "accounts.name", "accounts.name_key", "accounts.territory", "accounts.region", "contacts.name", "contacts.mail",
        "contacts.phone", "deals.name", "deals.stage", "deals.source", "playbooks.title", "playbooks.body",
    }
)  # fmt: skip
"""What is called like somebody without being them: a customer, a place, a deal. There only a Slack id counts, as in the
short columns of words that the program itself knows: "marketing" is what somebody answers for, whoever is called so."""
MACHINE_WORD = re.compile("[a-z_]+")


class NoSuchWorkspace(BotError):
    def __init__(self, team: str) -> None:
        super().__init__("There is no workspace %(team)s in this database.", team=team)


About = Callable[[str], str]


def tables() -> list[Table]:
    """Every table that holds rows of a workspace."""
    return [one for one in metadata.sorted_tables if "workspace_id" in one.c]


def named_in(table: Table) -> list[Column[Any]]:
    """The columns of a table that are numbers of people."""
    found = [column for column in table.c if any(key.column is t.people.c.id for key in column.foreign_keys)]
    return [*found, table.c.attested_by_id] if table is t.accounts else found


def texts_in(table: Table) -> list[Column[Any]]:
    """The columns of a table in which somebody may be named in words."""
    return [c for c in table.c if isinstance(c.type, String | Text | JSON) and not isinstance(c.type, Words)]


def rows_naming(session: Session, person: Person, table: Table, *, in_words: bool = True) -> list[Row[Any]]:
    """The rows of a table that name them, by number or in words, the oldest first."""
    query = _naming(person, table, in_words=in_words)
    return [] if query is None else list(session.connection().execute(query.order_by(table.c.id)))


def plain(row: Row[Any]) -> dict[str, Any]:
    """A row as JSON holds it, without what is empty."""
    return as_json({name: value for name, value in row._mapping.items() if value not in (None, "", [], {})})


def erase(session: Session, person: Person, now: datetime) -> dict[str, int]:
    """Take them out of every table: returns how many rows were changed or removed, by table.

    Their number stays, as somebody without a name, so that what happened can still be told apart.
    """
    known_as = words_of(person)
    changed: dict[str, int] = {}
    for table, column in THEIRS_ALONE:
        gone = session.connection().execute(delete(table).where(table.c[column] == person.id))
        _count(changed, table, gone.rowcount)
    members = t.group_members.c.person_slack_id == person.slack_id
    _count(changed, t.group_members, session.connection().execute(delete(t.group_members).where(members)).rowcount)
    lookups = queues.outbox.c.workspace_id == person.workspace_id, queues.outbox.c.key == f"person:{person.slack_id}"
    _count(changed, queues.outbox, session.connection().execute(delete(queues.outbox).where(*lookups)).rowcount)
    _stand_in_no_more(session, person, changed)
    for table in tables():
        if table is not t.people:
            _count(changed, table, _unname(session, person, table, known_as))
    _count(changed, t.people, _nobody(session, person, now))
    return changed


def erase_workspace(session: Session, team_id: str, now: datetime, *, really: bool) -> dict[str, int]:
    """Take out all rows of a workspace: returns how many there were, by table. Nothing is changed unless `really`.

    What is left is the workspace's id, and one line of its audit trail with these figures. Raises NoSuchWorkspace.
    """
    w = t.workspaces.c
    number = session.scalar(select(w.id).where(w.team_id == team_id))
    if number is None:
        raise NoSuchWorkspace(team=team_id)
    mine = [(table, table.c.workspace_id == number) for table in tables()]
    counted = {table.name: session.scalar(select(func.count()).where(which)) or 0 for table, which in mine}
    rows = {name: count for name, count in counted.items() if count}
    if not really:
        return rows
    session.connection().execute(delete(t.workspaces).where(w.id == number))
    gone = {"id": number, "team_id": team_id, "active": False, "inactive_reason": ERASED}
    session.connection().execute(insert(t.workspaces).values(gone))
    proof = {"workspace_id": number, "at": now, "verb": "workspace.erased", "subject_id": number}
    session.connection().execute(insert(queues.audit).values(**proof, after={"rows": rows}))
    return rows


def words_of(person: Person) -> list[str]:
    """What they are called in texts."""
    return [person.slack_id, *([person.name] if len(person.name) >= SHORTEST else [])]


def _naming(person: Person, table: Table, *, in_words: bool = True) -> Select[Any] | None:
    if table is t.people:
        return select(table).where(table.c.id == person.id)
    by_number = [column == person.id for column in named_in(table)]
    worded = [
        func.lower(cast(column, Text)).contains(part, autoescape=True)
        for column in texts_in(table)
        for word in (words_of(person) if _free(column) else words_of(person)[:1])
        for part in _as_stored(column, word)
    ]
    which = [*by_number, *(worded if in_words else [])]
    return select(table).where(table.c.workspace_id == person.workspace_id, or_(*which)) if which else None


def _free(column: Column[Any]) -> bool:
    """Whether people may be named there as people name each other."""
    return str(column) not in NOT_THEIRS and (isinstance(column.type, Text | JSON))


def _as_stored(column: Column[Any], word: str) -> list[str]:
    """Of these one stands in every lower-cased text that names them; what is found so is looked at again.

    SQLite knows no lower case but that of ASCII, and keeps JSON with escapes: plain letters do for both.
    """
    plain_part = str(max(re.split(r"[^ -~]|[\"\\\s]", word.lower()), key=len))
    if len(plain_part) >= PART:
        return [plain_part]
    said = max(word.split(), key=len)
    forms = {said, said.lower(), said.upper(), said.title(), said.casefold()}
    if isinstance(column.type, JSON):
        forms |= {json.dumps(form)[1:-1].lower() for form in forms}
    return sorted(forms)


def _unname(session: Session, person: Person, table: Table, known_as: list[str]) -> int:
    """In every text of a table, write in their place that somebody was erased."""
    columns = texts_in(table)
    query = _naming(person, table) if columns else None
    if query is None:
        return 0
    everywhere, by_id, changed = _instead(known_as), _instead(known_as[:1]), 0
    for row in session.connection().execute(query).all():
        values = {}
        for column in columns:
            before = row._mapping[column]
            after = _without_aliases(before, person.slack_id) if isinstance(column.type, JSON) else before
            after = _rewritten(after, everywhere if _free(column) else by_id)
            if after != before:
                values[column.name] = after
        if values:
            session.connection().execute(update(table).where(table.c.id == row.id).values(values))
            changed += 1
    return changed


def _instead(known_as: list[str]) -> About:
    alone = "|".join(r"\s+".join(map(re.escape, word.split())) for word in sorted(known_as, key=len, reverse=True))
    found = re.compile(rf"<@{re.escape(known_as[0])}(?:\|[^>]*)?>|(?<!\w)(?:{alone})(?!\w)", re.IGNORECASE)

    def instead(text: str) -> str:
        if MACHINE_WORD.fullmatch(text) and text not in known_as:
            return text
        return found.sub(ERASED, text)

    return instead


def _rewritten(value: Any, instead: About) -> Any:
    if isinstance(value, str):
        return instead(value)
    if isinstance(value, list):
        return [_rewritten(one, instead) for one in value]
    if isinstance(value, dict):
        return {instead(str(key)): _rewritten(one, instead) for key, one in value.items()}
    return value


def _without_aliases(value: Any, slack_id: str) -> Any:
    """Without the names under which files know them."""
    if not isinstance(value, dict):
        return value
    found = {key: _without_aliases(one, slack_id) for key, one in value.items()}
    if isinstance(found.get(ALIASES), dict):
        found[ALIASES] = {name: whose for name, whose in found[ALIASES].items() if whose != slack_id}
    return found


def _stand_in_no_more(session: Session, person: Person, changed: dict[str, int]) -> None:
    """Whoever named them as delegate has none now."""
    p = t.people.c
    others = select(Person).where(p.workspace_id == person.workspace_id, p.away.is_not(None), p.id != person.id)
    for other in session.scalars(others):
        kept = [{**one, "delegate": None} if one.get("delegate") == person.id else one for one in other.away or ()]
        if kept != other.away:
            other.away = kept
            _count(changed, t.people, 1)
    session.flush()


def _nobody(session: Session, person: Person, now: datetime) -> int:
    p = t.people.c
    below = update(t.people).where(p.manager_id == person.id).values(manager_id=None)
    session.connection().execute(below)
    person.slack_id, person.name, person.tz, person.locale = f"{ERASED}-{person.id}", "", "UTC", "en-US"
    person.country, person.country_own, person.work_week, person.opens, person.closes = "", False, "", None, None
    person.manager_id, person.away, person.is_admin = None, None, False
    person.deactivated, person.refreshed_at, person.greeted_at = True, now, now
    session.flush()
    return 1


def _count(changed: dict[str, int], table: Table, rows: int) -> None:
    if rows:
        changed[table.name] = changed.get(table.name, 0) + rows
