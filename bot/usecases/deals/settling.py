"""Closing deals: won or lost, corrected, reopened; the commission is settled with it, to the smallest unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.commission import Closing, Commission, Decision, NothingHeld, Split, Why, decide, lost, split
from bot.domain.deals import Deal, DealState
from bot.domain.money import Money, currency_of, money_of
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoDay
from bot.errors import BotError, FieldErrors
from bot.store import dealing, journal, loading, trail
from bot.store.letters import freshen_kind
from bot.usecases.deals.closing import closing_of, paid
from bot.usecases.deals.deals import Told, facts, locked, noted, seen, told_in_it
from bot.usecases.deals.duties import keep_duties
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import tried
from bot.usecases.handoffs.checklist import written

REASON_LIMIT = 500


@dataclass(frozen=True)
class CloseForm:
    """As typed; the amount is empty for a deal that was lost. `currency`: where nobody has estimated the deal."""

    won: bool
    amount: str
    on: date | None
    currency: str = ""

    @property
    def state(self) -> DealState:
        return DealState.WON if self.won else DealState.LOST


@dataclass(frozen=True)
class Settling:
    desk: Desk

    def close(self, actor: Actor, handoff_id: int, deal_id: int, form: CloseForm, version: int) -> None:
        """Close a deal, or correct how it was closed; the commission is settled anew. Raises as `save` does."""
        with self.desk.db.write() as session:
            by, handoff = locked(self.desk, session, actor, handoff_id)
            deal = seen(session, handoff, deal_id, version)
            amount, on = closing_values(form, deal, handoff.start_on, self.desk.today(by))
            self.closed(session, by, told_in_it(handoff), deal, form.state, amount, on)

    def closed(
        self,
        session: Session,
        by: Person,
        told: Told,
        deal: Deal,
        state: DealState,
        amount: Money | None,
        on: date,
    ) -> None:
        """The same within a transaction that has checked all this; a handoff that it is made in is whole and locked."""
        before, verb = facts(deal), trail.CLOSED if deal.open else trail.CORRECTED
        deal.close(state, amount, on)
        noted(self.desk, session, by, told, deal, verb, before)
        commission = dealing.commissions_of(session, [deal.id]).get(deal.id)
        if commission is not None:
            self._settle(session, by, commission, deal, self._split(session, commission, deal), on)
        self._duties(session, by, told)

    def reopen(self, actor: Actor, handoff_id: int, deal_id: int) -> None:
        """As if it had never been closed; the audit trail keeps both. Raises DealOpen, NotAllowed."""
        with self.desk.db.write() as session:
            by, handoff = locked(self.desk, session, actor, handoff_id)
            deal = dealing.deal(session, by.workspace_id, handoff.account_id, deal_id)
            self.reopened(session, by, told_in_it(handoff), deal)

    def reopened(self, session: Session, by: Person, told: Told, deal: Deal) -> None:
        """The same within a transaction, as `closed`. Raises DealOpen."""
        before = facts(deal)
        deal.reopen()
        noted(self.desk, session, by, told, deal, trail.REOPENED, before)
        commission = dealing.commissions_of(session, [deal.id]).get(deal.id)
        if commission is not None:
            was = _paid(commission, deal)
            commission.reopen()
            self._paid_anew(session, by, commission, deal, "commission.reopened", was)
        self._duties(session, by, told)

    def decide(self, actor: Actor, handoff_id: int, deal_id: int, decision: Decision, reason: str) -> None:
        """The manager decides about shares whose work was not recorded. Raises NothingHeld, Empty, NotAllowed."""
        why = written(reason, REASON_LIMIT)
        with self.desk.db.write() as session:
            by, handoff = locked(self.desk, session, actor, handoff_id, action=Action.TERMS)
            deal = dealing.deal(session, by.workspace_id, handoff.account_id, deal_id)
            commission = dealing.commissions_of(session, [deal.id]).get(deal.id)
            if commission is None or deal.closed is None:
                raise NothingHeld(deal=deal.name)
            closing = commission.as_settled(self._closing(session, commission, deal, deal.closed))
            if not split(commission, closing).held.minor:
                raise NothingHeld(deal=deal.name)
            decided = decide(commission, closing, decision)
            self._settle(session, by, commission, deal, decided, deal.closed_on or self.desk.today(by), why)

    def _duties(self, session: Session, by: Person, told: Told) -> None:
        if told.handoff is not None:
            keep_duties(self.desk, session, by, told.handoff.id)

    def _split(self, session: Session, commission: Commission, deal: Deal) -> Split:
        if deal.closed is None:
            return lost(deal.currency)
        return split(commission, self._closing(session, commission, deal, deal.closed))

    def _closing(self, session: Session, commission: Commission, deal: Deal, amount: Money) -> Closing:
        handoff = loading.handoff(session, deal.workspace_id, commission.handoff_id)
        return closing_of(commission, handoff, dealing.log_of(session, [deal.id]), amount, deal.closed_on or date.max)

    def _settle(
        self, session: Session, by: Person, commission: Commission, deal: Deal, found: Split, on: date, note: str = ""
    ) -> None:
        before = _paid(commission, deal)
        commission.settle(found, on, note)
        verb = "commission.decided" if found.why is Why.DECIDED else "commission.settled"
        self._paid_anew(session, by, commission, deal, verb, before)

    def _paid_anew(
        self, session: Session, by: Person, commission: Commission, deal: Deal, verb: str, before: dict[str, Any] | None
    ) -> None:
        now, after = self.desk.now(), _paid(commission, deal)
        session.flush()
        journal.record(session, by, now, verb, commission.id, commission.handoff_id, before, after)
        freshen_kind(session, by.workspace_id, now, "terms", commission.id)


def closing_values(form: CloseForm, deal: Deal, first: date, today: date) -> tuple[Money | None, date]:
    """For how much and on which day, no earlier than the `first`. Raises FieldErrors by "amount", "currency", "on"."""
    errors: dict[str, BotError] = {}
    currency: str | None = deal.currency
    if form.won and deal.amount is None:  # an estimate is in the same currency, and would be in another one, too
        currency = tried(errors, "currency", lambda: currency_of(form.currency or deal.currency))
    amount = tried(errors, "amount", lambda: money_of(form.amount, currency)) if form.won and currency else None
    problem = NoDay() if form.on is None else deal.unfit_day(form.on, first, today)
    if problem is not None:
        errors["on"] = problem
    if errors or form.on is None:
        raise FieldErrors(errors)
    return amount, form.on


def _paid(commission: Commission, deal: Deal) -> dict[str, Any] | None:
    found = paid(commission, deal)
    if found is None:
        return None
    parts = {"outgoing": found.outgoing, "incoming": found.incoming, "held": found.held}
    return {name: part.plain for name, part in parts.items()} | {"why": found.why.value, "note": commission.note}
