"""An owner changed in the CRM: the manager is asked whether that is a handoff. One question per account at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from bot.crm import schema
from bot.domain.accounts import Account, fold
from bot.domain.coverage import Stretch, owner_of_record
from bot.domain.handoff import HandoffState
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoSuchThing, Refusal, TooLong
from bot.domain.typed import trimmed
from bot.store import journal, known, lines, loading, trail
from bot.store import schema as t
from bot.store.dossier import owner_changes
from bot.store.journal import Change
from bot.store.letters import Letter, Priority, freshen_kind, post_once
from bot.store.loading import people_by_id
from bot.usecases.accounts.accounts import give_account
from bot.usecases.coverage.cover_alarms import managers_of
from bot.usecases.desk import Actor, Desk

KIND = "owner_change"
OPEN, STARTED, DECLINED, REPLACED, OVERTAKEN = "open", "started", "declined", "replaced", "overtaken"
UNASKED = "unasked"
"""Nobody is asked, because a quiet handoff is about it; the CRM's answer is as if somebody were."""
REASON_LIMIT = 500

_c = owner_changes.c


class SettledAlready(Refusal):
    sentence = "That is settled already: the message says how."


@dataclass(frozen=True)
class OwnerChangeView:
    """What a manager reads. `outgoing` and `incoming` are people; the names stand for who is not known in Slack."""

    id: int
    account: Account
    outgoing: Person | None
    outgoing_name: str
    incoming: Person | None
    incoming_name: str
    crm: str
    at: datetime
    state: str
    by: Person | None = None
    reason: str = ""

    @property
    def open(self) -> bool:
        return self.state == OPEN


@dataclass
class Who:
    """Finds people as a CRM names them, within one delivery. `unknown`: whom it named and nobody here is."""

    desk: Desk
    session: Session
    workspace_id: int
    unknown: list[str] = field(default_factory=list)
    _names: dict[str, list[int]] | None = None

    def find(self, owner: schema.Owner) -> Person | None:
        """The person, by Slack's id, else by the only one of that name. None is listed as unknown."""
        found = self._by_id(owner.slack_id) if owner.slack_id else self._by_name(str(owner.name))
        if found is not None and (found.is_bot or found.deactivated or (found.refreshed_at and not found.name)):
            found = None  # the last: Slack was asked, and does not know them
        if found is None and owner.called not in self.unknown:
            self.unknown.append(owner.called)
        return found

    def _by_id(self, slack_id: str) -> Person:
        return self.desk.person(self.session, self.workspace_id, slack_id)

    def _by_name(self, name: str) -> Person | None:
        if self._names is None:
            p = t.people.c
            here = (p.workspace_id == self.workspace_id, p.deactivated.is_(False), p.is_bot.is_(False))
            self._names = {}
            for row in self.session.execute(select(p.id, p.name).where(*here)):
                self._names.setdefault(fold(row.name), []).append(row.id)
        found = self._names.get(fold(name), [])
        return people_by_id(self.session, found).get(found[0]) if len(found) == 1 else None


