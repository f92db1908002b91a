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
