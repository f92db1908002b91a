"""Somebody's Slack account has ended: what they owe moves on by the playbook's rule, and their roles are empty (U33).

What is moved stays where it is when they come back; a second word of their leaving finds nothing more to move.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.quiet import knows
from bot.domain.rules import LeavingRule
from bot.domain.vocabulary import Role, StepForm
from bot.store import journal, loading, schedule
from bot.store.letters import Letter, freshen
from bot.usecases import changes
from bot.usecases.deals.duties import keep_duties
from bot.usecases.desk import Desk, worktime
from bot.usecases.nudges.nudges import about_answer, about_item
from bot.usecases.workspace.playbooks import playbook_of

BRIEF = "leaving_brief"
"""The key of the manager's item that takes the place of the meeting of the two reps."""
NAMED_ANEW = frozenset({Role.INCOMING, Role.MANAGER})
"""Roles that somebody else will be named for: what waits for them goes to whoever that will be."""
EMPTIED = (Role.COVER, Role.INSIDE, Role.HELPER)


@dataclass
class Moved:
    """What became of one handoff: titles, functions and roles."""

    handoff: Handoff
    to: Person | None = None
    items: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    emptied: list[Role] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """What only they could do for deals that are shared with them."""
    brief: str = ""


def move(desk: Desk, session: Session, person: Person, numbers: Collection[int]) -> dict[int, Moved]:
    """Of these open handoffs, read anew, what `person` owed is somebody else's now. By the number of the handoff.

    The caller has locked them, redraws them and plans their reminders anew.
    """
    now = desk.now()
    moved: dict[int, Moved] = {}
    session.flush()
    session.expire_all()
    ended = {number: keep_duties(desk, session, person, number) for number in numbers}
    for handoff in loading.whole_handoffs(session, numbers):
        rule = playbook_of(session, handoff).rules.leaving
        found = moved[handoff.id] = Moved(handoff, ended=ended[handoff.id])
        if handoff.outgoing_id == person.id:
            _meetings(desk, session, handoff, person, rule, found, now)
        _items(session, handoff, person, rule, found, now)
        _questions(session, handoff, person, rule, found, now)
        _roles(session, handoff, person, found, now)
    session.flush()
    loading.whole_handoffs(session, moved)  # whoever has something now stands beside their number
    return moved


def gone_already(desk: Desk, session: Session, handoff: Handoff, by: Person) -> None:
    """A (whole) handoff has no outgoing rep in Slack from the start, or from now on: as if they had just left.

    What only they could do is the manager's, who also briefs the new rep. The caller redraws and plans anew.
    """
    rule, now, found = playbook_of(session, handoff).rules.leaving, desk.now(), Moved(handoff)
    _meetings(desk, session, handoff, by, rule, found, now)
    gone = handoff.outgoing
    if gone is not None and gone.id == handoff.outgoing_id:
        _items(session, handoff, gone, rule, found, now)
    session.flush()


def heir(handoff: Handoff, role: Role) -> Person | None:
    """Who takes over: the holder of the role the playbook names, else the manager; None when neither is here."""
    holders = (handoff.holder(role), handoff.manager)
    return next((one for one in holders if one is not None and one.reachable and knows(handoff, one.id)), None)


def _items(session: Session, handoff: Handoff, person: Person, rule: LeavingRule, found: Moved, now: datetime) -> None:
    found.to = heir(handoff, rule.items_to)
    chief = heir(handoff, Role.MANAGER)
    for item in handoff.items:
        waits = item.owner_id is None and item.owner_role in NAMED_ANEW
        if not item.open or handoff.named_for(item) != person.id or waits:
            continue
        to = chief if item.outgoing_only else found.to
        if to is None:
            continue
        before = {"owner_id": handoff.named_for(item)}
        item.assign(to)
        journal.record(session, person, now, "item.assigned", item.id, handoff.id, before, {"owner_id": to.id})
        found.items.append(item.title)


def _questions(
    session: Session, handoff: Handoff, person: Person, rule: LeavingRule, found: Moved, now: datetime
) -> None:
    to = heir(handoff, rule.items_to)
    prompts: list[Letter] = []
    for request in handoff.requests:
        if not request.open or request.asked_id != person.id or to is None:
            continue
        request.redirect(to, now)
        sides = {"asked": person.slack_id}, {"asked": to.slack_id}
        journal.record(session, person, now, "answer.redirected", request.id, handoff.id, *sides)
        schedule.unplan(session, handoff.id, about_answer(request))
        changes.redraw_prompts(session, now, handoff, request.id)
        prompts.append(changes.request_message(handoff.id, request.id, to.id))
        found.functions.append(request.function)
    freshen(session, handoff.workspace_id, now, prompts)


def _meetings(
    desk: Desk, session: Session, handoff: Handoff, person: Person, rule: LeavingRule, found: Moved, now: datetime
) -> None:
    """The reps cannot meet any more: the manager briefs the new one. `person` is who is said to have changed it."""
    chief = heir(handoff, Role.MANAGER)
    here = {stage.id for stage in handoff.stages if stage.position >= handoff.stage_position}
    meetings = [one for one in handoff.items if one.open and one.form is StepForm.MEETING and one.stage_id in here]
    if chief is None or not meetings:
        return
    for item in meetings:
        item.lapse(now, rule.skipped)
        schedule.settle(session, about_item(item))
        after = {"state": "skipped", "skip_reason": rule.skipped}
        journal.record(session, person, now, "item.skipped", item.id, handoff.id, {"state": "open"}, after)
        found.skipped.append(item.title)
    if any(one.key == BRIEF for one in handoff.items):
        return
    soonest = worktime(chief).add_working_days(desk.today(chief), 1)
    brief = ChecklistItem(
        workspace_id=handoff.workspace_id,
        handoff_id=handoff.id,
        stage_id=meetings[0].stage_id,
        position=max(one.position for one in handoff.items) + 1,
        title=rule.brief_title,
        key=BRIEF,
        owner_id=chief.id,
        due_on=max(meetings[0].due_on or soonest, soonest),
    )
    handoff.items.append(brief)
    session.flush()
    told: dict[str, Any] = {"title": brief.title, "owner": chief.slack_id}
    journal.record(session, person, now, "item.added", brief.id, handoff.id, after=told)
    found.brief = brief.title


def _roles(session: Session, handoff: Handoff, person: Person, found: Moved, now: datetime) -> None:
    for role in EMPTIED:
        if handoff.holder_id(role) == person.id:
            setattr(handoff, f"{role.value}_id", None)
            sides = {role.value: person.id}, {role.value: None}
            journal.record(session, person, now, "handoff.edited", handoff.id, handoff.id, *sides)
            found.emptied.append(role)


def locked(session: Session, handoffs: Iterable[Handoff]) -> list[Handoff]:
    """The same handoffs as they are now, whole and locked, each with the people of now beside their numbers."""
    known = sorted((one.id, one.workspace_id) for one in handoffs)
    session.flush()
    session.expire_all()
    return [loading.whole_handoff(session, workspace_id, number, lock=True) for number, workspace_id in known]
