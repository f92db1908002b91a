"""What has to be true once things are calm again. Each function returns sentences about what is not: none is good."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from bot.domain.checklist import ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import Acceptance, HandoffState
from bot.store.queues import LetterState, NudgeState
from tests.faults.evidence import LOOKS, Evidence, Place
from tests.faults.territories import begun_once

IN_FLIGHT = timedelta(seconds=3)
"""How long a message may be on its way to Slack: what was decided meanwhile could not stop it any more."""
UNSETTLED = (LetterState.QUEUED, LetterState.SENDING, LetterState.FAILED)
_BLOCK = re.compile(r"(card|stage|prompt|acceptance|nudge)-(\d+)")
_ITEM = re.compile(r"item-(\d+)-(\d+)")
_KINDS = {"prompt": "request"}
_FULL = 40
"""Stages with more lines than this are shown in part."""


def everything(evidence: Evidence) -> list[str]:
    """All invariants but those about repeats, which need to know how often something was killed."""
    checks = (letters_settled, messages_there, owed_delivered, cards_show_the_state, stages_show_the_state)
    more = (
        prompts_show_the_state,
        reminders_show_the_state,
        nudges_sent,
        nudges_not_for_what_was_met,
        threads_in_order,
        begun_once,
    )
    return [wrong for check in (*checks, *more) for wrong in check(evidence)]


def letters_settled(evidence: Evidence) -> Iterator[str]:
    """No letter waits, is in somebody's hands, or was given up."""
    for row in evidence.letters:
        if row.state in UNSETTLED:
            yield f"letter {row.key} is {row.state} ({row.error or 'no error'}), not before {row.not_before}"


def messages_there(evidence: Evidence) -> Iterator[str]:
    """What the bot believes to have sent stands in Slack."""
    for row in evidence.letters:
        if row.state != LetterState.SENT or row.kind in LOOKS:
            continue
        if evidence.post_of(row) is None:
            yield f"letter {row.key} is sent, but there is no message {row.channel} {row.ts}"


def owed_delivered(evidence: Evidence) -> Iterator[str]:
    """Every handoff has its card, every stage that began its checklist, every question its prompt."""
    for key in _owed(evidence):
        if evidence.post_of(evidence.letter(key)) is None:
            yield f"{key} is owed and was not delivered: {evidence.letter(key)}"


def _owed(evidence: Evidence) -> Iterator[str]:
    for handoff in evidence.handoffs.values():
        yield f"card:{handoff.id}"
        alone = handoff.run_id is None  # in a territory run, one message a day says what everybody has to do
        if alone and handoff.acceptance == Acceptance.ASKED and handoff.state == HandoffState.OPEN:
            yield f"acceptance:{handoff.id}:{handoff.acceptance_asked_at.isoformat()}"
    for stage in evidence.stages.values():
        if stage.entered_at is not None:
            yield f"stage:{stage.id}"
    for request in evidence.requests.values():
        handoff, asked = evidence.handoffs[request.handoff_id], evidence.people.get(request.asked_id)
        there = asked is not None and not asked.deactivated and handoff.run_id is None
        if there and request.state == RequestState.OPEN and handoff.state == HandoffState.OPEN:
            yield f"request:{request.id}:{request.asked_id}"


def cards_show_the_state(evidence: Evidence) -> Iterator[str]:
    """The card says how many of the current stage's items are done, or that the handoff is over."""
    for handoff in evidence.handoffs.values():
        place = evidence.post_of(evidence.letter(f"card:{handoff.id}"))
        if place is None:
            continue  # said elsewhere
        words, expected = place.words, _card_words(evidence, handoff)
        if expected not in words:
            yield f"the card of handoff {handoff.id} does not say {expected!r}: {words[:300]!r}"


def _card_words(evidence: Evidence, handoff: Row[Any]) -> str:
    if handoff.state == HandoffState.COMPLETED:
        return "Completed"
    if handoff.state == HandoffState.CANCELLED:
        return "Cancelled"
    stage = next(s for s in evidence.stages.values() if _current(handoff, s))
    items = [item for item in evidence.items.values() if item.stage_id == stage.id]
    done = sum(item.state != ItemState.OPEN for item in items)
    count = sum(stage.handoff_id == handoff.id for stage in evidence.stages.values())
    return f"Stage {handoff.stage_position + 1} of {count}, {stage.title}: {done} of {len(items)} done"


def _current(handoff: Row[Any], stage: Row[Any]) -> bool:
    return bool(stage.handoff_id == handoff.id and stage.position == handoff.stage_position)


def stages_show_the_state(evidence: Evidence) -> Iterator[str]:
    """A checklist shows each item in its latest version."""
    items = defaultdict(set)
    for item in evidence.items.values():
        items[item.stage_id].add((item.id, item.version))
    for stage in evidence.stages.values():
        place = evidence.post_of(evidence.letter(f"stage:{stage.id}"))
        if place is None or len(items[stage.id]) * 2 > _FULL:
            continue
        shown = {(int(n), int(v)) for n, v in _matches(_ITEM, place)}
        if shown != items[stage.id]:
            yield f"the checklist of stage {stage.id} shows {sorted(shown)}, not {sorted(items[stage.id])}"


