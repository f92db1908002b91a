"""The reps' meeting and the introduction: planned with calendar files, changed, held, not too soon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar

from tests.customer_steps import BERLIN_10, INTRO, fetch, links_of, on_to, opens, plan, warned
from tests.databases import mostly_sqlite


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def test_a_meeting_is_planned_changed_and_held(town):
    town.begun()
    warned(town)
    form = opens(town, "olaf", "rep-to-rep meeting")
    outcome = plan(form, BERLIN_10, **{"Where?": "https://meet.example/a"})
    assert outcome.ok, outcome
    urls = links_of(town.olaf.modal)
    assert set(urls) == {"Calendar file (.ics)", "Google Calendar", "Outlook"}
    google = parse_qs(urlsplit(urls["Google Calendar"]).query)
    assert google["dates"] == ["20261209T090000Z/20261209T100000Z"]
    assert parse_qs(urlsplit(urls["Outlook"]).query)["startdt"] == ["2026-12-09T09:00:00Z"]
    answer = fetch(town, urls["Calendar file (.ics)"])
    assert answer.headers["Content-Type"].startswith("text/calendar")
    first = Calendar.from_ical(answer.read())
    (event,) = first.walk("VEVENT")
    assert first["METHOD"] == "PUBLISH"
    assert event["DTSTART"].params["TZID"] == "Europe/Oslo"
    assert event["DTSTART"].dt == BERLIN_10
    assert [zone["TZID"] for zone in first.walk("VTIMEZONE")] == ["Europe/Oslo"]
    assert "Olaf, Ines" in event["DESCRIPTION"]
    town.olaf.modal.close()
    told = town.mia.thread(town.card())[-1]
    assert "the rep-to-rep meeting is planned" in told.text
    assert "@olaf @ines" in told.text
    assert "due Wed 9 Dec" in town.checklist().text

    form = opens(town, "olaf", "rep-to-rep meeting")
    assert form.value("Where?") == "https://meet.example/a"
    assert plan(form, BERLIN_10 + timedelta(days=1)).ok
    town.olaf.modal.close()
    (again,) = Calendar.from_ical(fetch(town, urls["Calendar file (.ics)"]).read()).walk("VEVENT")
    assert again["UID"] == event["UID"]
    assert (event["SEQUENCE"], again["SEQUENCE"]) == (0, 1)
    assert "has changed" in town.mia.thread(town.card())[-1].text

    form = opens(town, "olaf", "rep-to-rep meeting")
    form.choose("Where does it stand?", "It took place")
    assert "still to come" in form.submit().errors["When?"]
    form.close()
    town.until(BERLIN_10 + timedelta(days=1, hours=2))
    form = opens(town, "olaf", "rep-to-rep meeting")
    assert "has passed" in form.submit().errors["When?"]
    form.choose("Where does it stand?", "It took place")
    assert form.submit().ok
    assert "done by @olaf" in next(line for line in town.checklist().text.split("~") if "@olaf" in line)
    assert "Hold the rep-to-rep meeting" not in str(town.rows("SELECT title FROM checklist_items WHERE state='open'"))


def test_a_long_place_in_any_script_fits_into_the_calendars_addresses(started):
    warned(started)
    place = "東京工場🏭" * 60
    assert plan(opens(started, "olaf", "rep-to-rep meeting"), BERLIN_10, **{"Where?": place}).ok
    urls = links_of(started.olaf.modal)
    assert max(len(url) for url in urls.values()) <= 3000
    for calendar in ("Google Calendar", "Outlook"):
        (shown,) = parse_qs(urlsplit(urls[calendar]).query)["location"]
        assert place.startswith(shown)
        assert len(shown) > 100
    assert "the rep-to-rep meeting is planned" in started.mia.thread(started.card())[-1].text


def test_whoever_changes_a_meeting_second_is_told(started):
    warned(started)
    first = opens(started, "olaf", "rep-to-rep meeting")
    second = opens(started, "mia", "rep-to-rep meeting")
    assert plan(first, BERLIN_10).ok
    assert plan(second, BERLIN_10 + timedelta(hours=3)).ok
    assert started.mia.sees("@olaf has changed this meeting meanwhile")
    assert len(started.rows("SELECT id FROM records WHERE kind = 'meeting'")) == 1


@mostly_sqlite
def test_an_introduction_waits_until_the_customer_has_had_time(town):
    town.begun()
    warned(town)
    soon = datetime(2026, 11, 26, 9, tzinfo=UTC)
    form = opens(town, "olaf", INTRO)
    assert "Sooner than it should be?" not in form.labels
    form.fill("Why you can trust the new rep", "She has run plants like yours.")
    problem = plan(form, soon, "In person").errors["When?"]
    assert "told on Mon 23 Nov 2026" in problem
    assert "from Mon 7 Dec 2026 on" in problem
    assert "A manager can set it earlier" in problem
    form.close()
    form = opens(town, "mia", INTRO)
    form.fill("Sooner than it should be? Say why", "They asked to see her this week")
    form.fill("Why you can trust the new rep", "She has run plants like yours.")
    outcome = plan(form, soon, "In person", **{"Where?": "Their plant in Ulm"})
    assert outcome.ok, outcome
    words = town.mia.modal.text
    assert "May I introduce Ines to you" in words
    assert "Olaf says: She has run plants like yours." in words
    assert "We would like to visit you together on Thu 26 Nov 2026, 10:00 (Europe/Berlin), Their plant in Ulm." in words
    card = town.card().text
    assert "introduction Nov 26, 2026 10:00" in card
    assert "3 working days after the warning" in card
    assert "They asked to see her this week" in card
    town.mia.modal.close()
    town.card().click("Brief")
    assert "She has run plants like yours." in town.mia.modal.text


def test_later_it_needs_no_reason(started):
    warned(started)
    form = opens(started, "olaf", INTRO)
    assert plan(form, datetime(2026, 12, 7, 9, tzinfo=UTC)).ok
    assert "It is planned" in started.olaf.modal.title


def test_a_customer_who_was_not_warned_is_not_met(started):
    on_to(started, 2)
    form = opens(started, "olaf", INTRO)
    form.fill("Who from the customer?", "Ada Lind")
    assert "has not been warned yet" in plan(form, BERLIN_10).errors["When?"]


def test_somebody_who_left_meanwhile_cannot_be_expected_at_a_meeting(started):
    warned(started)
    form = opens(started, "olaf", "rep-to-rep meeting")
    started.sandbox.actions.deactivate(started.ines.id)
    started.settle()
    assert "cannot be reached" in plan(form, BERLIN_10).errors["Who of us is there?"]


READING = "Read the purchase history"
MONDAY_7 = datetime(2026, 12, 7, 9, tzinfo=UTC)
"""Late enough after the warning, but a day before Ines has to have read up."""


def _reads(town):
    form = opens(town, "ines", READING)
    left = ("the purchase history", "the notes in the CRM", "the pipeline")
    form.choose("Before the first visit", [f"I have read {one}" for one in left])
    outcome = form.submit()
    assert outcome.ok
    assert not outcome.errors


@mostly_sqlite
def test_a_visit_before_the_new_rep_has_read_up_is_a_manager_s_to_decide(town):
    town.begun()
    warned(town)
    form = opens(town, "olaf", INTRO)
    problem = plan(form, MONDAY_7, "In person").errors["When?"]
    assert f"“{READING}” is still open" in problem
    assert "A manager can go on without it" in problem
    assert plan(form, MONDAY_7, "Video call").ok, "it is before a visit that they read"
    town.olaf.modal.close()
    form = opens(town, "mia", INTRO)
    assert plan(form, MONDAY_7, "In person").errors
    form.fill("Sooner than it should be? Say why", "She was their service engineer")
    assert plan(form, MONDAY_7, "In person").ok
    assert "She was their service engineer" in town.card().text


def test_a_visit_that_is_planned_for_after_the_reading_cannot_have_taken_place_without_it(lite_town):
    town = lite_town.begun()
    warned(town)
    assert plan(opens(town, "olaf", INTRO), BERLIN_10, "In person").ok
    assert f"Before this visit, @ines reads up: “{READING}” is still open" in town.olaf.modal.text
    town.olaf.modal.close()
    town.until(BERLIN_10 + timedelta(hours=3))
    form = opens(town, "olaf", INTRO)
    form.choose("Where does it stand?", "It took place")
    assert f"“{READING}” is still open" in form.submit().errors["When?"]
    form.close()
    _reads(town)
    form = opens(town, "olaf", INTRO)
    form.choose("Where does it stand?", "It took place")
    assert form.submit().ok
    assert town.rows("SELECT 1 FROM checklist_items WHERE form = 'introduction' AND state = 'done'")
