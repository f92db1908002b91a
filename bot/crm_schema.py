"""What a CRM may send to `POST /hooks/crm` (docs/crm.md): read strictly, so that a slip is named and not swallowed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.domain.money import MOST, UnknownCurrency, currency_of, exponent
from bot.domain.typed import EARLIEST, LATEST, trimmed
from bot.domain.vocabulary import SalesChannel, Tier
from bot.slack.text import clean
from bot.usecases.accounts import NAME_LIMIT
from bot.usecases.deals import NAME_LIMIT as DEAL_NAME_LIMIT
from bot.usecases.deals import STAGE_LIMIT

EVENTS_AT_MOST = 100
PROBLEMS_AT_MOST = 20
LINK_LIMIT = 500


class NotRead(Exception):
    """Not what the schema says. `problems`: a field's place in the body, and what is wrong with it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in problems))
        self.problems = problems


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


def _known_time(moment: datetime) -> datetime:
    _likely(moment.date())
    return moment.astimezone(UTC)


def _currency(value: str) -> str:
    try:
        return currency_of(value)
    except UnknownCurrency:
        raise ValueError("it is no currency in use: write its three letters, as in EUR") from None


def _word(most: int) -> Any:
    """A text of one line that holds something."""
    return Annotated[str, BeforeValidator(_plain), Field(min_length=1, max_length=most), AfterValidator(_visible)]


def _text(most: int) -> Any:
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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Owner(_Part):
    """By Slack's id, or by the name that Slack shows."""

    slack_id: SlackId | None = None
    name: _text(NAME_LIMIT) = ""  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _somebody(self) -> Owner:
        if self.slack_id is None and not trimmed(self.name):
            raise ValueError("say who by slack_id or by name")
        return self

    @property
    def called(self) -> str:
        """The name, else the id."""
        return str(self.name) or self.slack_id or ""


class AccountFacts(_Part):
    """What is left out stays as it is."""

    id: Key
    name: _word(NAME_LIMIT)  # type: ignore[valid-type]
    link: Link | None = None
    owner: Owner | None = None
    tier: Tier | None = None
    sales_channel: SalesChannel | None = None
    territory: _text(NAME_LIMIT) | None = None  # type: ignore[valid-type]
    region: _text(NAME_LIMIT) | None = None  # type: ignore[valid-type]
    overseas: bool | None = None


class AccountNamed(_Part):
    """With a name, an account that is not known yet becomes known."""

    id: Key
    name: _word(NAME_LIMIT) | None = None  # type: ignore[valid-type]


class DealFacts(_Part):
    id: Key
    account_id: Key
    name: _word(DEAL_NAME_LIMIT)  # type: ignore[valid-type]
    stage: _text(STAGE_LIMIT) | None = None  # type: ignore[valid-type]
    amount: Amount | None = None
    currency: Currency | None = None
    expected_close: Day | None = None
    source: _text(100) | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _sum(self) -> DealFacts:
        _minor(self.amount, self.currency)
        return self

    @property
    def amount_minor(self) -> int | None:
        """In the currency's smallest unit."""
        return _minor(self.amount, self.currency)


class DealClosing(_Part):
    id: Key
    outcome: Literal["won", "lost"]
    closed_on: Day
    amount: Amount | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _sum(self) -> DealClosing:
        _minor(self.amount, self.currency)
        return self

    @property
    def amount_minor(self) -> int | None:
        """In the currency's smallest unit."""
        return _minor(self.amount, self.currency)


class ContactFacts(_Part):
    id: Key
    account_id: Key
    name: _word(100)  # type: ignore[valid-type]
    title: _text(100) | None = None  # type: ignore[valid-type]
    mail: Mail | None = None
    phone: _text(60) | None = None  # type: ignore[valid-type]


class _Event(_Part):
    at: Annotated[AwareDatetime, AfterValidator(_known_time)]
    """When it became so in the CRM: what is older than what is known changes nothing."""


class AccountUpsert(_Event):
    type: Literal["account.upsert"]
    account: AccountFacts


class OwnerChanged(_Event):
    type: Literal["account.owner_changed"]
    account: AccountNamed
    owner: Owner
    before: Owner | None = None


class DealUpsert(_Event):
    type: Literal["deal.upsert"]
    deal: DealFacts


class DealClosed(_Event):
    type: Literal["deal.closed"]
    deal: DealClosing


class ContactUpsert(_Event):
    type: Literal["contact.upsert"]
    contact: ContactFacts


Event = Annotated[AccountUpsert | OwnerChanged | DealUpsert | DealClosed | ContactUpsert, Field(discriminator="type")]


class Delivery(_Part):
    """One request. `id` is the sender's: the same one again changes nothing."""

    id: Key
    system: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,15}$")]
    events: Annotated[tuple[Event, ...], Field(min_length=1, max_length=EVENTS_AT_MOST)]


def read_delivery(body: bytes) -> Delivery:
    """The delivery in a request's body. Raises NotRead."""
    _require_json(body)
    try:
        return Delivery.model_validate_json(body)
    except ValidationError as problem:
        found = problem.errors(include_input=False)
        # a list of which nothing could be read is no empty list
        telling = [one for one in found if one["type"] != "too_short" or len(found) == 1]
        raise NotRead([_told(one) for one in telling[:PROBLEMS_AT_MOST]]) from None


def _require_json(body: bytes) -> None:
    """Say in words what is no JSON at all: pydantic's parser stops at deep nesting, this one names the place."""

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is no JSON number")

    try:
        found = json.loads(body.decode("utf-8"), parse_constant=refuse, object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise NotRead([("body", "it is not UTF-8")]) from None
    except RecursionError:
        raise NotRead([("body", "it is nested too deeply")]) from None
    except ValueError as problem:
        raise NotRead([("body", f"it is not JSON: {str(problem)[:100]}")]) from None
    if not isinstance(found, dict):
        raise NotRead([("body", "it is not a JSON object")])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless a name stands in it twice: parsers differ in which of the two counts."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"“{name[:40]}” stands twice in one object")
        found[name] = value
    return found


def _told(one: Any) -> tuple[str, str]:
    """Where, as in "events[3].deal.amount", and what."""
    place = ""
    for step in one["loc"]:
        if isinstance(step, int):
            place += f"[{step}]"
        elif "." not in step:  # the word that chose among the kinds of event is no place
            place += f".{step}" if place else step
    return place[:120] or "body", str(one["msg"]).removeprefix("Value error, ")[:200]


def _minor(amount: Decimal | None, currency: str | None) -> int | None:
    if amount is None:
        return None
    if currency is None:
        raise ValueError("an amount needs its currency")
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{currency} has {exponent(currency)} decimals")
    return int(minor)
