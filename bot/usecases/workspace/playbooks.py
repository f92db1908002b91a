"""The playbook version a handoff keeps, and its steps copied into the handoff."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.handoff import Handoff, StageRun
from bot.domain.playbook import Anchor, Due, Playbook, Stage, Step, due_date
from bot.domain.playbook_json import playbook_from_dict, playbook_to_dict
from bot.domain.worktime import WorkTime
from bot.store import schema as t
from bot.store.among import among


def keep(session: Session, workspace_id: int, playbook: Playbook) -> int:
    """The number of this very version in the workspace; it is stored on first use."""
    c = t.playbooks.c
    where = (c.workspace_id == workspace_id, c.key == playbook.key, c.version == playbook.version)
    found: int | None = session.scalar(select(c.id).where(*where))
    if found is not None:
        return found
    values = {
        "workspace_id": workspace_id,
        "key": playbook.key,
        "version": playbook.version,
        "title": playbook.title,
        "body": playbook_to_dict(playbook),
    }
    number: int = session.execute(insert(t.playbooks).values(values).returning(c.id)).scalar_one()
    return number


def playbook_of(session: Session, handoff: Handoff) -> Playbook:
    """The version the handoff started with."""
    return playbooks_by_id(session, [handoff.playbook_id])[handoff.playbook_id]


def playbooks_by_id(session: Session, ids: list[int]) -> dict[int, Playbook]:
    """Several kept versions. They never change, so each is read from JSON once per process and version.

    Which version a number stands for is asked once per session: of what is rolled back, the number is given again.
    """
    known: dict[int, Playbook] = session.info.setdefault("playbooks", {})
    new = [number for number in dict.fromkeys(ids) if number not in known]
    for row in session.execute(_keys(), {"ids": new}).all() if new else ():
        cached = _VERSIONS.get((row.key, row.version))
        if cached is None:
            c = t.playbooks.c
            body: dict[str, Any] = session.scalars(select(c.body).where(c.id == row.id)).one()
            cached = _VERSIONS[(row.key, row.version)] = playbook_from_dict(body)
        known[row.id] = cached
    return {number: known[number] for number in ids if number in known}


@cache
def _keys() -> Select[Any]:
    c = t.playbooks.c
    return select(c.id, c.key, c.version).where(among(c.id, "ids"))


_VERSIONS: dict[tuple[str, str], Playbook] = {}


def kept_for(session: Session, handoff_id: int) -> Playbook | None:
    """The version that a handoff follows, whichever workspace it is in; None where there is no such handoff."""
    number = session.scalar(select(t.handoffs.c.playbook_id).where(t.handoffs.c.id == handoff_id))
    return None if number is None else playbooks_by_id(session, [number])[number]


def last_kept(session: Session, key: str) -> Playbook | None:
    """The version of a playbook that was started with last; None where none was."""
    h, p = t.handoffs.c, t.playbooks.c
    mine = select(h.playbook_id).join(t.playbooks, p.id == h.playbook_id).where(p.key == key)
    number = session.scalar(mine.order_by(h.id.desc()).limit(1))
    return None if number is None else playbooks_by_id(session, [number])[number]


def copy_stages(handoff: Handoff, playbook: Playbook) -> None:
    """The playbook's stages become the handoff's own; flush before the items, which need the stages' numbers."""
    for position, stage in enumerate(playbook.stages):
        handoff.stages.append(
            StageRun(
                workspace_id=handoff.workspace_id,
                position=position,
                key=stage.key,
                title=stage.title,
                goal=stage.goal,
                hands_over=stage.hands_over,
            )
        )


def copy_items(handoff: Handoff, playbook: Playbook, calendar: WorkTime, *, only_necessary: bool = False) -> None:
    """The steps that fit this account's sales channel, tier and place become the handoff's checklist.

    `only_necessary`: without those that are nice to have.
    """
    position = 0
    for run in handoff.stages:
        stage = playbook.stage(run.key)
        if stage is None:
            continue
        for step in playbook.steps_for(stage, handoff.sales_channel, handoff.tier, handoff.overseas):
            if only_necessary and not step.necessary:
                continue
            position += 1
            item = item_of(step, handoff, run, position)
            item.due_on = due_on(step.due, handoff, playbook, calendar)
            handoff.items.append(item)


def item_of(step: Step, handoff: Handoff, stage: StageRun, position: int) -> ChecklistItem:
    """A playbook's step as an item of the handoff, without a date."""
    return ChecklistItem(
        workspace_id=handoff.workspace_id,
        handoff_id=handoff.id,
        stage_id=stage.id,
        position=position,
        key=step.key,
        title=step.title,
        detail=step.detail,
        evidence_wanted=step.evidence,
        owner_role=step.owner,
        due_anchor=step.due.anchor.value,
        due_days=step.due.working_days,
        necessary=step.necessary,
        form=step.form,
        outgoing_only=step.outgoing_only,
    )


def due_on(due: Due, handoff: Handoff, playbook: Playbook, calendar: WorkTime) -> date | None:
    """When something is due. Accepted early, the account still changes hands when the outgoing rep leaves it."""
    transfer, last_day = handoff.transfer_on, handoff.last_day
    if transfer is not None and last_day is not None:
        transfer = max(transfer, last_day)
    return due_date(due, handoff.start_on, last_day, transfer, calendar, playbook.transfer_after)


def stage_due(handoff: Handoff, playbook: Playbook, calendar: WorkTime) -> date | None:
    """When the current stage should be left."""
    stage: Stage | None = playbook.stage(handoff.stage.key)
    return due_on(stage.due, handoff, playbook, calendar) if stage else None


def acceptance_due(playbook: Playbook, calendar: WorkTime, today: date) -> date:
    """By when the incoming rep accepts or returns what is handed over `today`."""
    return calendar.add_working_days(today, playbook.acceptance_working_days)


def fair(due: date | None, item: ChecklistItem, handoff: Handoff, calendar: WorkTime) -> date | None:
    """A due date once the item's stage has begun: not before the next working day, so that nobody begins it late.

    Before its stage begins the date stands as it is. The first stage begins with the handoff, where dates are counted
    from that day on.
    """
    stage = next(stage for stage in handoff.stages if stage.id == item.stage_id)
    if due is None or stage.position == 0 or stage.entered_at is None:
        return due
    return max(due, calendar.add_working_days(calendar.local_date(stage.entered_at), 1))


def redate(handoff: Handoff, playbook: Playbook, calendar: WorkTime) -> list[tuple[ChecklistItem, date | None]]:
    """After the last day or the transfer date changed, or a stage began: dates that follow the playbook's rule move.

    Returns the items that moved, each with the date it had.
    """
    moved = []
    for item in handoff.items:
        if item.open and item.due_anchor is not None and item.due_days is not None:
            ruled = due_on(Due(Anchor(item.due_anchor), item.due_days), handoff, playbook, calendar)
            due = fair(ruled, item, handoff, calendar)
            if due != item.due_on:
                moved.append((item, item.due_on))
                item.due_on = due
                item.version += 1
    return moved
