"""Lines of an account's history as they are kept: written, changed, told to the thread, each with its audit event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.dossier import TOUCHES, Entry, EntryKind
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import refuse
from bot.domain.refusals import Refusal
from bot.store import entries as store
from bot.store import journal, known, trail
from bot.store.letters import freshen_existing, post_once
from bot.usecases import changes
from bot.usecases.desk import Desk

KEPT, CHANGED, REMOVED = "entry.kept", "entry.changed", "entry.removed"
"""Verbs of the audit trail."""
TOLD = TOUCHES | {EntryKind.COMPLAINT}
"""Kinds of which the thread of an open handoff hears by itself; of a note only when somebody says so."""


class NotYet(Refusal):
    sentence = "That day is still to come. Choose today or an earlier one."


@dataclass(frozen=True)
class Captured:
    """What was written down, as its writer sees it. `because`: the word that the kind was guessed from.

    `thread`: the account's handoff has one, and the line belongs to it; `told`: it stands there.
    """

    entry: Entry
    account: Account
    today: date
    because: str = ""
    told: bool = False
    thread: bool = False


def keep(desk: Desk, session: Session, by: Person, account: Account, entry: Entry) -> Captured:
    """Write it down. In the open handoff that the writer knows of it shares its quietness, and the thread hears."""
    running = known.open_handoff_of(session, by, account.id)
    entry.handoff_id = running.id if running is not None else None
    if entry.source_key and (account.quiet or (running is not None and running.quiet)):
        # with a key of its own, so that nobody else learns that the message was saved
        entry.source_key = f"{entry.source_key}:{account.id}"
    session.add(entry)
    _recorded(desk, session, by, KEPT, entry, None, facts(entry))
    if running is not None and entry.kind in TOLD:
        tell(desk, session, running, entry)
    return captured(desk, session, by, entry, account)


def change(desk: Desk, session: Session, by: Person, entry: Entry, kind: EntryKind, day: date, text: str) -> None:
    """Keep what is another by now; only that stands in the trail. Raises NotYet."""
    if day > desk.today(by):
        raise NotYet()
    before = facts(entry)
    entry.kind, entry.happened_on, entry.text = kind, day, text
    if kind is not EntryKind.COMPLAINT:
        entry.settled_on = None
    _differs(desk, session, by, CHANGED, entry, before)


def settle(desk: Desk, session: Session, by: Person, entry: Entry, on: date | None, verb: str) -> None:
    """A complaint was put right on that day; None: it is open again."""
    before = facts(entry)
    entry.settled_on = on
    _differs(desk, session, by, verb, entry, before)


def remove(desk: Desk, session: Session, by: Person, entry: Entry) -> None:
    """It counts no more, and the same message may be saved anew."""
    before = facts(entry)
    entry.removed_at, entry.source_key = desk.now(), None
    entry.version += 1
    _recorded(desk, session, by, REMOVED, entry, before, None)


def require_own(desk: Desk, session: Session, by: Person, entry: Entry) -> None:
    """Raise NotAllowed unless they wrote it, or are a manager."""
    if not is_own(desk, session, by, entry):
        writer = entry.by.slack_id if entry.by is not None else ""
        raise refuse([writer, *desk.standing(session, by).managers])


def is_own(desk: Desk, session: Session, by: Person, entry: Entry) -> bool:
    """Whether to offer to change it."""
    return (bool(by.id) and entry.by_id == by.id) or desk.standing(session, by).manager


def tell(desk: Desk, session: Session, handoff: Handoff, entry: Entry) -> None:
    """The handoff's thread hears of it, unless that is quiet."""
    letter = changes.thread_message(handoff.id, f"entry:{entry.id}", "entry", entry=entry.id)
    post_once(session, entry.workspace_id, desk.now(), changes.audible(handoff, letter))


def captured(desk: Desk, session: Session, by: Person, entry: Entry, account: Account, because: str = "") -> Captured:
    """As its writer sees it now."""
    running = known.open_handoff_of(session, by, account.id)
    thread = running is not None and not running.quiet and running.id == entry.handoff_id
    told = thread and store.is_told(session, by.workspace_id, _slot(entry))
    return Captured(entry, account, desk.today(by), because, told, thread)


def facts(entry: Entry) -> dict[str, Any]:
    """What the audit trail says of a line."""
    settled = entry.settled_on.isoformat() if entry.settled_on else None
    day = entry.happened_on.isoformat()
    return {"kind": EntryKind(entry.kind).value, "day": day, "text": entry.text, "settled_on": settled}


def _differs(desk: Desk, session: Session, by: Person, verb: str, entry: Entry, before: Mapping[str, Any]) -> None:
    after = facts(entry)
    differ = [name for name in after if after[name] != before[name]]
    if differ:
        entry.version += 1
        was, now = ({name: side[name] for name in differ} for side in (before, after))
        _recorded(desk, session, by, verb, entry, was, now)


def _recorded(
    desk: Desk,
    session: Session,
    by: Person,
    verb: str,
    entry: Entry,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """In the account's history of changes; what the thread was told follows."""
    session.flush()
    about = entry.handoff_id or trail.public_of(session, entry.account_id)
    journal.record(session, by, desk.now(), verb, entry.id, about, before, after)
    freshen_existing(session, by.workspace_id, desk.now(), [_slot(entry)])
    changes.facts_touched(session, desk.now(), by.workspace_id, [entry.account_id])


def _slot(entry: Entry) -> str:
    return f"thread:{entry.handoff_id}:entry:{entry.id}"
