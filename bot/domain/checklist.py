"""A step copied into a handoff: who owns it, by when, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.people import Person
from bot.domain.refusals import AlreadyDone, AlreadySkipped, NotSkippedNorDone, RefuseDate, Unreachable
from bot.domain.vocabulary import Role, StepForm

GOES_ALONG = "along."
"""How the keys of items begin that belong to no stage: while they are open they go along into the next one."""


class ItemState(StrEnum):
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class NeedsForm(Exception):
    """It is finished by filling in its form, which the caller opens."""

    def __init__(self, form: StepForm) -> None:
        super().__init__(form)
        self.form = StepForm(form)


@dataclass(eq=False)
class ChecklistItem:
    """One thing to do in one stage of one handoff.

    `owner_id` is a person; while it is empty the item waits for whoever comes to hold `owner_role`.
    `due_on` is a date in the owner's calendar; `due_anchor` and `due_days` are the playbook's rule it came from,
    empty once somebody has set a date by hand. `version` grows with each change, so that Slack shows our state.
    `form`: what has to be written down to finish it; `outgoing_only`: nobody but the outgoing rep can do it.
    Ids are written; `owner` and `closed_by` are there for reading.
    """

    workspace_id: int
    handoff_id: int
    stage_id: int
    position: int
    title: str
    detail: str = ""
    evidence_wanted: str = ""
    key: str | None = None
    owner_role: Role | None = None
    owner_id: int | None = None
    due_anchor: str | None = None
    due_days: int | None = None
    due_on: date | None = None
    necessary: bool = True
    form: StepForm | None = None
    outgoing_only: bool = False
    state: ItemState = ItemState.OPEN
    closed_by_id: int | None = None
    closed_at: datetime | None = None
    skip_reason: str = ""
    evidence: str = ""
    evidence_by_id: int | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    closed_by: Person | None = None
    owner: Person | None = None

    @property
    def open(self) -> bool:
        return self.state is ItemState.OPEN

    def go_along(self, stage_id: int, *, last: bool) -> None:
        """The handoff enters a stage: what belongs to none and is open moves with it.

        In the `last` one a commission whose end nobody has decided holds the gate.
        """
        if self.open and (self.key or "").startswith(GOES_ALONG):
            self.stage_id, self.necessary = stage_id, self.necessary or (last and self.form is StepForm.TERMS)

    def require_open(self) -> None:
        """Raise AlreadyDone or AlreadySkipped, which name who was first, unless it is still to be done."""
        self._still_open()

    def complete(self, by: Person, now: datetime, *, written: bool = False) -> None:
        """Tick it off. Raises AlreadyDone or AlreadySkipped, which name who was first; NeedsForm unless `written`."""
        self._still_open()
        if self.form is not None and not written:
            raise NeedsForm(self.form)
        self._close(ItemState.DONE, by, now)

    def skip(self, by: Person, now: datetime, reason: str) -> None:
        """Leave it out, saying why. Raises like `complete`."""
        self._still_open()
        self.skip_reason = reason
        self._close(ItemState.SKIPPED, by, now)

    def lapse(self, now: datetime, reason: str) -> None:
        """Nobody can do it any more, and nobody chose to leave it out. Raises like `complete`."""
        self._still_open()
        self.skip_reason = reason
        self._close(ItemState.SKIPPED, None, now)

    def reopen(self) -> None:
        """Make it open again, as if it had never been closed; the audit trail keeps that it was."""
        if self.open:
            raise NotSkippedNorDone(title=self.title)
        self.state, self.closed_by_id, self.closed_at = ItemState.OPEN, None, None
        self.skip_reason = ""
        self.version += 1

    def assign(self, to: Person) -> None:
        """Give it to somebody else. Raises Unreachable for a bot or a person who has left."""
        if not to.reachable:
            raise Unreachable(person=to.slack_id)
        self.owner_id = to.id
        self.version += 1

    def reschedule(self, due_on: date, today: date) -> None:
        """Set the date by hand. Raises RefuseDate for a day already past."""
        if due_on < today:
            raise RefuseDate()
        self.due_on, self.due_anchor, self.due_days = due_on, None, None
        self.version += 1

    def attach(self, evidence: str, by: Person) -> None:
        """Keep a link or a note that shows the thing was done; replaces the one before."""
        self.evidence, self.evidence_by_id = evidence, by.id
        self.version += 1

    def _still_open(self) -> None:
        if self.state is ItemState.OPEN:
            return
        who = self.closed_by.slack_id if self.closed_by else ""
        kind = AlreadyDone if self.state is ItemState.DONE else AlreadySkipped
        raise kind(title=self.title, person=who)

    def _close(self, state: ItemState, by: Person | None, now: datetime) -> None:
        self.state, self.closed_by_id, self.closed_at = state, by.id if by is not None else None, now
        self.version += 1
