"""The ledger of phases: from when until when a handoff was in each, without gaps or overlaps while it was open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.domain.handoff import Handoff, HandoffState
from bot.domain.rules import PhaseTargets
from bot.domain.vocabulary import Phase

DAY = timedelta(days=1)


@dataclass(eq=False)
class PhaseSpan:
    """A handoff was in `phase` from `from_on` (inclusive) to `until_on` (exclusive; empty while it is)."""

    workspace_id: int
    handoff_id: int
    phase: Phase
    from_on: date
    until_on: date | None = None
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    def days(self, today: date) -> int:
        """How many days of it are over or run, today included."""
        until = self.until_on if self.until_on is not None else today + DAY
        return max((until - self.from_on).days, 0)


@dataclass(frozen=True)
class Stay:
    """The phase a handoff is in: `day` counts from 1, `target` is how many days the playbook gives it (D2, D3)."""

    phase: Phase
    day: int
    target: int

    @property
    def over(self) -> int:
        """Days beyond the target; 0 within it."""
        return max(self.day - self.target, 0)


@dataclass(frozen=True)
class PhaseDays:
    """All the days that a handoff has spent in one phase, against the playbook's target."""

    phase: Phase
    days: int
    target: int


def follow(spans: Sequence[PhaseSpan], handoff: Handoff, today: date) -> list[PhaseSpan]:
    """The ledger as it is after whatever happened, oldest first; those given are changed in place, or left out.

    A span that is left out lasted no day. What nobody was there to write down is put to its own day: a last day that
    passed days ago began the next phase on the day after it. Days never run backwards, wherever the manager moves.
    """
    kept = list(spans)
    last = kept[-1] if kept else None
    if handoff.state is not HandoffState.OPEN:
        if last is not None and last.until_on is None:
            last.until_on = max(today, last.from_on)
        return _lasting(kept)
    if last is None:
        return _from_the_start(handoff, today)
    if last.until_on is not None:  # it was closed, and is open again
        return _begun(kept, handoff, max(today, last.until_on))
    if last.phase is handoff.phase(max(today, last.from_on)):
        return kept
    began = max(_began(last, handoff, today), last.from_on)
    last.until_on = began
    return _begun(kept, handoff, began, today)


def stay(span: PhaseSpan | None, handoff: Handoff, targets: PhaseTargets, today: date) -> Stay:
    """Where the handoff stands today; the ledger's last `span` may not have heard of it yet."""
    phase = handoff.phase(today)
    began = handoff.start_on if span is None else _began(span, handoff, today)
    if span is not None and span.phase is phase:
        began = span.from_on
    return Stay(phase, max((today - began).days, 0) + 1, target_of(targets, phase))


def target_of(targets: PhaseTargets, phase: Phase) -> int:
    """How many days the phase may take."""
    return {
        Phase.WITHDRAWAL: targets.withdrawal_days,
        Phase.WITHOUT: targets.without_days,
        Phase.WITHIN_REACH: targets.within_reach_days,
    }[phase]


def spent(spans: Sequence[PhaseSpan], targets: PhaseTargets, today: date) -> tuple[PhaseDays, ...]:
    """The days in each phase, of those that the handoff was in at all."""
    days = {phase: sum(one.days(today) for one in spans if one.phase is phase) for phase in Phase}
    return tuple(PhaseDays(phase, count, target_of(targets, phase)) for phase, count in days.items() if count)


def _from_the_start(handoff: Handoff, today: date) -> list[PhaseSpan]:
    """The phases that its dates tell since it began: of a new one just today's, of an older version's all of them."""
    first = min(handoff.start_on, today)
    turns = [handoff.last_day + DAY if handoff.last_day else None, handoff.transfer_on]
    found: list[PhaseSpan] = []
    for day in [first, *sorted({day for day in turns if day is not None and first < day <= today})]:
        taken_over = handoff.transfer_on is None or day >= handoff.transfer_on
        phase = handoff.phase(day) if taken_over else handoff.phase_until_accepted(day)
        if found and found[-1].phase is phase:
            continue
        if found:
            found[-1].until_on = day
        found.append(_span(handoff, phase, day))
    return found


def _began(last: PhaseSpan, handoff: Handoff, today: date) -> date:
    """The day the phase of today began: the one after the last day, where nothing else changed; else today."""
    gone = handoff.last_day
    if gone is not None and last.from_on <= gone < today and handoff.phase(gone) is last.phase:
        return gone + DAY
    return today


def _begun(kept: list[PhaseSpan], handoff: Handoff, day: date, today: date | None = None) -> list[PhaseSpan]:
    """With a new span from that day on; one that lasted no day gives way, and the one before it may just go on."""
    kept = _lasting(kept)
    phase = handoff.phase(max(day, today or day))
    if kept and kept[-1].phase is phase and kept[-1].until_on == day:
        kept[-1].until_on = None
        return kept
    return [*kept, _span(handoff, phase, day)]


def _lasting(spans: list[PhaseSpan]) -> list[PhaseSpan]:
    return [one for one in spans if one.until_on is None or one.until_on > one.from_on]


def _span(handoff: Handoff, phase: Phase, from_on: date) -> PhaseSpan:
    return PhaseSpan(handoff.workspace_id, handoff.id, phase, from_on)
