"""What a shared deal makes people do: items that follow from the agreements, whatever stage the handoff is in.

`keep_duties` looks at the agreements and makes the checklist fit; it may be called after anything that changes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.checklist import GOES_ALONG, ChecklistItem
from bot.domain.commission import Commission
from bot.domain.deals import Deal
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.rules import CommissionRule
from bot.domain.vocabulary import Role, StepForm
from bot.slack.text import short
from bot.store import dealing, journal, loading, schedule
from bot.store.customers import declined_of
from bot.usecases import changes
from bot.usecases.desk import Desk, worktime
from bot.usecases.nudges.nudges import about_item, owed_by, plan_first
from bot.usecases.workspace.playbooks import playbook_of

LOG, ENDS = f"{GOES_ALONG}log.", f"{GOES_ALONG}ends."
REPS = (Role.OUTGOING, Role.INCOMING)
TITLE, NAME = 150, 60
OVER = "The deal is closed, or other terms were agreed."
GONE = "Who had to do it does not work on the deal any more. Shares without recorded work wait for the manager."
"""Why an item was skipped by Baton; it stands on the item."""

Hook = Callable[[Session, Handoff, ChecklistItem, Person], None]


@dataclass(frozen=True)
class Wanted:
    """An item that there ought to be. `owner_id` empty: the manager's."""

    key: str
    title: str
    owner_id: int | None
    due_on: date | None
    form: StepForm
    necessary: bool = False


def agreement_of(item: ChecklistItem) -> int | None:
    """The number of the agreement whose end the item is about."""
    key = item.key or ""
    return int(key.removeprefix(ENDS).split(".")[0]) if key.startswith(ENDS) else None


def after_an_item(desk: Desk) -> Hook:
    """The next item for the work log is made when the one before is closed, done or skipped."""

    def closed(session: Session, handoff: Handoff, item: ChecklistItem, by: Person) -> None:
        if (item.key or "").startswith((LOG, ENDS)):
            keep_duties(desk, session, by, handoff.id)

    return closed


def keep_duties(desk: Desk, session: Session, by: Person, handoff_id: int, *, moved: bool = False) -> list[str]:
    """Make the items that the agreements of this handoff ask for, and skip those nothing asks for any more.

    `moved`: dates of deals changed, so items that hang on them move. Returns the titles of what has ended because
    whoever had to do it does not work on the deal any more.
    """
    session.flush()
    handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
    if handoff.state is not HandoffState.OPEN:
        return []
    declined = [one.body["person_id"] for one in declined_of(session, handoff_id)]
    keeper = _Keeper(desk, session, handoff, by, declined)
    wanted = {one.key: one for one in keeper.wanted()}
    ended = []
    for item in handoff.items:
        if item.open and (item.key or "").startswith((LOG, ENDS)) and item.key not in wanted:
            keeper.skip(item)
            ended += [item.title] if item.key in keeper.gone else []
    for key, one in wanted.items():
        found = [item for item in handoff.items if item.key == key]
        still = next((item for item in found if item.open), None)
        if still is not None and moved and still.due_on != one.due_on:
            keeper.move(still, one.due_on)
        if still is None and (key.startswith(LOG) or not found):
            keeper.add(one)
    keeper.plan()
    return ended


