"""The values in what a CRM sends: texts, days, amounts, ids; each refused with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from bot.domain.money import MOST, UnknownCurrency, currency_of, exponent
from bot.domain.typed import EARLIEST, LATEST, trimmed
from bot.slack.text import clean

LINK_LIMIT = 500


def _plain(value: Any) -> Any:
    return " ".join(clean(value).split()) if isinstance(value, str) else value


def _visible(value: str) -> str:
    if not trimmed(value):
        raise ValueError("nothing can be seen in it")
    return value


def _likely(day: date) -> date:
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"it is not between {EARLIEST.year} and {LATEST.year}")
    return day


def known_time(moment: datetime) -> datetime:
    """The moment in UTC."""
    _likely(moment.date())
    return moment.astimezone(UTC)


def _currency(value: str) -> str:
    try:
        return currency_of(value)
    except UnknownCurrency:
        raise ValueError("it is no currency in use: write its three letters, as in EUR") from None


def word(most: int) -> Any:
    """A text of one line that holds something."""
    return Annotated[str, BeforeValidator(_plain), Field(min_length=1, max_length=most), AfterValidator(_visible)]


def text(most: int) -> Any:
    """A text of one line; it may be empty."""
    return Annotated[str, BeforeValidator(_plain), Field(max_length=most)]


Key = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
"""Visible ASCII without blanks."""
Day = Annotated[date, AfterValidator(_likely)]
Currency = Annotated[str, Field(max_length=8), AfterValidator(_currency)]
Amount = Annotated[Decimal, Field(ge=0, le=MOST, decimal_places=3)]
Link = Annotated[str, Field(max_length=LINK_LIMIT, pattern=r"^(https?://[!-;=?-~]+)?$")]
Mail = Annotated[str, Field(max_length=254, pattern=r"^([^@\s<>]+@[^@\s<>]+)?$")]
SlackId = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{5,30}$")]


def minor(amount: Decimal | None, currency: str | None) -> int | None:
    """In the currency's smallest unit. Raises ValueError."""
    if amount is None:
        return None
    if currency is None:
        raise ValueError("an amount needs its currency")
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{currency} has {exponent(currency)} decimals")
    return int(minor)
