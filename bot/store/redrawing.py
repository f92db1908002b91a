"""What people were told about an obligation is shown anew: reminders, digests, what was passed on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, Update, and_, bindparam, case, or_, select, union_all
from sqlalchemy.orm import Session

from bot.store.among import named
from bot.store.letters import Letter, Priority, freshen, freshen_existing, stale
from bot.store.plain import run
from bot.store.queues import LetterState, NudgeState, nudges, outbox
from bot.store.schedule import Obligation, nudges_about, values_about

PASSED = {"item": "passed_item", "answer": "passed_answer"}
"""By the kind of an obligation, the kind of the letters to whom it was passed on; their subject is the obligation's."""
TOLD = (LetterState.SENT, LetterState.SENDING)


def redraw_sent(session: Session, now: datetime, obligation: Obligation) -> None:
    """Messages already sent about it are shown anew: the buttons go, what became of it is said."""
    run(session, _redraw(), {**_told(obligation), "moment": now})
    session.info["spoke"] = True


def redraw(
    session: Session, workspace_id: int, now: datetime, shown: Sequence[Letter], keys: Sequence[str], about: Obligation
) -> None:
    """`letters.freshen`, `letters.freshen_existing` and `redraw_sent` in one, for the click that is made most often.

    `shown` are a handoff's card and checklist, which nearly always exist: only what is missing is written anew.
    """
    wanted = [*(letter.key for letter in shown), *keys]
    values = {**_told(about), "workspace": workspace_id, "moment": now, "keys": wanted}
    there = {key for (key,) in run(session, _redraw_with_keys(), values)}
    freshen(session, workspace_id, now, [letter for letter in shown if letter.key not in there])
    session.info["spoke"] = True


def redraw_of_handoff(session: Session, now: datetime, handoff_id: int, settled: Collection[Obligation]) -> None:
    """Reminders of this handoff that were sent are shown anew, digests too; not those about what was `settled` before.

    What is settled was shown so when it was settled, and stays.
    """
    c = nudges.c
    mine = select(c.id, c.digest_id, c.obligation, c.subject_id).where(
        c.handoff_id == handoff_id, c.state.in_((NudgeState.QUEUED, NudgeState.SENT))
    )
    shown = [row for row in session.execute(mine) if Obligation(row.obligation, row.subject_id) not in settled]
    if not shown:
        return
    of = {"nudge": [row.id for row in shown], "digest": [row.digest_id for row in shown if row.digest_id is not None]}
    about = or_(*(and_(outbox.c.kind == kind, outbox.c.subject_id.in_(ids)) for kind, ids in of.items()))
    session.connection().execute(stale(about, outbox.c.state.in_(TOLD)), {"moment": now})
    session.info["spoke"] = True


def redraw_message(session: Session, workspace_id: int, now: datetime, row: Row[Any]) -> None:
    """The message in which this nudge stands is shown anew."""
    key = f"nudge:{row.id}" if row.digest_id is None else f"digest:{row.digest_id}"
    freshen_existing(session, workspace_id, now, [key])


def _told(about: Obligation) -> dict[str, Any]:
    return {**values_about(about), "passed": PASSED.get(about.kind, "")}


# Letters are found kind by kind and put together, never with OR: PostgreSQL reads a whole table for an OR of look-ups.
def _sent_about() -> tuple[Select[Any], ...]:
    """The letters about an obligation that people have seen: their own reminders, digests, what was passed on."""
    c, number = outbox.c, select(nudges.c.id).where(nudges_about())
    part = select(nudges.c.digest_id).where(nudges_about(), nudges.c.digest_id.is_not(None))
    seen = select(c.id).where(c.state.in_(TOLD))
    own = seen.where(c.kind == "nudge", c.subject_id.in_(number))
    passed = seen.where(c.kind == bindparam("passed"), c.subject_id == bindparam("subject"))
    return own, seen.where(c.kind == "digest", c.subject_id.in_(part)), passed


@cache
def _redraw() -> Update:
    return stale(outbox.c.id.in_(union_all(*_sent_about())))


@cache
def _redraw_with_keys() -> Update:
    c = outbox.c
    mine = select(c.id).where(c.workspace_id == bindparam("workspace"), named(c.key, "keys"))
    # as when they are written anew: what was put off behind others comes first again
    priority = case((or_(c.kind == "card", c.kind == "stage"), Priority.CARD), else_=c.priority)
    return stale(c.id.in_(union_all(mine, *_sent_about()))).values(priority=priority).returning(c.key)
