"""What two reps agree about the commission of one deal, and what it comes to when the deal closes. Pure.

Rounding, as people read it too: the commission is rounded half to even to the smallest unit; the two parts are rounded
down, and what is left goes to the larger remainder (half and half: to the incoming rep). Nothing is lost or made.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from bot.domain.handoff import Handoff
from bot.domain.money import WHOLE_BP, Money
from bot.domain.people import Person
from bot.domain.refusals import Refusal
from bot.domain.rules import PayMode
from bot.domain.vocabulary import Role


class TermsState(StrEnum):
    """Where an agreement stands: a signature is missing; both signed; the deal closed under it; it ran out."""

    DRAFT = "draft"
    SIGNED = "signed"
    CLOSED = "closed"
    EXPIRED = "expired"


class Why(StrEnum):
    """Why a split came out as it did."""

    AGREED = "agreed"
    ENDED = "ended"
    """The deal closed after the window: all of it is the incoming rep's."""
    UNSIGNED = "unsigned"
    """Both never signed: all of it is whose account it was on that day."""
    CANCELLED = "cancelled"
    """The account never changed hands: all of it is the outgoing rep's."""
    LOST = "lost"
    DECIDED = "decided"
    """The manager decided about work that was not recorded, with a reason."""


class Decision(StrEnum):
    """What becomes of a share whose work was not recorded."""

    AS_AGREED = "as_agreed"
    OUTGOING = "outgoing"
    INCOMING = "incoming"
    COMPANY = "company"


class TermsChanged(Refusal):
    sentence = "The terms for “%(deal)s” have changed meanwhile. Look at the new ones."


class SignedAlready(Refusal):
    sentence = "You have agreed to these terms already."


class NotAParty(Refusal):
    sentence = "Only %(people)s can agree to these terms."


class PassTheGateFirst(Refusal):
    sentence = (
        "%(person)s is not brought in before %(account)s passes its gate. "
        "Agree commissions then: both reps have to sign."
    )


class NotHundred(Refusal):
    sentence = "The two shares have to make 100 %%; these make %(sum)s %%."


class Settled(Refusal):
    sentence = "“%(deal)s” is closed and its commission is settled. Reopen the deal to change the terms."


class NothingHeld(Refusal):
    sentence = "Nothing is held back of “%(deal)s”."


@dataclass(frozen=True)
class Terms:
    """What is agreed. Percentages are hundredths of a percent; no `until_on`: for the sales cycle."""

    mode: PayMode
    rate_bp: int
    outgoing_bp: int
    incoming_bp: int
    until_on: date | None = None

    @classmethod
    def double(cls, rate_bp: int, until_on: date | None) -> Terms:
        """Each of them gets the whole commission."""
        return cls(PayMode.DOUBLE, rate_bp, WHOLE_BP, WHOLE_BP, until_on)


@dataclass(frozen=True)
class Split:
    """What each is paid; `held` waits for the manager, because its work was not recorded (`unrecorded`)."""

    outgoing: Money
    incoming: Money
    held: Money
    why: Why
    unrecorded: tuple[Role, ...] = ()

    @property
    def total(self) -> Money:
        """All of it together: the commission, or twice that when both are paid."""
        parts = (self.outgoing, self.incoming, self.held)
        return Money(sum(part.minor for part in parts), self.outgoing.currency)


@dataclass(frozen=True)
class Closing:
    """A deal was won for `amount` on `on`; `recorded`: who has work in the log up to that day.

    `transfer_on`: when the account changed hands (None: not yet); `cancelled`: the handoff was called off.
    """

    amount: Money
    on: date
    recorded: Collection[Role]
    transfer_on: date | None = None
    cancelled: bool = False


