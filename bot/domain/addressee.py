"""Who of the people at a customer a mail goes to while nobody has chosen (B3, E11, E13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.accounts import fold
from bot.domain.customer import Contact, ContactRole
from bot.domain.numbered import numbered
from bot.domain.refusals import Refusal

_UNSAID = ""
_FIRST = (
    ContactRole.DECISION_MAKER,
    ContactRole.INFLUENCER,
    ContactRole.USER,
    ContactRole.GATEKEEPER,
    _UNSAID,
    ContactRole.TROUBLE_MAKER,
)
"""Who is written to before whom, by role."""


class NoLongerThere(Refusal):
    sentence = "They are not among the people of the customer any more. Choose somebody else."


@dataclass(frozen=True)
class Told:
    """What was written down when the customer was told. `by` is a Slack id, `how` one of the words of `How`.

    `contact` is the name then; `contact_id` is None in what older versions wrote.
    """

    by: str
    on: date
    how: str
    contact: str
    text: str
    contact_id: int | None = None


def addressee(contacts: Iterable[Contact], told: Told | None, *, confided: bool) -> Contact | None:
    """Whoever was told in this handoff; else by role, those with a mail address first, then the earliest.

    A trouble maker only where there is nobody else. `confided`: whether the reader may know who makes trouble. To those
    who may not, a trouble maker must look like anybody of whom nobody said a role, so who is suggested to them may not
    depend on it: where all that they know of the first in line is that nobody said a role, and there are others, it is
    nobody, and they choose. That way no trouble maker is suggested to them either.
    """
    there = in_order(contacts, confided=confided)
    met = told_among(there, told)
    if met is not None or len(there) < 2:
        return met or next(iter(there), None)
    return there[0] if confided or _role(there[0], confided=False) != _UNSAID else None


def in_order(contacts: Iterable[Contact], *, confided: bool) -> list[Contact]:
    """As they are offered to choose from: by role, as far as the reader may know it, then as `addressee` has it."""
    return sorted(contacts, key=lambda one: (_FIRST.index(_role(one, confided=confided)), not one.mail, one.id))


def told_among(contacts: Sequence[Contact], told: Told | None) -> Contact | None:
    """Who of them was told; None where nobody was, or they are there no more."""
    if told is None:
        return None
    if told.contact_id is not None:
        return numbered(contacts, told.contact_id)
    return named_among(contacts, told.contact)


def named_among(contacts: Iterable[Contact], name: str) -> Contact | None:
    """Who of them has that name, however it is written; the earliest, of several."""
    same = (one for one in contacts if fold(one.name) == fold(name))
    return min(same, key=lambda one: one.id, default=None)


def _role(contact: Contact, *, confided: bool) -> str:
    known = contact.role if contact.role in _FIRST else _UNSAID
    return _UNSAID if known == ContactRole.TROUBLE_MAKER and not confided else known
