"""What was acknowledged is in the database: one rule per kind of act."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.domain.checklist import ItemState
from bot.domain.handoff import HandoffState
from tests.faults.evidence import Evidence
from tests.faults.invariants import IN_FLIGHT, met_at
from tests.faults.people import Act, Somebody, refused
from tests.faults.territories import planned

Kept = Callable[[Evidence, Act], bool]


def promises_kept(evidence: Evidence, everybody: Sequence[Somebody]) -> Iterator[str]:
    """Every click that Slack acknowledged, and that was not refused, left its mark."""
    for one in everybody:
        for number, act in enumerate(one.acts):
            rule = _RULES.get(act.kind)
            if rule is None or not act.acknowledged or rule(evidence, act):
                continue
            if not refused(evidence.sandbox, one.acts, number):
                told = f"{one.person.name}'s {act.kind} {act.about} at {act.at} was acknowledged and is not there"
                yield told + _known(evidence, act)


def _known(evidence: Evidence, act: Act) -> str:
    """What the database says of it instead, for whoever has to find out why."""
    request = evidence.requests.get(act.about.get("request", 0))
    if request is not None:
        answers = [one for one in evidence.answers.values() if one.request_id == request.id]
        return f": {request}; {answers}; {evidence.handoffs[request.handoff_id]}"
    row = evidence.nudges.get(act.about.get("nudge", 0))
    if row is None:
        return ""
    item = evidence.items.get(row.subject_id) if row.obligation == "item" else None
    others = [
        one for one in evidence.nudges.values() if (one.obligation, one.subject_id) == (row.obligation, row.subject_id)
    ]
    return f": {row}; about {item}; beside it {others}"


def _over(evidence: Evidence, handoff_id: int) -> bool:
    return bool(evidence.handoffs[handoff_id].state != HandoffState.OPEN)


def _item_closed(evidence: Evidence, act: Act) -> bool:
    if act.about["item"] in evidence.removed:
        return True
    item = evidence.items[act.about["item"]]
    return item.state != ItemState.OPEN or _over(evidence, item.handoff_id)


def _done(evidence: Evidence, act: Act) -> bool:
    """A step with a form is done when the form is sent; that it opened is all that the click brings."""
    return _item_closed(evidence, act) or evidence.items[act.about["item"]].form is not None


def _answered(evidence: Evidence, act: Act) -> bool:
    wanted = (act.about["request"], act.about["q"], act.about["a"])
    given = {(one.request_id, one.question, one.value) for one in evidence.answers.values()}
    return wanted in given or _over(evidence, evidence.requests[act.about["request"]].handoff_id)


def _snoozed(evidence: Evidence, act: Act) -> bool:
    row = evidence.nudges[act.about["nudge"]]
    base = row.slot.split("/snooze:")[0]
    same = [n for n in evidence.nudges.values() if (n.obligation, n.subject_id) == (row.obligation, row.subject_id)]
    if any(n.slot.startswith(f"{base}/snooze:") for n in same):
        return True
    met = met_at(evidence, row)
    if met is not None and met <= act.at + IN_FLIGHT:
        return True  # there was nothing left to put off
    return row.sent_at is None or row.sent_at > act.at  # its sender died: the bot knew nothing of it yet


def _stage_left(evidence: Evidence, act: Act) -> bool:
    number, position = act.about["handoff"], act.about["stage"]
    stages = [s for s in evidence.stages.values() if s.handoff_id == number and s.position == position]
    asked = evidence.handoffs[number].acceptance_asked_at is not None and stages[0].hands_over
    return stages[0].left_at is not None or asked or _over(evidence, number)


def _accepted(evidence: Evidence, act: Act) -> bool:
    number = act.about["handoff"]
    return evidence.handoffs[number].accepted_at is not None or _over(evidence, number)


def _started(evidence: Evidence, act: Act) -> bool:
    names = {evidence.accounts[row.account_id].name for row in evidence.handoffs.values()}
    return act.about["account"] in names


_RULES: dict[str, Kept] = {
    "done": _done,
    "skip": _item_closed,
    "answer": _answered,
    "snooze": _snoozed,
    "gate": _stage_left,
    "accept": _accepted,
    "start": _started,
    "territory": planned,
}
