"""One cell as what it means: text, days, amounts, words of ours. What may mean two things is never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bot.domain.customer import ContactRole, mail_address
from bot.domain.deals import DealState
from bot.domain.imports.report import DateOrder
from bot.domain.money import Money, NoAmount, currencies, exponent, money_of
from bot.domain.refusals import Refusal, TooLong
from bot.domain.typed import require_near, trimmed
from bot.domain.vocabulary import SalesChannel, Tier
from bot.errors import BotError

LONGEST_SHOWN = 40
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]")
_DAY = re.compile(r"(\d{1,4})([-/. ])\s?(\d{1,2})\2\s?(\d{1,4})\.?(?:[T ,]\s*\d{1,2}[:.h]\d\d.{0,20})?", re.ASCII)
"""With a time of day behind it or without: what else stands there could make another day of it."""
_PLAIN = re.compile(r"\d{1,13}(?:\.\d{1,2})?", re.ASCII)
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_NUMBER = re.compile(r"[^\d.,]")
SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "₫": "VND", "₪": "ILS", "฿": "THB"}
"""Signs that stand for one currency only; "$" and "¥" stand for several."""


class NotShown(Refusal):
    sentence = "There are characters in it that cannot be shown (%(code)s)."


class NoDay(Refusal):
    sentence = "That is no day. Write it as 2026-12-31."


class ShortYear(Refusal):
    sentence = "Write the year with four digits."


class NoWord(Refusal):
    sentence = "That is none of %(words)s."


class NoNumber(Refusal):
    sentence = "That is no whole number from 1 to 3,650."


class NoLink(Refusal):
    sentence = "That is no link. It begins with https://."


class Percentage(Refusal):
    sentence = "That is a percentage, not an amount."


class OtherCurrency(Refusal):
    sentence = "The amount says %(said)s, the currency column %(column)s."


class WhichCurrency(Refusal):
    sentence = "Nothing says in which currency that is."


@dataclass(frozen=True)
class Reader:
    """How ambiguous cells of one file are to be read; what is empty is not known (yet)."""

    dates: Mapping[str, DateOrder | None]
    decimals: Mapping[str, str]
    currency: str = ""

    def day(self, column: str, cell: str) -> date:
        """Raises NoDay, ShortYear, TooFarOffDay."""
        return _day(cell, self.dates.get(column))

    def money(self, column: str, cell: str, currency: str) -> Money:
        """`currency` is what the row says. Raises Refusal."""
        said = currency_in(cell)
        if said and currency and said != currency:
            raise OtherCurrency(said=said, column=currency)
        code = said or currency or self.currency
        if not code:
            raise WhichCurrency()
        plain = cell.strip()
        if _PLAIN.fullmatch(plain) and ("." not in plain or self.decimals.get(column) == "."):
            minor = Decimal(plain).scaleb(exponent(code))
            if minor == minor.to_integral_value() and minor:
                return Money(int(minor), code)
        if "%" in plain:
            raise Percentage()
        return money_of(_as_said(plain, self.decimals.get(column, ""), code), code, zero=True)


def _as_said(cell: str, decimal: str, currency: str) -> str:
    """The amount with a point before its decimals and without grouping, where the decimal sign is known."""
    if not decimal:
        return cell
    other = "," if decimal == "." else "."
    whole, mark, fraction = cell.replace(currency, "").strip().rpartition(decimal)
    if (mark and other in fraction) or decimal in whole:  # grouped after the decimals: nobody writes that
        raise NoAmount(typed=cell[:LONGEST_SHOWN])
    if other in (whole if mark else fraction) and not re.search(
        rf"\d{{1,3}}(?:{re.escape(other)}\d{{2,3}})*{re.escape(other)}\d{{3}}(?!\d)", whole if mark else fraction
    ):
        raise NoAmount(typed=cell[:LONGEST_SHOWN])
    digits = (whole if mark else fraction).replace(other, "")
    text = f"{digits}.{fraction}" if mark else digits
    # three decimals would be asked about; the sign is known, so a fourth says nothing new
    return f"{text}0" if mark and len(_NUMBER.sub("", fraction)) == 3 and exponent(currency) != 3 else text


def currency_in(cell: str) -> str:
    """The currency that an amount names, by code or by a sign that is only its own; empty for none."""
    found = _CODE.search(cell)
    if found is not None and found[1] in currencies():
        return found[1]
    return next((code for sign, code in SYMBOLS.items() if sign in cell), "")


@lru_cache(maxsize=8192)
def _day(cell: str, order: DateOrder | None) -> date:
    found = _DAY.fullmatch(cell.strip())
    if found is None:
        raise NoDay()
    one, _, two, three = found.groups()
    if len(one) == 4:
        parts = (one, two, three)
    elif len(three) != 4:
        raise ShortYear() if len(three) <= 2 else NoDay()
    elif order is DateOrder.YMD:
        raise NoDay()
    elif order is DateOrder.MDY:
        parts = (three, one, two)
    else:
        parts = (three, two, one)
    try:
        day = date(*(int(part) for part in parts))
    except ValueError:
        raise NoDay() from None
    return require_near(day)


@lru_cache(maxsize=8192)
def orders_of(cell: str) -> frozenset[DateOrder]:
    """How the day in a cell can be meant; none if it is no day, all three if that does not depend on the order."""
    fits = set()
    year_first = re.match(r"\s*\d{4}\b", cell, re.ASCII) is not None
    for order in (DateOrder.DMY, DateOrder.MDY):
        try:
            fits.add((order, _day(cell, order)))
        except BotError:
            continue
    if year_first and fits:
        return frozenset(DateOrder)
    days = {day for _, day in fits}
    return frozenset(DateOrder) if len(fits) == 2 and len(days) == 1 else frozenset(order for order, _ in fits)


def decimals_of(cell: str, currency: str = "") -> frozenset[str]:
    """Which signs can stand before the decimals of an amount, as far as the cell tells; both where it says nothing."""
    text = _NUMBER.sub("", cell)
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return frozenset(".,")
    other = "," if marks[-1] == "." else "."
    if len(set(marks)) == 2:
        return frozenset(marks[-1])
    if len(marks) > 1:
        return frozenset(other)
    whole, _, fraction = text.partition(marks[0])
    if currency and exponent(currency) == 0 and len(fraction) == 3:
        return frozenset(other)
    groups = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return frozenset() if groups else frozenset(marks[-1])


def clean(cell: str, longest: int) -> str:
    """One line of text; empty where nothing is to be seen. Raises NotShown, TooLong."""
    if cell.isascii() and cell.isprintable() and "  " not in cell and len(cell) <= longest:
        return cell.strip()  # nearly all cells: nothing in them needs a closer look
    found = _CONTROL.search(cell)
    if found is not None:
        raise NotShown(code=f"U+{ord(found[0]):04X}")
    text = trimmed(" ".join(cell.split()))
    if len(text) > longest:
        raise TooLong(limit=longest)
    return text


@lru_cache(maxsize=8192)
def mail(cell: str) -> str:
    """Raises NoMailAddress, NobodyReads."""
    return mail_address(cell)


def link(cell: str) -> str:
    """Raises NoLink."""
    text = cell.strip()
    if not re.fullmatch(r"https?://[^\s<>|\"]{3,500}", text):
        raise NoLink()
    return text


def number(cell: str) -> int:
    """Raises NoNumber."""
    text = cell.strip()
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not 1 <= int(text) <= 3650:
        raise NoNumber()
    return int(text)


def _word(words: Mapping[str, Any], shown: tuple[str, ...]) -> Callable[[str], Any]:
    def read(cell: str) -> Any:
        try:
            return words[" ".join(cell.casefold().replace("_", " ").replace("-", " ").split())]
        except KeyError:
            raise NoWord(words=", ".join(shown)) from None

    return read


def _own(kind: type[Any], **more: Any) -> dict[str, Any]:
    return {one.value.replace("_", " "): one for one in kind} | {
        name.replace("_", " "): one for name, one in more.items()
    }


channel = _word(
    _own(
        SalesChannel,
        distributor=SalesChannel.PARTNER,
        dealer=SalesChannel.PARTNER,
        reseller=SalesChannel.PARTNER,
        licence=SalesChannel.LICENSEE,
        license=SalesChannel.LICENSEE,
    ),
    tuple(SalesChannel),
)
tier = _word(_own(Tier), tuple(Tier))
switch = _word(
    {**dict.fromkeys(("yes", "true", "1", "x", "y"), True), **dict.fromkeys(("no", "false", "0", "n"), False)},
    ("yes", "no"),
)
role = _word(
    _own(ContactRole, end_user=ContactRole.USER, budget_holder=ContactRole.DECISION_MAKER),
    tuple(ContactRole),
)
deal_state = _word(
    _own(
        DealState,
        closed_won=DealState.WON,
        closed_lost=DealState.LOST,
        closedwon=DealState.WON,
        closedlost=DealState.LOST,
    ),
    tuple(DealState),
)
_TYPES = {
    "customer direct": SalesChannel.DIRECT,
    "customer channel": SalesChannel.PARTNER,
    "channel partner / reseller": SalesChannel.PARTNER,
    "installation partner": SalesChannel.PARTNER,
    "technology partner": SalesChannel.PARTNER,
    "partner": SalesChannel.PARTNER,
    "reseller": SalesChannel.PARTNER,
    "distributor": SalesChannel.PARTNER,
}


def channel_of_type(cell: str) -> SalesChannel | None:
    """The sales channel that a CRM's account type tells; None for "Prospect" and the like."""
    return _TYPES.get(" ".join(cell.casefold().replace("-", " ").split()))


def state_of_stage(stage: str) -> DealState | None:
    """Won and lost by the names that Salesforce and HubSpot give the last stages; None for any other stage."""
    try:
        found = deal_state(stage)
    except NoWord:
        return None
    return None if found is DealState.OPEN or not isinstance(found, DealState) else found