@dataclass(frozen=True)
class OwnerChanges:
    desk: Desk

    def says(
        self,
        session: Session,
        by: Person,
        account: Account,
        who: Who,
        owner: schema.Owner,
        before: schema.Owner | None,
        at: datetime,
    ) -> bool:
        """The CRM says who owns the account. Returns whether that is news; suggests a handoff where it may be one."""
        to, was = who.find(owner), who.find(before) if before is not None else None
        line = lines.line_of(session, account.id, lock=True)
        if not line and to is not None:
            self._own(session, by, account, to)
            return True
        if not line:
            return False  # nobody known had it, nobody known has it
        today = self.desk.today(by)
        held, latest = owner_of_record(line, today), _latest(session, account.id)
        public = owner_of_record(lines.public_line(session, account.id), today)
        if _is_theirs(session, account.id, public, to, quiet=False):
            return self._overtaken(session, by, latest)
        quietly = _is_theirs(session, account.id, held, to, quiet=True)
        if _same(latest, to, owner.called, quietly=quietly):
            return False
        people = people_by_id(session, [public.person_id if public is not None else None])
        outgoing = was or next(iter(people.values()), None)
        name = outgoing.name if outgoing is not None else before.called if before is not None else ""
        self._suggest(session, by, account, outgoing, name, to, owner.called, at, UNASKED if quietly else OPEN)
        return True

    def view(self, session: Session, reader: Person, number: int) -> OwnerChangeView:
        """For the message. Raises NoSuchThing, also where the reader may not know of the account."""
        row = _row(session, reader.workspace_id, number)
        return self._view(session, reader, row)

    def look(self, actor: Actor, number: int) -> OwnerChangeView:
        """Before a decision. Raises NotAllowed, NoSuchThing, SettledAlready."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            self.desk.require(session, Action.START, reader)
            found = self.view(session, reader, number)
            if not found.open:
                raise SettledAlready()
            return found

    def decline(self, actor: Actor, number: int, reason: str) -> None:
        """It is no handoff: whom the CRM names owns the account from today. Raises SettledAlready, NotAllowed."""
        why = trimmed(reason)
        if len(why) > REASON_LIMIT:
            raise TooLong(limit=REASON_LIMIT)
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            self.desk.require(session, Action.START, by)
            row = _row(session, by.workspace_id, number, lock=True)
            found = self._view(session, by, row)
            if row.state != OPEN:
                raise SettledAlready()
            self._close(session, by, row, DECLINED, why)
            about = trail.public_of(session, row.account_id)
            after = {"owner_id": row.to_id, "reason": why}
            journal.record(session, by, self.desk.now(), "owner_change.declined", row.id, about, None, after)
            if found.incoming is not None and not _running(session, row.account_id):
                self._own(session, by, found.account, found.incoming)

    def heard(self, session: Session, change: Change) -> None:
        """A handoff began, in whichever way: then the question is answered, unless nobody is to know of it."""
        if change.verb not in ("handoff.started", "handoff.opened") or change.handoff_id is None:
            return
        session.flush()
        h = t.handoffs.c
        query = select(h.account_id, h.quiet, h.test_run).where(h.id == change.handoff_id)
        handoff = session.execute(query).one_or_none()
        if handoff is None or handoff.quiet or handoff.test_run:
            return
        where = (_c.account_id == handoff.account_id, _c.state == OPEN)
        for row in session.execute(select(owner_changes).where(*where)).all():
            self._close(session, change.by, row, STARTED, "", change.handoff_id)

    def _suggest(
        self,
        session: Session,
        by: Person,
        account: Account,
        outgoing: Person | None,
        outgoing_name: str,
        to: Person | None,
        to_name: str,
        at: datetime,
        state: str,
    ) -> None:
        mine = (_c.account_id == account.id, _c.state == OPEN)
        for row in session.execute(select(owner_changes).where(*mine).with_for_update()).all():
            self._close(session, by, row, REPLACED)
        values = {
            "from_id": outgoing.id if outgoing is not None else None,
            "from_name": outgoing_name,
            "to_id": to.id if to is not None else None,
            "to_name": to.name if to is not None and to.name else to_name,
        }
        new = {"workspace_id": by.workspace_id, "account_id": account.id, "at": at, "state": state, **values}
        number = session.execute(insert(owner_changes).values(new).returning(_c.id)).scalar_one()
        about = trail.public_of(session, account.id)
        told = {"owner": values["to_name"]}
        journal.record(session, by, self.desk.now(), "owner_change.suggested", number, about, None, told)
        letters = [_letter(number, one) for one in _managers(session, account, outgoing) if state == OPEN]
        post_once(session, by.workspace_id, self.desk.now(), letters)

    def _overtaken(self, session: Session, by: Person, latest: Row[Any] | None) -> bool:
        """It is as Baton has it: a question about another owner is none any more."""
        if latest is None or latest.state != OPEN:
            return False
        self._close(session, by, latest, OVERTAKEN)
        return True

    def _own(self, session: Session, by: Person, account: Account, to: Person) -> None:
        """From today on, the account is theirs."""
        give_account(session, account, to, self.desk.today(to), None)
        about = trail.public_of(session, account.id)
        after = {"owner_id": to.id}
        journal.record(session, by, self.desk.now(), "account.owner", account.id, about, None, after)

    def _close(
        self, session: Session, by: Person, row: Row[Any], state: str, reason: str = "", handoff_id: int | None = None
    ) -> None:
        now = self.desk.now()
        values = {"state": state, "closed_by_id": by.id, "closed_at": now, "reason": reason, "handoff_id": handoff_id}
        session.execute(update(owner_changes).where(_c.id == row.id).values(**values, version=row.version + 1))
        freshen_kind(session, row.workspace_id, now, KIND, row.id)

    def _view(self, session: Session, reader: Person, row: Row[Any]) -> OwnerChangeView:
        account = loading.account(session, reader.workspace_id, row.account_id)
        if not known.is_known(session, reader, account):
            raise NoSuchThing()
        people = people_by_id(session, [row.from_id, row.to_id, row.closed_by_id])
        return OwnerChangeView(
            id=row.id,
            account=account,
            outgoing=people.get(row.from_id or 0),
            outgoing_name=row.from_name,
            incoming=people.get(row.to_id or 0),
            incoming_name=row.to_name,
            crm=account.crm,
            at=row.at,
            state=row.state,
            by=people.get(row.closed_by_id or 0),
            reason=row.reason,
        )


def _row(session: Session, workspace_id: int, number: int, *, lock: bool = False) -> Row[Any]:
    query = select(owner_changes).where(_c.id == number, _c.workspace_id == workspace_id)
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NoSuchThing()
    return row


def _latest(session: Session, account_id: int) -> Row[Any] | None:
    query = select(owner_changes).where(_c.account_id == account_id).order_by(_c.id.desc()).limit(1)
    return session.execute(query).one_or_none()


def _same(latest: Row[Any] | None, to: Person | None, name: str, *, quietly: bool) -> bool:
    """Whether the CRM says again what was asked about last."""
    if latest is None or latest.state == OVERTAKEN or (latest.state == UNASKED and not quietly):
        return False
    return bool(latest.to_id == to.id if to is not None else latest.to_id is None and latest.to_name == name)


def _running(session: Session, account_id: int) -> bool:
    h = t.handoffs.c
    return session.scalar(select(h.id).where(h.account_id == account_id, h.state == HandoffState.OPEN)) is not None


def _is_theirs(session: Session, account_id: int, held: Stretch | None, to: Person | None, *, quiet: bool) -> bool:
    """Whether it is that person's, or a handoff to them is under way: the CRM is only ahead of it."""
    h = t.handoffs.c
    if to is None or (held is not None and held.person_id == to.id):
        return to is not None
    ours = (h.account_id == account_id, h.state == HandoffState.OPEN, h.incoming_id == to.id, h.quiet.is_(quiet))
    return session.scalar(select(h.id).where(*ours)) is not None


def _managers(session: Session, account: Account, outgoing: Person | None) -> list[Person]:
    """Whom to ask: the owner's own manager, else whoever answers for the account."""
    own = people_by_id(session, [outgoing.manager_id if outgoing is not None else None])
    here = [one for one in own.values() if one.reachable]
    return here or managers_of(session, account.workspace_id, [account.id]).get(account.id, [])


def _letter(number: int, to: Person) -> Letter:
    detail = {"person_id": to.id}
    return Letter(f"{KIND}:{number}:{to.id}", KIND, number, None, Priority.MESSAGE, detail, to.id)
