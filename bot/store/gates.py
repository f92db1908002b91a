"""Which handoffs stand at a gate that waits for what is known about their account, or have just passed it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.store import looking
from bot.store import schema as t
from bot.store.among import among

AT_ONCE = 500
"""Accounts that one statement asks about."""


def waiting_for_facts(session: Session, workspace_id: int, account_ids: Collection[int]) -> Iterator[Handoff]:
    """Those of these accounts, without their parts; the domain's rule is `gate.wants_facts`."""
    return _found(session, workspace_id, account_ids, Acceptance.NOT_ASKED)


def waiting_for_acceptance(session: Session, workspace_id: int, account_ids: Collection[int]) -> Iterator[Handoff]:
    """Those of these accounts whose incoming rep reads what is known, to accept or return it; without their parts."""
    return _found(session, workspace_id, account_ids, Acceptance.ASKED)


def _found(
    session: Session, workspace_id: int, account_ids: Collection[int], acceptance: Acceptance
) -> Iterator[Handoff]:
    ids = sorted(set(account_ids))
    for first in range(0, len(ids), AT_ONCE):
        values = {"workspace": workspace_id, "ids": ids[first : first + AT_ONCE], "acceptance": acceptance}
        yield from map(looking.HANDOFF, session.connection().execute(_waiting(), values))


@cache
def _waiting() -> Select[Any]:
    h, s = t.handoffs.c, t.stages.c
    here = and_(s.handoff_id == h.id, s.position == h.stage_position, s.hands_over)
    mine = (h.workspace_id == bindparam("workspace"), among(h.account_id, "ids"))
    query = select(t.handoffs).join(t.stages, here).where(*mine)
    return query.where(h.state == HandoffState.OPEN, h.acceptance == bindparam("acceptance"))
