"""Going away: /handoff away, Home and the menu; taken back, and said by a manager (U12)."""

from tests.away_steps import FRIDAY, asks_away, goes_away


def _away(town, name="olaf"):
    return town.rows("SELECT away FROM people WHERE slack_id = :s", s=town.sandbox.person(name).id)[0].away


def test_away_with_somebody_who_stands_in(town):
    town.begun()
    town.olaf.opens_home()
    town.ines.opens_home()
    assert goes_away(town.olaf, "2026-11-23", FRIDAY, "@ines").ok
    assert "Noted: you are away Mon 23 Nov to Fri 27 Nov, and @ines stands in" in town.olaf.modal.text
    assert "You are away until Fri 27 Nov; @ines stands in." in town.olaf.home.text
    assert "You stand in for @olaf until Fri 27 Nov" in town.ines.home.text
    [row] = town.rows("SELECT before, after FROM audit WHERE verb = 'person.away'")
    assert "2026-11-27" in str(row.after)


def test_back_early_from_home(begun):
    begun.olaf.opens_home()
    begun.ines.opens_home()
    goes_away(begun.olaf, "2026-11-23", FRIDAY, "@ines")
    begun.olaf.modal.close()
    begun.passes(days=2)
    assert begun.olaf.home.click("I am back").ok
    assert "You are away" not in begun.olaf.home.text
    assert "You stand in" not in begun.ines.home.text
    assert "2026-11-24" in str(_away(begun))


def test_the_form_lists_what_is_planned_and_takes_it_back(begun):
    goes_away(begun.olaf, "2026-11-30", "2026-12-02", "@ines")
    goes_away(begun.olaf, "2026-12-10", "2026-12-10")
    form = asks_away(begun.olaf)
    assert "Mon 30 Nov to Wed 2 Dec · @ines stands in" in form.text
    assert "Thu 10 Dec · nobody stands in" in form.text
    assert form.click("Remove", near="Mon 30 Nov").ok
    assert "Mon 30 Nov" not in begun.olaf.modal.text
    assert "Thu 10 Dec" in begun.olaf.modal.text
    assert begun.olaf.modal.click("Remove").ok
    assert not _away(begun)


def test_what_cannot_be_is_said_under_its_field(begun):
    assert "The last day is before the first" in goes_away(begun.olaf, FRIDAY, "2026-11-25").errors["Last day away"]
    assert "That day has passed" in goes_away(begun.olaf, "2026-11-20", FRIDAY).errors["First day away"]
    itself = goes_away(begun.olaf, "2026-11-24", FRIDAY, "@olaf").errors
    assert "Nobody can stand in for themselves" in itself["Who stands in?"]
    goes_away(begun.ines, "2026-11-23", "2026-12-31")
    both = goes_away(begun.olaf, "2026-11-24", FRIDAY, "@ines").errors
    assert "This person is away all that time as well" in both["Who stands in?"]
    assert not _away(begun)


def test_a_manager_says_it_for_somebody_who_fell_ill(begun):
    begun.olaf.opens_home()
    form = asks_away(begun.mia, "/handoff away @olaf")
    assert "When is @olaf away?" in form.text
    assert "When I am reminded" not in form.buttons
    assert goes_away(begun.mia, "2026-11-23", FRIDAY, "@cora", "/handoff away @olaf").ok
    assert "@olaf is away Mon 23 Nov to Fri 27 Nov, and @cora stands in" in begun.mia.modal.text
    assert "You are away until Fri 27 Nov; @cora stands in." in begun.olaf.home.text
    begun.mia.modal.close()
    assert asks_away(begun.mia, "/handoff away @olaf").click("They are back").ok
    assert not _away(begun)


def test_nobody_else_says_it_for_others(begun):
    assert begun.olaf.types("/handoff away @ines", in_="#accounts").ok
    assert begun.olaf.sees("Only @mia can do that here")
    assert begun.olaf.modal is None


def test_the_menu_and_home_lead_there(begun):
    begun.olaf.types("/handoff", in_="#accounts")
    assert begun.olaf.ephemerals("#accounts")[-1].click("Away").ok
    assert begun.olaf.modal.title == "Away"
    begun.olaf.modal.close()
    assert begun.olaf.opens_home().click("Away").ok
    assert begun.olaf.modal.title == "Away"