@dataclass(eq=False)
class Commission:
    """The agreement about one deal between two reps, who are named in it: later changes of roles do not touch it.

    `version` grows with each change of the terms, and both sign anew. What was paid stands beside, once settled.
    """

    workspace_id: int
    handoff_id: int
    deal_id: int
    outgoing_id: int
    incoming_id: int
    mode: PayMode
    rate_bp: int
    outgoing_bp: int
    incoming_bp: int
    until_on: date | None = None
    state: TermsState = TermsState.DRAFT
    outgoing_signed_at: datetime | None = None
    incoming_signed_at: datetime | None = None
    outgoing_minor: int | None = None
    incoming_minor: int | None = None
    held_minor: int | None = None
    why: str = ""
    settled_on: date | None = None
    note: str = ""
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it

    @property
    def terms(self) -> Terms:
        return Terms(self.mode, self.rate_bp, self.outgoing_bp, self.incoming_bp, self.until_on)

    @property
    def signed(self) -> bool:
        """Whether both have signed these very terms."""
        return self.outgoing_signed_at is not None and self.incoming_signed_at is not None

    @property
    def settled(self) -> bool:
        return self.outgoing_minor is not None

    def running(self, today: date) -> bool:
        """Whether the window is open: both signed, not settled, the last day has not passed."""
        return self.signed and not self.settled and (self.until_on is None or today <= self.until_on)

    def status(self, today: date) -> TermsState:
        """The state on that day: a window that nobody closed runs out by itself."""
        if self.state is TermsState.SIGNED and not self.running(today):
            return TermsState.EXPIRED
        return self.state

    def role_of(self, person_id: int | None) -> Role | None:
        """Which of the two that person is."""
        roles = {self.outgoing_id: Role.OUTGOING, self.incoming_id: Role.INCOMING}
        return roles.get(person_id) if person_id is not None else None

    def unsigned(self) -> list[Role]:
        """Whose signature is missing."""
        signed = {Role.OUTGOING: self.outgoing_signed_at, Role.INCOMING: self.incoming_signed_at}
        return [role for role, at in signed.items() if at is None]

    def change(self, terms: Terms, outgoing_id: int, incoming_id: int) -> None:
        """Other terms, or other people: both have to sign again."""
        self.outgoing_id, self.incoming_id = outgoing_id, incoming_id
        self.mode, self.rate_bp, self.until_on = terms.mode, terms.rate_bp, terms.until_on
        self.outgoing_bp, self.incoming_bp = terms.outgoing_bp, terms.incoming_bp
        self.outgoing_signed_at = self.incoming_signed_at = None
        self.state = TermsState.DRAFT
        self.version += 1

    def sign(self, role: Role, version: int, deal: str, now: datetime) -> None:
        """One of the two agrees to the terms of that version. Raises TermsChanged, SignedAlready, Settled."""
        if self.settled:
            raise Settled(deal=deal)
        if version != self.version:
            raise TermsChanged(deal=deal)
        if role not in self.unsigned():
            raise SignedAlready()
        if role is Role.OUTGOING:
            self.outgoing_signed_at = now
        else:
            self.incoming_signed_at = now
        if self.signed:
            self.state = TermsState.SIGNED

    def settle(self, split: Split, on: date, note: str = "") -> None:
        """Write down what is paid; settling anew corrects it."""
        self.outgoing_minor, self.incoming_minor = split.outgoing.minor, split.incoming.minor
        self.held_minor, self.why, self.settled_on, self.note = split.held.minor, split.why.value, on, note
        agreed = split.why in (Why.AGREED, Why.DECIDED, Why.LOST)
        self.state = TermsState.CLOSED if agreed else TermsState.EXPIRED

    def as_settled(self, closing: Closing) -> Closing:
        """The closing that a decision is about: what was settled by the terms stays so when the handoff is called off
        later, and what was held back of it has to be decided.
        """
        by_the_terms = self.settled and self.why in (Why.AGREED, Why.DECIDED)
        return replace(closing, cancelled=closing.cancelled and not by_the_terms)

    def obliges(self, person: Person, handoff: Handoff, declined: Collection[int]) -> bool:
        """Whether that party still has work to do for the deal: not once they left, or the customer `declined` them.

        Whoever was replaced by the manager goes on with what they signed.
        """
        here = person.id in (handoff.outgoing_id, handoff.incoming_id)
        return person.reachable and (here or person.id not in declined)

    def reopen(self) -> None:
        """Take the settlement back: the terms stand as they were signed."""
        self.outgoing_minor = self.incoming_minor = self.held_minor = self.settled_on = None
        self.why = self.note = ""
        self.state = TermsState.SIGNED if self.signed else TermsState.DRAFT


def split(commission: Commission, closing: Closing) -> Split:
    """Who is paid what for a deal that was won."""
    whole = closing.amount.share(commission.rate_bp)
    if closing.cancelled:
        return _all_to(Role.OUTGOING, whole, Why.CANCELLED)
    if not commission.signed:
        before = closing.transfer_on is None or closing.on < closing.transfer_on
        return _all_to(Role.OUTGOING if before else Role.INCOMING, whole, Why.UNSIGNED)
    if commission.until_on is not None and closing.on > commission.until_on:
        return _all_to(Role.INCOMING, whole, Why.ENDED)
    return _recorded_only(shares(commission.terms, whole), closing.recorded)


def shares(terms: Terms, whole: Money) -> tuple[Money, Money]:
    """What each would get by the terms: outgoing, incoming."""
    return (whole, whole) if terms.mode is PayMode.DOUBLE else whole.split(terms.outgoing_bp)


def lost(currency: str) -> Split:
    """Nothing was earned."""
    zero = Money(0, currency)
    return Split(zero, zero, zero, Why.LOST)


def decide(commission: Commission, closing: Closing, decision: Decision) -> Split:
    """The manager says what becomes of the shares that were held back."""
    found = split(commission, closing)
    zero = Money(0, closing.amount.currency)
    outgoing, incoming, held = found.outgoing, found.incoming, found.held
    if decision is Decision.AS_AGREED:
        outgoing, incoming = shares(commission.terms, closing.amount.share(commission.rate_bp))
        held = zero
    elif decision is Decision.OUTGOING:
        outgoing, held = Money(outgoing.minor + held.minor, zero.currency), zero
    elif decision is Decision.INCOMING:
        incoming, held = Money(incoming.minor + held.minor, zero.currency), zero
    return Split(outgoing, incoming, held, Why.DECIDED, found.unrecorded)


def _all_to(role: Role, whole: Money, why: Why) -> Split:
    zero = Money(0, whole.currency)
    return Split(whole, zero, zero, why) if role is Role.OUTGOING else Split(zero, whole, zero, why)


def _recorded_only(agreed: tuple[Money, Money], recorded: Collection[Role]) -> Split:
    """Work that is not recorded does not count: that share is held back."""
    parts = dict(zip((Role.OUTGOING, Role.INCOMING), agreed, strict=True))
    missing = tuple(role for role, part in parts.items() if part.minor and role not in recorded)
    zero = Money(0, agreed[0].currency)
    held = Money(sum(parts[role].minor for role in missing), zero.currency)
    paid = [zero if role in missing else part for role, part in parts.items()]
    return Split(paid[0], paid[1], held, Why.AGREED, missing)
