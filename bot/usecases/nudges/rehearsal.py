"""A handoff played through on paper: what a playbook would send to whom and when, before anybody gets it.

A real handoff is made (`copy_stages`, `copy_items`, `owed_by`, gates, acceptance), only not stored, and its reminders
are foreseen with the engine's own rules (`bot/domain/forecast.py`). Pure: no clock, no database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.domain.cadence import Recipient, rungs
from bot.domain.feedback import FeedbackRequest
from bot.domain.forecast import Coming, Foreseen, Owes, Setting, first, foresee
from bot.domain.handoff import Acceptance, Handoff, HandoffState, StageRun
from bot.domain.pack import Pack
from bot.domain.people import Person
from bot.domain.playbook import Anchor, Due, Playbook
from bot.domain.reminding import DAILY_CAP
from bot.domain.routing import Debt, local_date
from bot.domain.vocabulary import INSIDE_SALES, Reason, Role, SalesChannel, Tier
from bot.domain.worktime import WorkTime
from bot.usecases.desk import presence, worktime
from bot.usecases.feedback.asking import Answerer, request_for
from bot.usecases.nudges.debts import ACCEPTANCE, ANSWER, ITEM, plan_of
from bot.usecases.nudges.nudges import Owed, owed_by
from bot.usecases.workspace.playbooks import acceptance_due, copy_items, copy_stages, due_on, fair, redate, stage_due

ABOVE = "managers_manager"
"""Among the people of a rehearsal: whom the manager reports to. The others are named by role or by function."""
INTO_THE_DAY = timedelta(hours=1)
"""Nobody starts a handoff on the stroke of nine, when reminders for that morning would still go out with the card."""


@dataclass(frozen=True)
class Assumptions:
    """What such a handoff is like. It starts in the manager's morning, an hour after their day opens.

    `late`: each thing is done at the end of the day that lies so many working days of its owner after the day it is
    due (0: on that day); None: nobody ever does anything. `people`: who holds a role or answers for a function.
    """

    start: date
    reason: Reason
    sales_channel: SalesChannel
    tier: Tier
    people: Mapping[str, Person]
    overseas: bool = False
    last_day: date | None = None
    cap: int = DAILY_CAP
    late: int | None = 0

    @property
    def manager(self) -> Person:
        return self.people[Role.MANAGER.value]


@dataclass(frozen=True)
class Posted:
    """A message that is no reminder: `what` is card, checklist, question, gate, acceptance, accepted or completed.

    `to` is empty for the channel and the card's thread; `about` is the title of a stage or a pack.
    """

    at: datetime
    what: str
    to: Person | None = None
    about: str = ""


@dataclass
class Rehearsal:
    """How it goes. `begun` is the handoff as it was at the start.

    `end`: when the last thing was done, None if that never happens; `until`: how far was looked.
    """

    handoff: Handoff
    begun: Handoff
    playbook: Playbook
    posted: list[Posted] = field(default_factory=list)
    reminders: list[Foreseen] = field(default_factory=list)
    end: datetime | None = None
    until: datetime | None = None

    def title(self, owes: Owes) -> str:
        """What an obligation is called: a step's or a pack's title, "" for the acceptance."""
        if owes.kind == ITEM:
            return next(item.title for item in self.handoff.items if item.id == owes.subject_id)
        found = (r for r in self.handoff.requests if owes.kind == ANSWER and r.id == owes.subject_id)
        return next(map(_title, found), "")

    def due_dates(self, calendar: WorkTime) -> dict[str, date]:
        """When each step would have been due, had that been the manager's calendar, by title."""
        accepted = {stage.id for stage in self.handoff.stages if stage.position > self.handing_over.position}
        found = {}
        for item in self.handoff.items:
            if item.due_anchor is not None and item.due_days is not None:
                # before it was accepted, the transfer was an estimate
                by = self.handoff if item.stage_id in accepted else self.begun
                ruled = due_on(Due(Anchor(item.due_anchor), item.due_days), by, self.playbook, calendar)
                due = fair(ruled, item, self.handoff, calendar)
                found.update({item.title: due} if due is not None else {})
        return found

    @property
    def handing_over(self) -> StageRun:
        return next(stage for stage in self.handoff.stages if stage.hands_over)


