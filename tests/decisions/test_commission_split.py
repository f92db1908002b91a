"""Who is paid what: to the smallest unit, nothing lost or made, only recorded work, only inside the window."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commission import (
    Closing,
    Commission,
    Decision,
    Settled,
    SignedAlready,
    Terms,
    TermsChanged,
    TermsState,
    Why,
    decide,
    lost,
    split,
)
from bot.domain.money import Money
from bot.domain.rules import PayMode
from bot.domain.vocabulary import Role

NOW = datetime(2026, 12, 3, 10, tzinfo=UTC)
TODAY = NOW.date()
BOTH = frozenset({Role.OUTGOING, Role.INCOMING})
OLAF, INES = 1, 2


def _agreed(terms: Terms, signed: bool = True) -> Commission:
    made = Commission(1, 1, 1, OLAF, INES, terms.mode, terms.rate_bp, terms.outgoing_bp, terms.incoming_bp)
    made.until_on = terms.until_on
    if signed:
        made.sign(Role.OUTGOING, made.version, "Crane", NOW)
        made.sign(Role.INCOMING, made.version, "Crane", NOW)
    return made


def _shared(outgoing_bp: int = 3000, rate_bp: int = 500, until_on: date | None = None) -> Terms:
    return Terms(PayMode.SHARED, rate_bp, outgoing_bp, 10_000 - outgoing_bp, until_on)


def _closing(minor: int = 1_250_000, on: date = TODAY, **more: object) -> Closing:
    return Closing(Money(minor, "EUR"), on, more.pop("recorded", BOTH), **more)  # type: ignore[arg-type]


def test_shared_in_the_window_by_percentages():
    found = split(_agreed(_shared()), _closing())
    assert (found.outgoing.plain, found.incoming.plain, found.held.plain) == ("187.50", "437.50", "0.00")
    assert found.why is Why.AGREED


def test_double_pays_the_whole_commission_to_each():
    found = split(_agreed(Terms.double(500, None)), _closing())
    assert (found.outgoing.plain, found.incoming.plain, found.total.plain) == ("625.00", "625.00", "1250.00")


@pytest.mark.parametrize(
    ("amount", "outgoing_bp", "parts"),
    [
        (1001, 5000, ("5.00", "5.01")),  # half a cent each: to the incoming rep
        (1000, 3333, ("3.33", "6.67")),
        (1000, 3337, ("3.34", "6.66")),  # 3.337: the larger remainder
        (1, 5000, ("0.00", "0.01")),
        (1, 5001, ("0.01", "0.00")),
        (1000, 10_000, ("10.00", "0.00")),
    ],
)
def test_the_last_cent(amount, outgoing_bp, parts):
    found = split(_agreed(_shared(outgoing_bp, 10_000)), _closing(amount))
    assert (found.outgoing.plain, found.incoming.plain) == parts


@pytest.mark.parametrize(("minor", "cents"), [(50, 0), (150, 2), (250, 2), (151, 2), (149, 1)])
def test_the_commission_is_rounded_half_to_even(minor, cents):
    assert Money(minor, "EUR").share(100).minor == cents


def test_currencies_without_and_with_three_decimals():
    yen = split(_agreed(_shared(5000, 333)), Closing(Money(12_501, "JPY"), TODAY, BOTH))
    assert (yen.outgoing.plain, yen.incoming.plain) == ("208", "208")
    dinar = split(_agreed(_shared(3333, 10_000)), Closing(Money(1000, "KWD"), TODAY, BOTH))
    assert (dinar.outgoing.plain, dinar.incoming.plain) == ("0.333", "0.667")


AMOUNTS = st.integers(1, 10**16)
BP = st.integers(0, 10_000)
WHO = st.frozensets(st.sampled_from(sorted(BOTH)))


@given(AMOUNTS, BP, BP, WHO, st.booleans(), st.booleans(), st.integers(-3, 3), st.booleans())
def test_the_parts_are_never_negative_and_add_up_exactly(amount, rate, outgoing, recorded, double, signed, days, early):
    until = TODAY + timedelta(days=days)
    terms = Terms.double(rate, until) if double else _shared(outgoing, rate, until)
    closing = _closing(amount, recorded=recorded, transfer_on=None if early else TODAY)
    made = _agreed(terms, signed)
    found = split(made, closing)
    whole = Money(amount, "EUR").share(rate)
    assert abs(Decimal(whole.minor) - Decimal(amount) * rate / 10_000) <= Decimal("0.5")
    paid = 2 if double and found.why is Why.AGREED else 1
    for one in (found, *(decide(made, closing, decision) for decision in Decision)):
        assert min(one.outgoing.minor, one.incoming.minor, one.held.minor) >= 0
        assert one.outgoing.minor + one.incoming.minor + one.held.minor == one.total.minor
    assert found.total.minor == whole.minor * paid
    if found.why is Why.AGREED:
        assert all((found.outgoing, found.incoming)[role is Role.INCOMING].minor == 0 for role in found.unrecorded)
        assert not set(found.unrecorded) & recorded
    for decision in (Decision.OUTGOING, Decision.INCOMING, Decision.COMPANY):
        assert decide(made, closing, decision).total == found.total


def test_work_that_is_not_recorded_does_not_count_and_waits_for_the_manager():
    made = _agreed(_shared())
    closing = _closing(recorded=frozenset({Role.INCOMING}))
    found = split(made, closing)
    assert (found.outgoing.plain, found.incoming.plain, found.held.plain) == ("0.00", "437.50", "187.50")
    assert found.unrecorded == (Role.OUTGOING,)
    decided = {one: decide(made, closing, one) for one in Decision}
    assert decided[Decision.AS_AGREED].outgoing.plain == "187.50"
    assert decided[Decision.INCOMING].incoming.plain == "625.00"
    assert decided[Decision.COMPANY].held.plain == "187.50"
    assert {one.why for one in decided.values()} == {Why.DECIDED}


def test_nobody_is_missed_who_gets_nothing_anyway():
    found = split(_agreed(_shared(0)), _closing(recorded=frozenset({Role.INCOMING})))
    assert found.unrecorded == ()
    assert found.incoming.plain == "625.00"


def test_the_window_counts_its_last_day_and_ends_after_it():
    made = _agreed(_shared(until_on=TODAY))
    assert split(made, _closing(on=TODAY)).why is Why.AGREED
    late = split(made, _closing(on=TODAY + timedelta(days=1), recorded=frozenset()))
    assert (late.why, late.outgoing.plain, late.incoming.plain) == (Why.ENDED, "0.00", "625.00")
    assert made.running(TODAY)
    assert made.status(TODAY + timedelta(days=1)) is TermsState.EXPIRED


@pytest.mark.parametrize(
    ("transfer", "outgoing"), [(None, "625.00"), (TODAY + timedelta(1), "625.00"), (TODAY, "0.00")]
)
def test_without_both_signatures_it_is_whose_account_it_was_that_day(transfer, outgoing):
    found = split(_agreed(_shared(), signed=False), _closing(transfer_on=transfer))
    assert (found.why, found.outgoing.plain) == (Why.UNSIGNED, outgoing)


def test_a_handoff_that_was_called_off_pays_the_one_who_kept_the_account():
    found = split(_agreed(_shared()), _closing(cancelled=True, transfer_on=TODAY))
    assert (found.why, found.outgoing.plain) == (Why.CANCELLED, "625.00")


def test_a_lost_deal_pays_nobody():
    assert lost("EUR").total.minor == 0


def test_signatures_are_of_a_version():
    made = _agreed(_shared(), signed=False)
    made.sign(Role.OUTGOING, 0, "Crane", NOW)
    with pytest.raises(SignedAlready):
        made.sign(Role.OUTGOING, 0, "Crane", NOW)
    made.change(_shared(4000), OLAF, INES)
    assert made.unsigned() == [Role.OUTGOING, Role.INCOMING]
    with pytest.raises(TermsChanged):
        made.sign(Role.INCOMING, 0, "Crane", NOW)
    made.sign(Role.INCOMING, 1, "Crane", NOW)
    assert made.state is TermsState.DRAFT
    made.sign(Role.OUTGOING, 1, "Crane", NOW)
    assert made.state is TermsState.SIGNED


def test_settled_corrected_and_reopened():
    made = _agreed(_shared())
    made.settle(split(made, _closing()), TODAY)
    assert (made.state, made.outgoing_minor, made.incoming_minor) == (TermsState.CLOSED, 18_750, 43_750)
    with pytest.raises(Settled):
        made.sign(Role.OUTGOING, 0, "Crane", NOW)
    made.reopen()
    assert (made.state, made.settled, made.why) == (TermsState.SIGNED, False, "")
