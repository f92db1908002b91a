"""The customer declines a rep: the handoff looks for another one, and keeps everything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain import coverage as lines
from bot.domain.accounts import CoverageKind
from bot.domain.customer import CustomerDeclined
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.records import Record
from bot.domain.rematch import NobodyToDecline, rematch
from bot.domain.vocabulary import StepForm
from bot.store import customers as stored
from bot.store import journal, loading
from bot.store import lines as line_store
from bot.usecases import changes
from bot.usecases.deals.duties import keep_duties
from bot.usecases.desk import Actor, Desk
from bot.usecases.handoffs.checklist import written
from bot.usecases.handoffs.handoffs import Handoffs

REASON_LIMIT = 1000


@dataclass(frozen=True)
class Rematch:
    desk: Desk
    handoffs: Handoffs

    def form(self, actor: Actor, handoff_id: int) -> Handoff:
        """The handoff, for whoever may say so. Raises NotAllowed, HandoffClosed, NobodyToDecline."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id)
            self.desk.sight(by, handoff)
            self.desk.require(session, Action.DECLINE_REP, by, handoff)
            handoff.require_open()
            if handoff.incoming is None:
                raise NobodyToDecline(account=handoff.account.name)
            return handoff

    def declines(self, actor: Actor, handoff_id: int, person_id: int, reason: str) -> None:
        """The customer wants somebody else than this person, for a reason in their own words.

        Raises Empty, TooLong, NotAllowed, HandoffClosed, NobodyToDecline, SomebodyElseByNow.
        """
        why = written(reason, REASON_LIMIT)
        with self.desk.db.write() as session:
            by, handoff = self.handoffs.locked(session, actor, handoff_id, Action.DECLINE_REP)
            now, today = self.desk.now(), self.desk.today(handoff.manager or by)
            declined, accepted = handoff.incoming, handoff.accepted_at is not None
            brought_in = not handoff.receiver_waits
            rematch(handoff, person_id)
            assert declined is not None, "rematch has looked"
            if accepted and not handoff.test_run:
                _given_back(session, handoff, declined, by, today)
            body = {"person": declined.slack_id, "person_id": declined.id, "reason": why, "accepted": accepted}
            record = Record(handoff.workspace_id, handoff.id, StepForm.DECLINED, by.id, now, body)
            session.add(record)
            session.flush()
            journal.record(session, by, now, "record.declined", record.id, handoff.id, {"incoming": declined.id}, body)
            keep_duties(self.desk, session, by, handoff.id)
            slot = f"declined:{record.id}"
            told = [changes.thread_message(handoff.id, slot, "declined")]
            if declined.id != by.id and declined.reachable and brought_in:
                told.append(changes.direct_message(handoff.id, declined, slot, "declined"))
            chief = handoff.manager
            if chief is not None and chief.id not in (by.id, declined.id) and chief.reachable:
                values = {"by": by.slack_id, "who": declined.slack_id, "reason": why}
                told.append(changes.direct_message(handoff.id, chief, slot, "rematch", **values))
            self.handoffs.moved(session, by, handoff, *told)


def declined_before(session: Session, by: Person, account_id: int, handoff_id: int | None = None) -> set[int]:
    """Whom the customer has declined, as far as `by` may know; in a rehearsal too, while it is the handoff at hand."""
    here = {one.body["person_id"] for one in stored.declined_of(session, handoff_id)} if handoff_id else set()
    return here | stored.declined_at(session, by, account_id)


@dataclass(frozen=True)
class Naming:
    """Somebody is named whom the customer may have declined before.

    `problem`: what is said under the field; None when nothing stands in the way, or they are named all the same.
    `anyway`: they are named although the customer has declined them; `note` writes that down.
    """

    problem: CustomerDeclined | None = None
    anyway: Person | None = None

    def note(self, desk: Desk, session: Session, by: Person, account_id: int, handoff_id: int | None, as_: str) -> None:
        """Into the history of the handoff, or of the account while there is none. `as_`: what they are named as."""
        if self.anyway is not None:
            about, after = handoff_id or account_id, {as_: self.anyway.slack_id}
            journal.record(session, by, desk.now(), "rep.named_anyway", about, handoff_id, after=after)


def naming(
    session: Session, by: Person, account_id: int, person: Person | None, handoff_id: int | None, *, anyway: bool
) -> Naming:
    """Whether this person can be named: not one whom the customer has declined, unless somebody says so (`anyway`)."""
    if person is None or person.id not in declined_before(session, by, account_id, handoff_id):
        return Naming()
    return Naming(anyway=person) if anyway else Naming(CustomerDeclined(person=person.slack_id))


def _given_back(session: Session, handoff: Handoff, declined: Person, by: Person, today: date) -> None:
    """The account is not theirs any more: the outgoing rep has it while they are here, else nobody, and a cover is
    asked for."""
    before = line_store.line_of(session, handoff.account_id, lock=True)
    owner = lines.at(before, today)
    outgoing = handoff.outgoing
    here = outgoing is not None and outgoing.reachable and (handoff.last_day is None or today <= handoff.last_day)
    theirs = owner is not None and owner.kind is CoverageKind.OWNER and owner.person_id == declined.id
    if theirs and here and outgoing is not None:
        after = lines.taken_over(before, outgoing.id, today, handoff.id, by.id)
    else:
        after = lines.without(before, declined.id, today)
    line_store.write(session, handoff.workspace_id, handoff.account_id, before, after)
