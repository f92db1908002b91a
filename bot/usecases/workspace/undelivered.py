"""Messages that could not be delivered: shown to those who can mend it, and sent again when they say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from heapq import nlargest
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from bot.domain.people import Person
from bot.domain.permissions import Action, Standing
from bot.domain.refusals import NoSuchThing, Refusal
from bot.slack.failures import Kind, kind_of
from bot.store import journal, loading
from bot.store import schema as t
from bot.store.measures import measure
from bot.store.queues import EDIT, ERRAND, ERRANDS, FIRST_POST, IN_A_THREAD, LetterState, outbox
from bot.store.visibility import READER, READER_AT, of_reader, visible_to_reader
from bot.usecases.desk import Actor, Desk
from bot.usecases.workspace.trouble import Trouble

SHOWN = 5
NO_ANSWER = ("no_answer", "connection_cut", "unreadable_answer", "cannot_connect", "certificate_refused", "http_")


class Why(StrEnum):
    """Why a letter does not get through, as far as somebody can do something about it."""

    PERSON = "person"
    """The person has no account any more, or takes no messages from apps."""
    PLACE = "place"
    """The channel: archived, without Baton, or restricted."""
    FORBIDDEN = "forbidden"
    """A permission is missing, or the workspace forbids it."""
    TOKEN = "token"
    """Slack does not take the installation's token: revoked, uninstalled, of an account that is gone."""
    UNCONFIRMED = "unconfirmed"
    """Slack never said whether it took it."""
    AWAY = "away"
    """Slack did not answer, or had trouble of its own."""
    THREAD = "thread"
    """The card it belongs under is not there."""
    OURS = "ours"
    """Slack did not take what Baton made of it, or Baton could not make it."""


@dataclass(frozen=True)
class Undelivered:
    """A letter that waits or was given up. `person` is a Slack id; `since` when it was first to go."""

    number: int
    kind: str
    state: LetterState
    account: str
    person: str
    since: datetime
    next_at: datetime
    attempts: int
    error: str
    why: Why | None


class NotWaiting(Refusal):
    sentence = "That message is on its way already, or was delivered."


@dataclass(frozen=True)
class Resend:
    """A manager has a message sent again that was given up."""

    desk: Desk
    trouble: Trouble

    def __call__(self, actor: Actor, letter_id: int) -> None:
        """Send it again. Raises NoSuchThing, NotAllowed, NotWaiting."""
        now = self.desk.now()
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            row = session.execute(
                select(outbox).where(outbox.c.id == letter_id, outbox.c.workspace_id == by.workspace_id)
            ).one_or_none()
            if row is None:
                raise NoSuchThing()
            handoff = loading.handoff(session, by.workspace_id, row.handoff_id) if row.handoff_id else None
            self.desk.require(session, Action.RESEND, by, handoff)
            if not again(session, now, [letter_id]):
                raise NotWaiting()
            journal.record(session, by, now, "letter.retried", letter_id, row.handoff_id, before={"error": row.error})
            self.trouble.undelivered(session, by.workspace_id, row.handoff_id)


def given_up(session: Session, person: Person, standing: Standing) -> tuple[Sequence[Undelivered], int]:
    """What was given up and this person may have sent again: the latest few, and how many there are."""
    count, latest = _given_up(person.is_admin or standing.manager)
    found: int = session.execute(count, of_reader(person)).scalar_one()
    rows = session.execute(latest, of_reader(person)).all() if found else ()
    return [_undelivered(row) for row in rows], found


@cache
def _given_up(everybody_s: bool) -> tuple[Select[Any], Select[Any]]:
    """How many, and the latest; else only those of the handoffs that the reader manages."""
    o = outbox.c
    where: list[Any] = [o.workspace_id == READER_AT, text("outbox.state = 'failed'"), _a_message()]
    if not everybody_s:
        where.append(o.handoff_id.in_(select(t.handoffs.c.id).where(t.handoffs.c.manager_id == READER)))
    where.append(visible_to_reader(o.handoff_id))
    return select(func.count()).select_from(outbox).where(*where), _letters(*where).order_by(o.id.desc()).limit(SHOWN)


