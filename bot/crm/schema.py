"""What a CRM may send to `POST /hooks/crm` (docs/crm.md): read strictly, so that a slip is named and not swallowed."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, NoReturn

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.crm.values import Amount, Currency, Day, Key, Link, Mail, SlackId, known_time, minor, text, word
from bot.domain.typed import trimmed
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.usecases.accounts.accounts import NAME_LIMIT
from bot.usecases.deals.deals import NAME_LIMIT as DEAL_NAME_LIMIT
from bot.usecases.deals.deals import STAGE_LIMIT
from bot.usecases.handoffs.checklist import TEXT_LIMIT

EVENTS_AT_MOST = 100
PROBLEMS_AT_MOST = 20


class NotRead(Exception):
    """Not what the schema says. `problems`: a field's place in the body, and what is wrong with it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in problems))
        self.problems = problems


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Owner(_Part):
    """By Slack's id, or by the name that Slack shows."""

    slack_id: SlackId | None = None
    name: text(NAME_LIMIT) = ""  # type: ignore[valid-type]

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
    name: word(NAME_LIMIT)  # type: ignore[valid-type]
    link: Link | None = None
    owner: Owner | None = None
    tier: Tier | None = None
    sales_channel: SalesChannel | None = None
    territory: text(NAME_LIMIT) | None = None  # type: ignore[valid-type]
    region: text(NAME_LIMIT) | None = None  # type: ignore[valid-type]
    overseas: bool | None = None


class AccountNamed(_Part):
    """With a name, an account that is not known yet becomes known."""

    id: Key
    name: word(NAME_LIMIT) | None = None  # type: ignore[valid-type]


class DealAlong(_Part):
    """A deal that comes with something of its account."""

    id: Key
    name: word(DEAL_NAME_LIMIT)  # type: ignore[valid-type]
    stage: text(STAGE_LIMIT) | None = None  # type: ignore[valid-type]
    amount: Amount | None = None
    currency: Currency | None = None
    expected_close: Day | None = None
    source: text(100) | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _sum(self) -> DealAlong:
        minor(self.amount, self.currency)
        return self

    @property
    def amount_minor(self) -> int | None:
        """In the currency's smallest unit."""
        return minor(self.amount, self.currency)


class DealFacts(DealAlong):
    account_id: Key


class DealClosing(_Part):
    id: Key
    outcome: Literal["won", "lost"]
    closed_on: Day
    amount: Amount | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _sum(self) -> DealClosing:
        minor(self.amount, self.currency)
        return self

    @property
    def amount_minor(self) -> int | None:
        """In the currency's smallest unit."""
        return minor(self.amount, self.currency)


class ContactFacts(_Part):
    id: Key
    account_id: Key
    name: word(100)  # type: ignore[valid-type]
    title: text(100) | None = None  # type: ignore[valid-type]
    mail: Mail | None = None
    phone: text(60) | None = None  # type: ignore[valid-type]


class _Event(_Part):
    at: Annotated[AwareDatetime, AfterValidator(known_time)]
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


class AccountMeant(_Part):
    """By the CRM's id or by name; with a name, one that is not known yet becomes known."""

    id: Key | None = None
    name: word(NAME_LIMIT) | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _one(self) -> AccountMeant:
        if self.id is None and self.name is None:
            raise ValueError("say which by id or by name")
        return self


class HandoffRequested(_Event):
    """It is to be handed over: by default from a development rep to an executive."""

    type: Literal["handoff.requested"]
    account: AccountMeant
    outgoing: Owner
    benefit: word(TEXT_LIMIT)  # type: ignore[valid-type]
    reason: Reason = Reason.STAGE_MOVE
    incoming: Owner | None = None
    manager: Owner | None = None
    last_day: Day | None = None
    tier: Tier | None = None
    sales_channel: SalesChannel | None = None
    deal: DealAlong | None = None

    @model_validator(mode="after")
    def _deal(self) -> HandoffRequested:
        if self.deal is not None and self.account.id is None:
            raise ValueError("a deal needs account.id, the CRM's id of its account")
        return self


Event = Annotated[
    AccountUpsert | OwnerChanged | DealUpsert | DealClosed | ContactUpsert | HandoffRequested,
    Field(discriminator="type"),
]


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
