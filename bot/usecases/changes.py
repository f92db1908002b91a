"""What follows from a change in a handoff: which messages are stale, what is posted in the thread, who is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.people import Person
from bot.store import gates, redrawing, relocating
from bot.store.letters import Letter, Priority, freshen, freshen_existing, freshen_kind, freshen_of_handoff, post_once
from bot.store.queues import IN_A_THREAD
from bot.store.schedule import Obligation
from bot.usecases.nudges.nudges import about_answer, about_item, chiefs_of


def card(handoff_id: int) -> Letter:
    return Letter(f"card:{handoff_id}", "card", handoff_id, handoff_id, Priority.CARD)


def stage_message(handoff_id: int, stage_id: int) -> Letter:
    return Letter(f"stage:{stage_id}", "stage", stage_id, handoff_id, Priority.CARD)


def request_message(handoff_id: int, request_id: int, person_id: int) -> Letter:
    key = f"request:{request_id}:{person_id}"
    return Letter(key, "request", request_id, handoff_id, Priority.MESSAGE, {"person_id": person_id}, person_id)


def group_errand(handoff_id: int, request_id: int, group: str) -> Letter:
    """Look up who is in a user group, then write to each of them."""
    return Letter(f"group:{group}:{request_id}", "group", request_id, handoff_id, Priority.LOOKUP, {"group": group})


def acceptance_message(handoff: Handoff) -> Letter:
    asked_at = handoff.acceptance_asked_at.isoformat() if handoff.acceptance_asked_at else ""
    detail = {"asked_at": asked_at, "person_id": handoff.incoming_id}
    key = f"acceptance:{handoff.id}:{asked_at}"
    return Letter(key, "acceptance", handoff.id, handoff.id, Priority.MESSAGE, detail, handoff.incoming_id)


def thread_message(handoff_id: int, slot: str, template: str, **values: Any) -> Letter:
    """A message in the handoff's thread; `values` are what was true when it happened (JSON), `slot` makes it unique."""
    key = f"thread:{handoff_id}:{slot}"
    # with the priority of the checklist, so that a thread reads in the order in which things happened
    return Letter(key, "thread", handoff_id, handoff_id, Priority.CARD, {"template": template, "values": values})


def direct_message(handoff_id: int, person: Person, slot: str, template: str, **values: Any) -> Letter:
    """A direct message to one person about a handoff."""
    detail = {"template": template, "person_id": person.id, "values": values}
    key = f"dm:{handoff_id}:{person.id}:{slot}"
    return Letter(key, "dm", handoff_id, handoff_id, Priority.MESSAGE, detail, person.id)


def leave_message(absent: Person, to: Person, slot: str, what: str, **values: Any) -> Letter:
    """A direct message about somebody's absence. `what`: "stand_in" or "lost"; `slot` makes it one."""
    detail = {"person_id": to.id, "what": what, "values": values}
    key = f"leave:{absent.id}:{to.id}:{slot}"
    return Letter(key, "leave", absent.id, None, Priority.MESSAGE, detail, to.id)


def passed_message(handoff_id: int, about: Obligation, person: Person, slot: str, **values: Any) -> Letter:
    """A direct message to whoever has an item or a question now; it shows what becomes of that. `slot` makes it one."""
    key, detail = f"passed:{about.kind}:{about.subject_id}:{slot}", {"person_id": person.id, "values": values}
    kind = redrawing.PASSED[about.kind]
    return Letter(key, kind, about.subject_id, handoff_id, Priority.MESSAGE, detail, person.id)


def home(person_id: int) -> str:
    return f"home:{person_id}"


def homes(handoff: Handoff, *more: int | None) -> list[str]:
    """The Homes on which this handoff stands."""
    roles = ("outgoing", "incoming", "manager", "cover", "inside", "helper")
    ids = [getattr(handoff, f"{role}_id") for role in roles]
    return [home(number) for number in dict.fromkeys([*ids, *more]) if number is not None]


def asked_to_accept(handoff: Handoff) -> list[str]:
    """The message in which the incoming rep reads the brief, while it waits for their answer."""
    return [acceptance_message(handoff).key] if handoff.acceptance is Acceptance.ASKED else []


