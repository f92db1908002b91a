"""Finding a thing by its number among those that are at hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Numbered(Protocol):
    """What the database has given a number."""

    @property
    def id(self) -> int: ...


Thing = TypeVar("Thing", bound=Numbered)


def numbered(things: Iterable[Thing], number: int | None) -> Thing | None:
    """The one of that number; None where there is none, or no number."""
    return next((one for one in things if one.id == number), None) if number is not None else None
