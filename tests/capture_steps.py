"""What the stories of capture have in common: a line after `/handoff note`, and the lines that are kept."""

from __future__ import annotations

PLACE = "#accounts"


def notes(town, who, words, in_=PLACE):
    """What somebody types after /handoff note; returns what only they see then."""
    person = town.sandbox.person(who)
    assert person.types(f"/handoff note {words}", in_=in_).ok
    return person.ephemerals(in_)[-1] if person.ephemerals(in_) else None


def entries(town):
    """The lines that are kept, in the order in which they were written."""
    return town.rows("SELECT * FROM entries WHERE removed_at IS NULL ORDER BY id")
