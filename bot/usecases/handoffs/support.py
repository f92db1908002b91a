"""Support of the new rep: what was done is written down; the plan ends, or is extended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.customer import require_told_on
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.people import Person
from bot.domain.refusals import RefuseDate
from bot.domain.support import (
    COUNTED,
    REPORTS,
    TO_READ,
    Count,
    EndsBefore,
    ReadAll,
    Result,
    SayWhatShows,
    counts,
    evidence_lacks,
    require_read,
    require_signer,
    support_ends,
)
from bot.domain.typed import trimmed
from bot.domain.vocabulary import Role, StepForm
from bot.errors import BotError, FieldErrors
from bot.store import journal, loading, recorded
from bot.usecases import changes
from bot.usecases.brief.views import read_words
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing, one_of, tried
from bot.usecases.handoffs.checklist import Checklist, StaleForm, written
from bot.usecases.workspace.playbooks import playbook_of

NOTE_LIMIT = 2000
KEY = "support_end"
"""The step at the end of the support, which no playbook has to have."""


@dataclass(frozen=True)
class ReportForm:
    """What the form of a step of the support shows."""

    item: ChecklistItem
    handoff: Handoff
    form: StepForm
    choices: tuple[tuple[str, tuple[str, ...]], ...]
    to_read: tuple[str, ...]
    today: date
    read: frozenset[str] = frozenset()
    """What of it they have attested in the brief already."""


@dataclass(frozen=True)
class PlanForm:
    """`until`: the last day for somebody new to such accounts, `sooner` for somebody experienced."""

    item: ChecklistItem
    handoff: Handoff
    until: date
    sooner: date


@dataclass(frozen=True)
class EndForm:
    """`counts`: what was planned and done; `lacks`: something speaks against ending it."""

    item: ChecklistItem
    handoff: Handoff
    counts: tuple[Count, ...]
    lacks: bool
    today: date


@dataclass(frozen=True)
class SupportView:
    """For the card and the brief; no `until` before the transfer. `results`: day and outcome, the oldest first."""

    until: date | None = None
    counts: tuple[Count, ...] = ()
    results: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True)
class Support:
    desk: Desk
    checklist: Checklist

    # -- what was done -----------------------------------------------------------------------------------------------

    def report_form(self, actor: Actor, item_id: int) -> ReportForm:
        """Raises NotAllowed for what only another can sign, ReadFirst for a visit before the reading."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            form = self._required(handoff, item, by)
            choices = tuple((one.key, tuple(word.value for word in one.kind)) for one in REPORTS[form])
            to_read = TO_READ if form is StepForm.ATTEST else ()
            read = read_words(self.desk, session, by, handoff) if to_read else frozenset()
            return ReportForm(item, handoff, form, choices, to_read, self.desk.today(by), read)

    def report(
        self, actor: Actor, item_id: int, on: date | None, chosen: dict[str, str | None], note: str, read: list[str]
    ) -> None:
        """Finish a step by saying what was done on which day. Raises FieldErrors, and as `write_down`."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            form, errors = self._required(handoff, item, by), dict[str, BotError]()
            body: dict[str, Any] = {
                one.key: one_of(one.kind, chosen.get(one.key), one.key, errors) for one in REPORTS[form]
            }
            day = on
            if day is None:
                errors["on"] = Missing()
            else:
                tried(errors, "on", lambda: require_told_on(day, handoff.start_on, self.desk.today(by)))
            words = trimmed(note)
            if words:
                tried(errors, "note", lambda: written(words, NOTE_LIMIT))
            if form is StepForm.ATTEST and set(read) != set(TO_READ):
                errors["read"] = ReadAll()
            if errors or day is None:
                raise FieldErrors(errors)
            body |= {"on": day.isoformat(), "note": words} | ({"read": sorted(TO_READ)} if read else {})
            lost = body.get("result") == Result.LOST
            self.checklist.written_down(session, actor, item_id, form, body, self._tell_of_the_loss if lost else None)

    def _required(self, handoff: Handoff, item: ChecklistItem, by: Person) -> StepForm:
        """What the step asks to be reported, if this person may. Raises StaleForm when it asks for something else."""
        self.desk.sight(by, handoff)
        if item.form not in REPORTS:
            raise StaleForm()
        require_signer(handoff, item, by)
        if item.form is StepForm.VISIT:
            require_read(handoff)
        return StepForm(item.form)

    def _tell_of_the_loss(self, session: Session, handoff: Handoff, item: ChecklistItem, by: Person) -> None:
        slot = f"lost:{item.id}:{item.version}"
        changes.tell_the_chief(session, self.desk.now(), handoff, by, slot, "account_lost")

    # -- how long ----------------------------------------------------------------------------------------------------

    def plan_form(self, actor: Actor, item_id: int) -> PlanForm:
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            self.desk.sight(by, handoff)
            rule, today = playbook_of(session, handoff).rules.support, self.desk.today(by)
            until, sooner = (support_ends(rule, handoff, one, today) for one in (False, True))
            return PlanForm(item, handoff, until, sooner)

    def plan(self, actor: Actor, item_id: int, experienced: bool, until: date | None, note: str) -> None:
        """The manager's plan: how experienced the rep is, or a last day of their own. Raises FieldErrors."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            _, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            if until is not None and until <= self.desk.today(by):
                raise FieldErrors({"until": RefuseDate()})
            body = {
                "experienced": experienced,
                "until": until.isoformat() if until else None,
                "note": written(note, NOTE_LIMIT) if trimmed(note) else "",
            }
            self.checklist.written_down(session, actor, item_id, StepForm.SUPPORT_PLAN, body)
            if handoff.acceptance is Acceptance.ACCEPTED:
                self._lasts(session, actor, by, handoff)

    def end_form(self, actor: Actor, item_id: int) -> EndForm:
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            self.desk.sight(by, handoff)
            return EndForm(item, handoff, counts(handoff.items), self._lacks(session, handoff), self.desk.today(by))

    def extend(self, actor: Actor, item_id: int, until: date | None) -> None:
        """It lasts longer. Raises FieldErrors for a day that is not later."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            last = max(handoff.support_until or self.desk.today(by), self.desk.today(by))
            if until is None:
                raise FieldErrors({"until": Missing()})
            if until <= last:
                raise FieldErrors({"until": EndsBefore(day=last)})
            self._until(session, actor, by, handoff, item, until)

    def end(self, actor: Actor, item_id: int, note: str) -> None:
        """It is over. Before its day, or with something left to do, what shows that it may end has to be said."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            _, handoff = loading.item_in_whole_handoff(session, by.workspace_id, item_id)
            today, last = self.desk.today(by), handoff.support_until
            early = last is not None and today < last
            if (early or self._lacks(session, handoff)) and not trimmed(note):
                raise FieldErrors({"note": SayWhatShows(day=last or today)})
            body = {"on": today.isoformat(), "note": written(note, NOTE_LIMIT) if trimmed(note) else ""}
            self.checklist.written_down(session, actor, item_id, StepForm.SUPPORT_END, body)
            if early:
                self._note_end(session, by, handoff, today)

    def _lacks(self, session: Session, handoff: Handoff) -> bool:
        reports = recorded.records_of(session, handoff.id, COUNTED)
        return evidence_lacks(handoff.items, [(one.kind, one.body) for one in reports])

    def _lasts(self, session: Session, actor: Actor, by: Person, handoff: Handoff) -> None:
        until = planned_end(session, handoff, self.desk.today(by))
        item = next((one for one in handoff.items if one.key == KEY and one.open), None)
        if item is not None:
            self._until(session, actor, by, handoff, item, until)

    def _until(
        self, session: Session, actor: Actor, by: Person, handoff: Handoff, item: ChecklistItem, until: date
    ) -> None:
        self.checklist.move(session, actor, item.id, until)
        self._note_end(session, by, handoff, until)

    def _note_end(self, session: Session, by: Person, handoff: Handoff, until: date) -> None:
        before = {"support_until": handoff.support_until.isoformat() if handoff.support_until else None}
        handoff.support_until = until
        after, now = {"support_until": until.isoformat()}, self.desk.now()
        journal.record(session, by, now, "support.until", handoff.id, handoff.id, before, after)
        session.flush()
        changes.touched(session, now, handoff)


