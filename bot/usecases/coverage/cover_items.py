"""The two items about covers that a manager has: to name one, and to say what becomes of one that ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.domain.checklist import GOES_ALONG, ChecklistItem, ItemState
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.vocabulary import Role, StepForm
from bot.domain.worktime import WorkTime
from bot.store import journal, schedule
from bot.usecases.handoffs.checklist import new_item
from bot.usecases.nudges.nudges import about_item

ASKS, ENDS = f"{GOES_ALONG}cover", f"{GOES_ALONG}cover_end"
"""The keys of the items that ask for a cover, and what becomes of one."""
OURS = "cover"
"""Where their dates come from, until somebody sets one by hand."""


@dataclass(frozen=True)
class Asked:
    """What the manager is asked by an item of its own."""

    key: str
    form: StepForm
    title: str
    necessary: bool


@dataclass(frozen=True)
class Asking:
    """Keeps them in step within one change of a (whole, locked) handoff; `by` made it, `today` is the manager's day.

    `anew`: what was answered, or given a date by hand, is asked again.
    """

    session: Session
    handoff: Handoff
    calendar: WorkTime
    by: Person
    today: date
    now: datetime
    anew: bool

    def for_(self, asked: Asked, due: date | None) -> None:
        """The item of that kind: there and due then, but never late when it begins; without a date it is gone."""
        item = next((one for one in self.handoff.items if one.key == asked.key and one.open), None)
        if due is None:
            if item is not None:
                self._drop(item)
            return
        if item is None and not self.anew and self._answered(asked.key, due):
            return
        if item is None:
            item = self._added(asked)
        elif item.due_anchor is None and not self.anew:
            return  # somebody has set the date by hand
        soonest = self.calendar.add_working_days(self.today, 0)
        due = due if due > self.today else min(item.due_on or soonest, soonest)
        if (item.due_on, item.necessary) != (due, asked.necessary):
            item.due_on, item.necessary, item.due_anchor = due, asked.necessary, OURS
            item.version += 1

    def by_the_playbook(self) -> bool:
        """Whether a step of the playbook, open in this stage or a later one, asks for the cover already."""
        return bool(self._of_the_playbook())

    def named(self) -> None:
        """Whoever made the change has named the cover, and so done what the playbook asks."""
        for item in self._of_the_playbook():
            item.complete(self.by, self.now, written=True)
            schedule.settle(self.session, about_item(item))

    def _added(self, asked: Asked) -> ChecklistItem:
        item = new_item(self.handoff, asked.title, None, None, asked.necessary)
        item.key, item.form, item.owner_role = asked.key, asked.form, Role.MANAGER
        return item

    def _drop(self, item: ChecklistItem) -> None:
        """Nobody need answer it any more. The trail keeps its title: somebody may have been reminded of it."""
        schedule.settle(self.session, about_item(item))
        was = {"title": item.title, "due_on": item.due_on.isoformat() if item.due_on else None}
        journal.record(self.session, self.by, self.now, "item.removed", item.id, self.handoff.id, was)
        self.handoff.items.remove(item)

    def _of_the_playbook(self) -> list[ChecklistItem]:
        """Its steps that ask for a cover and are open, in this stage and those to come."""
        left = {stage.id for stage in self.handoff.stages if stage.position < self.handoff.stage_position}
        asks = (item for item in self.handoff.items if item.open and item.form is StepForm.COVER and item.key != ASKS)
        return [item for item in asks if item.stage_id not in left]

    def _answered(self, key: str, due: date) -> bool:
        """Whether somebody has let a cover run out, or said that nobody is to be named."""
        closed = [one for one in self.handoff.items if one.key == key and not one.open]
        if key == ENDS:
            return any(one.due_on is not None and one.due_on >= due for one in closed)
        return any(one.state is ItemState.SKIPPED for one in closed)
