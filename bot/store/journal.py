"""The audit trail: who changed what, when, from what to what. Written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.store.queues import audit

_RECORD = insert(audit)


def record(
    session: Session,
    by: Person,
    now: datetime,
    verb: str,
    subject_id: int,
    handoff_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """`verb` is noun.verb, as in "item.completed"; `before` and `after` hold only what changed, as JSON values."""
    row = {
        "workspace_id": by.workspace_id,
        "at": now,
        "by_id": by.id,
        "handoff_id": handoff_id,
        "verb": verb,
        "subject_id": subject_id,
        "before": dict(before) if before else None,
        "after": dict(after) if after else None,
    }
    session.connection().execute(_RECORD, row)
