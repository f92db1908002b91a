"""What matching the rows of any file needs: who imports, whom names in the file mean, and what is only noted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from bot.domain.accounts import fold
from bot.domain.imports.problems import BadRows, SameAgain
from bot.domain.imports.report import SHOWN, Choices, Note, Unmatched, WhyUnmatched
from bot.domain.people import Person
from bot.domain.permissions import Action, allowed, relations
from bot.errors import BotError
from bot.store import importing as store
from bot.store import loading
from bot.store.journal import as_json
from bot.usecases.desk import Desk
from bot.usecases.imports.mails import mail_of

_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,30}", re.ASCII)
NOBODY_YET = -1
"""The number of somebody whom a choice names and whom Baton does not know yet, while nothing may be written."""


class Notes:
    """What is imported only in part: the first few, and how many."""

    def __init__(self) -> None:
        self.shown: list[Note] = []
        self.total = 0

    def add(self, line: int, about: str, problem: BotError) -> None:
        self.total += 1
        if len(self.shown) < SHOWN:
            self.shown.append(Note(line, about, problem))


class Named:
    """Whom the names in a file mean: by choice, Slack id, mail address, or exactly one name. Everybody else is listed.

    `mails`: what Slack said of the addresses (`ByMail`).
    """

    def __init__(
        self,
        desk: Desk,
        session: Session,
        workspace_id: int,
        choices: Choices,
        mails: Mapping[str, str],
        *,
        writes: bool,
    ) -> None:
        self._desk, self._session, self._workspace_id, self._writes = desk, session, workspace_id, writes
        self._mails = mails
        rows = store.people(session, workspace_id)
        self._by_slack_id = {row.slack_id: row for row in rows}
        self._by_name: dict[str, list[Any]] = {}
        for row in rows:
            if row.name:
                self._by_name.setdefault(fold(row.name), []).append(row)
        self._chosen = {fold(name): slack_id for name, slack_id in choices.people.items()}
        self._known: dict[str, int | WhyUnmatched | None] = {}
        self._missed: dict[str, list[Any]] = {}

    def number(self, name: str | None, line: int) -> int | None:
        """Their number; None for nobody, or when they are not to be found."""
        if not name:
            return None
        if name not in self._known:
            self._known[name] = self._found(name)
        found = self._known[name]
        if isinstance(found, WhyUnmatched):
            self._missed.setdefault(name, [found, 0, line])[1] += 1
            return None
        return found

    @property
    def unmatched(self) -> list[Unmatched]:
        """Those who were not found, the most frequent first."""
        missed = [Unmatched(name, why, rows, line) for name, (why, rows, line) in self._missed.items()]
        return sorted(missed, key=lambda one: (-one.rows, one.line))

    def _found(self, name: str) -> int | WhyUnmatched | None:
        chosen = self._chosen.get(fold(name))
        if chosen is not None:
            return self._by_id(chosen) if chosen else None
        bare = name.strip("<@>") if name.startswith("<@") else name
        if bare in self._by_slack_id:
            return self._fit(self._by_slack_id[bare])
        if mail := mail_of(name):
            slack_id = self._mails.get(mail)
            if slack_id is None:
                return WhyUnmatched.NOT_ASKED
            return self._by_id(slack_id) if slack_id else WhyUnmatched.UNKNOWN
        rows = self._by_name.get(fold(name.removeprefix("@")), [])
        here = [row for row in rows if not row.deactivated and not row.is_bot]
        if len(here) == 1:
            return int(here[0].id)
        if len(here) > 1:
            return WhyUnmatched.SEVERAL
        return WhyUnmatched.GONE if rows else WhyUnmatched.UNKNOWN

    def _by_id(self, slack_id: str) -> int | WhyUnmatched:
        row = self._by_slack_id.get(slack_id)
        if row is not None:
            return self._fit(row)
        if not _SLACK_ID.fullmatch(slack_id):
            return WhyUnmatched.UNKNOWN
        if not self._writes:
            return NOBODY_YET
        return self._desk.person(self._session, self._workspace_id, slack_id).id

    def _fit(self, row: Any) -> int | WhyUnmatched:
        return WhyUnmatched.GONE if row.deactivated or row.is_bot else int(row.id)


@dataclass
class Matter:
    """One import as far as it has got. `system`: whose export the file is; `fresh`: it says how the CRM is now.

    `operator`: it was begun by the command, in whoever's name.
    """

    desk: Desk
    session: Session
    by: Person
    system: str
    named: Named
    bad: BadRows
    today: date
    now: datetime
    fresh: bool = True
    operator: bool = False
    notes: Notes = field(default_factory=Notes)
    _pay: dict[int, bool] = field(default_factory=dict)

    @property
    def crm(self) -> str:
        """The CRM that the file is an export of; empty for any other file."""
        return self.system if self.system in ("salesforce", "hubspot") else ""

    @property
    def confided(self) -> bool:
        """Whether whoever imports may hear who makes trouble at customers': the operator may."""
        by = self.by
        return self._operates or allowed(Action.TROUBLE_MAKERS, relations(by, self.desk.standing(self.session, by)))

    def knows_pay(self, handoff_id: int) -> bool:
        """Whether whoever imports may hear that somebody is paid for a deal of that handoff: the operator may."""
        if handoff_id not in self._pay:
            handoff = loading.handoff(self.session, self.by.workspace_id, handoff_id)
            may = self._operates or self.desk.may(self.session, Action.COMMISSION, self.by, handoff)
            self._pay[handoff_id] = may
        return self._pay[handoff_id]

    @property
    def _operates(self) -> bool:
        return self.operator or not self.by.slack_id

    def event(
        self,
        verb: str,
        subject_id: int,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
        handoff_id: int | None = None,
    ) -> dict[str, Any]:
        """A row of the audit trail."""
        return {
            "workspace_id": self.by.workspace_id,
            "at": self.now,
            "by_id": self.by.id,
            "handoff_id": handoff_id,
            "verb": verb,
            "subject_id": subject_id,
            "before": as_json(before) if before else None,
            "after": as_json(after),
        }


class FirstLines:
    """By which line of a file each thing was first meant."""

    def __init__(self) -> None:
        self._of: dict[object, int] = {}

    def once(self, line: int, *keys: object) -> None:
        """`keys`: all that tells the thing apart. Raises SameAgain for what an earlier line had."""
        first = next((self._of[one] for one in keys if one in self._of), None)
        if first is not None:
            raise SameAgain(line=first)
        self._of.update(dict.fromkeys(keys, line))


class Plan(Protocol):
    """What is to be done for the rows of one file."""

    created: int
    changed: int
    unchanged: int

    def write(self) -> None:
        """Do it, in the transaction in which it was planned."""


def differing(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that are said (not None) and are not there yet."""
    return {name: value for name, value in values.items() if value is not None and getattr(row, name) != value}
