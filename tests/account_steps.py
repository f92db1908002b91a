"""What the stories of accounts have in common: the view opened, and what its forms send, saved by their use case."""

from __future__ import annotations

from bot.usecases.accounts.dossier_forms import ThingSent
from tests.town import Town


def opens_account(town: Town, who: str = "ines", account: str = "acme"):
    """The view of the account, as that person sees it."""
    person = town.sandbox.person(who)
    assert person.types(f"/handoff account {account}", in_="#accounts").ok
    assert person.modal is not None
    return person.modal


def thing_sent(days: dict | None = None, role: str | None = None, ticked: frozenset[str] = frozenset(), **texts: str):
    """A form that is filled in: days, a role, ticks, and words by the names of the fields."""
    return ThingSent(texts, days or {}, {"role": role}, ticked)


def saves(town: Town, who: str, noun: str, sent: ThingSent, *which: int) -> int:
    """A form about the first account, sent; returns the number of the thing."""
    return town.bot.dossier.things.save(town.actor(who), 1, noun, sent, *which)