def rehearse(
    playbook: Playbook, packs: Mapping[str, Pack], assumed: Assumptions, until: datetime | None = None
) -> Rehearsal:
    """Play it through, reminders up to `until` (UTC).

    None: up to the end of the handoff; where it never ends, up to the day on which those above have heard of all.
    """
    play = _Play(playbook, packs, assumed)
    played = play.run()
    played.until = until or played.end or max(map(_all_told, play.rows), default=played.handoff.started_at)
    setting = Setting(presence, {person.id: person for person in assumed.people.values()}, assumed.cap)
    played.reminders = foresee(play.rows, setting, played.handoff.started_at, played.until)
    return played


class _Play:
    """Stage after stage, as people would take it through."""

    def __init__(self, playbook: Playbook, packs: Mapping[str, Pack], assumed: Assumptions) -> None:
        self._playbook, self._assumed = playbook, assumed
        self._calendar = worktime(assumed.manager)
        self._handoff, begun = (_begun(playbook, packs, assumed, self._calendar) for _ in range(2))
        self._played = Rehearsal(self._handoff, begun, playbook)
        self._met: dict[tuple[str, int], datetime | None] = {}
        self.rows: list[Coming] = []

    def run(self) -> Rehearsal:
        now: datetime | None = self._handoff.started_at
        self._post(self._handoff.started_at, "card")
        for request in self._handoff.requests:
            self._post(self._handoff.started_at, "question", request.asked or self._assumed.manager, _title(request))
        while now is not None and self._handoff.state is HandoffState.OPEN:
            asked = self._handoff.acceptance is Acceptance.ASKED
            now = self._acceptance(now) if asked else self._stage(now)
        self._played.end = now
        return self._played

    def _stage(self, now: datetime) -> datetime | None:
        """A stage from its beginning to its gate; None when it is never passed."""
        stage, manager = self._handoff.stage, self._assumed.manager
        self._post(now, "checklist", about=stage.title)
        begun = [(one, self._begins(one, now)) for one in owed_by(self._handoff)]
        if self._assumed.late is None:
            return None
        wanted = stage_due(self._handoff, self._playbook, self._calendar) or local_date(manager, now)
        held = [met for one, met in begun if self._holds_gate(one)]
        at = max(met for met in [now, self._done(manager, wanted, now), *held] if met is not None)
        self._close(at)
        self._post(at, "gate", about=stage.title)
        self._handoff.pass_gate(at, manager)
        redate(self._handoff, self._playbook, self._calendar)
        if self._handoff.state is HandoffState.COMPLETED:
            self._post(at, "completed")
        return at

    def _acceptance(self, now: datetime) -> datetime | None:
        """The question to the incoming rep, from the gate to their answer."""
        incoming = self._handoff.incoming
        assert incoming is not None, "nobody is asked to accept before they are named"
        today = local_date(self._assumed.manager, now)
        self._handoff.acceptance_due_on = acceptance_due(self._playbook, self._calendar, today)
        self._post(now, "acceptance", incoming)
        met = {one.obligation.kind: self._begins(one, now) for one in owed_by(self._handoff)}
        at = met[ACCEPTANCE]
        if at is not None:
            self._handoff.accept(at, local_date(incoming, at), incoming)
            redate(self._handoff, self._playbook, self._calendar)
            self._post(at, "accepted", about=incoming.name)
        return at

    def _begins(self, owed: Owed, now: datetime) -> datetime | None:
        """From now on somebody owes it; returns when they have done it."""
        about = (owed.obligation.kind, owed.obligation.subject_id)
        if about not in self._met:
            self._met[about] = self._done(owed.owner, owed.due_on, now)
            above = self._assumed.people.get(ABOVE)
            debt = Debt(owed.owner, owed.due_on, owed.necessary, self._assumed.manager, above)
            owes = Owes(self._handoff.id, *about, debt, plan_of(self._playbook.ladder, debt), self._met[about])
            row = first(owes, now)
            self.rows += [row] if row is not None else []
        return self._met[about]

    def _done(self, who: Person, due: date, now: datetime) -> datetime | None:
        """The end of the working day on which they get it done."""
        if self._assumed.late is None:
            return None
        hours = presence(who)
        day = hours.add_working_days(max(due, local_date(who, hours.next_moment(now))), 0)
        return hours.closing(hours.add_working_days(day, self._assumed.late) if self._assumed.late else day)

    def _holds_gate(self, owed: Owed) -> bool:
        """Every step does, and before the incoming rep is brought in the necessary answers."""
        return owed.obligation.kind == ITEM or (owed.necessary and self._handoff.stage.hands_over)

    def _close(self, at: datetime) -> None:
        for item in self._handoff.items_of(self._handoff.stage):
            item.complete(item.owner or self._assumed.manager, at, written=True)
        for request in self._handoff.requests:
            met = self._met.get((ANSWER, request.id))
            if request.open and (met is None or met <= at):
                request.nothing(request.asked or self._assumed.manager, at)

    def _post(self, at: datetime, what: str, to: Person | None = None, about: str = "") -> None:
        self._played.posted.append(Posted(at, what, to, about))


