"""What a cover cannot be: somebody who has left or is away; and what the account is after it (D18, D21)."""

import pytest

from bot.usecases.coverage.cover_refusals import DeclinedOffer, YouAreAway, YouWereDeclined
from bot.usecases.handoffs.editing import Edit
from tests.cover_steps import cover_line


def _form(town, who, last, first=None):
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    form = town.mia.modal
    form.choose("Who?", who)
    if first:
        form.choose("From", first)
    form.choose("Last day", last)
    return form


def test_a_stranger_who_left_while_the_form_was_open_is_refused_and_nothing_has_changed(lite_town):
    town = lite_town
    town.begun()
    before = cover_line(town)
    form = _form(town, "@cora", "2027-01-05", first="2026-11-23")
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    assert form.submit().errors == {"Who?": "This person cannot be reached in Slack any more. Choose somebody else."}
    town.settle()
    assert cover_line(town) == before == [("owner", "olaf", "11-23")]


def test_somebody_who_is_away_all_that_time_is_refused_and_one_who_is_back_in_time_is_not(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Incoming rep": None})
    assert town.cora.types("/handoff away", in_="#accounts").ok
    town.cora.modal.choose("First day away", "2026-12-15")
    town.cora.modal.choose("Last day away", "2027-01-10")
    assert town.cora.modal.submit().ok
    form = _form(town, "@cora", "2027-01-10", first="2026-12-19")
    assert form.submit().errors == {"Who?": "This person is away all that time. Choose somebody else."}
    form.choose("Last day", "2027-01-11")
    assert form.submit().ok
    assert ("cover", "cora", "12-19") in cover_line(town)


def test_after_a_cover_of_some_days_the_outgoing_rep_who_is_still_here_has_the_account_again(lite_town):
    """Olaf is here until 4 December; from then on somebody is asked for, as ever."""
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Incoming rep": None, "Last day": "2026-12-04"})
    assert _form(town, "@cora", "2026-11-27", first="2026-11-24").submit().ok
    town.settle()
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "11-24"), ("owner", "olaf", "11-28")]
    open_steps = "SELECT title, due_on FROM checklist_items WHERE key LIKE 'along.cover%' AND state = 'open'"
    asked = [("Name who covers, and until when", "2026-12-04")]
    assert [(one.title, str(one.due_on)) for one in town.rows(open_steps)] == asked
    town.passes(days=2)
    assert [(one.title, str(one.due_on)) for one in town.rows(open_steps)] == asked
    town.passes(days=11)
    assert cover_line(town)[2:] == [("owner", "olaf", "11-28"), ("vacant", "", "12-05")]


def test_the_outgoing_rep_who_leaves_before_the_cover_is_over_does_not_get_the_account_again(lite_town):
    town = lite_town
    town.begun()
    assert _form(town, "@cora", "2026-11-27", first="2026-11-24").submit().ok
    town.settle()
    town.card().menu("Edit")
    town.mia.modal.choose("Last day", "2026-11-25")
    assert town.mia.modal.submit().ok
    town.passes(days=6)
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "11-24"), ("vacant", "", "11-28")]


def test_who_may_not_name_a_cover_is_offered_nothing_but_to_cover(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Incoming rep": None})
    assert town.otto.types("/handoff cover acme", in_="#general").ok
    shown = town.otto.ephemerals("#general")[-1]
    assert "I’ll cover" in shown.text
    assert "Name the cover" not in shown.text
    assert shown.click("I’ll cover").ok
    town.settle()
    assert town.otto.types("/handoff cover acme", in_="#general").ok
    assert "Confirm" not in town.otto.ephemerals("#general")[-1].text


def test_who_is_away_all_that_time_does_not_offer_to_cover(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Incoming rep": None})
    assert town.cora.types("/handoff away", in_="#accounts").ok
    town.cora.modal.choose("First day away", "2026-12-01")
    town.cora.modal.choose("Last day away", "2027-06-30")
    assert town.cora.modal.submit().ok
    before = cover_line(town)
    with pytest.raises(YouAreAway):
        town.bot.coverage.changes.claim(town.actor("cora"), 1)
    assert cover_line(town) == before


def test_whom_the_customer_declined_is_named_by_a_manager_and_does_not_offer(lite_town):
    town = lite_town
    town.begun()
    [row] = town.rows("SELECT incoming_id AS i FROM handoffs")
    town.bot.rematch.declines(town.actor("mia"), 1, row.i, "Never again")
    town.settle()
    ines, changes = town.actor("ines"), town.bot.coverage.changes
    with pytest.raises(YouWereDeclined):
        changes.claim(ines, 1)
    assert not [one for one in cover_line(town) if one[1] == "ines"]
    form = _form(town, "@ines", "2027-01-05")
    form.choose("Asked for somebody else before", ["Name them although"])
    assert not form.submit().errors
    assert [one for one in cover_line(town) if one[1] == "ines"]


def test_an_offer_of_somebody_whom_the_customer_declined_then_is_not_just_confirmed(lite_town):
    town = lite_town
    town.begun()
    [row] = town.rows("SELECT incoming_id AS i FROM handoffs")
    town.bot.editing(town.actor("mia"), 1, Edit({"incoming": None}))
    assert not town.bot.coverage.changes.claim(town.actor("ines"), 1)
    town.bot.editing(town.actor("mia"), 1, Edit({"incoming": town.ines.id}))
    town.bot.rematch.declines(town.actor("mia"), 1, row.i, "Never again")
    with pytest.raises(DeclinedOffer):
        town.bot.coverage.changes.confirm(town.actor("mia"), 1, row.i)


def test_who_may_not_name_a_cover_is_not_offered_to(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Incoming rep": None})
    assert town.cora.types("/handoff cover", in_="#accounts").ok
    assert town.mia.types("/handoff cover", in_="#accounts").ok
    assert town.olaf.opens_home()
    shown = {who: town.sandbox.person(who).ephemerals("#accounts")[-1].buttons for who in ("cora", "mia")}
    assert "I’ll cover" in shown["cora"]
    assert "Name the cover" not in shown["cora"]
    assert "Name the cover" in shown["mia"]
    assert "Name the cover" not in town.olaf.home.buttons
