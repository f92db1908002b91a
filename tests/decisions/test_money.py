"""Amounts and percentages as people type them: read exactly, asked about, or refused; never guessed."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from babel.core import Locale
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import (
    MOST,
    Ambiguous,
    Money,
    Negative,
    NoAmount,
    NoPercentage,
    Nothing,
    OverHundred,
    TooFine,
    TooMuch,
    UnknownCurrency,
    currencies,
    currency_of,
    exponent,
    money_of,
    percent_of,
)
from bot.domain.refusals import Refusal


@pytest.mark.parametrize(
    ("typed", "currency", "plain"),
    [
        ("12500", "EUR", "12500.00"),
        ("12.500,00", "EUR", "12500.00"),
        ("12,500.00", "EUR", "12500.00"),
        ("12 500", "EUR", "12500.00"),
        ("12\u202f500,5", "EUR", "12500.50"),
        ("12'500.50", "CHF", "12500.50"),
        ("12 500,500", "EUR", "12500.50"),
        ("1.234.567", "EUR", "1234567.00"),
        ("12,50,000", "INR", "1250000.00"),
        ("12,50,000.25", "INR", "1250000.25"),
        ("12.5", "USD", "12.50"),
        (",5", "EUR", "0.50"),
        ("5.", "EUR", "5.00"),
        ("1234,500", "EUR", "1234.50"),
        ("0,500", "KWD", "0.500"),
        ("12.5000", "KWD", "12.500"),
        ("12,500", "JPY", "12500"),
        ("€ 99", "EUR", "99.00"),
        ("99 eur", "EUR", "99.00"),
        ("$99", "AUD", "99.00"),
        ("١٢٬٥٠٠٫٥٠", "EGP", "12500.50"),
        ("１２５００", "JPY", "12500"),
    ],
)
def test_an_amount_is_read_as_it_is_written_in_any_country(typed, currency, plain):
    assert money_of(typed, currency).plain == plain


@pytest.mark.parametrize(
    ("typed", "currency", "refusal"),
    [
        ("12,500", "EUR", Ambiguous),
        ("12.500", "USD", Ambiguous),
        ("12,500", "KWD", Ambiguous),
        ("-5", "EUR", Negative),
        ("5−", "EUR", Negative),
        ("(5)", "EUR", Negative),
        ("0", "EUR", Nothing),
        ("0,00", "EUR", Nothing),
        ("12.5051", "EUR", TooFine),
        ("12,5", "JPY", TooFine),
        ("99999999999999", "EUR", TooMuch),
        ("9" * 41, "EUR", NoAmount),
        ("", "EUR", NoAmount),
        ("ten", "EUR", NoAmount),
        (".", "EUR", NoAmount),
        ("1e5", "EUR", NoAmount),
        ("12 50", "EUR", NoAmount),
        ("1,234,56", "EUR", NoAmount),
        ("12.5.0,0", "EUR", NoAmount),
        ("1.234 567,00", "EUR", NoAmount),
        ("$5", "EUR", NoAmount),
        ("5 USD", "EUR", NoAmount),
        ("NaN", "EUR", NoAmount),
        ("∞", "EUR", NoAmount),
        ("²", "EUR", NoAmount),
    ],
)
def test_what_is_no_clear_amount_is_refused_with_a_sentence(typed, currency, refusal):
    with pytest.raises(refusal) as told:
        money_of(typed, currency)
    assert "%(" not in str(told.value)


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(["EUR", "KWD"]), st.sampled_from(".,"))
def test_either_reading_that_is_offered_can_be_typed_back(whole, rest, currency, mark):
    with pytest.raises(Ambiguous) as asked:
        money_of(f"{whole}{mark}{rest:03}", currency)
    one, other = (str(asked.value.values[name]) for name in ("one", "other"))
    assert money_of(one, currency).amount == whole * 1000 + rest
    if currency == "EUR" and rest % 10:
        with pytest.raises(TooFine):
            money_of(other, currency)
    else:
        assert money_of(other, currency).amount == whole + Decimal(rest) / 1000


@given(st.integers(1, MOST), st.sampled_from(["EUR", "JPY", "KWD"]), st.sampled_from(["de", "en", "fr", "hi", "de_CH"]))
def test_what_a_locale_writes_with_all_decimals_is_read_back(minor, currency, tag):
    money = Money(minor, currency)
    digits = exponent(currency)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    typed = format_decimal(money.amount, pattern, locale=Locale.parse(tag))
    if digits == 3 and money.minor < 1000 * 1000:
        return  # "12,500" dinars: nobody can tell
    assert money_of(typed, currency) == money


@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_breaks_the_reading(typed):
    for currency in ("EUR", "JPY", "KWD"):
        try:
            money = money_of(typed, currency)
        except Refusal:
            continue
        assert 0 < money.minor <= MOST * 1000
    with suppress(Refusal):
        assert 0 <= percent_of(typed) <= 10_000


@pytest.mark.parametrize(("typed", "code"), [("eur", "EUR"), (" JPY ", "JPY"), ("KWD", "KWD")])
def test_currencies_of_today_are_known(typed, code):
    assert currency_of(typed) == code


@pytest.mark.parametrize("typed", ["DEM", "XYZ", "", "euro", "XXX", "US", "EUR EUR"])
def test_other_currencies_are_refused(typed):
    with pytest.raises(UnknownCurrency):
        currency_of(typed)


def test_decimals_follow_iso_4217():
    assert {code: exponent(code) for code in ("EUR", "JPY", "KWD", "ISK", "IQD", "HUF")} == {
        "EUR": 2, "JPY": 0, "KWD": 3, "ISK": 0, "IQD": 3, "HUF": 2,
    }  # fmt: skip
    assert all(exponent(code) in (0, 2, 3) for code in currencies())


@pytest.mark.parametrize(("typed", "bp"), [("50", 5000), ("12,5 %", 1250), ("0", 0), ("100", 10_000), ("33.33", 3333)])
def test_percentages(typed, bp):
    assert percent_of(typed) == bp


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("100.01", OverHundred),
        ("150", OverHundred),
        ("-3", NoPercentage),
        ("12.345", NoPercentage),
        ("x", NoPercentage),
    ],
)
def test_percentages_that_cannot_be(typed, refusal):
    with pytest.raises(refusal):
        percent_of(typed)
