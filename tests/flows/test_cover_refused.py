"""What a cover cannot be: somebody who has left or is away; and what the account is after it (D18, D21)."""

from tests.flows.test_coverage import _line


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
    before = _line(town)
    form = _form(town, "@cora", "2027-01-05", first="2026-11-23")
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    assert form.submit().errors == {"Who?": "This person cannot be reached in Slack any more. Choose somebody else."}
    town.settle()
    assert _line(town) == before == [("owner", "olaf", "11-23")]


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
    assert ("cover", "cora", "12-19") in _line(town)


def test_after_a_cover_of_some_days_the_outgoing_rep_who_is_still_here_has_the_account_again(lite_town):
    """Olaf is here until 18 December; from then on somebody is asked for, as ever."""
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Incoming rep": None})
    assert _form(town, "@cora", "2026-11-27", first="2026-11-24").submit().ok
    town.settle()
    assert _line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "11-24"), ("owner", "olaf", "11-28")]
    open_steps = "SELECT title, due_on FROM checklist_items WHERE key LIKE 'along.cover%' AND state = 'open'"
    asked = [("Name who covers, and until when", "2026-12-18")]
    assert [(one.title, str(one.due_on)) for one in town.rows(open_steps)] == asked
    town.passes(days=2)
    assert [(one.title, str(one.due_on)) for one in town.rows(open_steps)] == asked
    town.passes(days=25)
    assert _line(town)[2:] == [("owner", "olaf", "11-28"), ("vacant", "", "12-19")]


def test_the_outgoing_rep_who_leaves_before_the_cover_is_over_does_not_get_the_account_again(lite_town):
    town = lite_town
    town.begun()
    assert _form(town, "@cora", "2026-11-27", first="2026-11-24").submit().ok
    town.settle()
    town.card().menu("Edit")
    town.mia.modal.choose("Last day", "2026-11-25")
    assert town.mia.modal.submit().ok
    town.passes(days=6)
    assert _line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "11-24"), ("vacant", "", "11-28")]


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
