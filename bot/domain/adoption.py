"""What a newer playbook, or the playbook that now fits, would change in a running handoff: one offer per step.

Nothing that is closed is offered, and nothing in a stage that was left. What people set by hand (who has a step, its
date) stays. Of the stages those ahead are renamed and added to, within one playbook; none is removed or moved, and a
step of a stage that the handoff does not have goes to the one before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Acceptance, Handoff, StageRun
from bot.domain.playbook import Anchor, Ask, Due, Playbook, Stage, Step, repetitions
from bot.domain.playbook_diff import Delta


class OfferKind(StrEnum):
    STAGE = "stage"
    RETITLE = "retitle"
    ADD = "add"
    CHANGE = "change"
    RETIRE = "retire"
    ASK = "ask"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Offer:
    """One change that the manager may take. `key` is the step's, the stage's, or the function asked.

    `stage` is where an added step goes, or a changed one, or the stage that an added one follows, or the renamed one;
    `deltas` says what a changed one would become, `planned` what the playbook says of the stage.
    """

    kind: OfferKind
    key: str
    title: str
    stage: StageRun | None = None
    deltas: tuple[Delta, ...] = ()
    step: Step | None = None
    item: ChecklistItem | None = None
    ask: Ask | None = None
    request: FeedbackRequest | None = None
    planned: Stage | None = None

    @property
    def ref(self) -> str:
        """By which it is chosen."""
        return f"{self.kind.value}:{self.key}"


def offers(handoff: Handoff, old: Playbook, new: Playbook, ours: Collection[str] = ()) -> tuple[Offer, ...]:
    """What `new` would change in the handoff, which follows `old`, in the order of `new`; retired steps come last.

    `ours` are keys of steps that came from a playbook, beside those of `old`: only such steps are retired.
    """
    wanted = {
        step.key: (stage.key, step)
        for stage in new.stages
        for step in new.steps_for(stage, handoff.sales_channel, handoff.tier, handoff.overseas)
    }
    before = {one.key: one for stage in old.stages for step in stage.steps for one in repetitions(step)}
    items = {item.key: item for item in handoff.items if item.key is not None}
    found: list[Offer] = []
    for key, (stage_key, step) in wanted.items():
        stage, item = stage_for(handoff, new, stage_key), items.get(key)
        if item is None and stage is not None:
            found.append(Offer(OfferKind.ADD, key, step.title, stage, step=step))
        elif item is not None and item.open and not _left(handoff, item):
            found += _changed(handoff, item, before.get(key), step, stage)
    retired = {*before, *ours} - set(wanted)
    for key, item in items.items():
        if key in retired and item.open and not _left(handoff, item):
            found.append(Offer(OfferKind.RETIRE, key, item.title, item=item))
    return (*_stages(handoff, old, new), *found, *_asks(handoff, old, new))


def _stages(handoff: Handoff, old: Playbook, new: Playbook) -> Iterator[Offer]:
    """Stages ahead that the playbook has anew or says differently; another playbook's stay away, as their steps find
    a place in those that the handoff has."""
    if old.key != new.key:
        return
    runs, was = {run.key: run for run in handoff.stages}, {stage.key: stage for stage in old.stages}
    for planned in new.stages:
        run, before = runs.get(planned.key), follows(handoff, new, planned.key)
        if run is None and planned.key not in was and before is not None and not planned.hands_over:
            yield Offer(OfferKind.STAGE, planned.key, planned.title, before, planned=planned)
        elif run is not None and planned.key in was and run.position >= handoff.stage_position:
            known = was[planned.key]
            deltas = tuple(
                Delta(name, getattr(run, name), getattr(planned, name))
                for name in ("title", "goal")
                if getattr(planned, name) not in (getattr(run, name), getattr(known, name))
            )
            if deltas:
                yield Offer(OfferKind.RETITLE, planned.key, run.title, run, deltas, planned=planned)


def follows(handoff: Handoff, new: Playbook, key: str) -> StageRun | None:
    """The handoff's stage behind which it would get this one; None where that lies behind the stage at hand."""
    runs, keys = {run.key: run for run in handoff.stages}, [stage.key for stage in new.stages]
    before = [runs[one] for one in keys[: keys.index(key)] if one in runs]
    return before[-1] if before and before[-1].position >= handoff.stage_position else None


