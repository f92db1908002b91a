"""Which handoffs stand at a gate that waits for what is known about their account."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.store import looking
from bot.store import schema as t

AT_ONCE = 500
"""Accounts that one statement asks about."""


def waiting_for_facts(session: Session, workspace_id: int, account_ids: Collection[int]) -> Iterator[Handoff]:
    """Those of these accounts, without their parts; the domain's rule is `gate.wants_facts`."""
    ids = sorted(set(account_ids))
    for first in range(0, len(ids), AT_ONCE):
        values = {"workspace": workspace_id, "ids": ids[first : first + AT_ONCE]}
        yield from map(looking.HANDOFF, session.connection().execute(_waiting(), values))


@cache
def _waiting() -> Select[Any]:
    h, s = t.handoffs.c, t.stages.c
    here = and_(s.handoff_id == h.id, s.position == h.stage_position, s.hands_over)
    mine = (h.workspace_id == bindparam("workspace"), h.account_id.in_(bindparam("ids", expanding=True)))
    query = select(t.handoffs).join(t.stages, here).where(*mine)
    return query.where(h.state == HandoffState.OPEN, h.acceptance == Acceptance.NOT_ASKED)
