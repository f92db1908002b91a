"""What people see of deals and commissions, for any text that people may type."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.commission import Closing, Commission, Decision, Split, Terms, TermsState, decide, lost, split
from bot.domain.deals import Deal, DealState, WorkEntry
from bot.domain.money import Money
from bot.domain.rules import PayMode
from bot.domain.vocabulary import Role, StepForm
from bot.store.dealing import ExportRow
from bot.usecases.deals.commission import TermsDraft
from bot.usecases.deals.deal_views import Agreement, DealLine, DealsView, TermsMessage
from bot.usecases.deals.pay_file import PayFileView
from bot.usecases.deals.worklog import LogDraft
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view

BELOW = {"handoff": 2**62, "item": 2**62, "form": "terms"}
SHARED = Terms(PayMode.SHARED, 1250, 3333, 6667, s.TODAY)
DOUBLE = Terms.double(500, None)


def _deal(words: str, state: DealState = DealState.OPEN, currency: str = "EUR") -> Deal:
    deal: Deal = s.numbered(
        Deal(1, 1, (words or "Packing line")[:100], s.NOW, (words or "Offer")[:60], 10**15, currency)
    )
    deal.expected_close = s.TODAY
    if state is not DealState.OPEN:
        deal.close(state, Money(10**15 - 1, currency), s.TODAY)
    return deal


def _commission(terms: Terms = SHARED, signed: bool = True, words: str = "") -> Commission:
    made: Commission = s.numbered(
        Commission(1, 1, 1, s.OLAF.id, s.INES.id, terms.mode, terms.rate_bp, terms.outgoing_bp, terms.incoming_bp)
    )
    made.until_on, made.note = terms.until_on, words[:500]
    if signed:
        made.sign(Role.OUTGOING, 0, "", s.NOW)
        made.sign(Role.INCOMING, 0, "", s.NOW)
    return made


def _agreement(deal: Deal, made: Commission, found: Split | None, mine: Role | None = Role.OUTGOING) -> Agreement:
    entries = {Role.OUTGOING: 0, Role.INCOMING: 20}
    status = TermsState.EXPIRED if mine is None else made.state
    promised = (Money(10**15, deal.currency), Money(1, deal.currency)) if deal.open else None
    return Agreement(made, s.OLAF, s.INES, status, found, entries, mine, mine is None, promised)


def _splits(deal: Deal, made: Commission) -> Iterator[Split]:
    """One of every kind."""
    amount = Money(10**15 - 1, deal.currency)
    closing = Closing(amount, s.TODAY, frozenset({Role.INCOMING}), s.TODAY)
    yield split(made, closing)
    yield decide(made, closing, Decision.COMPANY)
    yield split(made, replace(closing, cancelled=True))
    yield split(made, replace(closing, on=s.TODAY + timedelta(days=400)))
    yield split(_commission(signed=False), closing)
    yield lost(deal.currency)


def _lines(words: str) -> Iterator[DealLine]:
    log = tuple(WorkEntry(1, 1, 1, s.OLAF.id, s.TODAY, (words or "Called")[:500], s.NOW, by=s.OLAF) for _ in range(5))
    yield DealLine(_deal(words), s.CARL, None, ())
    for currency, terms in (("EUR", SHARED), ("KWD", DOUBLE)):
        deal, other, third = (_deal(words, currency=currency) for _ in range(3))
        made = _commission(terms)
        yield DealLine(deal, None, _agreement(deal, made, None), log)
        waits = _commission(terms, signed=False)
        yield DealLine(other, s.CARL, _agreement(other, waits, next(_splits(deal, made))), log)
        yield DealLine(third, s.CARL, _agreement(third, made, next(_splits(deal, made)), None), log)
        for found in _splits(deal, made):
            paid = _commission(terms, words=words)
            paid.settle(found, s.TODAY, words[:500])
            won = _deal(words, DealState.LOST if found.why == "lost" else DealState.WON, currency)
            yield DealLine(won, None, _agreement(won, paid, found), log)


def of_commission(words: str) -> Iterator[Case]:
    handoff, lines = s.handoff(words), tuple(_lines(words))
    shown = DealsView(handoff, lines, s.TODAY, sees_pay=True, sets_terms=True)
    yield view("commission/deals", view=shown)
    yield view("commission/deals", view=replace(shown, lines=(), sets_terms=False, changed=words[:100] or "Crane"))
    yield view("commission/deals", view=replace(shown, sets_terms=False, own=True))
    for form in (StepForm.DEALS, StepForm.TERMS):
        yield view("commission/deals", view=replace(shown, lines=lines[:3], sees_pay=False, form=form, item_id=2**62))
    for line in lines:
        yield view("commission/deals", view=replace(shown, lines=(line,)))
        if line.agreement is not None and line.agreement.split is not None:
            yield view("commission/decide", view=shown, line=line, below=BELOW)
            yield message("terms", terms=TermsMessage(handoff, line.deal, line.agreement, "open", s.TODAY))
    agreed = next(line for line in lines if line.agreement is not None)
    for place in ("signed", "agreed", "settled", "old"):
        assert agreed.agreement is not None
        yield message("terms", terms=TermsMessage(handoff, agreed.deal, agreed.agreement, place, s.TODAY))
    yield from _forms(words)
    rows = tuple(
        ExportRow((words or "Acme")[:120], one.deal, one.agreement.commission, s.OLAF, s.INES, {})
        for one in lines
        if one.agreement is not None
    )[:8]
    for link, count in itertools.product(("https://x.example/" + "c" * 300, None), (0, 400)):
        yield view("commission/pay_file", view=PayFileView(rows if count else (), count, link, 15))


def _forms(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    for deal in (None, _deal(words)):
        yield view(
            "commission/deal",
            handoff=handoff, deal=deal, second=s.CARL if deal else None, amount="12500.00" if deal else None,
            currency="EUR" if deal else "", below=BELOW,
        )  # fmt: skip
    bare = s.numbered(Deal(1, 1, (words or "Valves")[:100], s.NOW))
    for deal in (_deal(words), _deal(words, DealState.WON), _deal(words, DealState.LOST), bare):
        yield view("commission/close", handoff=handoff, deal=deal, amount="12500.00", on=s.TODAY, below=BELOW)
    for terms, version in ((SHARED, 3), (DOUBLE, None)):
        deal = _deal(words)
        draft = TermsDraft(
            handoff, deal, terms, terms.mode, terms.outgoing_bp, terms.incoming_bp, terms.rate_bp, terms.until_on,
            version, 2**62, 2**62,
        )  # fmt: skip
        yield view("commission/terms", draft=draft, rate="12.5", outgoing="33.33", incoming=None, below=BELOW)
        yield view("commission/ending", draft=draft)
    deals = tuple(_deal(words) for _ in range(40))
    for below in (BELOW, None):
        chosen = (deals[0].id,) if below else ()
        yield view("commission/work", draft=LogDraft(handoff, deals, chosen, s.TODAY, 2**62), below=below)
