"""Going away: /handoff away, Home and the menu; who stands in; and saying when one is reminded (U10, U11, U12)."""

import pytest
from forged import chosen, submission

from bot.domain.refusals import NotAllowed
from tests.databases import mostly_sqlite

FRIDAY = "2026-11-27"


def _asks(person, line="/handoff away", in_="#accounts"):
    assert person.types(line, in_=in_).ok
    assert person.modal is not None
    return person.modal


def _goes(person, first, last, stands_in=None, line="/handoff away"):
    form = _asks(person, line)
    form.choose("First day away", first)
    form.choose("Last day away", last)
    if stands_in:
        form.choose("Who stands in?", stands_in)
    return form.submit()


def _away(town, name="olaf"):
    return town.rows("SELECT away FROM people WHERE slack_id = :s", s=town.sandbox.person(name).id)[0].away


@pytest.fixture
def begun(lite_town):
    return lite_town.begun()


def test_away_with_somebody_who_stands_in(town):
    town.begun()
    town.olaf.opens_home()
    town.ines.opens_home()
    assert _goes(town.olaf, "2026-11-23", FRIDAY, "@ines").ok
    assert "Noted: you are away Mon 23 Nov to Fri 27 Nov, and @ines stands in" in town.olaf.modal.text
    assert "You are away until Fri 27 Nov; @ines stands in." in town.olaf.home.text
    assert "You stand in for @olaf until Fri 27 Nov" in town.ines.home.text
    [row] = town.rows("SELECT before, after FROM audit WHERE verb = 'person.away'")
    assert "2026-11-27" in str(row.after)


def test_back_early_from_home(begun):
    begun.olaf.opens_home()
    begun.ines.opens_home()
    _goes(begun.olaf, "2026-11-23", FRIDAY, "@ines")
    begun.olaf.modal.close()
    begun.passes(days=2)
    assert begun.olaf.home.click("I am back").ok
    assert "You are away" not in begun.olaf.home.text
    assert "You stand in" not in begun.ines.home.text
    assert "2026-11-24" in str(_away(begun))


def test_the_form_lists_what_is_planned_and_takes_it_back(begun):
    _goes(begun.olaf, "2026-11-30", "2026-12-02", "@ines")
    _goes(begun.olaf, "2026-12-10", "2026-12-10")
    form = _asks(begun.olaf)
    assert "Mon 30 Nov to Wed 2 Dec · @ines stands in" in form.text
    assert "Thu 10 Dec · nobody stands in" in form.text
    assert form.click("Remove", near="Mon 30 Nov").ok
    assert "Mon 30 Nov" not in begun.olaf.modal.text
    assert "Thu 10 Dec" in begun.olaf.modal.text
    assert begun.olaf.modal.click("Remove").ok
    assert not _away(begun)


def test_what_cannot_be_is_said_under_its_field(begun):
    assert "The last day is before the first" in _goes(begun.olaf, FRIDAY, "2026-11-25").errors["Last day away"]
    assert "That day has passed" in _goes(begun.olaf, "2026-11-20", FRIDAY).errors["First day away"]
    itself = _goes(begun.olaf, "2026-11-24", FRIDAY, "@olaf").errors
    assert "Nobody can stand in for themselves" in itself["Who stands in?"]
    _goes(begun.ines, "2026-11-23", "2026-12-31")
    both = _goes(begun.olaf, "2026-11-24", FRIDAY, "@ines").errors
    assert "This person is away all that time as well" in both["Who stands in?"]
    assert not _away(begun)


def test_a_manager_says_it_for_somebody_who_fell_ill(begun):
    begun.olaf.opens_home()
    form = _asks(begun.mia, "/handoff away @olaf")
    assert "When is @olaf away?" in form.text
    assert "When I am reminded" not in form.buttons
    assert _goes(begun.mia, "2026-11-23", FRIDAY, "@cora", "/handoff away @olaf").ok
    assert "@olaf is away Mon 23 Nov to Fri 27 Nov, and @cora stands in" in begun.mia.modal.text
    assert "You are away until Fri 27 Nov; @cora stands in." in begun.olaf.home.text
    begun.mia.modal.close()
    assert _asks(begun.mia, "/handoff away @olaf").click("They are back").ok
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


