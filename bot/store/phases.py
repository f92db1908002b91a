"""The ledger of phases: the spans of each handoff, and how many handoffs are in each now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.domain.handoff import HandoffState
from bot.domain.people import Person
from bot.domain.phases import PhaseSpan
from bot.domain.vocabulary import Phase
from bot.store import looking
from bot.store import schema as t
from bot.store.among import among, by_ids
from bot.store.visibility import READER_AT, of_reader, visible_to_reader


@dataclass(frozen=True)
class Crowd:
    """How many open handoffs are in the same phase since the same day, in stages of the same title and playbook."""

    phase: Phase
    stage: str
    playbook_id: int
    since: date
    count: int


def spans_of(session: Session, handoff_ids: Collection[int]) -> Mapping[int, list[PhaseSpan]]:
    """All spans of these handoffs, by handoff, oldest first."""
    found: dict[int, list[PhaseSpan]] = {}
    if handoff_ids:
        ids, several = list(handoff_ids), len(handoff_ids) > 1
        for span in session.scalars(_spans(several), {"ids": ids if several else ids[0]}):
            found.setdefault(span.handoff_id, []).append(span)
    return found


def latest_of(session: Session, handoff_ids: Collection[int]) -> Mapping[int, PhaseSpan]:
    """The span that each of these handoffs is in, or was in when it was closed; to look at."""
    rows = session.execute(_rows(), {"ids": list(handoff_ids)}) if handoff_ids else ()
    return {span.handoff_id: span for span in map(_SPAN, rows)}  # of several the latest


def board(session: Session, reader: Person) -> list[Crowd]:
    """The open handoffs that the reader may know of, counted by phase, stage, playbook and the day the phase began."""
    return [Crowd(*row) for row in session.connection().execute(_board(), of_reader(reader))]


@cache
def _board() -> Select[Any]:
    h, s, p = t.handoffs.c, t.stages.c, t.phases.c
    return (
        select(p.phase, s.title, h.playbook_id, p.from_on, func.count())
        .select_from(t.handoffs)
        .join(t.phases, and_(p.handoff_id == h.id, p.until_on.is_(None)))
        .join(t.stages, and_(s.handoff_id == h.id, s.position == h.stage_position))
        .where(h.workspace_id == READER_AT, h.state == HandoffState.OPEN, visible_to_reader())
        .group_by(p.phase, s.title, h.playbook_id, p.from_on)
    )


def behind(session: Session, latest: date) -> list[tuple[int, int, str]]:
    """Handoffs whose ledger a new day may have moved: (workspace, handoff, its manager's zone).

    Their last day lies before `latest`, and the ledger has the outgoing rep still here; or they have no ledger yet.
    """
    h, p, m = t.handoffs.c, t.phases.c, t.people.c
    now = select(p.id).where(p.handoff_id == h.id, p.until_on.is_(None)).correlate(t.handoffs)
    passed = and_(h.last_day < latest, now.where(p.phase == Phase.WITHDRAWAL).exists())
    query = select(h.workspace_id, h.id, func.coalesce(m.tz, "UTC")).outerjoin(t.people, m.id == h.manager_id)
    query = query.where(h.state == HandoffState.OPEN, or_(passed, ~now.exists())).order_by(h.id)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


_SPAN = looking.maker(PhaseSpan, t.phases.c.keys())


@cache
def _rows() -> Select[Any]:
    p = t.phases.c
    return select(t.phases).where(among(p.handoff_id, "ids")).order_by(p.from_on, p.id)


@cache
def _spans(several: bool) -> Select[PhaseSpan]:
    p = t.phases.c
    return select(PhaseSpan).where(by_ids(p.handoff_id, several)).order_by(p.from_on, p.id)
