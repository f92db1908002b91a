"""Many rows at once, for imports: what there is by key in batches, and what is new or changed in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Row, Select, Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from bot.domain.accounts import CoverageKind
from bot.domain.handoff import HandoffState
from bot.domain.people import Person
from bot.domain.vocabulary import StepForm
from bot.store import schema as t
from bot.store.dossier import import_mappings, imports
from bot.store.queues import audit
from bot.store.visibility import known_to, visible

BATCH = 1_000
"""Keys in one query: far below what a statement may have on either database."""

One = TypeVar("One")


def batches(all_of_them: Iterable[One], size: int = BATCH) -> Iterable[list[One]]:
    """Lists of at most `size`."""
    rest = iter(all_of_them)
    while batch := list(islice(rest, size)):
        yield batch


def find(session: Session, query: Select[Any], column: Any, keys: Collection[Any]) -> list[Row[Any]]:
    """The rows in which `column` has one of these values."""
    wanted = [key for key in dict.fromkeys(keys) if key]
    found: list[Row[Any]] = []
    for some in batches(wanted):
        found += session.execute(query.where(column.in_(some))).all()
    return found


def accounts(session: Session, workspace_id: int, column: str, keys: Collection[Any]) -> list[Row[Any]]:
    """Accounts by `name_key`, `crm_id` or `id`, quiet ones too."""
    a = t.accounts.c
    return find(session, select(t.accounts).where(a.workspace_id == workspace_id), a[column], keys)


def hidden_accounts(session: Session, reader: Person) -> frozenset[int]:
    """The accounts of which this person may not know; few."""
    a = t.accounts.c
    query = select(a.id).where(a.workspace_id == reader.workspace_id, a.quiet, ~known_to(reader))
    return frozenset(session.scalars(query))


def hidden_handoffs(session: Session, reader: Person) -> frozenset[int]:
    """The handoffs of which this person may not know; few."""
    h = t.handoffs.c
    query = select(h.id).where(h.workspace_id == reader.workspace_id, h.quiet, ~visible(reader))
    return frozenset(session.scalars(query))


def people(session: Session, workspace_id: int) -> Sequence[Any]:
    """Everybody in the directory: number, Slack id, name, and whether they are gone."""
    p = t.people.c
    return session.execute(
        select(p.id, p.slack_id, p.name, p.deactivated, p.is_bot).where(p.workspace_id == workspace_id)
    ).all()


def open_handoffs(session: Session, account_ids: Collection[int]) -> dict[int, int]:
    """The handoff that is under way, by account; rehearsals are none."""
    h = t.handoffs.c
    query = select(h.account_id, h.id).where(h.state == HandoffState.OPEN, h.test_run.is_(False))
    return {row.account_id: row.id for row in find(session, query, h.account_id, account_ids)}


def public_handoffs(session: Session, account_ids: Collection[int]) -> dict[int, int]:
    """The latest handoff of which everybody may know, by account: its history has what is changed outside of one."""
    h = t.handoffs.c
    query = select(h.account_id, func.max(h.id).label("id")).where(h.quiet.is_(False), h.test_run.is_(False))
    return {row.account_id: row.id for row in find(session, query.group_by(h.account_id), h.account_id, account_ids)}


def sole_owners(session: Session, account_ids: Collection[int], hidden: frozenset[int], today: date) -> dict[int, int]:
    """Whose the account is for good, by account, as everybody may know."""
    c = t.coverage.c
    query = select(c.account_id, c.person_id, c.handoff_id).where(
        c.kind == CoverageKind.OWNER, c.until_on.is_(None), c.from_on <= today
    )
    return {
        row.account_id: row.person_id
        for row in find(session, query, c.account_id, account_ids)
        if row.handoff_id not in hidden
    }


def with_declined(session: Session, workspace_id: int) -> frozenset[int]:
    """The accounts whose customers have asked for somebody else; few."""
    r, h = t.records.c, t.handoffs.c
    query = select(h.account_id).join(t.records, r.handoff_id == h.id)
    where = (r.workspace_id == workspace_id, r.kind == StepForm.DECLINED, r.withdrawn_at.is_(None))
    return frozenset(session.scalars(query.where(*where).distinct()))


def contacts(session: Session, account_ids: Collection[int]) -> list[Row[Any]]:
    """The contacts of these accounts, without those that were removed."""
    c = t.contacts.c
    return find(session, select(t.contacts).where(c.removed_at.is_(None)), c.account_id, account_ids)


def contact_ids(session: Session, workspace_id: int) -> dict[str, int]:
    """The account of each contact that came from a CRM, by the CRM's id."""
    c = t.contacts.c
    where = (c.workspace_id == workspace_id, c.crm_id != "", c.removed_at.is_(None))
    return {row.crm_id: row.account_id for row in session.execute(select(c.crm_id, c.account_id).where(*where))}