class _Keeper:
    """The changes of one handoff's items in one transaction."""

    def __init__(self, desk: Desk, session: Session, handoff: Handoff, by: Person, declined: Collection[int]) -> None:
        self.desk, self.session, self.handoff, self.by = desk, session, handoff, by
        self.declined = declined
        self.now = desk.now()
        self.rule: CommissionRule = playbook_of(session, handoff).rules.commission
        self.manager = handoff.manager or by
        self.changed: list[ChecklistItem] = []
        self.gone: set[str] = set()
        """Keys of items that there would be, if the person still worked on the deal; known after `wanted`."""

    def wanted(self) -> list[Wanted]:
        """What the agreements that are running ask for today."""
        today = self.desk.today(self.manager)
        running = [pair for pair in dealing.agreed_in(self.session, self.handoff.id) if pair[0].running(today)]
        found = [one for agreed, deal in running for one in self._ends(agreed, deal, today)]
        if running:
            latest = running[-1][0]
            owners = {Role.OUTGOING: latest.outgoing_id, Role.INCOMING: latest.incoming_id}
            duties = {Role.OUTGOING: self.rule.outgoing_duty, Role.INCOMING: self.rule.incoming_duty}
            people = loading.people_by_id(self.session, owners.values())
            until = [agreed.until_on for agreed, _ in running]
            last = None if None in until else max(day for day in until if day is not None)
            for role in REPS:
                person = people[owners[role]]
                due = worktime(person).add_working_days(self.desk.today(person), self.rule.log_every_working_days)
                key = f"{LOG}{role.value}"
                if self._works(latest, person, key) and (last is None or due <= last):
                    found.append(Wanted(key, duties[role][:TITLE], person.id, due, StepForm.WORK_LOG))
        return found

    def _ends(self, agreed: Commission, deal: Deal, today: date) -> list[Wanted]:
        """The notice before a window ends: to the manager, who decides, and to both reps, who write down their work.

        For the sales cycle there is no such day: the manager is asked when the deal should have closed.
        """
        key, hours = f"{ENDS}{agreed.id}.{agreed.version}", worktime(self.manager)
        soonest = hours.add_working_days(today, 1)
        if agreed.until_on is None:
            notice = None if deal.expected_close is None else hours.add_working_days(deal.expected_close, 0)
        else:
            notice = hours.add_working_days(agreed.until_on, -self.rule.notice_working_days)
        due = None if notice is None else max(notice, soonest)
        last = self.handoff.stage_position + 1 >= len(self.handoff.stages)
        found = [Wanted(key, _named(self.rule.window_ends, deal), None, due, StepForm.TERMS, last)]
        if agreed.until_on is not None:
            title = _named(self.rule.last_entries, deal)
            parties = (agreed.outgoing_id, agreed.incoming_id)
            people = loading.people_by_id(self.session, parties)
            for role, person_id in zip(REPS, parties, strict=True):
                own = f"{key}.{role.value}"
                if self._works(agreed, people[person_id], own):
                    found.append(Wanted(own, title, person_id, due, StepForm.WORK_LOG))
        return found

    def _works(self, agreed: Commission, person: Person, key: str) -> bool:
        if agreed.obliges(person, self.handoff, self.declined):
            return True
        self.gone.add(key)
        return False

    def add(self, one: Wanted) -> None:
        item = ChecklistItem(
            workspace_id=self.handoff.workspace_id,
            handoff_id=self.handoff.id,
            stage_id=self.handoff.stage.id,
            position=max((entry.position for entry in self.handoff.items), default=0) + 1,
            title=one.title,
            key=one.key,
            owner_role=Role.MANAGER if one.owner_id is None else None,
            owner_id=one.owner_id,
            due_on=one.due_on,
            necessary=one.necessary,
            form=one.form,
        )
        self.handoff.items.append(item)
        self.session.flush()
        after = {"title": one.title, "due_on": one.due_on.isoformat() if one.due_on else None}
        journal.record(self.session, self.by, self.now, "item.added", item.id, self.handoff.id, after=after)
        self.changed.append(item)

    def move(self, item: ChecklistItem, due_on: date | None) -> None:
        before = {"due_on": item.due_on.isoformat() if item.due_on else None}
        item.due_on = due_on
        item.version += 1
        after = {"due_on": due_on.isoformat() if due_on else None}
        journal.record(self.session, self.by, self.now, "item.rescheduled", item.id, self.handoff.id, before, after)
        schedule.unplan(self.session, self.handoff.id, about_item(item))
        self.changed.append(item)

    def skip(self, item: ChecklistItem) -> None:
        if item.key in self.gone:
            item.lapse(self.now, GONE)
        else:
            item.skip(self.by, self.now, OVER)
        after = {"state": item.state.value, "skip_reason": item.skip_reason}
        journal.record(self.session, self.by, self.now, "item.skipped", item.id, self.handoff.id, after=after)
        schedule.settle(self.session, about_item(item))
        self.changed.append(item)

    def plan(self) -> None:
        """Messages and reminders follow."""
        if not self.changed:
            return
        self.session.flush()
        whole = loading.whole_handoff(self.session, self.handoff.workspace_id, self.handoff.id)
        about = {about_item(item) for item in self.changed}
        for item in self.changed:
            changes.item_touched(self.session, self.now, whole, item, about_item(item))
        owed = [one for one in owed_by(whole) if one.obligation in about]
        plan_first(self.session, whole, playbook_of(self.session, whole), owed, self.now)


def _named(title: str, deal: Deal) -> str:
    """The title with the deal's name in it, such that it fits."""
    return title.replace("{deal}", short(deal.name, NAME))[:TITLE]
