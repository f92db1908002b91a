"""Accounts, contacts and deals from a CSV file: looked at first, then imported as a whole or not at all.

request = Request(ImportKind.ACCOUNTS, "book.csv", content)
dry = importing.prepare(actor, request)            # reads only; ask dry.questions, show dry.counts and dry.bad
number = importing.keep(actor, dry, slack_file_id) # so that another process can go on: `kept` gives it back
outcome = importing.apply(actor, request, number)  # raises unless dry.ready; one transaction
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.imports.looking import Look, Remembered, key_of, look, opened
from bot.domain.imports.report import (
    SHOWN,
    BadRowsLeft,
    Choices,
    Counts,
    DryRun,
    FileChanged,
    ImportedAlready,
    ImportKind,
    NothingInIt,
    Outcome,
    QuestionsLeft,
)
from bot.domain.imports.rows import AnyRow
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing, Refusal
from bot.store import importing as store
from bot.store import journal
from bot.store import schema as t
from bot.store.dossier import imports
from bot.usecases.desk import Actor, Desk
from bot.usecases.imports.accounts import AccountPlan
from bot.usecases.imports.contacts import ContactPlan
from bot.usecases.imports.deals import DealPlan
from bot.usecases.imports.mails import ByMail, mails_in, nobody_asks
from bot.usecases.imports.matter import Matter, Named, Plan
from bot.usecases.imports.source import Step, Tell, nobody, opening

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """A file to import. `source`: its bytes, or where it lies. `mapping`: column -> field, "" to leave one alone.

    Without `mapping` (or `choices`) what was said for the last file with the same header counts, else what the
    columns' names say.
    """

    kind: ImportKind
    file_name: str
    source: bytes | Path
    mapping: Mapping[str, str] | None = None
    choices: Choices | None = None


@dataclass(frozen=True)
class Kept:
    """A look that somebody may go on from. `state` is "checked" or "applied"."""

    id: int
    kind: ImportKind
    file_name: str
    sha256: str
    slack_file_id: str
    mapping: Mapping[str, str]
    choices: Choices
    state: str


class ChangedMeanwhile(Refusal):
    sentence = "Something changed while the file was being imported. Nothing was imported: try again."


@dataclass(frozen=True)
class Importing:
    """For managers and admins (`Action.IMPORT`). `operator`: whoever runs the command needs no permission in Slack.

    `tell` hears how far it is, often; `by_mail` asks Slack whose mail addresses those are.
    """

    desk: Desk
    operator: bool = False
    tell: Tell = nobody
    by_mail: ByMail = nobody_asks

    def prepare(self, actor: Actor, request: Request) -> DryRun:
        """Look at a file; nothing is changed. Raises NotAllowed, FileRefused (a sentence that says what it is)."""
        with self.desk.db.read() as session:
            self._allowed(session, self.desk.viewer(session, actor))
        look = self._look(actor, request)
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            matter = self._matter(session, by, look, writes=False)
            return _report(request, look, matter, self._planned(request.kind, look, matter))

    def keep(self, actor: Actor, dry: DryRun, slack_file_id: str = "") -> int:
        """Remember a look, so that it can be gone on with by its number. Raises NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self._allowed(session, by)
            return self._noted(session, by, dry, slack_file_id, "checked")

    def kept(self, actor: Actor, import_id: int) -> Kept:
        """A look that was kept by this person. Raises NoSuchThing, NotAllowed."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            self._allowed(session, by)
            return _kept(session, by, import_id)

    def apply(self, actor: Actor, request: Request, import_id: int | None = None) -> Outcome:
        """Import the file, all of it or nothing, decided anew in the same transaction; remembers mapping and choices.

        With `import_id`, what was kept there is used where the request says nothing, and the file has to be the same.
        Raises NotAllowed, FileRefused, QuestionsLeft, BadRowsLeft, NothingInIt, FileChanged, ImportedAlready,
        ChangedMeanwhile.
        """
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            self._allowed(session, by)
            kept = _kept(session, by, import_id) if import_id is not None else None
        if kept is not None:
            mapping = kept.mapping if request.mapping is None else request.mapping
            choices = kept.choices if request.choices is None else request.choices
            request = replace(request, kind=kept.kind, file_name=kept.file_name, mapping=mapping, choices=choices)
        look = self._look(actor, request)
        if kept is not None and kept.sha256 != look.table.sha256:
            raise FileChanged()
        try:
            with self.desk.db.write() as session:
                return self._apply(session, actor, request, look, import_id)
        except (
            IntegrityError
        ) as problem:  # somebody added the same meanwhile, beside imports, which wait for each other
            log.info("an import came across something new", exc_info=problem)
            raise ChangedMeanwhile() from None

    def _apply(self, session: Session, actor: Actor, request: Request, look: Look, import_id: int | None) -> Outcome:
        by = self.desk.viewer(session, actor) if self.operator else self.desk.actor(session, actor)
        self._allowed(session, by)
        w = t.workspaces.c  # one import of a workspace at a time
        session.execute(select(w.id).where(w.id == by.workspace_id).with_for_update(key_share=True))
        if import_id is not None and _kept(session, by, import_id).state != "checked":
            raise ImportedAlready()
        matter = self._matter(session, by, look, writes=True)
        plan = self._planned(request.kind, look, matter)
        dry = _report(request, look, matter, plan)
        if dry.questions:
            raise QuestionsLeft()
        if not dry.counts.rows or plan is None:
            raise NothingInIt()
        if dry.counts.bad and not look.choices.leave_out_bad:
            raise BadRowsLeft(bad=f"{dry.counts.bad:,}")
        self.tell(Step.WRITE, 0.0)
        plan.write()
        number = self._noted(session, by, dry, "", "applied", import_id)
        key = key_of(look.table, request.kind)
        store.remember(session, by, matter.now, request.kind.value, key, dry.said, look.choices.to_dict())
        after = {"kind": request.kind.value, "file": request.file_name, **dry.counts.to_dict()}
        journal.record(session, by, matter.now, "import.applied", number, after=after)
        return Outcome(number, dry)

    def _allowed(self, session: Session, by: Person) -> None:
        if not self.operator:
            self.desk.require(session, Action.IMPORT, by)

    def _look(self, actor: Actor, request: Request) -> Look:
        """Read the file, with no transaction open meanwhile."""
        open_file, size = opening(request.source, self.tell)
        table = opened(open_file, size, request.choices.encoding if request.choices else "")
        with self.desk.db.read() as session:
            workspace_id = self.desk.workspace_id(session, actor.team_id)
            row = store.remembered(session, workspace_id, request.kind.value, key_of(table, request.kind))
        remembered = Remembered(row.mapping, Choices.read(row.choices)) if row is not None else None
        seen = look(table, request.kind, request.mapping, request.choices, remembered)
        return replace(seen, mails=self.by_mail(mails_in(seen.found.rows, seen.choices.people)))

    def _matter(self, session: Session, by: Person, look: Look, *, writes: bool) -> Matter:
        named = Named(self.desk, session, by.workspace_id, look.choices, look.mails or {}, writes=writes)
        fresh = not store.applied_before(session, by.workspace_id, look.table.sha256)
        today, now = self.desk.today(by), self.desk.now()
        return Matter(self.desk, session, by, look.system, named, look.bad, today, now, fresh, self.operator)

    def _planned(self, kind: ImportKind, look: Look, matter: Matter) -> Plan | None:
        """What would be done; None when no row can be understood."""
        if not look.found.rows:
            return None
        rows: Any = self._counted(look.found.rows)
        if kind is ImportKind.ACCOUNTS:
            return AccountPlan(matter).look(rows)
        return ContactPlan(matter).look(rows) if kind is ImportKind.CONTACTS else DealPlan(matter).look(rows)

    def _counted(self, rows: Sequence[AnyRow]) -> Iterator[AnyRow]:
        for number, row in enumerate(rows):
            if number % 1000 == 0:
                self.tell(Step.MATCH, number / len(rows))
            yield row

    def _noted(
        self, session: Session, by: Person, dry: DryRun, slack_file_id: str, state: str, import_id: int | None = None
    ) -> int:
        """The row about the import. Returns its number."""
        now = self.desk.now()
        values = {
            "file_name": dry.file_name,
            "by_id": by.id,
            "state": state,
            "mapping": dry.said,
            "choices": dry.choices.to_dict(),
            "counts": dry.counts.to_dict(),
            "finished_at": now if state == "applied" else None,
        }
        if import_id is not None:
            session.execute(update(imports).where(imports.c.id == import_id).values(**values))
            return import_id
        new = {"workspace_id": by.workspace_id, "kind": dry.kind.value, "sha256": dry.sha256, "created_at": now}
        statement = insert(imports).values(**new, **values, slack_file_id=slack_file_id).returning(imports.c.id)
        return int(session.execute(statement).scalar_one())


def _report(request: Request, look: Look, matter: Matter, plan: Plan | None) -> DryRun:
    unmatched = matter.named.unmatched
    return DryRun(
        kind=request.kind,
        file_name=request.file_name,
        sha256=look.table.sha256,
        encoding=look.table.encoding,
        separator=look.table.separator,
        system=look.system,
        columns=look.columns,
        counts=Counts(
            rows=look.found.counted,
            created=plan.created if plan else 0,
            changed=plan.changed if plan else 0,
            unchanged=plan.unchanged if plan else 0,
            skipped=look.found.skipped,
            bad=look.bad.rows,
        ),
        bad=tuple(sorted(look.bad.shown, key=lambda one: one.line)),
        bad_csv=look.bad.csv,
        notes=tuple(matter.notes.shown),
        notes_total=matter.notes.total,
        unmatched=tuple(unmatched[:SHOWN]),
        unmatched_total=len(unmatched),
        questions=look.questions,
        choices=look.choices,
    )


def _kept(session: Session, by: Person, import_id: int) -> Kept:
    """Raises NoSuchThing for what somebody else has kept."""
    c = imports.c
    mine = c.by_id == by.id if by.id is not None else c.by_id.is_(None)
    row = session.execute(
        select(imports).where(c.id == import_id, c.workspace_id == by.workspace_id, mine)
    ).one_or_none()
    if row is None:
        raise NoSuchThing()
    return Kept(
        row.id,
        ImportKind(row.kind),
        row.file_name,
        row.sha256,
        row.slack_file_id,
        row.mapping,
        Choices.read(row.choices),
        row.state,
    )
