"""Asking credit, warranty, marketing and others what they know, and taking their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.feedback import Answer, FeedbackRequest, RequestState
from bot.domain.handoff import Handoff
from bot.domain.pack import Pack, Question, QuestionKind
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import AskedElsewhere, Empty, NoSuchAnswer, NotAllowed, TooLong
from bot.domain.typed import trimmed
from bot.errors import BotError, FieldErrors
from bot.store import journal, loading, redrawing, schedule
from bot.store.letters import Letter, Priority, freshen
from bot.store.queues import outbox
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk
from bot.usecases.handoffs.checklist import require_confidant, rewritten
from bot.usecases.nudges.nudges import about_answer, owed_by, plan_first
from bot.usecases.workspace.playbooks import playbook_of

ANSWER_LIMIT = 1000


def field_of(question: str) -> str:
    """The name of a question's field in the form."""
    return f"question.{question}"


@dataclass(frozen=True)
class Feedback:
    desk: Desk

    def answer(self, actor: Actor, request_id: int, question: str, option: str) -> None:
        """One tap. Raises NoSuchAnswer, NotAllowed, AskedElsewhere, HandoffClosed."""
        with self.desk.db.write() as session:
            by, handoff, request = self._open(session, actor, request_id)
            asked, label = _option(request, question, option)
            now = self.desk.now()
            new = _answer(request, asked, option, label, by, now)
            if request.answer(new, by, now):
                self._landed(session, handoff, request, by)

    def note(self, actor: Actor, request_id: int, values: Mapping[str, str], note: str) -> None:
        """The form behind "Add a note" and "Correct": `values` are options' keys or texts by question.

        Raises Empty, and FieldErrors by `field_of` a question and "note".
        """
        with self.desk.db.write() as session:
            by, handoff, request = self._open(session, actor, request_id)
            now = self.desk.now()
            errors: dict[str, BotError] = {}
            changed: list[bool] = []
            text = request.note
            for key, value in values.items():
                with _too_long_for(field_of(key), errors):
                    changed += [self._take(request, key, value, by, now)] if trimmed(value) else []
            with _too_long_for("note", errors):
                text = rewritten(note, request.note) if trimmed(note) else ""
            if errors:
                raise FieldErrors(errors)
            if text != request.note:
                request.note = text
                request.version += 1
                changed.append(True)
            if not changed:
                raise Empty()
            if any(changed):
                self._landed(session, handoff, request, by)

    def nothing_to_report(self, actor: Actor, request_id: int) -> None:
        """Raises AlreadyAnswered when an answer stands."""
        with self.desk.db.write() as session:
            by, handoff, request = self._open(session, actor, request_id)
            request.nothing(by, self.desk.now())
            self._landed(session, handoff, request, by)

    def redirect(self, actor: Actor, request_id: int, to_slack_id: str) -> None:
        """Ask someone else. Raises AskSomeoneElse, Unreachable, AlreadyAnswered."""
        with self.desk.db.write() as session:
            to = self.desk.person(session, self.desk.workspace_id(session, actor.team_id), to_slack_id)
            self.pass_on(session, actor, request_id, to)

    def pass_on(
        self, session: Session, actor: Actor, request_id: int, to: Person, why: str = "", *, prompt: bool = True
    ) -> None:
        """`redirect` within a transaction that does more; `why` is what the one who was asked says about it.

        Without `prompt` the caller tells whoever is asked now.
        """
        by, handoff, request = self._open(session, actor, request_id, Action.REDIRECT)
        now, before = self.desk.now(), request.asked.slack_id if request.asked is not None else ""
        require_confidant(handoff, to)
        request.redirect(to, now)
        session.flush()
        after = {"asked": to.slack_id, **({"reason": why} if why else {})}
        journal.record(session, by, now, "answer.redirected", request.id, handoff.id, {"asked": before}, after)
        self._redraw(session, handoff, request, now)
        if prompt:
            freshen(session, handoff.workspace_id, now, [changes.request_message(handoff.id, request.id, to.id)])
        moved = {"function": request.function, "by": by.slack_id, "to": to.slack_id, "why": why}
        slot = f"redirected:{request.id}:{request.version}"
        changes.say(session, now, handoff, changes.thread_message(handoff.id, slot, "redirected", **moved))
        schedule.unplan(session, handoff.id, about_answer(request))
        redrawing.redraw_sent(session, now, about_answer(request))
        session.expire_all()
        whole = loading.whole_handoff(session, by.workspace_id, handoff.id)
        owed = [one for one in owed_by(whole) if one.obligation == about_answer(request)]
        plan_first(session, whole, playbook_of(session, whole), owed, now)

    def request(self, actor: Actor, request_id: int, action: Action = Action.ANSWER) -> FeedbackRequest:
        """One request with its answers, to fill a form with, for whoever may answer it. Raises as `answer` does."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            found = loading.request(session, by.workspace_id, request_id)
            handoff = loading.handoff(session, by.workspace_id, found.handoff_id)
            self._may(session, action, by, handoff, found)
            return found

    def _open(
        self, session: Session, actor: Actor, request_id: int, action: Action = Action.ANSWER
    ) -> tuple[Person, Handoff, FeedbackRequest]:
        by = self.desk.actor(session, actor)
        handoff_id = loading.request(session, by.workspace_id, request_id).handoff_id
        handoff = loading.handoff(session, by.workspace_id, handoff_id, lock=True)
        session.expire_all()  # what was read before the lock may be older than what the lock waited for
        request = loading.request(session, by.workspace_id, request_id)
        self._may(session, action, by, handoff, request)
        return by, handoff, request

    def _may(self, session: Session, action: Action, by: Person, handoff: Handoff, request: FeedbackRequest) -> None:
        """Raise AskedElsewhere, NotAllowed or HandoffClosed for somebody who may not answer (or pass it on), now."""
        unassigned = request.asked_id is None and request.group_slack_id is None
        try:
            self.desk.require(session, Action.EDIT if unassigned else action, by, handoff, request=request)
        except NotAllowed:
            if request.asked is not None and self._was_asked(session, request, by):
                raise AskedElsewhere(person=request.asked.slack_id) from None
            raise
        handoff.require_open()

    def _was_asked(self, session: Session, request: FeedbackRequest, by: Person) -> bool:
        key = changes.request_message(request.handoff_id, request.id, by.id).key
        where = (outbox.c.workspace_id == by.workspace_id, outbox.c.key == key)
        return session.scalar(select(outbox.c.id).where(*where)) is not None

    def _take(self, request: FeedbackRequest, key: str, value: str, by: Person, now: datetime) -> bool:
        question = Pack.from_dict(request.pack).question(key)
        if question is None:
            raise NoSuchAnswer()
        if question.kind is QuestionKind.CHOICE:
            question, label = _option(request, key, value)
            return request.answer(_answer(request, question, value, label, by, now), by, now)
        old = request.current.get(key)
        text = rewritten(value, old.label if old else "", ANSWER_LIMIT)
        return request.answer(_answer(request, question, "text", text, by, now), by, now)

    def _landed(self, session: Session, handoff: Handoff, request: FeedbackRequest, by: Person) -> None:
        now = self.desk.now()
        session.flush()
        after = {question: answer.label for question, answer in request.current.items() if not answer.confidential}
        state = RequestState(request.state).value
        journal.record(
            session, by, now, "answer.given", request.id, handoff.id, after={"state": state, "answers": after}
        )
        self._redraw(session, handoff, request, now, answered_message(handoff.id, request.id))
        if not request.open:
            schedule.settle(session, about_answer(request))
            redrawing.redraw_sent(session, now, about_answer(request))

    def _redraw(
        self, session: Session, handoff: Handoff, request: FeedbackRequest, now: datetime, *more: Letter
    ) -> None:
        """The card and every copy of the prompt are stale."""
        changes.touched(session, now, handoff, *more, homes_of=[request.asked_id])
        changes.redraw_prompts(session, now, handoff, request.id)


def answered_message(handoff_id: int, request_id: int) -> Letter:
    """The answer in the thread."""
    return Letter(f"thread:{handoff_id}:answer:{request_id}", "answered", request_id, handoff_id, Priority.ANSWER)


@contextmanager
def _too_long_for(field: str, errors: dict[str, BotError]) -> Iterator[None]:
    try:
        yield
    except TooLong as problem:
        errors[field] = problem


def _option(request: FeedbackRequest, question: str, option: str) -> tuple[Question, str]:
    found = Pack.from_dict(request.pack).question(question)
    chosen = found.option(option) if found else None
    if found is None or chosen is None:
        raise NoSuchAnswer()
    return found, chosen.label


def _answer(request: FeedbackRequest, question: Question, value: str, label: str, by: Person, now: datetime) -> Answer:
    return Answer(
        workspace_id=request.workspace_id,
        request_id=request.id,
        question=question.key,
        value=value,
        label=label,
        by_id=by.id,
        at=now,
        confidential=question.confidential,
    )
