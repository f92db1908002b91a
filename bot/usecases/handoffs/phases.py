"""Keeping the ledger of phases: written in the transaction of whatever changes a handoff's phase, and at daybreak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.domain import phases as ledger
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.phases import PhaseDays, Stay
from bot.domain.rules import PhaseTargets
from bot.domain.vocabulary import Phase
from bot.domain.worktime import zone_or_utc
from bot.store import loading
from bot.store import phases as store
from bot.store.phases import Crowd
from bot.usecases.desk import Desk
from bot.usecases.workspace.playbooks import playbook_of, playbooks_by_id

A_DAY = timedelta(days=1)
AT_ONCE = 50
"""Handoffs whose ledger is brought up to date in one transaction, so that clicks get their turn between them."""


def follow_phase(session: Session, handoff: Handoff, today: date) -> None:
    """Write down the phase that the handoff is in `today` (on its manager's calendar), if it is another one.

    To be called in the transaction of whatever may have changed it: people, dates, acceptance, closing, reopening.
    """
    before = list(store.spans_of(session, [handoff.id]).get(handoff.id, ()))
    after = ledger.follow(before, handoff, today)
    for gone in [span for span in before if span not in after]:
        session.delete(gone)
    session.flush()
    session.add_all(span for span in after if span not in before)
    session.flush()


def stays(session: Session, handoffs: Iterable[Handoff], today: date) -> Mapping[int, Stay]:
    """Which phase each handoff is in, for how many days, against its playbook's target; by handoff."""
    shown = list(handoffs)
    latest = store.latest_of(session, [one.id for one in shown])
    playbooks = playbooks_by_id(session, [one.playbook_id for one in shown])
    return {
        one.id: ledger.stay(latest.get(one.id), one, playbooks[one.playbook_id].rules.phases, today) for one in shown
    }


def days_spent(session: Session, handoff: Handoff, today: date) -> tuple[PhaseDays, ...]:
    """The days that the handoff has spent in each phase so far."""
    spans = store.spans_of(session, [handoff.id]).get(handoff.id, ())
    return ledger.spent(spans, playbook_of(session, handoff).rules.phases, today)


@dataclass(frozen=True)
class BoardRow:
    """One phase of the team's board: how many handoffs are in it, how many beyond its target, and in which stages."""

    phase: Phase
    count: int
    over: int
    stages: tuple[tuple[str, int], ...]


def board(session: Session, reader: Person, today: date) -> tuple[BoardRow, ...]:
    """The open handoffs that the reader may know of, by phase and stage."""
    crowds = store.board(session, reader)
    playbooks = playbooks_by_id(session, [one.playbook_id for one in crowds])
    rows = []
    for phase in Phase:
        here = [one for one in crowds if one.phase is phase]
        stages: Counter[str] = Counter()
        for one in here:
            stages[one.stage] += one.count
        late = [one for one in here if _over(one, playbooks[one.playbook_id].rules.phases, today)]
        count = sum(one.count for one in here)
        rows.append(BoardRow(phase, count, sum(one.count for one in late), tuple(stages.most_common())))
    return tuple(row for row in rows if row.count)


def _over(crowd: Crowd, targets: PhaseTargets, today: date) -> bool:
    return (today - crowd.since).days + 1 > ledger.target_of(targets, crowd.phase)


class PhaseLedger:
    """What a new day changes in the ledger: last days that have passed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def follow_days(self) -> int:
        """Bring the ledger up to date wherever a day has begun. Returns how many handoffs had moved on."""
        now = self._desk.now()
        with self._desk.db.read() as session:
            asked = store.behind(session, (now + A_DAY).date())
        days = {zone: now.astimezone(zone_or_utc(zone)).date() for _, _, zone in asked}
        for some in (asked[at : at + AT_ONCE] for at in range(0, len(asked), AT_ONCE)):
            with self._desk.db.write() as session:
                for workspace_id, number, zone in some:
                    loading.handoff(session, workspace_id, number, lock=True)
                    session.expire_all()
                    follow_phase(session, loading.whole_handoff(session, workspace_id, number), days[zone])
        return len(asked)
