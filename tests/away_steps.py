"""What the stories of leaves have in common: the form of /handoff away, filled in and sent."""

from __future__ import annotations

FRIDAY = "2026-11-27"


def asks_away(person, line="/handoff away", in_="#accounts"):
    """The form that this line opens."""
    assert person.types(line, in_=in_).ok
    assert person.modal is not None
    return person.modal


def goes_away(person, first, last, stands_in=None, line="/handoff away"):
    """Send that form, for oneself or as `line` says; returns what came of it."""
    form = asks_away(person, line)
    form.choose("First day away", first)
    form.choose("Last day away", last)
    if stands_in:
        form.choose("Who stands in?", stands_in)
    return form.submit()


def absent(town, name, first, last, stands_in=None):
    """They said so themselves, and it was taken."""
    assert goes_away(town.sandbox.person(name), first, last, stands_in).ok
    town.sandbox.person(name).modal.close()