def _begun(playbook: Playbook, packs: Mapping[str, Pack], assumed: Assumptions, calendar: WorkTime) -> Handoff:
    """The handoff as `Start` makes it, with numbers of its own instead of the database's."""
    handoff = Handoff(
        workspace_id=0,
        account_id=0,
        playbook_id=0,
        reason=assumed.reason,
        sales_channel=assumed.sales_channel,
        tier=assumed.tier,
        overseas=assumed.overseas,
        benefit="",
        channel_id="",
        start_on=assumed.start,
        started_at=calendar.opening(assumed.start) + INTO_THE_DAY,
        started_by_id=assumed.manager.id,
        last_day=assumed.last_day,
    )
    handoff.id = 1
    for role in Role:
        person = assumed.people.get(INSIDE_SALES if role is Role.INSIDE else role.value)
        setattr(handoff, role.value, person)
        setattr(handoff, f"{role.value}_id", person.id if person is not None else None)
    copy_stages(handoff, playbook)
    for stage in handoff.stages:
        stage.id = stage.position + 1
    copy_items(handoff, playbook, calendar)
    for number, item in enumerate(handoff.items, 1):
        item.id = number
    handoff.requests = list(_asked(handoff, playbook, packs, assumed, calendar))
    return handoff


def _asked(
    handoff: Handoff, playbook: Playbook, packs: Mapping[str, Pack], assumed: Assumptions, calendar: WorkTime
) -> Iterator[FeedbackRequest]:
    asks = playbook.asks_for(handoff.sales_channel, handoff.tier, handoff.overseas)
    for number, one in enumerate(asks, 1):
        asked = assumed.people.get(one.function)
        who, now = Answerer(asked), handoff.started_at
        request = request_for(one, packs[one.pack], who, handoff, playbook, calendar, now)
        request.id, request.asked = number, asked
        yield request


def _title(request: FeedbackRequest) -> str:
    return str(request.pack["title"])


def _all_told(row: Coming) -> datetime:
    """The end of the day on which everybody on the ladder has heard of it; repeats go on after that."""
    plan, last = row.owes.plan, row.at
    waiting = {Recipient.MANAGER: plan.manager, Recipient.MANAGERS_MANAGER: plan.managers_manager}
    untold = {to for to, hours in waiting.items() if hours is not None}
    for rung in rungs(plan, row.at):
        if not untold:
            break
        last = max(last, rung.at) if rung.to in untold else last
        untold.discard(rung.to)
    return last + timedelta(days=1)
