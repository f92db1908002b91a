"""What the forms about contacts, agreements, key dates and regular orders send, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.customer import Contact, ContactRole, mail_address
from bot.domain.dossier import Agreement, Fact, KeyDate, RegularOrder
from bot.domain.refusals import Refusal
from bot.domain.typed import trimmed
from bot.usecases.fields import Errors, Missing, tried, whole_number
from bot.usecases.handoffs.checklist import written

NAME_LIMIT, WORDS_LIMIT, NOTE_LIMIT = 120, 200, 2000
FARTHEST_AHEAD = 90
"""Days; a reminder any earlier is no reminder."""

Some = Contact | Agreement | KeyDate | RegularOrder


class StartsAfterTheEnd(Refusal):
    sentence = "It cannot start after it has expired."


@dataclass(frozen=True)
class ThingSent:
    """What stood in a form: what was typed, the days and the words chosen, by the names of the fields."""

    texts: Mapping[str, str]
    days: Mapping[str, date | None]
    chosen: Mapping[str, str | None]
    ticked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Noun:
    """One kind of thing in the dossier. `fact`: the one of which people may say that there are none.

    `from_crm`: the fields that are the CRM's, where the thing came from there.
    """

    word: str
    kind: type[Any]
    title: str
    fact: Fact | None
    read: Callable[[ThingSent, Errors], dict[str, Any]]
    from_crm: frozenset[str] = frozenset()


def line(sent: ThingSent, errors: Errors, name: str, limit: int, *, needed: bool = False) -> str:
    """A field of one line: single spaces, no longer than `limit`; what is wrong with it goes under it."""
    cleaned = " ".join(trimmed(sent.texts.get(name)).split())
    return (tried(errors, name, lambda: written(cleaned, limit)) or "") if cleaned or needed else ""


def lines(sent: ThingSent, errors: Errors, name: str, limit: int = NOTE_LIMIT) -> str:
    """A field of several lines; it may be empty."""
    cleaned = trimmed(sent.texts.get(name))
    return (tried(errors, name, lambda: written(cleaned, limit)) or "") if cleaned else ""


def _contact(sent: ThingSent, errors: Errors) -> dict[str, Any]:
    mail = trimmed(sent.texts.get("mail"))
    role = sent.chosen.get("role") or ""
    if role and role not in list(ContactRole):
        errors["role"] = Missing()
    return {
        "name": line(sent, errors, "name", NAME_LIMIT, needed=True),
        "role": role,
        "title": line(sent, errors, "title", NAME_LIMIT),
        "mail": (tried(errors, "mail", lambda: mail_address(mail)) or "") if mail else "",
        "phone": line(sent, errors, "phone", 60),
        "note": lines(sent, errors, "note"),
    }


def _agreement(sent: ThingSent, errors: Errors) -> dict[str, Any]:
    starts, expires = sent.days.get("starts_on"), sent.days.get("expires_on")
    if starts is not None and expires is not None and starts > expires:
        errors["starts_on"] = StartsAfterTheEnd()
    return {
        "title": line(sent, errors, "title", NAME_LIMIT, needed=True),
        "terms": lines(sent, errors, "terms"),
        "starts_on": starts,
        "expires_on": expires,
    }


def _key_date(sent: ThingSent, errors: Errors) -> dict[str, Any]:
    day = sent.days.get("day")
    if day is None:
        errors["day"] = Missing()
    ahead = sent.texts.get("ahead_days") or "7"
    return {
        "title": line(sent, errors, "title", NAME_LIMIT, needed=True),
        "day": day,
        "yearly": "yearly" in sent.ticked,
        "ahead_days": tried(errors, "ahead_days", lambda: whole_number(ahead, 0, FARTHEST_AHEAD)),
    }


def _order(sent: ThingSent, errors: Errors) -> dict[str, Any]:
    return {
        "what": line(sent, errors, "what", WORDS_LIMIT, needed=True),
        "quantity": line(sent, errors, "quantity", NAME_LIMIT),
        "note": lines(sent, errors, "note"),
    }


NOUNS: Mapping[str, Noun] = {
    one.word: one
    for one in (
        Noun("contact", Contact, "name", None, _contact, frozenset({"name", "title", "mail", "phone"})),
        Noun("agreement", Agreement, "title", Fact.AGREEMENTS, _agreement),
        Noun("key_date", KeyDate, "title", Fact.KEY_DATES, _key_date),
        Noun("order", RegularOrder, "what", Fact.REGULAR_ORDERS, _order),
    )
}
"""The kinds of things that are added, changed and removed in the same way."""