def prompts_show_the_state(evidence: Evidence) -> Iterator[str]:
    """A question that was answered says so, one that is open can be answered."""
    for letter in evidence.letters:
        request = evidence.requests.get(letter.subject_id) if letter.kind == "request" else None
        place = evidence.post_of(letter)
        if request is None or place is None:
            continue
        closed = request.state in (RequestState.ANSWERED, RequestState.NOTHING)
        running = evidence.handoffs[request.handoff_id].state == HandoffState.OPEN
        mine = letter.key.endswith(f":{request.asked_id}")
        if closed and mine and running and "answered by" not in place.words:
            yield f"the prompt {letter.key} does not say that it was answered: {place.words[:200]!r}"
        if (
            not closed
            and mine
            and running
            and f"prompt-{request.id}-{request.version}" not in str(place.message.blocks)
        ):
            yield f"the prompt {letter.key} cannot be answered: {place.words[:200]!r}"
        if not running and "answer.tap" in str(place.message.blocks):
            yield f"the prompt {letter.key} still asks, though its handoff is over"


def nudges_sent(evidence: Evidence) -> Iterator[str]:
    """A nudge that counts as sent has its message, none is stuck, none is forgotten."""
    for row in evidence.nudges.values():
        if row.state == NudgeState.QUEUED:
            yield f"nudge {row.id} is still queued"
        if row.state == NudgeState.PLANNED and row.due_at < evidence.now - IN_FLIGHT:
            yield f"nudge {row.id} was due at {row.due_at} and is only planned"
        if row.state == NudgeState.SENT and _message_of(evidence, row) is None:
            yield f"nudge {row.id} counts as sent, but no message says so"


def _message_of(evidence: Evidence, row: Row[Any]) -> Place | None:
    digest_id = getattr(row, "digest_id", None)
    own = evidence.post_of(evidence.letter(f"nudge:{row.id}"))
    return own or (evidence.post_of(evidence.letter(f"digest:{digest_id}")) if digest_id is not None else None)


def reminders_show_the_state(evidence: Evidence) -> Iterator[str]:
    """No button of a reminder outlives its question."""
    for row in evidence.letters:
        place = evidence.post_of(row) if row.kind in ("nudge", "digest") else None
        for number in _reminded_of(place) if place is not None else ():
            met = met_at(evidence, evidence.nudges[number])
            if met is not None and place is not None:
                yield f"{row.key} still asks for what was met at {met}: {place.words[:200]!r}"


def nudges_not_for_what_was_met(evidence: Evidence) -> Iterator[str]:
    """No reminder of a thing that was done when Slack got it, but for what was on its way at that moment."""
    first: dict[int, list[datetime]] = defaultdict(list)
    for row in evidence.nudges.values():
        place = _message_of(evidence, row) if row.state == NudgeState.SENT else None
        if place is not None:
            first[row.id].append(place.at)
    for place in evidence.strays:
        for number in _reminded_of(place):
            first[number].append(place.at)
    for number, moments in first.items():
        met = met_at(evidence, evidence.nudges[number])
        for moment in moments:
            if met is not None and moment > met + IN_FLIGHT:
                yield f"nudge {number} came at {moment}, though its obligation was met at {met}"


def met_at(evidence: Evidence, row: Row[Any]) -> datetime | None:
    """When the obligation of a nudge was met, its stage was left or its handoff ended; None while it is owed."""
    handoff = evidence.handoffs[row.handoff_id]
    met: datetime | None = None
    left: datetime | None = None
    if row.obligation == "item":
        if row.subject_id in evidence.removed:
            return evidence.removed[row.subject_id]
        item = evidence.items[row.subject_id]
        met, left = item.closed_at, evidence.stages[item.stage_id].left_at
    elif row.obligation == "answer":
        met = evidence.requests[row.subject_id].closed_at
    elif handoff.acceptance == Acceptance.ACCEPTED:
        met = handoff.accepted_at
    ends = [moment for moment in (met, left, handoff.closed_at) if moment is not None]
    return min(ends, default=None)


def threads_in_order(evidence: Evidence) -> Iterator[str]:
    """In a thread, messages stand in the order in which what they tell was written down."""
    threads: dict[tuple[str, str], list[tuple[str, int, str]]] = defaultdict(list)
    for row in evidence.letters:
        place = evidence.post_of(row)
        if place is not None and place.message.is_reply:
            threads[row.channel, str(place.message.thread_ts)].append((row.ts, row.id, row.key))
    for (channel, root), found in threads.items():
        ids = [number for _, number, _ in sorted(found)]
        if ids != sorted(ids):
            keys = [key for _, _, key in sorted(found)]
            yield f"the thread {channel} {root} is out of order: {keys} {ids}"


def repeats_excused(evidence: Evidence) -> Iterator[str]:
    """Every message too many is the repeat of a letter that is marked as one."""
    marked = [row for row in evidence.letters if row.maybe_repeat]
    for place in evidence.strays:
        here = [row for row in marked if row.channel in (None, place.channel.id)]
        if not any(_is_of(evidence, row, place) for row in here):
            yield f"{place.key} is a repeat that nobody suspected: {place.words[:300]!r}"


def _is_of(evidence: Evidence, row: Row[Any], place: Place) -> bool:
    """Whether a message can be one of this letter, by its blocks; where they tell nothing, it can."""
    reminded = _reminded_of(place)
    if reminded:
        return row.kind == "digest" or (row.kind == "nudge" and row.subject_id in reminded)
    for kind, number in _matches(_BLOCK, place):
        return (row.kind, row.subject_id) == (_KINDS.get(kind, kind), int(number))
    for number, _ in _matches(_ITEM, place):
        if int(number) not in evidence.removed:
            return (row.kind, row.subject_id) == ("stage", evidence.items[int(number)].stage_id)
    return True


def _reminded_of(place: Place) -> set[int]:
    """The nudges that a message shows as open."""
    return {int(number) for kind, number in _matches(_BLOCK, place) if kind == "nudge"}


def _matches(pattern: re.Pattern[str], place: Place) -> Iterable[tuple[str, str]]:
    for block in place.message.blocks:
        match = pattern.match(str(block.get("block_id", "")))
        if match:
            yield match[1], match[2]
