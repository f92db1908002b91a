"""What a closing is computed from: the work log up to that day, and when the account changed hands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bot.domain.commission import Closing, Commission, Split, Why
from bot.domain.deals import Deal, WorkEntry
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.money import Money


def closing_of(commission: Commission, handoff: Handoff, log: Iterable[WorkEntry], amount: Money, on: date) -> Closing:
    """The deal is won for `amount` on that day; `handoff` is where it was agreed, `log` is about the deal."""
    done = (commission.role_of(entry.by_id) for entry in log if entry.done_on <= on)
    recorded = frozenset(role for role in done if role is not None)
    cancelled = handoff.state is HandoffState.CANCELLED
    return Closing(amount, on, recorded, handoff.transfer_on, cancelled)


def paid(commission: Commission, deal: Deal) -> Split | None:
    """The split as it was settled; None before."""
    if commission.outgoing_minor is None or commission.incoming_minor is None:
        return None
    outgoing, incoming = (Money(part, deal.currency) for part in (commission.outgoing_minor, commission.incoming_minor))
    return Split(outgoing, incoming, Money(commission.held_minor or 0, deal.currency), Why(commission.why))