def staying(handoff: Handoff, old: Playbook, new: Playbook) -> tuple[str, ...]:
    """The titles of stages that the newer playbook has otherwise, and that a running handoff keeps: gone from it,
    elsewhere in it, or new where the handoff has passed."""
    if old.key != new.key:
        return ()
    runs = {run.key: run for run in handoff.stages}
    was, now = [stage.key for stage in old.stages], [stage.key for stage in new.stages]
    gone = [runs[key].title for key in was if key in runs and key not in now]
    both = [key for key in was if key in runs and key in now]
    moved = [runs[key].title for key, other in zip(both, sorted(both, key=now.index), strict=True) if key != other]
    offered = {one.key for one in _stages(handoff, old, new)}
    late = [one.title for one in new.stages if one.key not in runs and one.key not in was and one.key not in offered]
    return (*gone, *moved, *late)


def mark(found: Collection[Offer], old: Playbook, new: Playbook) -> str:
    """Another one as soon as something else is on offer."""
    said = "|".join([old.version, new.version, *(f"{one.ref}{one.deltas}" for one in found)])
    return sha256(said.encode()).hexdigest()[:20]


def adapt(item: ChecklistItem, offer: Offer) -> None:
    """Give a step what the newer playbook says of it; its date is computed by whoever knows the calendar."""
    assert offer.step is not None
    step = offer.step
    for delta in offer.deltas:
        if delta.name == "due":
            item.due_anchor, item.due_days = step.due.anchor.value, step.due.working_days
        elif delta.name == "stage":
            assert offer.stage is not None
            item.stage_id = offer.stage.id
        else:
            setattr(item, _COLUMNS.get(delta.name, delta.name), delta.after)
    item.version += 1


_COLUMNS = {"owner": "owner_role", "evidence": "evidence_wanted"}
_COMPARED = ("title", "owner", "detail", "necessary", "evidence", "form", "outgoing_only")


def _changed(
    handoff: Handoff, item: ChecklistItem, old: Step | None, new: Step, stage: StageRun | None
) -> Iterator[Offer]:
    """What the playbook says differently by now, and the item does not have yet."""
    deltas = []
    for name in _COMPARED:
        has, says = getattr(item, _COLUMNS.get(name, name)), getattr(new, name)
        if has != says and (old is None or getattr(old, name) != says):
            deltas.append(Delta(name, has, says))
    if item.due_anchor is not None and item.due_days is not None and (old is None or old.due != new.due):
        has_due = Due(Anchor(item.due_anchor), item.due_days)
        deltas += [Delta("due", has_due, new.due)] if has_due != new.due else []
    now_in = next((run for run in handoff.stages if run.id == item.stage_id), None)
    if stage is not None and now_in is not None and stage is not now_in:
        deltas.append(Delta("stage", now_in.title, stage.title))
    if deltas:
        yield Offer(OfferKind.CHANGE, new.key, item.title, stage, tuple(deltas), new, item)


def stage_for(handoff: Handoff, new: Playbook, key: str) -> StageRun | None:
    """The handoff's stage for a step of that stage of the playbook; None where that stage was left.

    A stage that the handoff does not have stands for the nearest one before it, or the current one.
    """
    runs = {run.key: run for run in handoff.stages}
    if key in runs:
        return runs[key] if runs[key].position >= handoff.stage_position else None
    keys = [stage.key for stage in new.stages]
    earlier = [runs[one] for one in keys[: keys.index(key)] if one in runs]
    nearest = earlier[-1] if earlier else handoff.stage
    return nearest if nearest.position >= handoff.stage_position else handoff.stage


def _left(handoff: Handoff, item: ChecklistItem) -> bool:
    """Whether the item's stage was left already."""
    return any(run.id == item.stage_id and run.position < handoff.stage_position for run in handoff.stages)


def _asks(handoff: Handoff, old: Playbook, new: Playbook) -> Iterator[Offer]:
    """Questions count for the handover: afterwards, and while it is quiet, none are asked or withdrawn."""
    if handoff.quiet or handoff.acceptance is Acceptance.ACCEPTED:
        return
    requests = {request.function: request for request in handoff.requests}
    wanted = {ask.function: ask for ask in new.asks_for(handoff.sales_channel, handoff.tier, handoff.overseas)}
    for function, ask in wanted.items():
        if function not in requests:
            yield Offer(OfferKind.ASK, function, function, ask=ask)
    asked_by_playbook = {ask.function for ask in old.feedback}
    for function, request in requests.items():
        if request.open and function not in wanted and function in asked_by_playbook:
            yield Offer(OfferKind.WITHDRAW, function, function, request=request)
