"""The audit trail as lines of CSV, with names for numbers and nothing that a spreadsheet would run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from bot.domain.accounts import fold
from bot.domain.trail import LINE, Sight, names_a_person, sight
from bot.files.spreadsheet import as_csv
from bot.store import loading, trail
from bot.store import schema as t
from bot.usecases.views.history import Held, named

COLUMNS = ("at", "account", "handoff", "by", "by_slack_id", "what", "about", "before", "after")


def handoffs_for_export(session: Session, account: str | None, *, quiet: bool) -> list[int]:
    """The numbers of all handoffs, or of an account's, in every workspace; quiet ones only when that is asked for."""
    h, a = t.handoffs, t.accounts
    query = select(h.c.id).join(a, a.c.id == h.c.account_id).order_by(h.c.id)
    if account is not None:
        query = query.where(a.c.name_key == fold(account))
    if not quiet:
        query = query.where(h.c.quiet.is_(False), a.c.quiet.is_(False))
    return list(session.scalars(query))


def rows_for_export(session: Session, numbers: Sequence[int], *, confidential: bool) -> list[Row[Any]]:
    """Their changes, oldest first; those that are confidential only when that is asked for."""
    rows = trail.entries(session, numbers)[::-1]
    return rows if confidential else [row for row in rows if sight(row.verb, frozenset()) is not Sight.NOTHING]


def history_csv(
    session: Session, rows: Sequence[Row[Any]], held: Held | None, *, account: str = "", bom: bool = False
) -> str:
    """One line for each change, with names for numbers. `held`: as what its reader may see it; None: everything.

    `account`: the name of the account that what stands in no handoff is about. `bom`: as in `as_csv`.
    """
    return as_csv(COLUMNS, _lines(session, rows, held, account), bom=bom)


def _lines(session: Session, rows: Sequence[Row[Any]], held: Held | None, account: str) -> Iterator[Iterable[object]]:
    people = loading.people_by_id(session, named(rows))
    about, accounts = trail.titles(session, rows), _accounts(session, {row.handoff_id for row in rows})
    for row in rows:
        by = people.get(row.by_id) if row.by_id is not None else None
        whole = held is None or held.sight(row) is Sight.WHOLE
        names = {number: person.name or person.slack_id for number, person in people.items()}
        before, after = (_said(side, names) if whole else "" for side in (row.before, row.after))
        subject = about.get((row.verb.partition(".")[0], row.subject_id), "")
        who = (by.name, by.slack_id) if by is not None else ("", "")
        called = accounts.get(row.handoff_id, account)
        yield (row.at.isoformat(), called, row.handoff_id or "", *who, row.verb, subject, before, after)


def _said(side: Mapping[str, Any] | None, names: Mapping[int, str]) -> str:
    told: dict[str, Any] = {
        k: names.get(v, v) if isinstance(v, int) and names_a_person(k) else v for k, v in (side or {}).items()
    }
    if isinstance(told.get(LINE), list):
        told[LINE] = "; ".join(_looked_after(one, names) for one in told[LINE])
        if len(told) == 1:
            return str(told[LINE])
    return json.dumps(told, ensure_ascii=False) if told else ""


def _looked_after(one: Mapping[str, Any], names: Mapping[int, str]) -> str:
    """A piece of an account's line of time in words; both days are included."""
    who, last = names.get(one["person_id"], "?"), None
    if one["until"]:
        last = date.fromisoformat(one["until"]) - timedelta(days=1)
    does = "offers to cover" if not one["confirmed"] else "covers" if one["kind"] == "cover" else "owns it"
    said = "nobody" if one["kind"] == "vacant" else f"{who} {does}"
    return f"{said} from {one['from']}" + (f" until {last.isoformat()}" if last else " on")


def _accounts(session: Session, numbers: Iterable[int | None]) -> dict[int | None, str]:
    h, a = t.handoffs, t.accounts
    query = select(h.c.id, a.c.name).join(a, a.c.id == h.c.account_id).where(h.c.id.in_(list(numbers)))
    return {row[0]: row[1] for row in session.execute(query)}