def _hours(person):
    assert _asks(person).click("When I am reminded").ok
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


def _reminded(town, name, words):
    return [m for m in town.sandbox.person(name).dms("baton") if words in m.text and "has left" not in m.text]


def _absent(town, name, first, last, stands_in=None):
    assert _goes(town.sandbox.person(name), first, last, stands_in).ok
    town.sandbox.person(name).modal.close()


@mostly_sqlite
def test_whoever_stands_in_is_reminded_and_ticks_it_off(town):
    town.begun()
    _absent(town, "olaf", "2026-11-23", FRIDAY, "@cora")
    town.passes(hours=30)
    assert not _reminded(town, "olaf", "Warn the customer")
    assert _reminded(town, "cora", "Warn the customer")
    assert town.checklist("cora").click("Done", near="Warn the customer").ok
    town.says_the_customer_knows("cora")
    assert "done by @cora" in town.checklist().text


def test_standing_in_is_no_acceptance_and_ends_with_the_leave(begun):
    _absent(begun, "ines", "2026-11-23", "2026-11-24", "@cora")
    _absent(begun, "olaf", "2026-11-23", "2026-11-24", "@cora")
    begun.passes(minutes=5)
    assert begun.checklist("cora").click("Done", near="Warn the customer").ok
    begun.says_the_customer_knows("cora")
    begun.card().click("Hand over")
    begun.mia.modal.fill("Say why", "Hurry")
    begun.mia.modal.submit()
    number = begun.rows("SELECT id FROM handoffs")[0].id
    with pytest.raises(NotAllowed):
        begun.bot.handoffs.accept(begun.actor("cora"), number)
    begun.passes(days=2)
    item = begun.rows("SELECT id FROM checklist_items WHERE title = 'Send the org chart'")[0].id
    with pytest.raises(NotAllowed):
        begun.bot.checklist.complete(begun.actor("cora"), item)


def test_without_a_delegate_the_manager_is_reminded(begun):
    _absent(begun, "olaf", "2026-11-23", FRIDAY)
    begun.passes(hours=30)
    assert not _reminded(begun, "olaf", "Warn the customer")
    assert _reminded(begun, "mia", "Warn the customer")


def test_with_nobody_there_it_waits_and_comes_as_soon_as_one_is_back(begun):
    _absent(begun, "mia", "2026-11-23", "2026-12-11")
    _absent(begun, "olaf", "2026-11-23", "2026-12-04")
    begun.passes(days=2)
    assert not _reminded(begun, "olaf", "Warn the customer")
    assert not _reminded(begun, "mia", "Warn the customer")
    assert begun.olaf.opens_home().click("I am back").ok
    begun.passes(minutes=10)
    assert len(_reminded(begun, "olaf", "Warn the customer")) == 1


def test_whoever_comes_back_as_planned_is_reminded_that_morning(begun):
    _absent(begun, "mia", "2026-11-23", "2026-12-11")
    _absent(begun, "olaf", "2026-11-23", "2026-11-25")
    begun.passes(days=3, minutes=-61)
    assert not _reminded(begun, "olaf", "Warn the customer")
    begun.passes(minutes=5)
    assert len(_reminded(begun, "olaf", "Warn the customer")) == 1


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


def _of_standing_in(town, name):
    return [m.text for m in town.sandbox.person(name).dms("baton") if "stand in" in m.text]


@mostly_sqlite
def test_a_delegate_is_told_when_they_are_named_and_when_it_ends_early(town):
    town.begun()
    _absent(town, "olaf", "2026-11-23", FRIDAY, "@cora")
    (named,) = _of_standing_in(town, "cora")
    assert "You stand in for @olaf from Mon 23 Nov to Fri 27 Nov." in named
    _absent(town, "olaf", "2026-11-23", FRIDAY, "@cora")
    assert len(_of_standing_in(town, "cora")) == 1
    town.olaf.opens_home()
    assert town.olaf.home.click("I am back").ok
    assert "You no longer stand in for @olaf." in _of_standing_in(town, "cora")[-1]
    town.passes(days=6)
    assert len(_of_standing_in(town, "cora")) == 2


