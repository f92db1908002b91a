"""When somebody is reminded: their country, work week, hours and free days, and what the form refuses (U10, U11)."""

import pytest
from forged import chosen, submission

from tests.away_steps import FRIDAY, asks_away


def _hours(person):
    assert asks_away(person).click("When I am reminded").ok
    assert person.modal.title == "When I am reminded"
    return person.modal


def test_slack_s_zone_tells_the_country_and_its_week(begun):
    begun.sandbox.actions.change_user(begun.olaf.id, tz="Africa/Cairo")
    form = _hours(begun.olaf)
    assert "Africa/Cairo" in form.text
    assert form.value("Country") == "Egypt"
    assert form.value("I work on") == "Monday, Tuesday, Wednesday, Thursday, Sunday"
    assert form.value("From") == "09:00"


def test_own_hours_move_what_is_planned(begun):
    form = _hours(begun.olaf)
    form.choose("I work on", ["Tuesday", "Wednesday"])
    form.choose("From", "10:00")
    form.choose("Until", "14:00")
    form.choose("I report to", "@mia")
    assert form.submit().ok
    begun.passes(minutes=1)
    mine = (
        "SELECT n.due_at FROM nudges n JOIN checklist_items i ON i.id = n.subject_id WHERE n.state = 'planned' "
        "AND n.obligation = 'item' AND i.owner_role = 'outgoing'"
    )
    due = {str(row.due_at)[:16] for row in begun.rows(mine)}
    assert all(moment.endswith("09:00") for moment in due)  # ten in Oslo
    assert {moment[8:10] for moment in due} <= {"24", "25"} | {"01", "02", "08", "09", "15", "16"}
    [row] = begun.rows("SELECT work_week, opens, closes, country FROM people WHERE slack_id = :s", s=begun.olaf.id)
    assert tuple(row) == ("12", 600, 840, "NO")


def test_another_country_brings_its_week_unless_one_has_chosen_one_s_own(begun):
    form = _hours(begun.olaf)
    form.choose("Country", "Egypt")
    assert form.submit().ok
    query = "SELECT country, country_own, work_week FROM people WHERE slack_id = :s"
    assert tuple(begun.rows(query, s=begun.olaf.id)[0]) == ("EG", True, "")
    begun.sandbox.actions.change_user(begun.olaf.id, tz="Europe/Berlin")
    assert begun.rows(query, s=begun.olaf.id)[0].country == "EG"
    begun.olaf.modal.close()
    form = _hours(begun.olaf)
    assert form.value("I work on") == "Monday, Tuesday, Wednesday, Thursday, Sunday"
    form.choose("Country", "Germany")
    assert form.submit().ok
    assert tuple(begun.rows(query, s=begun.olaf.id)[0]) == ("DE", False, "")


def test_hours_that_cannot_be_are_refused_under_their_field(begun):
    form = _hours(begun.olaf)
    form.choose("From", "17:00")
    form.choose("I report to", "@olaf")
    errors = form.submit().errors
    assert "at least an hour" in errors["Until"]
    assert "Nobody reports to themselves" in errors["I report to"]


@pytest.mark.parametrize(
    ("zone", "due", "told"),
    [
        ("Europe/Berlin", "2026-11-26", "26"),
        ("America/Chicago", "2026-11-26", "27"),  # Thanksgiving
        ("Africa/Cairo", FRIDAY, "29"),  # the weekend is Friday and Saturday
    ],
)
def test_what_falls_due_on_a_free_day_is_reminded_of_on_the_next_working_day(begun, zone, due, told):
    begun.sandbox.actions.change_user(begun.olaf.id, tz=zone)
    begun.checklist().menu("Change the due date", near="Send the org chart")
    form = begun.mia.modal
    form.choose("Due date", due)
    assert form.submit().ok
    begun.passes(days=7)
    sent = (
        "SELECT n.sent_at FROM nudges n JOIN checklist_items i ON i.id = n.subject_id WHERE n.obligation = 'item' "
        "AND i.title = 'Send the org chart' AND n.slot LIKE '%/due' AND n.state = 'sent'"
    )
    assert {str(row.sent_at)[8:10] for row in begun.rows(sent)} == {told}


def _sends_hours(town, **fields):
    """Olaf sends the form with what it does not offer."""
    days = {"type": "checkboxes", "selected_options": [{"value": day} for day in fields.pop("week", "01")]}
    states = {"week": days, "opens": chosen("540"), "closes": chosen("1020")}
    return submission(town, "olaf", "hours.save", {**states, **fields}).json


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"week": ["0", "7"]}, "week", "not among the choices"),
        ({"week": ["-1"]}, "week", "not among the choices"),
        ({"week": []}, "week", "at least one"),
        ({"opens": chosen("-60")}, "opens", "not among the choices"),
        ({"closes": chosen("6000")}, "closes", "not among the choices"),
        ({"opens": chosen("541")}, "opens", "not among the choices"),
        ({"opens": chosen("1020"), "closes": chosen("540")}, "closes", "at least an hour"),
        ({"hours.country": chosen('{"country": "XX"}')}, "country", "I do not know that country"),
        ({"hours.country": chosen('{"country": ["DE"]}')}, "country", "I do not know that country"),
    ],
)
def test_hours_that_the_form_does_not_offer_are_refused_under_their_field(begun, fields, field, words):
    before = begun.rows("SELECT * FROM people WHERE slack_id = :s", s=begun.olaf.id)
    answer = _sends_hours(begun, **fields)
    assert answer["response_action"] == "errors"
    assert words in answer["errors"][field]
    assert begun.rows("SELECT * FROM people WHERE slack_id = :s", s=begun.olaf.id) == before


@pytest.mark.parametrize("fields", [{"week": ["Monday"]}, {"opens": chosen("nine")}, {"closes": chosen("1" * 30)}])
def test_hours_that_are_no_numbers_are_refused_in_a_sentence(begun, fields):
    before = begun.rows("SELECT * FROM people WHERE slack_id = :s", s=begun.olaf.id)
    answer = str(_sends_hours(begun, **fields))
    assert "Something went wrong" not in answer
    assert "older message" in answer or "not among the choices" in answer
    assert begun.rows("SELECT * FROM people WHERE slack_id = :s", s=begun.olaf.id) == before


@pytest.mark.parametrize("cap", ["many", "-3", "1000"])
def test_setup_takes_no_number_that_it_does_not_offer(begun, cap):
    before = begun.rows("SELECT daily_cap, country FROM workspaces")
    answer = str(submission(begun, "mia", "setup.save", {"daily_cap": chosen(cap)}).json)
    assert "Something went wrong" not in answer
    assert "older message" in answer or "not among the choices" in answer
    assert begun.rows("SELECT daily_cap, country FROM workspaces") == before
