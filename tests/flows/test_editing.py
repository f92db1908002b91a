"""Every field of a running handoff can be changed; what cannot be is said under its field, and nothing is half done."""

from __future__ import annotations

import pytest

from bot.domain.refusals import NotAllowed
from bot.errors import FieldErrors
from bot.usecases.handoffs.editing import Edit
from tests.databases import from_json


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def opened(town, who="mia"):
    """The form behind "Edit", as that person has it."""
    assert town.card("Acme", who=who).menu("Edit").ok
    return town.sandbox.person(who).modal


def inside(town, button):
    """One of the forms behind it."""
    assert opened(town).click(button).ok
    return town.mia.modal


def facts(town, *names):
    """What the database says of the handoff."""
    (row,) = town.rows(f"SELECT {', '.join(names)} FROM handoffs")
    return row if len(names) > 1 else row[0]


def edited(town):
    """Before and after of every edit in the audit trail."""
    rows = town.rows("SELECT before, after FROM audit WHERE verb = 'handoff.edited' ORDER BY id")
    return [(from_json(row.before), from_json(row.after)) for row in rows]


def person_number(town, name):
    return town.rows("SELECT id FROM people WHERE slack_id = :who", who=town.sandbox.person(name).id)[0].id


def test_people_dates_and_benefit_are_changed_and_the_trail_says_from_what_to_what(started):
    form = opened(started)
    form.choose("Incoming rep", "@cora")
    form.choose("Last day", "2026-12-11")
    form.fill("Benefit to the customer", "A rep who speaks their language.")
    assert form.submit().ok
    card = started.card()
    assert "leaves Fri 11 Dec" in card.text
    assert "→ @cora" in card.text
    assert "A rep who speaks their language" in card.text
    ((before, after),) = edited(started)
    assert set(after) == {"incoming", "last_day", "benefit"}
    assert (before["last_day"], after["last_day"]) == ("2026-12-18", "2026-12-11")
    assert after["incoming"] == person_number(started, "cora")


def test_due_dates_follow_another_last_day(started):
    due = dict(started.rows("SELECT key, due_on FROM checklist_items WHERE due_anchor = 'last_day'"))
    form = opened(started)
    form.choose("Last day", "2027-01-15")
    assert form.submit().ok
    now = dict(started.rows("SELECT key, due_on FROM checklist_items WHERE due_anchor = 'last_day'"))
    assert all(str(now[key]) > str(due[key]) for key in due)
    moved = started.rows("SELECT subject_id FROM audit WHERE verb = 'item.redated'")
    assert len(moved) >= len(due)


def test_what_is_changed_more_seldom_has_a_form_of_its_own(started):
    form = inside(started, "More people and dates")
    form.choose("Helper", "@otto")
    form.choose("The account changes hands on", "2027-01-04")
    form.choose("The new rep is supported until", "2027-03-31")
    form.choose("Options", ["Test run"])
    assert form.submit().ok
    row = facts(started, "helper_id", "transfer_on", "support_until", "test_run")
    assert (row.helper_id, str(row.transfer_on), str(row.support_until)) == (
        person_number(started, "otto"),
        "2027-01-04",
        "2027-03-31",
    )
    assert row.test_run
    assert "test run" in started.card().text
    due = started.rows("SELECT due_on FROM checklist_items WHERE key = 'announce'")[0].due_on
    assert str(due) == "2027-01-04"


def test_a_day_gone_by_and_the_same_rep_twice_are_said_under_their_fields(started):
    form = opened(started)
    form.choose("Last day", "2026-11-20")
    form.choose("Incoming rep", "@olaf")
    form.choose("Manager", None)
    errors = form.submit().errors
    assert "That day has passed" in errors["Last day"]
    assert "somebody other than the outgoing rep" in errors["Incoming rep"]
    assert "choose a manager" in errors["Manager"]
    form = inside(started, "More people and dates")
    form.choose("The account changes hands on", "2027-02-01")
    form.choose("The new rep is supported until", "2027-01-15")
    assert "after the account has changed hands" in form.submit().errors["The new rep is supported until"]
    assert edited(started) == []