def deals(session: Session, workspace_id: int, column: str, keys: Collection[Any]) -> list[Row[Any]]:
    """Deals by `account_id` or `crm_id`."""
    d = t.deals.c
    return find(session, select(t.deals).where(d.workspace_id == workspace_id), d[column], keys)


def agreed(session: Session, deal_ids: Collection[int]) -> dict[int, set[int]]:
    """The handoffs in which something was agreed about a deal, by deal."""
    c = t.commissions.c
    found: dict[int, set[int]] = {}
    for row in find(session, select(c.deal_id, c.handoff_id), c.deal_id, deal_ids):
        found.setdefault(row.deal_id, set()).add(row.handoff_id)
    return found


def add(session: Session, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    statement = insert(table)
    for some in batches(rows):
        session.connection().execute(statement, some)


def numbers(session: Session, table: Table, count: int) -> range | list[int]:
    """As many numbers for new rows, which nobody else gets."""
    if session.connection().dialect.name == "sqlite":  # one writer at a time
        first = (session.scalar(select(func.max(table.c.id))) or 0) + 1
        return range(first, first + count)
    sequence = func.pg_get_serial_sequence(table.name, "id")
    series = func.generate_series(1, count).table_valued("n")
    return list(session.scalars(select(func.nextval(sequence)).select_from(series)))


def change(session: Session, table: Table, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
    """Update rows by their number; those with the same columns go together."""
    together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, values in rows:
        together.setdefault(tuple(sorted(values)), []).append({"its_id": number, **values})
    for names, all_of_them in together.items():
        statement = update(table).where(table.c.id == bindparam("its_id"))
        counted = {"version": table.c.version + 1} if "version" in table.c else {}
        statement = statement.values(**{name: bindparam(name) for name in names}, **counted)
        for some in batches(all_of_them):
            session.connection().execute(statement, some)


def touch(session: Session, table: Table, numbers_of_rows: Iterable[int], **values: Any) -> None:
    """Set the same in many rows, without counting it as a change."""
    for some in batches(numbers_of_rows):
        session.connection().execute(update(table).where(table.c.id.in_(some)).values(**values))


def write_trail(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Many events of the audit trail."""
    add(session, audit, rows)


def applied_before(session: Session, workspace_id: int, sha256: str) -> bool:
    """Whether the same file was imported already."""
    c = imports.c
    where = (c.workspace_id == workspace_id, c.sha256 == sha256, c.state == "applied")
    return session.scalar(select(c.id).where(*where).limit(1)) is not None


def remembered(session: Session, workspace_id: int, kind: str, header_key: str) -> Any:
    """What was said for a file with that header."""
    c = import_mappings.c
    where = (c.workspace_id == workspace_id, c.kind == kind, c.header_key == header_key)
    return session.execute(select(c.id, c.mapping, c.choices).where(*where)).one_or_none()


def remember(
    session: Session,
    by: Person,
    now: datetime,
    kind: str,
    header_key: str,
    mapping: Mapping[str, str],
    choices: Mapping[str, Any],
) -> None:
    """For the next file with that header."""
    values = {"mapping": dict(mapping), "choices": dict(choices), "by_id": by.id, "used_at": now}
    there = remembered(session, by.workspace_id, kind, header_key)
    if there is not None:
        session.execute(update(import_mappings).where(import_mappings.c.id == there.id).values(**values))
        return
    key = {"workspace_id": by.workspace_id, "kind": kind, "header_key": header_key}
    session.execute(insert(import_mappings).values(**key, **values))
