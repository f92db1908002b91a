"""Setup beyond names: how soon each function answers, how often and by which calendar people are reminded."""

import pytest


def _form(town, person="mia"):
    who = town.sandbox.person(person)
    assert who.types("/handoff setup", in_="#accounts").ok
    return who.modal


def _set(town, **fields):
    form = _form(town)
    for label, value in fields.items():
        form.choose(label.replace("_", " "), value)
    outcome = form.submit()
    assert outcome.ok, outcome
    return outcome


def _due(town, function):
    return str(town.rows("SELECT due_on FROM feedback_requests WHERE function = :f", f=function)[0].due_on)


def test_what_was_set_is_shown_again_and_kept(town):
    town.set_up()
    form = _form(town)
    assert form.value("Reminders a day at most") == "5"
    assert form.value("Credit: time to answer") == "As the questions say"
    form.choose("Country", "Norway")
    form.choose("Reminders a day at most", "3")
    form.choose("Managers report to", "@cora")
    form.choose("Warranty: time to answer", "4 working days")
    assert form.submit().ok
    form = _form(town)
    assert form.value("Country") == "Norway"
    assert form.value("Reminders a day at most") == "3"
    assert form.value("Managers report to") == "@cora"
    assert form.value("Warranty: time to answer") == "4 working days"
    assert form.value("Warranty") == "@wanda"
    [row] = town.rows("SELECT after FROM audit WHERE verb = 'setup.saved' ORDER BY id DESC LIMIT 1")
    assert town.cora.id in str(row.after)


def test_a_function_has_the_days_that_setup_gives_it(lite_town):
    lite_town.set_up()
    _set(lite_town, **{"Credit: time to answer": "4 working days"})
    lite_town.handoff("Acme")
    assert _due(lite_town, "credit") == "2026-11-30"  # Thanksgiving lies between, and Carl is in Chicago
    assert _due(lite_town, "warranty") == "2026-11-25"
    assert "answer by Mon 30 Nov" in lite_town.carl.dms("baton")[-1].text


def test_whoever_is_named_later_has_their_time_from_then_on(lite_town):
    lite_town.mia.types("/handoff setup", in_="#accounts")
    form = lite_town.mia.modal
    form.choose("Managers", ["@mia"])
    assert form.submit().ok
    lite_town.handoff("Acme")
    assert _due(lite_town, "credit") == "2026-11-25"
    lite_town.passes(days=7)
    _set(lite_town, Credit="@carl", **{"Credit: time to answer": "1 working day"})
    assert _due(lite_town, "credit") == "2026-12-01"
    assert "answer by Tue 1 Dec" in lite_town.carl.dms("baton")[-1].text
    before = len(lite_town.carl.dms("baton"))
    lite_town.passes(days=1, hours=12)
    assert any("Credit’s answer" in message.text for message in lite_town.carl.dms("baton")[before:])


def test_the_country_is_that_of_whoever_does_not_tell_theirs(lite_town):
    town = lite_town.begun()
    town.sandbox.actions.change_user(town.olaf.id, tz="UTC", locale="en-XX")
    query = "SELECT country FROM people WHERE slack_id = :s"
    assert town.rows(query, s=town.olaf.id)[0].country == ""
    _set(town, Country="Egypt")
    assert town.rows(query, s=town.olaf.id)[0].country == "EG"
    assert town.rows(query, s=town.ines.id)[0].country == "PT"


@pytest.mark.parametrize("typed", ["egy", "EG", "Ägy"])
def test_a_country_is_found_by_its_name_in_either_language(lite_town, typed):
    lite_town.set_up()
    lite_town.sandbox.actions.change_user(lite_town.mia.id, locale="de-DE")
    found = _form(lite_town).options("Country", typed)
    assert [one for one in found if one in ("Egypt", "Ägypten")]


def test_managers_cannot_report_to_somebody_who_left(lite_town):
    lite_town.set_up()
    lite_town.cora.opens_home()
    form = _form(lite_town)
    form.choose("Managers report to", "@cora")
    lite_town.sandbox.actions.deactivate(lite_town.cora.id)
    assert "cannot be reached" in form.submit().errors["Managers report to"]