def touched(
    session: Session, now: datetime, handoff: Handoff, *letters: Letter, homes_of: Iterable[int | None] = ()
) -> None:
    """The card is stale, and these letters with it; so are the Homes of everybody in it, and the board of its run.

    And so is the brief in the question whether they take it.
    """
    freshen(session, handoff.workspace_id, now, audible(handoff, card(handoff.id), *letters))
    boards = [f"board:{handoff.run_id}"] if handoff.run_id is not None else []
    freshen_existing(
        session, handoff.workspace_id, now, [*homes(handoff, *homes_of), *boards, *asked_to_accept(handoff)]
    )


def facts_touched(session: Session, now: datetime, workspace_id: int, account_ids: Collection[int]) -> None:
    """What is known about these accounts has changed: where a gate waits for facts, card and Homes are drawn anew.

    Where it was passed, so is the brief that the incoming rep reads before they accept.

    However many facts of however many accounts: at most once for each open handoff. Of many accounts at once, as a file
    brings them, whatever people do meanwhile is shown before.
    """
    priority = Priority.CARD if len(account_ids) == 1 else Priority.BACKGROUND
    letters: list[Letter] = []
    keys: list[str] = []
    for handoff in gates.waiting_for_facts(session, workspace_id, account_ids):
        letters += audible(handoff, replace(card(handoff.id), priority=priority))
        keys += [*homes(handoff), *([f"board:{handoff.run_id}"] if handoff.run_id is not None else [])]
    for handoff in gates.waiting_for_acceptance(session, workspace_id, account_ids):
        keys += asked_to_accept(handoff)
    freshen(session, workspace_id, now, letters)
    freshen_existing(session, workspace_id, now, keys)


def item_touched(
    session: Session,
    now: datetime,
    handoff: Handoff,
    item: ChecklistItem,
    reminded: Obligation | None,
    was: int | None = None,
) -> None:
    """One line of the checklist changed; with `reminded`, also what its reminders say. `was`: whose it was."""
    shown = audible(handoff, card(handoff.id), stage_message(handoff.id, item.stage_id))
    keys = [*homes(handoff, item.owner_id, was), *asked_to_accept(handoff)]
    if reminded is None:
        freshen(session, handoff.workspace_id, now, shown)
        freshen_existing(session, handoff.workspace_id, now, keys)
    else:
        redrawing.redraw(session, handoff.workspace_id, now, shown, keys, reminded)


def redraw_prompts(session: Session, now: datetime, handoff: Handoff, request_id: int) -> None:
    """Every copy of a feedback prompt that was written shows the state of now."""
    freshen_kind(session, handoff.workspace_id, now, "request", request_id)


def redraw_letters(session: Session, now: datetime, handoff: Handoff) -> None:
    """Prompts, acceptance and reminders that were sent show how things stand: no button outlives its question."""
    freshen_of_handoff(session, now, handoff.id, ("acceptance", "request", *redrawing.PASSED.values()))
    closed = {about_item(item) for item in handoff.items if not item.open}
    closed |= {about_answer(request) for request in handoff.requests if not request.open}
    redrawing.redraw_of_handoff(session, now, handoff.id, settled=closed)


def say(session: Session, now: datetime, handoff: Handoff, *letters: Letter) -> None:
    """Post these once."""
    post_once(session, handoff.workspace_id, now, audible(handoff, *letters))


def relocated(session: Session, now: datetime, handoff: Handoff, by: Person, was_in: str) -> None:
    """The handoff has left the channel `was_in`: card and checklists appear anew, with a word where they come from."""
    if handoff.quiet:
        return
    was = relocating.before(session, handoff.id)
    origin = was.unsaid or {"channel": was_in, "link": was.link}
    slot = f"moved:{was.moves}"
    note = thread_message(handoff.id, slot, "moved", **{**origin, "person": by.slack_id})
    entered = [stage_message(handoff.id, stage.id) for stage in handoff.stages if stage.entered_at is not None]
    relocating.relocate(session, handoff.id, now, [card(handoff.id), *entered], note)


def tell_the_chief(
    session: Session, now: datetime, handoff: Handoff, by: Person, slot: str, template: str, **values: Any
) -> None:
    """Whoever answers for the handoff hears at once of what `by` has written, unless that is themselves."""
    chief, _ = chiefs_of(session, handoff)
    if chief is not None and chief.id != by.id:
        letter = direct_message(handoff.id, chief, slot, template, by=by.slack_id, **values)
        say(session, now, handoff, letter)


def audible(handoff: Handoff, *letters: Letter) -> list[Letter]:
    """Those that may be written now: of a quiet handoff nothing is said in the channel, neither now nor later."""
    return [one for one in letters if not (handoff.quiet and one.kind in IN_A_THREAD)]
