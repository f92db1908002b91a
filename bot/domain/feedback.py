"""One question pack to one stakeholder, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.people import Person
from bot.domain.refusals import AlreadyAnswered, AskSomeoneElse, Unreachable


class RequestState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"


@dataclass(eq=False)
class Answer:
    """One reply to one question. A correction adds a row and marks the older one superseded: both are kept."""

    workspace_id: int
    request_id: int
    question: str
    value: str
    label: str
    by_id: int
    at: datetime
    confidential: bool = False
    superseded_at: datetime | None = None
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it


@dataclass(eq=False)
class FeedbackRequest:
    """A question pack on its way to somebody who answers for a function.

    `asked_id` is empty while setup names nobody for the function: then the manager is asked to name one.
    """

    workspace_id: int
    handoff_id: int
    function: str
    pack: dict[str, object]
    necessary: bool = True
    asked_id: int | None = None
    group_slack_id: str | None = None
    asked_at: datetime | None = None
    due_on: date | None = None
    state: RequestState = RequestState.OPEN
    note: str = ""
    closed_by_id: int | None = None
    closed_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    answers: list[Answer] = field(default_factory=list)
    asked: Person | None = None
    closed_by: Person | None = None

    @property
    def open(self) -> bool:
        return self.state is RequestState.OPEN

    @property
    def current(self) -> dict[str, Answer]:
        """The answers that stand, by question."""
        return {answer.question: answer for answer in self.answers if answer.superseded_at is None}

    def answer(self, new: Answer, by: Person, now: datetime) -> bool:
        """Take one answer; the same answer again changes nothing. Returns whether anything changed."""
        old = self.current.get(new.question)
        if old is not None and (old.value, old.label) == (new.value, new.label):
            return False
        if old is not None:
            old.superseded_at = now
        self.answers.append(new)
        if self.state in (RequestState.OPEN, RequestState.NOTHING) and self._complete():
            self.state = RequestState.ANSWERED
            self.closed_by_id, self.closed_at = by.id, now
        self.version += 1
        return True

    def nothing(self, by: Person, now: datetime) -> None:
        """Nothing to report. Raises AlreadyAnswered when an answer stands."""
        if not self.open or self.current:
            raise AlreadyAnswered(person=self.closed_by.slack_id if self.closed_by else by.slack_id)
        self.state = RequestState.NOTHING
        self.closed_by_id, self.closed_at = by.id, now
        self.version += 1

    def redirect(self, to: Person, now: datetime) -> None:
        """Ask somebody else instead."""
        if not to.reachable:
            raise Unreachable(person=to.slack_id)
        if to.id == self.asked_id:
            raise AskSomeoneElse(person=to.slack_id)
        if not self.open:
            raise AlreadyAnswered(person=self.closed_by.slack_id if self.closed_by else to.slack_id)
        self.asked_id, self.group_slack_id, self.asked_at = to.id, None, now
        self.version += 1

    def withdraw(self) -> None:
        """Nobody needs the answer any more (the handoff was cancelled)."""
        if self.open:
            self.state = RequestState.WITHDRAWN
            self.version += 1

    def _complete(self) -> bool:
        needed = {q["key"] for q in self.questions if q.get("necessary")}
        return needed <= set(self.current) if needed else bool(self.current)

    @property
    def questions(self) -> list[dict[str, object]]:
        """The pack's questions as plain values, in order."""
        found = self.pack.get("questions", [])
        return list(found) if isinstance(found, list) else []
