"""Names for accounts, of which none begins another: who looks for one finds no other."""

from __future__ import annotations

_COLOURS = ("Amber", "Blue", "Coral", "Green", "Ivory", "Olive", "Pearl", "Rose", "Silver", "Teal")
_TRADES = (
    "Bakers",
    "Boats",
    "Bricks",
    "Cables",
    "Doors",
    "Farms",
    "Glass",
    "Lamps",
    "Mills",
    "Paper",
    "Pumps",
    "Tiles",
)


def account_name(number: int) -> str:
    """The name of the so-and-so-many-th account, counted from 0; they repeat after 120."""
    return f"{_COLOURS[number % len(_COLOURS)]} {_TRADES[number // len(_COLOURS) % len(_TRADES)]}"
