"""What the stories of covers have in common: an account without a new rep, its line of time, naming somebody."""

from __future__ import annotations

from itertools import pairwise

SOON = {"Last day": "2026-11-27"}
"""The Friday of the week in which the stories begin, for those in which it has to pass."""
NAME_IT = "Name who covers, and until when"


def cover_line(town, account="Acme"):
    """(kind, who, from which day) of each stretch of the account's line, which has no gap and does not end."""
    rows = town.rows(
        "SELECT c.kind, p.name, c.from_on, c.until_on, c.confirmed FROM coverage c"
        " JOIN accounts a ON a.id = c.account_id LEFT JOIN people p ON p.id = c.person_id "
        " WHERE a.name = :account ORDER BY c.from_on",
        account=account,
    )
    whole = all(str(one.until_on) == str(other.from_on) for one, other in pairwise(rows))
    assert whole, rows
    assert not rows or rows[-1].until_on is None
    return [
        (one.kind if one.confirmed else "offer", (one.name or "").partition(" ")[0].casefold(), str(one.from_on)[5:])
        for one in rows
    ]


def without_incoming(town, tier="Standard", **fields):
    """Olaf hands Acme over, and nobody is named to follow; returns the card."""
    town.set_up()
    return town.handoff("Acme", **{"Incoming rep": None, "Tier": tier, **fields})


def names_a_cover(town, who="@cora", last=None, first=None):
    """Mia names the cover from the card."""
    town.card().click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", who)
    if first:
        form.choose("From", first)
    if last:
        form.choose("Last day", last)
    outcome = form.submit()
    if not outcome.ok:
        form.close()
    return outcome


def in_thread(town, words, who="mia"):
    """The latest message with these words in the thread of the handoff, as that person sees it."""
    person = getattr(town, who)
    found = [m for m in person.thread(town.card(who=who)) if words in m.text]
    assert found, words
    return found[-1]


def cover_items(town):
    """(title, due, state) of each step about the cover."""
    rows = town.rows("SELECT title, due_on, state FROM checklist_items WHERE key LIKE 'along.cover%' ORDER BY id")
    return [(row.title, str(row.due_on)[5:], row.state) for row in rows]


def told(town, who, line, in_="#accounts"):
    """What this line brings, for nobody else to see."""
    person = getattr(town, who)
    assert person.types(line, in_=in_).ok
    return person.ephemerals(in_)[-1].text
