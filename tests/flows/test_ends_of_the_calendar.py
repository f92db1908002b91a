"""A date picker takes any day up to the year 9999: what is too far off is refused under its field, in every form."""

import pytest

LAST = "9999-12-31"
REFUSED = "That day is too far off. Choose one between 2000 and 2099."


def test_a_cover_until_the_last_day_of_the_calendar(begun):
    assert begun.mia.types("/handoff cover acme", in_="#accounts").ok
    form = begun.mia.modal
    form.choose("Who?", "@cora")
    form.choose("Last day", LAST)
    assert form.submit().errors == {"Last day": REFUSED}


@pytest.mark.parametrize("day", [LAST, "0001-01-01"])
def test_a_last_day_at_an_end_of_the_calendar_when_a_handoff_is_edited(begun, day):
    begun.card().menu("Edit")
    begun.mia.modal.choose("Last day", day)
    assert begun.mia.modal.submit().errors == {"Last day": REFUSED}


def test_and_when_one_is_started(begun):
    assert begun.mia.types("/handoff start Bolt", in_="#accounts").ok
    begun.fill(begun.mia.modal, "Bolt", "Retirement", {"Last day": LAST})
    while REFUSED in begun.mia.modal.text:  # said as soon as another answer redraws the form
        begun.mia.modal.close()
    assert begun.mia.modal.submit().errors == {"Last day": REFUSED}
    assert not begun.rows("SELECT id FROM accounts WHERE name = 'Bolt'")