def test_a_delegate_hears_of_other_days_and_that_nobody_is_needed(begun):
    _absent(begun, "olaf", "2026-11-30", "2026-12-02", "@cora")
    _absent(begun, "olaf", "2026-12-03", "2026-12-04", "@cora")
    assert "You stand in for @olaf from Mon 30 Nov to Fri 4 Dec." in _of_standing_in(begun, "cora")[-1]
    _absent(begun, "olaf", "2026-12-02", "2026-12-02", "@ida")
    assert "You stand in for @olaf on Wed 2 Dec." in _of_standing_in(begun, "ida")[-1]
    changed = _of_standing_in(begun, "cora")[-1]
    assert "from Mon 30 Nov to Tue 1 Dec" in changed
    assert "from Thu 3 Dec to Fri 4 Dec" in changed
    assert _asks(begun.olaf).click("Remove", near="Wed 2 Dec").ok
    assert "You need not stand in for @olaf on Wed 2 Dec after all." in _of_standing_in(begun, "ida")[-1]
    assert len(_of_standing_in(begun, "cora")) == 3


def test_whoever_names_themselves_needs_no_letter(begun):
    assert _goes(begun.mia, "2026-11-23", FRIDAY, "@mia", "/handoff away @olaf").ok
    assert not _of_standing_in(begun, "mia")


@mostly_sqlite
def test_a_delegate_who_leaves_is_told_of_once_to_whoever_is_away(town):
    town.begun()
    _absent(town, "olaf", "2026-11-30", "2026-12-04", "@cora")
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    (told,) = [m for m in town.olaf.dms("baton") if "@cora" in m.text]
    assert "@cora has left Slack and cannot stand in for you from Mon 30 Nov to Fri 4 Dec." in told.text
    assert "the managers of your handoffs are reminded" in told.text
    town.sandbox.actions.change_user(town.cora.id, title="Gone")
    town.passes(hours=1)
    assert len([m for m in town.olaf.dms("baton") if "@cora" in m.text]) == 1
    assert told.click("Away").ok
    assert "Mon 30 Nov to Fri 4 Dec · nobody stands in" in town.olaf.modal.text
    form = town.olaf.modal
    for label, value in (("First day away", "2026-11-30"), ("Last day away", "2026-12-04"), ("Who stands in?", "@ida")):
        form.choose(label, value)
    assert form.submit().ok
    assert _of_standing_in(town, "ida")


def test_a_delegate_who_turns_out_to_be_an_app_is_told_of_to_the_manager_who_said_it(begun):
    with begun.sandbox.workspace.changing():
        begun.sandbox.workspace.users[begun.cora.id].is_bot = True
    assert _goes(begun.mia, "2026-11-23", FRIDAY, "@cora", "/handoff away @olaf").ok
    begun.settle()
    told = [m.text for m in begun.mia.dms("baton") if "@cora" in m.text]
    assert len(told) == 1
    assert "@cora cannot be reached in Slack and cannot stand in for @olaf from Mon 23 Nov to Fri 27 Nov." in told[0]
    assert "/handoff away @olaf" in told[0]
    assert not begun.rows("SELECT 1 FROM outbox WHERE state = 'failed'")
    begun.olaf.opens_home()
    assert "Meanwhile the managers of your handoffs are reminded" in begun.olaf.home.text


def test_delegates_of_what_is_over_are_nobodys_concern(begun):
    _absent(begun, "olaf", "2026-11-23", "2026-11-24", "@cora")
    begun.passes(days=3)
    begun.sandbox.actions.deactivate(begun.cora.id)
    begun.settle()
    assert not [m for m in begun.olaf.dms("baton") if "@cora" in m.text]