def test_who_has_left_since_the_form_was_opened_is_not_taken(started):
    form = opened(started)
    form.choose("Incoming rep", "@carl")
    started.sandbox.actions.deactivate(started.carl.id)
    started.settle()
    assert "cannot be reached in Slack" in form.submit().errors["Incoming rep"]
    assert facts(started, "incoming_id") == person_number(started, "ines")


def test_of_two_who_change_one_field_the_second_is_told_and_other_fields_stay_as_the_first_left_them(started):
    form = opened(started)
    mia, handoff = started.actor("mia"), facts(started, "id")
    started.bot.editing(mia, handoff, Edit({"last_day": "2026-12-16", "inside": started.otto.id}))
    form.choose("Last day", "2026-12-15")
    form.choose("Incoming rep", "@cora")
    errors = form.submit().errors
    assert list(errors) == ["Last day"]
    assert "Somebody changed this while you had the form open" in errors["Last day"]
    assert facts(started, "incoming_id") == person_number(started, "ines")
    form.choose("Last day", "2026-12-18")  # as it was when the form was opened: not this one's to change
    assert form.submit().ok
    row = facts(started, "last_day", "incoming_id", "inside_id")
    assert str(row.last_day) == "2026-12-16"
    assert row.incoming_id == person_number(started, "cora")
    assert row.inside_id == person_number(started, "otto")
    assert [set(after) for _, after in edited(started)] == [{"last_day", "inside"}, {"incoming"}]


def test_a_form_that_is_sent_as_it_was_changes_nothing(started):
    assert opened(started).submit().ok
    assert inside(started, "More people and dates").submit().ok
    assert inside(started, "The account").submit().ok
    assert edited(started) == []


def test_a_typo_in_the_account_s_name_is_mended_but_no_name_is_taken_twice(started):
    started.starts("Bolt Works")
    form = inside(started, "The account")
    form.fill("Name", "bolt  works")
    assert "another account of that name" in form.submit().errors["Name"]
    form.fill("Name", "ACME Corp")
    assert form.submit().ok
    assert "ACME Corp" in started.card("ACME Corp").text
    started.otto.types("/handoff owner acme corp", in_="#general")
    assert "ACME Corp" in started.otto.ephemerals("#general")[-1].text


def test_steps_that_waited_for_the_one_before_wait_for_the_one_who_holds_the_role_now(started):
    item = started.rows("SELECT id FROM checklist_items WHERE key = 'org_chart'")[0].id
    started.bot.checklist.assign(started.actor("mia"), item, started.olaf.id)
    form = opened(started)
    form.choose("Outgoing rep", "@otto")
    assert form.submit().ok
    assert started.rows("SELECT owner_id FROM checklist_items WHERE key = 'org_chart'")[0].owner_id is None
    started.passes(days=4)
    assert any("Send the org chart" in m.text for m in started.otto.dms("baton"))
    assert not any("Send the org chart" in m.text for m in started.olaf.dms("baton"))


def test_only_those_who_may_edit(started):
    started.sandbox.actions.invite("C0ACCOUNTS0", started.otto.id)
    started.card("Acme", who="otto").menu("Edit")
    assert started.otto.modal is None
    assert started.otto.sees("Only @mia can do that here")
    with pytest.raises(NotAllowed):
        started.bot.editing(started.actor("otto"), facts(started, "id"), Edit({"benefit": "Mine"}))


def test_after_the_acceptance_somebody_has_the_account(started):
    handoff, mia = facts(started, "id"), started.actor("mia")
    started.bot.handoffs.override(mia, handoff, "In a hurry")
    started.bot.handoffs.accept(started.actor("ines"), handoff)
    started.settle()
    with pytest.raises(FieldErrors, match="name who has it instead of nobody"):
        started.bot.editing(mia, handoff, Edit({"incoming": None}))
    form = opened(started)
    form.choose("Incoming rep", "@cora")
    assert form.submit().ok
    started.otto.types("/handoff owner acme", in_="#general")
    assert "Acme is with @cora" in started.otto.ephemerals("#general")[-1].text