def listing(session: Session, states: Collection[LetterState], limit: int) -> Sequence[Undelivered]:
    """The latest letters in these states, of every workspace, newest last; of what was delivered only that is read."""
    if set(states) == set(LetterState):
        latest = list(session.scalars(select(outbox.c.id).order_by(outbox.c.id.desc()).limit(limit)))
    else:
        where = [text(condition) for state in states for condition in _INDEXED[state]]
        # by an order that no index has: else a database goes through the whole past by number
        found = [select(outbox.c.id).where(one).order_by((outbox.c.id + 0).desc()).limit(limit) for one in where]
        latest = nlargest(limit, chain.from_iterable(session.scalars(query) for query in found))
    return [_undelivered(row) for row in session.execute(_letters(outbox.c.id.in_(latest)).order_by(outbox.c.id))]


def counts(session: Session, now: datetime) -> Mapping[LetterState, int]:
    """How many letters are in each state, those that were delivered or are moot left out."""
    found = Counter[LetterState]()
    for (state, _), number in measure(session, now).letters.items():
        found[LetterState(state)] += number
    return found


def again(session: Session, now: datetime, letter_ids: Collection[int] | None = None) -> int:
    """Letters that were given up go out again: these, or all. Of a thread, all that were given up. Returns how many."""
    c = outbox.c
    failed: list[ColumnElement[bool]] = [c.state == LetterState.FAILED]
    if letter_ids is not None:
        others = aliased(outbox)
        threads = select(others.c.handoff_id).where(others.c.id.in_(letter_ids), others.c.kind.in_(IN_A_THREAD))
        failed.append(or_(c.id.in_(letter_ids), (c.kind.in_(IN_A_THREAD)) & c.handoff_id.in_(threads)))
    values = {"state": LetterState.QUEUED, "not_before": now, "attempts": 0, "doubts": 0, "error": ""}
    found = session.execute(update(outbox).where(*failed).values(values).execution_options(synchronize_session=False))
    session.info["spoke"] = True
    return int(found.rowcount)  # type: ignore[attr-defined]


def reason(error: str, doubts: int) -> Why | None:
    """What stands behind Slack's word, or ours, for a failure; None when nothing failed."""
    code = error.split(":")[0].split(" ")[0]
    if not code:
        return None
    if code in ("fault", "template"):
        return Why.OURS
    if code == "no_thread":
        return Why.THREAD
    if doubts:
        return Why.UNCONFIRMED
    if code.startswith(NO_ANSWER):
        return Why.AWAY
    return _BY_KIND.get(kind_of(code), Why.OURS)


_INDEXED = {
    LetterState.QUEUED: (FIRST_POST, EDIT, ERRAND),
    LetterState.SENDING: ("state = 'sending'",),
    LetterState.FAILED: ("state = 'failed'",),
}
"""The conditions of the partial indexes that hold the letters in a state."""
_BY_KIND = {
    Kind.UNREACHABLE: Why.PERSON,
    Kind.PLACE: Why.PLACE,
    Kind.FORBIDDEN: Why.FORBIDDEN,
    Kind.BROKEN: Why.TOKEN,
    Kind.RETRY: Why.AWAY,
    Kind.WAIT: Why.AWAY,
    Kind.UNSURE: Why.UNCONFIRMED,
}


def _a_message() -> ColumnElement[bool]:
    return outbox.c.kind.not_in(ERRANDS)


def _letters(*where: ColumnElement[bool]) -> Select[Any]:
    o, h, a, p = outbox, t.handoffs, t.accounts, t.people
    columns = (o, a.c.name.label("account"), p.c.slack_id.label("person"))
    joined = o.outerjoin(h, h.c.id == o.c.handoff_id).outerjoin(a, a.c.id == h.c.account_id)
    return select(*columns).select_from(joined.outerjoin(p, p.c.id == o.c.person_id)).where(*where)


def _undelivered(row: Row[Any]) -> Undelivered:
    return Undelivered(
        number=row.id,
        kind=row.kind,
        state=LetterState(row.state),
        account=row.account or "",
        person=row.person or "",
        since=row.created_at,
        next_at=row.not_before,
        attempts=row.attempts,
        error=row.error,
        why=reason(row.error, row.doubts),
    )