def begin_support(session: Session, handoff: Handoff, today: date) -> None:
    """At the transfer: the support has a last day, and its end a step of the manager's in the last stage.

    After another transfer (the customer asked for somebody else) it begins anew. A last day that was set before the
    transfer stands if it lies after it.
    """
    chosen = handoff.support_until
    handoff.support_until = chosen if chosen is not None and chosen > today else planned_end(session, handoff, today)
    there = next((one for one in handoff.items if one.key == KEY), None)
    if there is not None:
        if not there.open:
            there.reopen()
        there.due_on = handoff.support_until
        return
    title = playbook_of(session, handoff).rules.support.end_title
    handoff.items.append(
        ChecklistItem(
            workspace_id=handoff.workspace_id,
            handoff_id=handoff.id,
            stage_id=handoff.stages[-1].id,
            position=max((entry.position for entry in handoff.items), default=0) + 1,
            title=title,
            key=KEY,
            owner_role=Role.MANAGER,
            due_on=handoff.support_until,
            form=StepForm.SUPPORT_END,
        )
    )


def follow_support_end(handoff: Handoff) -> None:
    """Somebody has set another last day of the support: the step that ends it is due then."""
    item = next((one for one in handoff.items if one.key == KEY and one.open), None)
    if item is not None and handoff.support_until is not None and item.due_on != handoff.support_until:
        item.due_on = handoff.support_until
        item.version += 1


def planned_end(session: Session, handoff: Handoff, today: date) -> date:
    """The last day of the support: the manager's own, else the playbook's for this tier, place and experience."""
    plans = recorded.records_of(session, handoff.id, (StepForm.SUPPORT_PLAN,))
    said = plans[-1].body if plans else {}
    if said.get("until"):
        return max(date.fromisoformat(said["until"]), today)
    rule = playbook_of(session, handoff).rules.support
    return support_ends(rule, handoff, bool(said.get("experienced")), today)


def support_view(session: Session, handoff: Handoff) -> SupportView:
    """How the support stands. The handoff is whole."""
    if handoff.support_until is None:
        return SupportView()
    outcomes = recorded.records_of(session, handoff.id, (StepForm.OUTCOME,))
    results = tuple(
        (date.fromisoformat(one.body["on"]), one.body["result"]) for one in outcomes if "result" in one.body
    )
    return SupportView(handoff.support_until, counts(handoff.items), results)
