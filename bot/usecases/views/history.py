"""The history of an account's handoffs: who changed what, when, from what to what, as far as the reader may know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.people import Person
from bot.domain.permissions import Relation, relations
from bot.domain.refusals import NoHandoff, NoSuchThing
from bot.domain.trail import LINE, OF_THE_ACCOUNT, Field, Sight, fields, in_line, names_a_person, sight
from bot.store import loading, trail
from bot.store.visibility import visible
from bot.usecases.accounts.accounts import one_account
from bot.usecases.accounts.dossier_access import access
from bot.usecases.desk import Actor, Desk

Span = tuple[datetime, datetime | None, frozenset[Relation]]
"""When a handoff began and ended, and what somebody is to it."""

PAGE = 20
AT_ONCE = 200
"""Rows that are read to fill a page, of which some may not be for this reader."""


@dataclass(frozen=True)
class Held:
    """What somebody is to each handoff, by its number; to what stands in none, under None; and to the account itself.

    `spans`: the handoffs once more, for what changed of the account while they were under way, wherever it is told.
    """

    handoffs: Mapping[int | None, frozenset[Relation]]
    account: frozenset[Relation] = frozenset()
    spans: tuple[Span, ...] = ()

    def sight(self, row: Row[Any]) -> Sight:
        """What they may see of a change."""
        held = self.handoffs.get(row.handoff_id, frozenset())
        if row.verb.partition(".")[0] in OF_THE_ACCOUNT:
            then = (has for began, ended, has in self.spans if began <= row.at and (ended is None or row.at <= ended))
            held = held.union(self.account, *then)
        return sight(row.verb, held)


@dataclass(frozen=True)
class Line:
    """One change. `about`: the step, the function or the stage; not `whole`: only that it happened is told."""

    number: int
    at: datetime
    by: Person | None
    verb: str
    about: str
    fields: Mapping[str, Field]
    whole: bool = True


@dataclass(frozen=True)
class HistoryView:
    """`older`: where the next page begins; None on the last one. `others`: accounts that may have been meant."""

    account: Account
    lines: tuple[Line, ...]
    older: int | None
    today: date
    others: tuple[Account, ...] = ()


@dataclass(frozen=True)
class History:
    desk: Desk

    def __call__(self, actor: Actor, query: str) -> HistoryView:
        """`/handoff history ACME`, the newest page. Raises NoAccount, NoHandoff."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account, others = one_account(session, reader, query)
            return self._page(session, reader, account, None, others)

    def older(self, actor: Actor, account_id: int, before: int | None = None) -> HistoryView:
        """The page that goes on from there. Raises NoSuchThing, NoHandoff."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            return self._page(session, reader, loading.account(session, reader.workspace_id, account_id), before, ())

    def of_handoff(self, actor: Actor, handoff_id: int) -> HistoryView:
        """The newest page about the account of a handoff. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            handoff = loading.handoff(session, reader.workspace_id, handoff_id)
            account = loading.account(session, reader.workspace_id, handoff.account_id)
            return self._page(session, reader, account, None, ())

    def _page(
        self, session: Session, reader: Person, account: Account, before: int | None, others: tuple[Account, ...]
    ) -> HistoryView:
        numbers = trail.handoffs_of(session, account.id, visible(reader))
        if not numbers and account.quiet:
            raise NoSuchThing()
        held = relations_of(self.desk, session, reader, account, numbers)
        shown, at_first = list[Row[Any]](), before is None
        while len(shown) <= PAGE:
            rows = trail.entries(session, numbers, AT_ONCE, before, account.id)
            shown += [row for row in rows if held.sight(row) is not Sight.NOTHING]
            if len(rows) < AT_ONCE:
                break
            before = rows[-1].id
        if not numbers and not shown and at_first:
            raise NoHandoff(account=account.name)
        page, more = shown[:PAGE], len(shown) > PAGE
        lines = tuple(lines_of(session, page, held))
        return HistoryView(account, lines, page[-1].id if more else None, self.desk.today(reader), others)


def relations_of(desk: Desk, session: Session, reader: Person, account: Account, numbers: Sequence[int]) -> Held:
    """In which relations somebody stands to an account and to these handoffs of it. Raises NoSuchThing."""
    standing = desk.standing(session, reader)
    held: dict[int | None, frozenset[Relation]] = {None: relations(reader, standing)}
    spans = list[Span]()
    for one in loading.whole_handoffs(session, numbers):
        held[one.id] = relations(reader, standing, one)
        if not one.test_run:  # it changes nothing of the account
            spans.append((one.started_at, one.closed_at, held[one.id]))
    return Held(held, access(desk, session, reader, account).held, tuple(spans))


def lines_of(session: Session, rows: Sequence[Row[Any]], held: Held) -> Iterator[Line]:
    """The changes as their reader may see them."""
    people = loading.people_by_id(session, named(rows))
    session.info.setdefault("cast", []).append(people)
    about = trail.titles(session, rows)
    for row in rows:
        whole = held.sight(row) is Sight.WHOLE
        told = {one.name: one for one in fields(row.before, row.after, people)} if whole else {}
        noun = row.verb.partition(".")[0]
        by = people.get(row.by_id) if row.by_id is not None else None
        yield Line(row.id, row.at, by, row.verb, about.get((noun, row.subject_id), ""), told, whole)


def named(rows: Iterable[Row[Any]]) -> set[int | None]:
    """Everybody whose number stands in these changes."""
    found: set[int | None] = set()
    for row in rows:
        found.add(row.by_id)
        for side in (row.before, row.after):
            found.update(v for k, v in (side or {}).items() if isinstance(v, int) and names_a_person(k))
            found.update(in_line((side or {}).get(LINE)))
    return found
