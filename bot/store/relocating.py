"""A handoff's letters when it moves to another channel: Slack cannot move a thread, so it begins anew there.

What was shown keeps its row under another key, as a MOVED letter: it is edited once more, to say where the handoff is
now. All in the transaction of the change: a process that dies leaves either the old place or the new one. So does the
board of a territory run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, insert, select, update
from sqlalchemy.orm import Session

from bot.store.letters import Letter, freshen, post_once, stale
from bot.store.queues import IN_A_THREAD, MOVED, LetterState, outbox

SHOWN_ANEW = ("card", "stage")
"""Kinds that are posted again in the new channel; of the others, what was posted stays what was said there."""
_KEPT = (
    "workspace_id", "key", "kind", "subject_id", "handoff_id", "person_id", "detail", "priority", "wanted",
    "maybe_repeat", "doubts", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class Before:
    """Where a handoff's card was seen last.

    `link`: the card's permalink, empty while there is none. `moves`: how many messages were left behind before.
    `unsaid`: what a note of the same kind was to say that had not left yet when the handoff moved once more.
    """

    link: str
    moves: int
    unsaid: Mapping[str, Any] | None


def before(session: Session, handoff_id: int) -> Before:
    """To be asked before `relocate`."""
    c = outbox.c
    mine = select(c.kind, c.key, c.link, c.ts, c.detail).where(c.handoff_id == handoff_id).order_by(c.id)
    rows = session.execute(mine.where(c.kind.in_((*IN_A_THREAD, MOVED)))).all()
    link = next((row.link for row in rows if row.kind == "card"), None)
    notes = (row for row in rows if row.ts is None and row.key.startswith(note_key(handoff_id)))
    unsaid = next((row.detail["values"] for row in notes), None)
    return Before(link or "", sum(row.kind == MOVED for row in rows), unsaid)


def note_key(handoff_id: int) -> str:
    """How the keys of the notes begin that say where a handoff came from."""
    return f"thread:{handoff_id}:moved:"


def relocate(session: Session, handoff_id: int, now: datetime, shown: Sequence[Letter], note: Letter) -> None:
    """Post `shown` (the card, then checklists) in the handoff's channel of now, `note` right after the card.

    What waited for the old thread follows in its order. A letter that is on its way to the old channel this moment
    arrives there, and is then edited as the others are.
    """
    workspace_id, rows = _of_its_thread(session, handoff_id)
    waiting = [row for row in rows if row.ts is None and _waits(row)]
    follow = [row for row in waiting if row.kind not in SHOWN_ANEW and not row.key.startswith(note_key(handoff_id))]
    _retire(session, now, {row.id for row in (*waiting, *(one for one in rows if one.kind in SHOWN_ANEW))})
    card, *checklists = shown
    freshen(session, workspace_id, now, [card])
    post_once(session, workspace_id, now, [note])
    freshen(session, workspace_id, now, checklists)
    if follow:
        again = {"state": LetterState.QUEUED, "not_before": now}
        copies = [{**{name: getattr(row, name) for name in _KEPT}, **again} for row in follow]
        session.connection().execute(insert(outbox), copies)


def relocate_board(session: Session, workspace_id: int, now: datetime, board: Letter) -> None:
    """Post the board of a run anew where its letter says; wherever it stood before it says where it is now."""
    c = outbox.c
    there = select(c.id).where(c.workspace_id == workspace_id, c.key == board.key).with_for_update()
    _retire(session, now, set(session.scalars(there)))
    left_before = (c.workspace_id == workspace_id, c.kind == MOVED, c.handoff_id.is_(None))
    session.connection().execute(stale(*left_before, c.subject_id == board.subject_id), {"moment": now})
    freshen(session, workspace_id, now, [board])


def _of_its_thread(session: Session, handoff_id: int) -> tuple[int, Sequence[Row[Any]]]:
    c = outbox.c
    mine = select(outbox).where(c.handoff_id == handoff_id, c.kind.in_(IN_A_THREAD)).order_by(c.id)
    rows = session.execute(mine.with_for_update()).all()
    return rows[0].workspace_id, rows


def _waits(row: Row[Any]) -> bool:
    """Not on its way, not overtaken, and not given up because Slack may have shown it several times already."""
    return row.state == LetterState.QUEUED or (row.state == LetterState.FAILED and not row.doubts)


def _retire(session: Session, now: datetime, numbers: set[int]) -> None:
    """What stands in Slack, or may in a moment, is edited once more; the rest is over."""
    c = outbox.c
    in_flight = c.state == LetterState.SENDING
    values = {
        "key": "moved:" + c.id.cast(c.key.type),
        "kind": MOVED,
        "detail": None,
        "wanted": c.wanted + 1,
        "state": case(
            (in_flight, LetterState.SENDING), (c.ts.is_not(None), LetterState.QUEUED), else_=LetterState.MOOT
        ),
        "not_before": case((in_flight, c.not_before), (c.rests_until > now, c.rests_until), else_=now),
        "attempts": 0,
        "error": "",
    }
    statement = update(outbox).where(c.id.in_(numbers)).values(values)
    session.execute(statement.execution_options(synchronize_session=False))
