"""What was paid, reckoned once more past the product: in fractions, by what the database says of each deal."""

from __future__ import annotations

import sqlite3
from fractions import Fraction

WHOLE = 10_000
"""Hundredths of a percent."""


def wrong(row: sqlite3.Row) -> str:
    """What is wrong with a settled commission (`Books.settled`); empty when every unit is accounted for."""
    outgoing, incoming, held, why = row["outgoing_minor"], row["incoming_minor"], row["held_minor"], row["why"]
    together = outgoing + incoming + held
    if row["deal_state"] == "lost":
        return "it was lost, and somebody is paid" if together else ""
    whole = round(Fraction(row["closed_minor"] * row["rate_bp"], WHOLE))  # half to even
    signed = row["outgoing_signed_at"] is not None and row["incoming_signed_at"] is not None
    earned = whole * 2 if row["mode"] == "double" else whole
    if why == "decided":
        return "" if together <= earned else f"{together} was decided, of {earned}"
    if why != "agreed":  # one of the two gets all of it: nobody shares what was not signed, ended or was called off
        return "" if sorted((outgoing, incoming, held)) == sorted((0, 0, whole)) and not held else "it was not agreed"
    if not signed:
        return "it is shared, and not both have signed"
    if together != earned:
        return f"its parts come to {together}, and {earned} was earned"
    for role, part in (("outgoing", outgoing), ("incoming", incoming)):
        due = Fraction(whole * row[f"{role}_bp"], WHOLE)
        if part and not row[f"{role}_work"]:
            return f"the {role} rep is paid without recorded work"
        if row[f"{role}_work"] and abs(part - due) >= 1:
            return f"the {role} rep is paid {part}, of {float(due)}"
    return ""
