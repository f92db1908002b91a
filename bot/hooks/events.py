"""From a change in a handoff to what other systems are told about it, in the transaction of the change.

Nothing is ever told of quiet handoffs or of rehearsals, nor what people answered or wrote down; a quiet handoff begins
for others on the day it is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bot.domain.handoff import Passed
from bot.domain.people import Person
from bot.store import schema as t
from bot.store.dossier import hooks
from bot.store.journal import Change
from bot.store.loading import people_by_id

VERSION = 1
QUEUED = "queued"
PING = "ping"
ROLES = ("outgoing", "incoming", "manager", "cover")

STARTED = "handoff.started"
_BY_VERB = {
    "handoff.started": STARTED,
    "handoff.opened": STARTED,
    "handoff.accepted": "handoff.accepted",
    "handoff.returned": "handoff.returned",
    "handoff.cancelled": "handoff.cancelled",
    "record.declined": "handoff.customer_declined",
}
_BY_PASSED = {
    Passed.ASKED_TO_ACCEPT: "handoff.acceptance_asked",
    Passed.NEXT_STAGE: "handoff.stage_entered",
    Passed.COMPLETED: "handoff.completed",
}
OVERRIDDEN = "handoff.gate_overridden"
EVENTS = tuple(dict.fromkeys([*_BY_VERB.values(), OVERRIDDEN, *_BY_PASSED.values()]))
"""Every word that stands under "event"; `ping` is sent by `baton hooks ping` only."""


@dataclass(frozen=True)
class Telling:
    """Listens to the journal; `far_ends` are the names of the addresses that are told."""

    far_ends: tuple[str, ...]

    def __call__(self, session: Session, change: Change) -> None:
        """Write down what this change has others hear of, if anything."""
        events = list(_events(change))
        if not events or change.handoff_id is None:
            return
        session.flush()
        about = _about(session, change.handoff_id)
        if about is None:
            return
        for event, detail in events:
            body = {**_head(event, change.at), **about, "by": _person(change.by), "detail": detail}
            write(session, self.far_ends, change.by.workspace_id, change.at, body, change.handoff_id)


def ping(session: Session, far_ends: Iterable[str], workspace_id: int, now: datetime) -> None:
    """Have every far end told that it can be reached."""
    write(session, far_ends, workspace_id, now, _head(PING, now))


def write(
    session: Session,
    far_ends: Iterable[str],
    workspace_id: int,
    now: datetime,
    body: Mapping[str, Any],
    handoff_id: int | None = None,
) -> None:
    """One row for each far end."""
    row = {"workspace_id": workspace_id, "event": body["event"], "handoff_id": handoff_id, "body": dict(body)}
    when = {"state": QUEUED, "not_before": now, "created_at": now}
    rows = [{**row, **when, "far_end": name} for name in far_ends]
    if rows:
        session.connection().execute(insert(hooks), rows)
        session.info["spoke"] = True


def _events(change: Change) -> Iterator[tuple[str, dict[str, Any]]]:
    after = change.after or {}
    if change.verb in ("gate.passed", "gate.overridden"):
        if change.verb == "gate.overridden":
            yield OVERRIDDEN, {"reason": after.get("reason", "")}
        if after.get("to") in _BY_PASSED:
            yield _BY_PASSED[Passed(after["to"])], {}
    elif change.verb == "handoff.cancelled":
        yield "handoff.cancelled", {"reason": after.get("reason", "")}
    elif change.verb in _BY_VERB:
        yield _BY_VERB[change.verb], {}


def _head(event: str, now: datetime) -> dict[str, Any]:
    at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"version": VERSION, "id": uuid4().hex, "event": event, "at": at}


def _about(session: Session, handoff_id: int) -> dict[str, Any] | None:
    """The handoff as it stands within this transaction; None when nobody is to hear of it."""
    h, a, s = t.handoffs.c, t.accounts.c, t.stages.c
    account = (a.name.label("account"), a.crm_id, a.crm_link, a.crm)
    query = select(t.handoffs, *account).join(t.accounts, a.id == h.account_id).where(h.id == handoff_id)
    row = session.execute(query).one_or_none()
    if row is None or row.quiet or row.test_run:
        return None
    stages = session.execute(select(s.title).where(s.handoff_id == handoff_id).order_by(s.position)).scalars().all()
    place = min(row.stage_position, len(stages) - 1)
    people = people_by_id(session, [getattr(row, f"{role}_id") for role in ROLES])
    who = {role: _person(people.get(getattr(row, f"{role}_id") or 0)) for role in ROLES}
    if who["outgoing"] is None and row.outgoing_name:
        who["outgoing"] = {"slack_id": "", "name": row.outgoing_name}
    handoff = {
        "id": row.id,
        "state": row.state,
        "reason": row.reason,
        "sales_channel": row.sales_channel,
        "tier": row.tier,
        "stage": {"number": place + 1, "of": len(stages), "title": stages[place]} if stages else None,
        "start_on": _day(row.start_on),
        "last_day": _day(row.last_day),
        "transfer_on": _day(row.transfer_on),
    }
    of = {"id": row.account_id, "name": row.account, "crm": row.crm, "crm_id": row.crm_id, "crm_link": row.crm_link}
    return {"account": of, "handoff": {**handoff, **who}}


def _person(person: Person | None) -> dict[str, str] | None:
    return None if person is None or not person.slack_id else {"slack_id": person.slack_id, "name": person.name}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
