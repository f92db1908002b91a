"""Moving a handoff through its gate to acceptance and on: pass, override, accept, return, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.dossier import Fact
from bot.domain.facts import Completeness
from bot.domain.gate import Missing, missing
from bot.domain.handoff import Handoff, Passed
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import TooManyGaps
from bot.domain.typed import trimmed
from bot.errors import FieldErrors
from bot.store import journal, loading, redrawing, schedule
from bot.store.letters import Letter, freshen_thread
from bot.usecases import changes
from bot.usecases.accounts.accounts import give_account
from bot.usecases.brief.brief import keep_accepted
from bot.usecases.coverage.covering import follow_line, handoff_cancelled
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.handoffs.checklist import TITLE_LIMIT, new_item, written
from bot.usecases.handoffs.lacking import lacking, unsaid
from bot.usecases.handoffs.phases import follow_phase
from bot.usecases.handoffs.support import begin_support
from bot.usecases.nudges.nudges import about_acceptance, replan
from bot.usecases.workspace.playbooks import acceptance_due, playbook_of, redate

GAPS_AT_MOST = 30


@dataclass(frozen=True)
class GateAnswer:
    """What the gate button led to: `passed`, or what is `missing` and whether this person may override it.

    `nice`: facts that are nice to have and not known; they hold nothing.
    """

    handoff: Handoff
    passed: Passed | None
    missing: tuple[Missing, ...]
    may_override: bool
    nice: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class ReturnForm:
    """What the form of a return begins with: steps to reopen, and the facts that nobody has said."""

    handoff: Handoff
    facts: Completeness


@dataclass(frozen=True)
class Handoffs:
    desk: Desk

    def gate(self, actor: Actor, handoff_id: int, expected_stage: int | None = None) -> GateAnswer:
        """Pass the gate, or say exactly what is missing. Raises StageMoved, AlreadyAsked, NotAllowed."""
        with self.desk.db.write() as session:
            by, handoff = self.locked(session, actor, handoff_id, Action.PASS_GATE)
            handoff.require_stage(expected_stage)
            shut = self._shut(session, by, handoff)
            if shut.missing:
                return shut
            passed = self._pass(session, handoff, by, "", expected_stage)
            return GateAnswer(handoff, passed, (), may_override=False)

    def look(self, actor: Actor, handoff_id: int) -> GateAnswer:
        """What is missing now, for whoever has the gate's list before them. Raises HandoffClosed, NotAllowed."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
            self.desk.require(session, Action.PASS_GATE, by, handoff)
            handoff.require_open()
            return self._shut(session, by, handoff)

    def override(self, actor: Actor, handoff_id: int, reason: str, expected_stage: int | None = None) -> Passed:
        """Pass although something is missing; the reason stays visible.

        Raises Empty, NameTheIncoming, IncomingIsGone, NotAllowed.
        """
        why = written(reason)
        with self.desk.db.write() as session:
            by, handoff = self.locked(session, actor, handoff_id, Action.OVERRIDE)
            return self._pass(session, handoff, by, why, expected_stage, self._lacking(session, by, handoff).necessary)

    def return_form(self, actor: Actor, handoff_id: int) -> ReturnForm:
        """What the form begins with. Raises AlreadyAccepted, NothingToAccept, NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
            self.desk.require(session, Action.ACCEPT, by, handoff)
            handoff.require_asked()
            rule, today = playbook_of(session, handoff).rules.dossier, self.desk.today(handoff.manager or by)
            return ReturnForm(handoff, unsaid(session, handoff, rule, today))

    def accept(self, actor: Actor, handoff_id: int) -> None:
        """The incoming rep takes it, as owner of record from today. Raises AlreadyAccepted, NothingToAccept."""
        with self.desk.db.write() as session:
            by, handoff = self.locked(session, actor, handoff_id, Action.ACCEPT)
            now, today = self.desk.now(), self.desk.today(by)
            handoff.accept(now, today, by)
            if not handoff.test_run:
                account = loading.account(session, by.workspace_id, handoff.account_id)
                give_account(session, account, by, today, handoff.id)
            begin_support(session, handoff, today)
            keep_accepted(self.desk, session, by, handoff)
            journal.record(session, by, now, "handoff.accepted", handoff.id, handoff.id, after={"owner": by.slack_id})
            accepted = changes.thread_message(
                handoff.id, "accepted", "accepted", person=by.slack_id, day=today.isoformat()
            )
            self.moved(session, by, handoff, accepted)

    def send_back(self, actor: Actor, handoff_id: int, item_ids: Sequence[int], gaps: str) -> None:
        """The incoming rep returns it; each line of `gaps` becomes a necessary item. Raises NoGaps, FieldErrors."""
        lines = [" ".join(line.split()).strip(" -•") for line in gaps.splitlines()]
        wanted = [line for line in lines if trimmed(line)]
        if len(wanted) > GAPS_AT_MOST:
            raise FieldErrors({"gaps": TooManyGaps(limit=GAPS_AT_MOST)})
        with self.desk.db.write() as session:
            by, handoff = self.locked(session, actor, handoff_id, Action.ACCEPT)
            now = self.desk.now()
            asked_at = handoff.acceptance_asked_at
            reopened = [item for item in handoff.items_of(handoff.stage) if item.id in set(item_ids)]
            handoff.send_back(reopened, wanted)
            new = [self._gap(handoff, line) for line in wanted]
            session.flush()
            titles = [item.title for item in [*reopened, *new]]
            journal.record(session, by, now, "handoff.returned", handoff.id, handoff.id, after={"gaps": titles})
            slot = f"returned:{asked_at.isoformat() if asked_at else ''}"
            told = changes.thread_message(handoff.id, slot, "returned", person=by.slack_id, gaps=titles)
            self.moved(session, by, handoff, told)

    def cancel(self, actor: Actor, handoff_id: int, reason: str) -> None:
        """Stop it from any stage, with a reason. Raises Empty, HandoffClosed, NotAllowed."""
        why = written(reason)
        with self.desk.db.write() as session:
            by, handoff = self.locked(session, actor, handoff_id, Action.CANCEL)
            now = self.desk.now()
            handoff.cancel(now, why)
            handoff_cancelled(session, handoff, self.desk.today(handoff.manager or by))
            journal.record(session, by, now, "handoff.cancelled", handoff.id, handoff.id, after={"reason": why})
            told = changes.thread_message(handoff.id, "cancelled", "cancelled", person=by.slack_id, reason=why)
            self.moved(session, by, handoff, told)

    def locked(self, session: Session, actor: Actor, handoff_id: int, action: Action) -> tuple[Person, Handoff]:
        """Who acts, and the handoff, whole and locked, if they may. Raises NotAllowed, NoSuchThing."""
        by = self.desk.actor(session, actor)
        handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
        self.desk.sight(by, handoff)
        follow_phase(session, handoff, self.desk.today(handoff.manager or by))  # before anything changes
        self.desk.require(session, action, by, handoff)
        return by, handoff

    def _shut(self, session: Session, by: Person, handoff: Handoff) -> GateAnswer:
        facts = self._lacking(session, by, handoff)
        found = tuple(missing(handoff, facts.necessary))
        may = bool(found) and self.desk.may(session, Action.OVERRIDE, by, handoff) and not _only_people_can(found)
        return GateAnswer(handoff, None, found, may, facts.nice)

    def _lacking(self, session: Session, by: Person, handoff: Handoff) -> Completeness:
        rule = playbook_of(session, handoff).rules.dossier
        return lacking(session, handoff, rule, self.desk.today(handoff.manager or by))

    def _pass(
        self,
        session: Session,
        handoff: Handoff,
        by: Person,
        override: str,
        expected: int | None,
        unknown: Sequence[Fact] = (),
    ) -> Passed:
        """`unknown`: the necessary facts that are overridden; the trail and the thread name them."""
        now, left = self.desk.now(), handoff.stage
        passed = handoff.pass_gate(now, by, override, expected)
        calendar = worktime(handoff.manager or by)
        if passed is Passed.ASKED_TO_ACCEPT:
            handoff.acceptance_due_on = acceptance_due(playbook_of(session, handoff), calendar, self.desk.today(by))
        verb = "gate.overridden" if override else "gate.passed"
        facts = {"facts": [one.value for one in unknown]} if unknown else {}
        after = {"to": passed.value, "reason": override, **facts}
        journal.record(session, by, now, verb, left.id, handoff.id, after=after)
        values = {"person": by.slack_id, "stage": left.title, "to": passed.value, "reason": override, **facts}
        slot = f"gate:{left.id}:{now.isoformat()}"
        told = [changes.thread_message(handoff.id, slot, "gate", next=handoff.stage.title, **values)]
        if passed is Passed.ASKED_TO_ACCEPT:
            told.append(changes.acceptance_message(handoff))
        self.moved(session, by, handoff, *told)
        return passed

    def moved(self, session: Session, by: Person, handoff: Handoff, *letters: Letter) -> None:
        """Whatever moved: dates follow, the schedule is made anew, every message of the handoff is stale."""
        now = self.desk.now()
        session.flush()
        schedule.hold(session, handoff.id)
        session.expire_all()
        whole = loading.whole_handoff(session, handoff.workspace_id, handoff.id)
        playbook = playbook_of(session, whole)
        calendar = worktime(whole.manager or next(iter(session.info["cast"][-1].values())))
        for item, before in redate(whole, playbook, calendar):
            dates = ({"due_on": day.isoformat() if day else None} for day in (before, item.due_on))
            journal.record(session, by, now, "item.redated", item.id, whole.id, *dates)
        today = self.desk.today(whole.manager or by)
        follow_line(session, whole, today, None, now)
        follow_phase(session, whole, today)
        session.flush()
        changes.say(session, now, whole, *letters)
        entered = [stage for stage in whole.stages if stage.entered_at is not None]
        changes.touched(session, now, whole, *(changes.stage_message(whole.id, stage.id) for stage in entered))
        changes.redraw_letters(session, now, whole)
        freshen_thread(session, now, whole.id, "cover_")  # what was asked and offered there
        redrawing.redraw_sent(session, now, about_acceptance(whole))
        replan(session, whole, playbook, now)

    def _gap(self, handoff: Handoff, line: str) -> ChecklistItem:
        """What the incoming rep misses becomes a necessary item of the outgoing rep, or of the manager.

        A line too long for a title stands whole in the item's detail.
        """
        owner = next((p for p in (handoff.outgoing, handoff.manager) if p is not None and p.reachable), None)
        due = worktime(owner).add_working_days(self.desk.today(owner), 1) if owner else None
        item = new_item(handoff, _as_title(line), owner, due, necessary=True)
        item.detail = line if len(line) > TITLE_LIMIT else ""
        return item


def _as_title(line: str) -> str:
    return line if len(line) <= TITLE_LIMIT else f"{line[: TITLE_LIMIT - 1].rstrip()}…"


def _only_people_can(missing: Sequence[Missing]) -> bool:
    """No reason replaces an incoming rep who is not named, or their acceptance, or telling people first."""
    return any(one.kind in ("role", "acceptance", "opening") for one in missing)
