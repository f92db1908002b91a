"""What people see of deals and commissions, made from the state of the moment for one reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.commission import Commission, Split, TermsState, shares, split
from bot.domain.deals import Deal, WorkEntry
from bot.domain.handoff import Handoff
from bot.domain.money import Money
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.vocabulary import Role, StepForm
from bot.store import dealing, loading
from bot.usecases.deals.closing import closing_of, paid
from bot.usecases.desk import Desk

ENTRIES = 5
"""As many of the latest entries of the work log as are shown with a deal."""


@dataclass(frozen=True)
class Agreement:
    """What was agreed about a deal. `split`: what is paid, or for an open deal what it would come to today.

    `entries` counts the work log by role; `mine`: which of the two the reader is; `changed`: they are not the reps of
    the handoff any more; `promised`: what each gets by these terms if an open deal is won for what it should bring.
    """

    commission: Commission
    outgoing: Person
    incoming: Person
    status: TermsState
    split: Split | None
    entries: dict[Role, int]
    mine: Role | None
    changed: bool
    promised: tuple[Money, Money] | None = None

    @property
    def to_sign(self) -> bool:
        """Whether the reader's signature is missing."""
        return self.mine is not None and not self.commission.settled and self.mine in self.commission.unsigned()


@dataclass(frozen=True)
class DealLine:
    """`agreement`: None while nothing is agreed, or where the reader may not see it; `log`: the latest entries."""

    deal: Deal
    second: Person | None
    agreement: Agreement | None
    log: tuple[WorkEntry, ...]


@dataclass(frozen=True)
class DealsView:
    """`form`, `item_id`: the step that is finished from here; `sees_pay`, `sets_terms`: what the reader may.

    `own`: only what the reader has agreed to, who has no part in the handoff any more: to read, and to sign.
    """

    handoff: Handoff
    lines: tuple[DealLine, ...]
    today: date
    sees_pay: bool
    sets_terms: bool
    form: StepForm | None = None
    item_id: int | None = None
    changed: str = ""
    """The name of a deal whose terms changed before the reader could agree."""
    own: bool = False


@dataclass(frozen=True)
class TermsMessage:
    """The message that asks for a signature. `place`: open, agreed (both), signed (the reader), old, settled."""

    handoff: Handoff
    deal: Deal
    agreement: Agreement
    place: str
    today: date


def deals_view(
    desk: Desk,
    session: Session,
    reader: Person,
    handoff: Handoff,
    form: StepForm | None = None,
    item_id: int | None = None,
    changed: str = "",
    *,
    own: bool = False,
) -> DealsView:
    """`handoff` is loaded whole."""
    item = numbered(handoff.items, item_id)
    sees_pay = own or desk.may(session, Action.COMMISSION, reader, handoff)
    sets_terms = desk.may(session, Action.TERMS, reader, handoff)
    deals = dealing.deals_of(session, handoff.account_id, handoff.start_on)
    today = desk.today(reader)
    agreed = dealing.commissions_of(session, [deal.id for deal in deals]) if sees_pay else {}
    log = dealing.log_of(session, [deal.id for deal in deals]) if sees_pay else []
    ids = [one.second_id for one in deals] + [n for c in agreed.values() for n in (c.outgoing_id, c.incoming_id)]
    people = loading.people_by_id(session, ids)
    lines = []
    for deal in deals:
        if own and (deal.id not in agreed or agreed[deal.id].role_of(reader.id) is None):
            continue
        mine = tuple(entry for entry in log if entry.deal_id == deal.id)
        commission = agreed.get(deal.id)
        readable = commission is not None and _readable(commission, handoff, reader)
        found = agreement(commission, deal, handoff, people, mine, reader, today) if commission and readable else None
        second = people.get(deal.second_id) if deal.second_id else None
        lines.append(DealLine(deal, second, found, mine[:ENTRIES]))
    finishing = form if item is not None and item.open else None
    return DealsView(handoff, tuple(lines), today, sees_pay, sets_terms, finishing, item_id, changed, own)


def agreement(
    commission: Commission,
    deal: Deal,
    handoff: Handoff,
    people: dict[int, Person],
    log: Iterable[WorkEntry],
    reader: Person,
    today: date,
) -> Agreement:
    """`log` holds the entries about this deal."""
    counted = [entry for entry in log if deal.closed_on is None or entry.done_on <= deal.closed_on]
    entries = Counter(role for entry in counted if (role := commission.role_of(entry.by_id)) is not None)
    return Agreement(
        commission=commission,
        outgoing=people[commission.outgoing_id],
        incoming=people[commission.incoming_id],
        status=commission.status(today),
        split=paid(commission, deal) or _expected(commission, deal, handoff, log, today),
        entries={role: entries[role] for role in (Role.OUTGOING, Role.INCOMING)},
        mine=commission.role_of(reader.id),
        changed=(commission.outgoing_id, commission.incoming_id) != (handoff.outgoing_id, handoff.incoming_id),
        promised=shares(commission.terms, deal.amount.share(commission.rate_bp)) if deal.open and deal.amount else None,
    )


def _expected(
    commission: Commission, deal: Deal, handoff: Handoff, log: Iterable[WorkEntry], today: date
) -> Split | None:
    """What it would come to if the deal were won today for what it is expected to bring."""
    if not deal.open or deal.amount is None or commission.handoff_id != handoff.id:
        return None
    return split(commission, closing_of(commission, handoff, log, deal.amount, today))


def _readable(commission: Commission, handoff: Handoff, reader: Person) -> bool:
    """What was agreed in an earlier handoff is for those two and the manager."""
    here = commission.handoff_id == handoff.id
    return here or reader.id == handoff.manager_id or commission.role_of(reader.id) is not None


def terms_message(
    desk: Desk, session: Session, handoff: Handoff, commission_id: int, version: int, reader: Person
) -> TermsMessage:
    """What the message that asked for a signature of that version shows now. Raises NoSuchThing."""
    commission = dealing.commission(session, handoff.workspace_id, commission_id)
    deal = dealing.deal(session, handoff.workspace_id, handoff.account_id, commission.deal_id)
    people = loading.people_by_id(session, [commission.outgoing_id, commission.incoming_id])
    log = dealing.log_of(session, [deal.id])
    today = desk.today(reader)
    found = agreement(commission, deal, handoff, people, log, reader, today)
    return TermsMessage(handoff, deal, found, _place(found, version), today)


def _place(found: Agreement, version: int) -> str:
    if found.mine is None or found.commission.version != version:
        return "old"
    if found.commission.settled:
        return "settled"
    if found.commission.signed:
        return "agreed"
    return "open" if found.to_sign else "signed"
