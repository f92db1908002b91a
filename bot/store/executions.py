"""The steps of Workflow Builder that Slack asked for: what came of each, and whether Slack was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from bot.store.territories import executions

STARTED, REFUSED = "started", "refused"

_c = executions.c


def known(session: Session, workspace_id: int, execution_id: str) -> bool:
    """Whether this step was worked off before: Slack may ask twice."""
    mine = (_c.workspace_id == workspace_id, _c.execution_id == execution_id)
    return session.scalar(select(_c.id).where(*mine)) is not None


def keep(
    session: Session,
    workspace_id: int,
    execution_id: str,
    token: str | None,
    now: datetime,
    *,
    handoff_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> int:
    """Note a step that is worked off, with the handoff it started or why it was refused. Returns its number.

    Raises IntegrityError for one that another process has just worked off.
    """
    row = {
        "workspace_id": workspace_id,
        "execution_id": execution_id,
        "token": token,
        "handoff_id": handoff_id,
        "state": REFUSED if handoff_id is None else STARTED,
        "at": now,
        "detail": detail,
    }
    return int(session.execute(insert(executions).values(row).returning(_c.id)).scalar_one())


def waiting(session: Session, workspace_id: int, number: int) -> Row[Any] | None:
    """A step whose end Slack was not told yet; None when it was."""
    mine = (_c.id == number, _c.workspace_id == workspace_id, _c.ended_at.is_(None))
    return session.execute(select(executions).where(*mine)).one_or_none()


def ended(session: Session, number: int, now: datetime) -> None:
    """Slack knows, or will never want to: the token is of no more use."""
    session.execute(update(executions).where(_c.id == number).values(ended_at=now, token=None))
