"""Money: whole numbers of a currency's smallest unit, and what people type for amounts and percentages. Pure.

Nothing here is a float. What people type is read exactly or refused; what may mean two amounts is asked about.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.core import get_global
from babel.numbers import get_currency_symbol

from bot.domain.refusals import Refusal

MOST = 10**13
"""No amount is larger, in whole units: it fits both databases in any currency, and a rial is still worth typing."""
LONGEST = 40
WHOLE_BP = 10_000
"""Hundred per cent."""

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
"""ISO 4217's decimals where they are not two. What is stored counts by them, so they are ours: CLDR's change."""
_BLANKS = re.compile(r"[\s'’`´_\u00a0\u2007\u2009\u202f\u066c]")
_MINUS = re.compile(r"[-−–‒﹣－].*|.*[-−–‒﹣－]|\(.*\)")
_THREES = r"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+"
_INDIAN = r"[1-9]\d?(?:{mark}\d{{2}})+{mark}\d{{3}}"


class UnknownCurrency(Refusal):
    sentence = "“%(typed)s” is no currency in use. Write its three letters, as in EUR, USD or JPY."


class NoAmount(Refusal):
    sentence = "“%(typed)s” is no amount I can read. Write it as 12500.00."


class Ambiguous(Refusal):
    sentence = "“%(typed)s” can mean %(one)s or %(other)s. Write the one you mean."


class Negative(Refusal):
    sentence = "Less than nothing cannot be paid. Write an amount above zero."


class Nothing(Refusal):
    sentence = "Write an amount above zero."


class TooMuch(Refusal):
    sentence = "That is more than I can believe. Look at the zeros again."


class TooFine(Refusal):
    sentence = "%(currency)s has %(digits)s decimals, so “%(typed)s” cannot be paid exactly."


class NoPercentage(Refusal):
    sentence = "“%(typed)s” is no percentage. Write a number from 0 to 100, with two decimals at most."


class OverHundred(Refusal):
    sentence = "A percentage is at most 100."


@dataclass(frozen=True, order=True)
class Money:
    """`minor` smallest units (cents, yen, fils) of `currency`, an ISO 4217 code."""

    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """In whole units, exactly, with the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @property
    def plain(self) -> str:
        """As in a file: "12500.00", no grouping, a point."""
        return f"{self.amount:f}"

    def share(self, bp: int) -> Money:
        """So many hundredths of a percent of it, rounded half to even to the smallest unit."""
        exact = Decimal(self.minor) * bp / WHOLE_BP
        return Money(int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)), self.currency)

    def split(self, first_bp: int) -> tuple[Money, Money]:
        """Two parts that always add up: each rounded down, what is left goes to the larger remainder.

        When both remainders are alike (half a cent each), it goes to the second.
        """
        first, remainder = divmod(self.minor * first_bp, WHOLE_BP)
        first += remainder > WHOLE_BP - remainder
        return Money(first, self.currency), Money(self.minor - first, self.currency)


def exponent(currency: str) -> int:
    """How many decimals the currency has by ISO 4217."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The currencies that some country uses today, by CLDR."""
    entries = (entry for country in get_global("territory_currencies").values() for entry in country)
    return frozenset(code for code, _since, until, tender in entries if tender and until is None)


def currency_of(typed: str) -> str:
    """The code that was typed. Raises UnknownCurrency."""
    code = typed.strip().upper()
    if code not in currencies():
        raise UnknownCurrency(typed=typed.strip()[:LONGEST])
    return code


def money_of(typed: str, currency: str, *, zero: bool = False) -> Money:
    """The amount that was typed ("12.500,00", "12,500.00", "12 500", "1,25,000"), in a currency that is known.

    Raises NoAmount, Ambiguous ("12,500"), Negative, Nothing (unless `zero` is allowed), TooMuch, TooFine.
    """
    shown = typed.strip()[:LONGEST]
    text = _without_currency(_digits(typed.strip()), currency)
    if _MINUS.fullmatch(text):
        raise Negative()
    text = _BLANKS.sub(" ", text)
    if len(text) > LONGEST or not re.fullmatch(r"[\d., ]*\d[\d., ]*", text, re.ASCII):
        raise NoAmount(typed=shown)
    value = _number(text, currency, shown)
    if value > MOST:
        raise TooMuch()
    minor = value.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise TooFine(currency=currency, digits=exponent(currency), typed=shown)
    if not minor and not zero:
        raise Nothing()
    return Money(int(minor), currency)


def percent_of(typed: str) -> int:
    """The percentage typed ("12.5", "12,5 %"), in hundredths of a percent. Raises NoPercentage, OverHundred."""
    text = _BLANKS.sub("", _digits(typed)).removesuffix("%").removesuffix("٪").replace(",", ".")
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?|\.\d{1,9}", text):
        raise NoPercentage(typed=typed.strip()[:LONGEST])
    hundredths = Decimal(text) * 100
    if hundredths > WHOLE_BP:
        raise OverHundred()
    if hundredths != hundredths.to_integral_value():
        raise NoPercentage(typed=typed.strip()[:LONGEST])
    return int(hundredths)


def _digits(text: str) -> str:
    """Digits and separators of any script as the plain ones."""
    found = (str(unicodedata.decimal(sign, sign)) for sign in text)
    return "".join(found).replace("٫", ",").replace("٬", "'").replace("，", ",").replace("．", ".")


def _without_currency(text: str, currency: str) -> str:
    """The amount alone: the field's own currency may stand beside it as a code or a sign, no other one."""
    symbol = get_currency_symbol(currency, "en")
    for mark in dict.fromkeys((currency, currency.lower(), symbol, symbol[-1:])):
        if mark and not mark[-1].isdigit():
            text = text.removeprefix(mark).removesuffix(mark).strip()
    return text


def _number(text: str, currency: str, shown: str) -> Decimal:
    """What digits with blanks, points and commas mean. One mark before three digits may group or divide: then ask."""
    marks = [sign for sign in text if sign in "., "]
    if not marks:
        return Decimal(text)
    last, kinds, digits = marks[-1], set(marks), exponent(currency)
    whole, _, fraction = text.rpartition(last)
    if len(kinds) == 1 and _grouped(text, last):
        if last != " " and len(marks) == 1 and digits:
            one, other = Decimal(whole + fraction), Decimal(f"{whole}.{fraction}")
            raise Ambiguous(typed=shown, one=_written(one, digits), other=_written(other, digits))
        return Decimal(re.sub("[., ]", "", text))
    divides = last != " " and marks.count(last) == 1
    if divides and (len(kinds) == 1 or (len(kinds) == 2 and _grouped(whole, marks[0]))):
        return Decimal(f"{re.sub('[., ]', '', whole) or '0'}.{fraction or '0'}")
    raise NoAmount(typed=shown)


def _grouped(text: str, mark: str) -> bool:
    """Whether this mark stands where thousands are grouped: by threes, or as in India (12,34,567)."""
    return any(re.fullmatch(form.format(mark=re.escape(mark)), text) for form in (_THREES, _INDIAN))


def _written(value: Decimal, digits: int) -> str:
    """Such that it can be typed back and is not asked about again."""
    if value == value.to_integral_value():
        return f"{value.to_integral_value()}" if digits == 3 else f"{value:.{digits}f}"
    return f"{value:.4f}" if digits == 3 or value != round(value, digits) else f"{value:.{digits}f}"
