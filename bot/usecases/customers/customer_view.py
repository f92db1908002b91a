"""What the card, the brief and the start form show of the customer's side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.domain.addressee import Told
from bot.domain.customer import Meeting, moved_too_often, moves
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.records import Record
from bot.domain.rules import CustomerRule
from bot.domain.vocabulary import StepForm
from bot.store import customers as stored
from bot.store.recorded import records_of

KINDS = (StepForm.WARNING, StepForm.MEETING, StepForm.INTRODUCTION, StepForm.PULSE, StepForm.DECLINED)


@dataclass(frozen=True)
class Pulse:
    """`day`: how many days after the transfer; None before it."""

    mood: str
    note: str
    day: int | None
    record: Record


@dataclass(frozen=True)
class Declined:
    """A rep whom the customer did not want, and what the customer said."""

    person: str
    reason: str
    record: Record


@dataclass(frozen=True)
class CustomerView:
    """`moves`: how often the account changes hands within `within` days, this time included; 0 when that is no
    reason to warn."""

    told: Told | None = None
    meeting: Meeting | None = None
    introduction: Meeting | None = None
    pulses: tuple[Pulse, ...] = ()
    declined: tuple[Declined, ...] = ()
    moves: int = 0
    within: int = 0

    def for_others(self) -> CustomerView:
        """What people see who are neither the manager nor one of the two reps: not what the customer said."""
        pulses = tuple(replace(one, note="") for one in self.pulses)
        return replace(self, pulses=pulses, declined=())


NOTHING_RECORDED = CustomerView()


def customer_view(session: Session, handoff: Handoff, rule: CustomerRule, today: date) -> CustomerView:
    """Everything recorded; meetings with a rep whom the customer has declined since are history."""
    found = records_of(session, handoff.id, KINDS)
    declined = tuple(_declined(one) for one in found if one.kind is StepForm.DECLINED and "person" in one.body)
    since = max((one.record.at for one in declined), default=None)
    current = [one for one in found if since is None or one.at > since]
    return CustomerView(
        told=told_of(found),
        meeting=_meeting(current, StepForm.MEETING),
        introduction=_meeting(current, StepForm.INTRODUCTION),
        pulses=tuple(_pulse(one) for one in found if one.kind is StepForm.PULSE and "mood" in one.body),
        declined=declined,
        moves=too_many_moves(session, handoff, rule, today),
        within=rule.moves_within_days,
    )


def too_many_moves(session: Session, handoff: Handoff, rule: CustomerRule, today: date) -> int:
    """How often the account changes hands, this time included, when that is more often than the rule wants; else 0."""
    if handoff.test_run:
        return 0
    coming = 0 if handoff.acceptance is Acceptance.ACCEPTED else 1
    return worrying_moves(session, handoff.account_id, rule, today, coming)


def worrying_moves(session: Session, account_id: int, rule: CustomerRule, today: date, coming: int = 1) -> int:
    """The same of an account; `coming`: how many moves are about to be added."""
    since = today - timedelta(days=rule.moves_within_days)
    handed = stored.handed_over_by(session, account_id)
    count = moves(stored.line_of(session, account_id), since, today, handed) + coming
    return count if moved_too_often(count, rule) else 0


def told_of(records: Iterable[Record]) -> Told | None:
    """The last warning of these records."""
    warnings = [one for one in records if one.kind is StepForm.WARNING and "on" in one.body]
    return _told(warnings[-1]) if warnings else None


def _told(one: Record) -> Told:
    body = one.body
    on, number = date.fromisoformat(body["on"]), body.get("contact_id")
    return Told(body["by"], on, body["how"], body["contact"], body["text"], number)


def _meeting(records: Iterable[Record], kind: StepForm) -> Meeting | None:
    found = [one for one in records if one.kind is kind and "at" in one.body]
    return Meeting.read(found[-1].body) if found else None


def _pulse(one: Record) -> Pulse:
    return Pulse(one.body["mood"], one.body["note"], one.body["day"], one)


def _declined(one: Record) -> Declined:
    return Declined(one.body["person"], one.body["reason"], one)
