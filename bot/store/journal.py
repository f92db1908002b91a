"""The audit trail: who changed what, when, from what to what. Written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.store.plain import run
from bot.store.queues import audit

_RECORD = insert(audit).inline()


@dataclass(frozen=True)
class Change:
    """What `record` was told."""

    by: Person
    at: datetime
    verb: str
    subject_id: int
    handoff_id: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the trail keeps them: days and times in ISO 8601, members of a vocabulary by their words."""
    return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """One of them."""
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


Listener = Callable[[Session, Change], None]
"""Called in the transaction of each change that is recorded. Which they are: `session.info["journal"]`."""


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
    run(session, _RECORD, row)
    for listener in session.info.get("journal", ()):
        listener(session, Change(by, now, verb, subject_id, handoff_id, before, after))
