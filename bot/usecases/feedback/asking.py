"""Asking credit, warranty and the others: when a handoff begins, and as soon as setup names somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Handoff
from bot.domain.pack import Pack
from bot.domain.people import Person
from bot.domain.playbook import Anchor, Ask, Due, Playbook, ask_due
from bot.domain.quiet import knows
from bot.domain.worktime import WorkTime
from bot.store import loading, schedule
from bot.store import schema as t
from bot.store.letters import Letter, freshen
from bot.store.loading import people_by_id
from bot.store.schedule import Obligation
from bot.usecases import changes
from bot.usecases.desk import Desk, worktime
from bot.usecases.nudges.debts import ANSWER
from bot.usecases.nudges.nudges import owed_by, plan_first
from bot.usecases.workspace.playbooks import due_on, playbook_of

A_START = timedelta(minutes=1)
"""Who was asked later than this after the handoff began was named later, and has the time given then."""


@dataclass(frozen=True)
class Answerer:
    """Who answers for a function by setup: a person, or a user group's Slack id, or nobody yet; `days` to answer."""

    person: Person | None = None
    group: str | None = None
    days: int | None = None


def ask(desk: Desk, session: Session, handoff: Handoff, playbook: Playbook, calendar: WorkTime) -> None:
    """At the start: every pack the playbook asks for goes to whoever answers for its function.

    Of a quiet handoff only to those who know of it; the others are asked by another call, when it is opened.

    They have as many working days, of their own calendar, as setup gives the function; else what the playbook or the
    pack says (U19). A group, or nobody yet, has those of `calendar`.
    """
    now = desk.now()
    asked, new = {request.function for request in handoff.requests}, []
    for one in playbook.asks_for(handoff.sales_channel, handoff.tier, handoff.overseas):
        who = stakeholder(session, handoff.workspace_id, one.function)
        if one.function not in asked and _may_be_asked(who, handoff):
            new.append(request_for(one, desk.library.packs[one.pack], who, handoff, playbook, calendar, now))
    handoff.requests.extend(new)
    session.flush()
    freshen(session, handoff.workspace_id, now, [_prompt(handoff, request) for request in new])


def _may_be_asked(who: Answerer, handoff: Handoff) -> bool:
    return not handoff.quiet or (who.person is not None and knows(handoff, who.person.id))


def request_for(
    one: Ask, pack: Pack, who: Answerer, handoff: Handoff, playbook: Playbook, calendar: WorkTime, now: datetime
) -> FeedbackRequest:
    """One question pack to whoever answers for its function, with its date."""
    return FeedbackRequest(
        workspace_id=handoff.workspace_id,
        handoff_id=handoff.id,
        function=one.function,
        pack=pack.to_dict(),
        necessary=one.necessary,
        asked_id=who.person.id if who.person else None,
        group_slack_id=who.group,
        asked_at=now,
        due_on=_answer_by(one, pack, who, handoff, playbook, calendar),
    )


def redate_questions(session: Session, handoff: Handoff, playbook: Playbook, person: Person) -> None:
    """Slack has said where `person` lives: what they are asked, or as manager answer for, is dated by their days."""
    asks = {one.function: one for one in playbook.feedback}
    for request in handoff.requests:
        asked = request.asked_id if request.asked_id is not None else handoff.manager_id
        at_the_start = request.asked_at is not None and request.asked_at - handoff.started_at < A_START
        if request.open and at_the_start and asked == person.id and request.function in asks:
            days = stakeholder(session, handoff.workspace_id, request.function).days
            who = Answerer(person if request.asked_id is not None else None, request.group_slack_id, days)
            pack = Pack.from_dict(request.pack)
            request.due_on = _answer_by(asks[request.function], pack, who, handoff, playbook, worktime(person))


def _answer_by(
    one: Ask, pack: Pack, who: Answerer, handoff: Handoff, playbook: Playbook, calendar: WorkTime
) -> date | None:
    due = Due(Anchor.START, who.days) if who.days else ask_due(one, pack)
    return due_on(due, handoff, playbook, worktime(who.person) if who.person else calendar)


def ask_now(desk: Desk, session: Session, workspace_id: int, function: str, who: Answerer) -> list[tuple[int, int]]:
    """Questions of this function that nobody had to answer go to whoever answers for it now.

    Their time begins now; who had more keeps it. Returns handoff and request of each, for `remind_of`.
    """
    r, h = t.feedback_requests, t.handoffs
    waiting = session.execute(
        select(r.c.id, r.c.handoff_id, r.c.pack, r.c.due_on)
        .join(h, h.c.id == r.c.handoff_id)
        .where(r.c.workspace_id == workspace_id, r.c.function == function, r.c.state == "open")
        .where(r.c.asked_id.is_(None), r.c.group_slack_id.is_(None), h.c.state == "open", h.c.quiet.is_(False))
    ).all()
    now = desk.now()
    for row in waiting:
        asked = {"asked_id": who.person.id} if who.person else {"group_slack_id": who.group}
        values = {"asked_at": now, "due_on": _due_from_now(desk, row, who), **asked}
        session.execute(update(r).where(r.c.id == row.id).values(values))
        letters = [changes.card(row.handoff_id)]
        if who.person is not None:
            letters.append(changes.request_message(row.handoff_id, row.id, who.person.id))
        elif who.group is not None:
            letters.append(changes.group_errand(row.handoff_id, row.id, who.group))
        freshen(session, workspace_id, now, letters)
    return [(row.handoff_id, row.id) for row in waiting]


def remind_of(desk: Desk, session: Session, workspace_id: int, asked: list[tuple[int, int]]) -> None:
    """Whoever has just been asked these is reminded of them, by their own calendar."""
    session.expire_all()  # what was loaded before does not know whom `ask_now` asked
    for number in dict.fromkeys(handoff_id for handoff_id, _ in asked):
        about = {Obligation(ANSWER, request_id) for handoff_id, request_id in asked if handoff_id == number}
        for obligation in about:
            schedule.unplan(session, number, obligation)
        handoff = loading.whole_handoff(session, workspace_id, number)
        owed = [one for one in owed_by(handoff) if one.obligation in about]
        plan_first(session, handoff, playbook_of(session, handoff), owed, desk.now())


def stakeholder(session: Session, workspace_id: int, function: str) -> Answerer:
    """Who answers for a function."""
    s = t.stakeholders.c
    row = session.execute(
        select(s.person_id, s.group_slack_id, s.response_days).where(
            s.workspace_id == workspace_id, s.function == function, s.region == ""
        )
    ).one_or_none()
    if row is None:
        return Answerer()
    person = people_by_id(session, [row.person_id]).get(row.person_id or 0)
    if person is not None and not person.reachable:  # who has left answers for nothing: the manager names another
        person = None
    return Answerer(person, row.group_slack_id, row.response_days)


def _prompt(handoff: Handoff, request: FeedbackRequest) -> Letter:
    """To the one asked; to the group's members (looked up first); to the manager while nobody answers for it."""
    if request.group_slack_id is not None:
        return changes.group_errand(handoff.id, request.id, request.group_slack_id)
    to = request.asked_id or handoff.manager_id or handoff.started_by_id
    return changes.request_message(handoff.id, request.id, to)


def _due_from_now(desk: Desk, row: Any, who: Answerer) -> date | None:
    if row.due_on is None:
        return None
    hours = worktime(who.person) if who.person else WorkTime()
    days = who.days or Pack.from_dict(row.pack).response_working_days
    due: date = max(row.due_on, hours.add_working_days(hours.local_date(desk.now()), days))
    return due
