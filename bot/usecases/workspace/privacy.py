"""What Baton holds about a person: they see it and take it with them; an admin erases it, with proof (PRODUCT 8)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Table, not_, or_, select
from sqlalchemy.orm import Session

from bot.domain.handoff import HandoffState
from bot.domain.people import Person, nobody
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing, Refusal
from bot.domain.territory import LineState, RunState
from bot.domain.vocabulary import Role
from bot.files.downloads import Downloads, File
from bot.files.signed_links import FILES_OPEN_FOR, SignedLinks, Ticket, safe_name
from bot.store import journal, loading, personal, territories
from bot.store import schema as t
from bot.store.visibility import known_to, visible
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk

ABOUT = "about"
"""The purpose of the links to what is stored about somebody."""
LISTED = 10
THEIR_OWN = frozenset(
    {
        "people", "managers", "stakeholders", "group_members", "coverage", "handoffs", "stages", "checklist_items",
        "feedback_requests", "answers", "records", "entries", "deals", "commissions", "work_log",
        "special_relationships", "brief_reads", "digests", "nudges", "outbox", "audit",
    }
)  # fmt: skip
"""What people see of themselves by a click. The rest names them in what managers keep or plan: that is an admin's to
give, who can leave out what is about somebody else."""
MACHINERY = frozenset({"outbox", "nudges", "digests"})
"""Tables that drive the machine. They name people as well, and are in the file, but nobody has to read of them."""


class ErasedAlready(Refusal):
    sentence = "Somebody has erased them already. Nothing is left to erase."


class StillNeeded(Refusal):
    """`accounts`: their names, as one text."""

    sentence = "%(person)s still has to do with %(accounts)s. Hand that on first, or wait until they have left."


class NobodyLikeThat(Refusal):
    sentence = "There is nobody, or more than one, with the Slack id %(person)s. Name the workspace too."


class NotYourself(Refusal):
    sentence = "You cannot erase yourself. Ask another admin."


@dataclass(frozen=True)
class Held:
    """Rows of one table that name somebody."""

    table: str
    rows: int


@dataclass(frozen=True)
class AboutView:
    """`link` fetches all of it for a while; None where nobody has said how Baton is reached.

    `needed`: accounts for which they still have something to do, so that they cannot be erased yet.
    """

    person: Person
    own: bool
    held: tuple[Held, ...]
    link: str | None
    minutes: int
    needed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Erased:
    """The proof: how many rows were changed, and in which tables."""

    number: int
    rows: tuple[Held, ...]

    @property
    def total(self) -> int:
        return sum(one.rows for one in self.rows)


@dataclass(frozen=True)
class Privacy:
    desk: Desk
    links: SignedLinks

    def about(self, actor: Actor, of: str | None = None) -> AboutView:
        """What is stored about oneself; about somebody else for admins. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            own = of is None or of == actor.user_id
            if not own:
                self.desk.require(session, Action.ERASE, reader)
            person = reader if own else loading.person_by_slack_id(session, reader.workspace_id, of or "")
            if person is None or (own and not person.id):
                raise NoSuchThing()
            held = [Held(table, len(rows)) for table, rows in self._rows(session, person, reader) if rows]
            ticket = Ticket(ABOUT, (reader.workspace_id, reader.id or 0, person.id))
            link = self.links.link(ticket, self.desk.now() + FILES_OPEN_FOR, safe_name("about", ".json"))
            shown = tuple(one for one in held if one.table not in MACHINERY)
            minutes = int(FILES_OPEN_FOR.total_seconds() // 60)
            needed = () if own else tuple(_needed(session, person, self.desk.today(person))[:LISTED])
            return AboutView(person, own, shown, link, minutes, needed)

    def file(self, ticket: Ticket) -> File | None:
        """All that is stored, as JSON; None once whoever asked for it may not have it any more."""
        if len(ticket.numbers) != 3:
            return None
        workspace_id, reader_id, person_id = ticket.numbers
        with self.desk.db.read() as session:
            reader = self.desk.still_here(session, workspace_id, reader_id)
            person = loading.people_by_id(session, [person_id]).get(person_id)
            if reader is None or person is None or person.workspace_id != workspace_id:
                return None
            if reader.id != person.id and not reader.is_admin:
                return None
            tables = {table: rows for table, rows in self._rows(session, person, reader) if rows}
        content = json.dumps({"about": person.slack_id, "tables": tables}, ensure_ascii=False, indent=1)
        return File(safe_name("about", ".json"), "application/json; charset=utf-8", content.encode())

    def erase(self, actor: Actor, of: str) -> Erased:
        """Take them out of everything. Raises NotAllowed, NotYourself, StillNeeded, ErasedAlready."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.desk.require(session, Action.ERASE, by)
            if of == by.slack_id:
                raise NotYourself()
            return erase(self.desk, session, loading.person_by_slack_id(session, by.workspace_id, of), by)

    def _rows(self, session: Session, person: Person, reader: Person) -> Iterable[tuple[str, list[dict[str, Any]]]]:
        """By table, the rows that name them and that this reader may have."""
        own = person.id == reader.id
        unknown = _unknown(session, reader) if own else {}
        for table in personal.tables():
            if own and table.name not in THEIR_OWN:
                continue
            rows = personal.rows_naming(session, person, table, in_words=not own)
            yield table.name, [personal.plain(row) for row in rows if not _hidden(table, row, unknown)]


def _unknown(session: Session, reader: Person) -> dict[str, set[int]]:
    """The handoffs and accounts that they may not know of."""
    h, a = t.handoffs.c, t.accounts.c
    quiet = select(h.id).where(h.workspace_id == reader.workspace_id, not_(visible(reader)))
    accounts = select(a.id).where(a.workspace_id == reader.workspace_id, not_(known_to(reader)))
    return {"handoff_id": set(session.scalars(quiet)), "account_id": set(session.scalars(accounts))}


def _hidden(table: Table, row: Row[Any], unknown: dict[str, set[int]]) -> bool:
    number = row.id if table is t.handoffs else None
    named = row._mapping
    return number in unknown.get("handoff_id", ()) or any(named.get(key) in ids for key, ids in unknown.items())


def erase(desk: Desk, session: Session, person: Person | None, by: Person) -> Erased:
    """The same for whoever runs Baton. `by` is in the audit trail. Raises StillNeeded, ErasedAlready."""
    if person is None or person.erased:
        raise ErasedAlready()
    needed = _needed(session, person, desk.today(person))
    if needed:
        raise StillNeeded(person=person.slack_id, accounts=", ".join(needed[:LISTED]))
    now, concerned = desk.now(), _open_roles(session, person)
    rows = personal.erase(session, person, now)
    journal.record(session, by, now, "person.erased", person.id, after={"rows": rows})
    session.expire_all()
    for handoff in concerned:
        changes.touched(session, now, loading.whole_handoff(session, by.workspace_id, handoff))
    return Erased(person.id, tuple(Held(table, number) for table, number in sorted(rows.items())))


def found(session: Session, slack_id: str, team_id: str = "") -> Person:
    """The person with that Slack id; `team_id` where several workspaces share the database. Raises NobodyLikeThat."""
    p, w = t.people.c, t.workspaces.c
    query = select(Person).join(t.workspaces, w.id == p.workspace_id).where(p.slack_id == slack_id)
    some = session.scalars(query.where(w.team_id == team_id) if team_id else query).all()
    if len(some) != 1:
        raise NobodyLikeThat(person=slack_id)
    return some[0]


def operator(workspace_id: int) -> Person:
    """Whoever runs Baton, who is nobody in Slack."""
    return nobody(workspace_id)


def _open_roles(session: Session, person: Person) -> dict[int, str]:
    """Open handoffs in which they have a role, by number: the account's name."""
    h, a = t.handoffs.c, t.accounts.c
    holds = or_(*(h[f"{role.value}_id"] == person.id for role in Role))
    query = select(h.id, a.name).join(t.accounts, a.id == h.account_id)
    rows = session.execute(query.where(h.workspace_id == person.workspace_id, h.state == HandoffState.OPEN, holds))
    return {row.id: row.name for row in rows}


def _needed(session: Session, person: Person, today: date) -> list[str]:
    """Accounts for which somebody who still works here has something to do: a role, a step, an answer, a plan."""
    if not person.reachable:
        return []
    h, a, i, r, c = t.handoffs.c, t.accounts.c, t.checklist_items.c, t.feedback_requests.c, t.coverage.c
    running = select(a.name).join(t.handoffs, h.account_id == a.id).where(h.state == HandoffState.OPEN)
    steps = running.join(t.checklist_items, i.handoff_id == h.id).where(i.owner_id == person.id, i.state == "open")
    asked = running.join(t.feedback_requests, r.handoff_id == h.id).where(r.asked_id == person.id, r.state == "open")
    ahead = or_(c.until_on.is_(None), c.until_on > today)
    covers = select(a.name).join(t.coverage, c.account_id == a.id).where(c.person_id == person.id, ahead)
    names = set(_open_roles(session, person).values())
    m, u = territories.run_lines.c, territories.runs.c
    live = u.state.in_((RunState.RUNNING, RunState.PAUSED))
    waits = select(a.name).join(territories.run_lines, m.account_id == a.id).join(territories.runs, u.id == m.run_id)
    planned = waits.where(live, m.state == LineState.WAITING, or_(m.incoming_id == person.id, u.by_id == person.id))
    for query in (steps, asked, covers, planned):
        names |= set(session.scalars(query))
    return sorted(names)


def privacy(desk: Desk, links: SignedLinks, downloads: Downloads) -> Privacy:
    """What is stored about people, whose files are among the downloads."""
    made = Privacy(desk, links)
    downloads.offer(ABOUT, made.file)
    return made
