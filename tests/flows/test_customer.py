"""The customer's side: warned in the right words, introduced in time with calendar files, asked how it feels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.client import HTTPResponse
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import urlopen

import pytest
from icalendar import Calendar

WARN = "Warn the customer"


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def _opens(town, who, near, label="Done"):
    """Press Done on a step and look at its form."""
    person = town.sandbox.person(who)
    assert town.checklist(who).click(label, near=near).ok
    assert person.modal is not None
    return person.modal


def _urls(shown):
    """The addresses of the buttons, by their words."""
    rows = [block for block in shown.blocks if block["type"] == "actions"]
    return {e["text"]["text"]: e["url"] for row in rows for e in row["elements"] if e.get("url")}


def _fetch(town, url) -> HTTPResponse:
    """Open a link of the bot's as a phone would."""
    base = town.request_url.removesuffix("/slack/events")
    assert url.startswith("https://baton.example/files/")
    return urlopen(base + urlsplit(url).path, timeout=10)


def _on_to(town, stage):
    """Pass gates until the handoff is in that stage."""
    while f"Stage {stage} of" not in town.card().text:
        town.card().click(town.card().buttons[0])
        if town.mia.modal is not None:
            town.mia.modal.fill("Say why", "Hurry")
            assert town.mia.modal.submit().ok
        asked = [m for m in town.ines.dms("baton") if "Accept" in m.buttons]
        if asked:
            asked[-1].click("Accept")


# -- the warning ------------------------------------------------------------------------------------------------------


def test_the_customer_is_warned_in_words_with_the_benefit_and_the_names(town):
    town.begun()
    form = _opens(town, "olaf", WARN)
    assert "I am handing over the care of Acme on Fri 18 Dec 2026" in form.text
    assert "Ines will look after you from then on" in form.text
    assert "What gets better for you: A rep who lives nearby and knows their plants." in form.text
    assert "Olaf, Northfield Supply" in form.text
    form.fill("Whom at the customer?", "Ada Lind")
    form.fill("Their mail address", "ada@acme.example")
    assert form.click("Put them into the words").ok
    assert "Hello Ada Lind," in form.text
    form.choose("How?", "Call")
    assert form.submit().ok
    assert "done by @olaf" in town.checklist().text
    card = town.card().text
    assert "Customer: told Mon 23 Nov by @olaf" in card
    record = town.rows("SELECT body FROM records WHERE kind = 'warning'")
    assert "Hello Ada Lind," in str(record[0].body)
    assert town.rows("SELECT name, mail FROM contacts") == [("Ada Lind", "ada@acme.example")]


def test_the_words_come_as_a_mail_address_and_as_a_file(started):
    form = _opens(started, "olaf", WARN)
    form.fill("Whom at the customer?", "Ada Lind & Søn")
    form.fill("Their mail address", "ada@acme.example")
    form.click("Put them into the words")
    (section,) = [b for b in form.blocks if "mailto:" in str(b)]
    address = section["text"]["text"].split("|")[0].lstrip("<").replace("&amp;", "&")
    parts = urlsplit(address)
    assert len(address) <= 1800
    assert unquote(parts.path) == "ada@acme.example"
    asked = parse_qs(parts.query)
    assert asked["subject"] == ["Acme: a new contact for you"]
    assert asked["body"][0].startswith("Hello Ada Lind & Søn,\r\n\r\nI want you to hear")
    answer = _fetch(started, _urls(form)["Mail file (.eml)"])
    assert answer.headers["Content-Type"] == "message/rfc822"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Acme.eml"'
    assert answer.headers["Cache-Control"] == "no-store"
    mail = message_from_bytes(answer.read(), policy=policy.default)
    assert mail["To"].addresses[0].addr_spec == "ada@acme.example"
    assert mail["X-Unsent"] == "1"
    assert "Hello Ada Lind & Søn," in mail.get_content()


def test_a_change_that_comes_suddenly_has_other_words(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Last day": "2026-11-25"})
    form = _opens(town, "olaf", WARN)
    assert "It comes suddenly for them" in form.text
    assert "I am sorry that we could not tell you earlier" in form.text
    assert "From today Mia is there for you" in form.text


def test_what_cannot_be_is_said_under_its_field_and_nothing_is_kept(started):
    form = _opens(started, "olaf", WARN)
    form.fill("Whom at the customer?", " ")
    form.fill("Their mail address", "no-reply@acme.example")
    form.choose("When?", "2026-11-24")
    errors = form.submit().errors
    assert "Whom at the customer?" in errors
    form.fill("Whom at the customer?", "Ada")
    form.choose("How?", "Visit")
    errors = form.submit().errors
    assert "No person reads mail sent to no-reply@acme.example" in errors["Their mail address"]
    assert "still to come" in errors["When?"]
    form.fill("Their mail address", "ada@acme.invalid")
    form.choose("When?", "2026-11-20")
    errors = form.submit().errors
    assert "No person reads mail" in errors["Their mail address"]
    assert "began on Mon 23 Nov 2026" in errors["When?"]
    assert started.rows("SELECT id FROM contacts") == []
    assert started.rows("SELECT id FROM records") == []


def test_the_second_to_say_so_is_told_who_was_first(started):
    mias = _opens(started, "mia", WARN)
    _opens(started, "olaf", WARN)
    started.says_the_customer_knows("olaf")
    mias.fill("Whom at the customer?", "Ada")
    mias.choose("How?", "Mail")
    assert mias.submit().ok
    assert started.mia.sees("was already ticked off by @olaf")
    assert len(started.rows("SELECT id FROM records")) == 1


def test_without_an_address_of_its_own_there_are_no_links_to_files(lite_town):
    town = lite_town
    from dataclasses import replace

    town.settings = replace(town.settings, public_url=None)
    town.restart()
    town.begun()
    form = _opens(town, "olaf", WARN)
    assert _urls(form) == {}
    assert "Write it in your mail program" in form.text
    assert "Words to use" in form.text


# -- links ------------------------------------------------------------------------------------------------------------


def test_a_link_that_was_changed_or_is_too_old_answers_with_a_sentence(started):
    url = _urls(_opens(started, "olaf", WARN))["Mail file (.eml)"]
    with pytest.raises(HTTPError) as forged:
        _fetch(started, url.replace("mail-1", "mail-2"))
    assert (forged.value.code, b"nothing at this address" in forged.value.read()) == (404, True)
    started.passes(days=2)
    with pytest.raises(HTTPError) as late:
        _fetch(started, url)
    assert (late.value.code, b"has expired" in late.value.read()) == (410, True)


# -- the meetings -----------------------------------------------------------------------------------------------------


def _plan(form, at, how="Video call", **fields):
    form.choose("When?", at)
    form.choose("How?", how)
    for label, words in fields.items():
        form.fill(label, words)
    return form.submit()


def _warned(town):
    _opens(town, "olaf", WARN)
    town.says_the_customer_knows("olaf")
    _on_to(town, 2)


BERLIN_10 = datetime(2026, 12, 9, 9, tzinfo=UTC)


def test_a_meeting_is_planned_changed_and_held(town):
    town.begun()
    _warned(town)
    form = _opens(town, "olaf", "rep-to-rep meeting")
    outcome = _plan(form, BERLIN_10, **{"Where?": "https://meet.example/a"})
    assert outcome.ok, outcome
    urls = _urls(town.olaf.modal)
    assert set(urls) == {"Calendar file (.ics)", "Google Calendar", "Outlook"}
    google = parse_qs(urlsplit(urls["Google Calendar"]).query)
    assert google["dates"] == ["20261209T090000Z/20261209T100000Z"]
    assert parse_qs(urlsplit(urls["Outlook"]).query)["startdt"] == ["2026-12-09T09:00:00Z"]
    answer = _fetch(town, urls["Calendar file (.ics)"])
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

    form = _opens(town, "olaf", "rep-to-rep meeting")
    assert form.value("Where?") == "https://meet.example/a"
    assert _plan(form, BERLIN_10 + timedelta(days=1)).ok
    town.olaf.modal.close()
    (again,) = Calendar.from_ical(_fetch(town, urls["Calendar file (.ics)"]).read()).walk("VEVENT")
    assert again["UID"] == event["UID"]
    assert (event["SEQUENCE"], again["SEQUENCE"]) == (0, 1)
    assert "has changed" in town.mia.thread(town.card())[-1].text

    form = _opens(town, "olaf", "rep-to-rep meeting")
    form.choose("Where does it stand?", "It took place")
    assert "still to come" in form.submit().errors["When?"]
    form.close()
    town.until(BERLIN_10 + timedelta(days=1, hours=2))
    form = _opens(town, "olaf", "rep-to-rep meeting")
    assert "has passed" in form.submit().errors["When?"]
    form.choose("Where does it stand?", "It took place")
    assert form.submit().ok
    assert "done by @olaf" in next(line for line in town.checklist().text.split("~") if "@olaf" in line)
    assert "Hold the rep-to-rep meeting" not in str(town.rows("SELECT title FROM checklist_items WHERE state='open'"))


def test_a_long_place_in_any_script_fits_into_the_calendars_addresses(started):
    _warned(started)
    place = "東京工場🏭" * 60
    assert _plan(_opens(started, "olaf", "rep-to-rep meeting"), BERLIN_10, **{"Where?": place}).ok
    urls = _urls(started.olaf.modal)
    assert max(len(url) for url in urls.values()) <= 3000
    for calendar in ("Google Calendar", "Outlook"):
        (shown,) = parse_qs(urlsplit(urls[calendar]).query)["location"]
        assert place.startswith(shown)
        assert len(shown) > 100
    assert "the rep-to-rep meeting is planned" in started.mia.thread(started.card())[-1].text


def test_whoever_changes_a_meeting_second_is_told(started):
    _warned(started)
    first = _opens(started, "olaf", "rep-to-rep meeting")
    second = _opens(started, "mia", "rep-to-rep meeting")
    assert _plan(first, BERLIN_10).ok
    assert _plan(second, BERLIN_10 + timedelta(hours=3)).ok
    assert started.mia.sees("@olaf has changed this meeting meanwhile")
    assert len(started.rows("SELECT id FROM records WHERE kind = 'meeting'")) == 1


INTRO = "Meet the customer together"


def test_an_introduction_waits_until_the_customer_has_had_time(town):
    town.begun()
    _warned(town)
    soon = datetime(2026, 11, 26, 9, tzinfo=UTC)
    form = _opens(town, "olaf", INTRO)
    assert "Sooner than the customer can take?" not in form.labels
    form.fill("Why you can trust the new rep", "She has run plants like yours.")
    problem = _plan(form, soon, "In person").errors["When?"]
    assert "told on Mon 23 Nov 2026" in problem
    assert "from Mon 7 Dec 2026 on" in problem
    assert "A manager can set it earlier" in problem
    form.close()
    form = _opens(town, "mia", INTRO)
    form.fill("Sooner than the customer can take? Say why", "They asked to see her this week")
    form.fill("Why you can trust the new rep", "She has run plants like yours.")
    outcome = _plan(form, soon, "In person", **{"Where?": "Their plant in Ulm"})
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
    _warned(started)
    form = _opens(started, "olaf", INTRO)
    assert _plan(form, datetime(2026, 12, 7, 9, tzinfo=UTC)).ok
    assert "It is planned" in started.olaf.modal.title


def test_a_customer_who_was_not_warned_is_not_met(started):
    _on_to(started, 2)
    form = _opens(started, "olaf", INTRO)
    form.fill("Who from the customer?", "Ada Lind")
    assert "has not been warned yet" in _plan(form, BERLIN_10).errors["When?"]


def test_somebody_who_left_meanwhile_cannot_be_expected_at_a_meeting(started):
    _warned(started)
    form = _opens(started, "olaf", "rep-to-rep meeting")
    started.sandbox.actions.deactivate(started.ines.id)
    started.settle()
    assert "cannot be reached" in _plan(form, BERLIN_10).errors["Who of us is there?"]


# -- the pulse --------------------------------------------------------------------------------------------------------


def test_a_bad_pulse_is_told_to_the_manager_at_once(town):
    town.begun()
    _on_to(town, 3)
    form = _opens(town, "ines", "Call the customer in the first week")
    assert "Acme: Call the customer in the first week" in form.text
    assert "How do they feel about it?" in form.submit().errors
    form.choose("How do they feel about it?", "Bad")
    form.fill("What did they say?", "Nobody called <!channel>")
    assert form.submit().ok
    told = town.mia.dms("baton")[-1]
    assert "Acme takes the change badly, says @ines" in told.text.replace("*", "")
    assert "Nobody called <!channel>" in told.text
    assert "pulse: bad" in town.card().text.casefold()


def test_a_good_pulse_stays_quiet(started):
    _on_to(started, 3)
    before = len(started.mia.dms("baton"))
    form = _opens(started, "ines", "Call the customer in the first week")
    form.choose("How do they feel about it?", "Good")
    assert form.submit().ok
    assert len(started.mia.dms("baton")) == before
    assert "pulse: good" in started.card().text.casefold()


# -- another rep ------------------------------------------------------------------------------------------------------


def _declined(town, who="mia", reason="We worked with her <!channel> before, and it did not go well"):
    town.card(who=who).menu("another rep")
    person = town.sandbox.person(who)
    person.modal.fill("What did the customer say?", reason)
    outcome = person.modal.submit()
    assert outcome.ok, outcome
    assert not outcome.errors


def _names(town, who, anyway=False):
    town.card().menu("Edit")
    form = town.mia.modal
    form.choose("Incoming rep", who)
    if anyway:
        form.choose("Asked for somebody else before", ["Name them although"])
    return form, form.submit()


def test_a_customer_who_asks_for_another_rep_gets_one_and_nothing_is_lost(town):
    town.begun()
    _opens(town, "olaf", WARN)
    town.says_the_customer_knows("olaf")
    _on_to(town, 2)
    _plan(_opens(town, "olaf", INTRO), BERLIN_10 + timedelta(days=1))
    town.olaf.modal.close()
    town.checklist("ines").click("Done", near="Agree the next step")
    assert "Owner of record: @ines" in town.card().text

    _declined(town, "olaf")
    card = town.card().text
    assert "Stage 1 of 3, Prepare" in card
    assert "→ nobody yet" in card
    assert "Customer: told Mon 23 Nov by @olaf · asked for another rep" in card
    assert "Owner of record" not in card
    assert "done by @olaf" in town.checklist(stage=0).text
    assert "Agree the next step with the customer\n" in town.checklist(stage=1).text
    assert "done by @ines" not in town.checklist(stage=1).text
    kind = town.ines.dms("baton")[-1].text
    assert "would like to work with somebody else" in kind
    assert "did not go well" not in kind
    told = town.mia.dms("baton")[-1].text
    assert "asks for somebody else than @ines, says @olaf" in told
    assert "did not go well" in told
    town.otto.types("/handoff owner acme", in_="#general")
    assert "Acme is with @olaf" in town.otto.ephemerals("#general")[-1].text
    town.card().click("Brief")
    assert "did not go well" in town.mia.modal.text
    town.mia.modal.close()
    assert "did not go well" not in "\n".join(message.text for message in town.mia.thread(town.card()))


def test_the_declined_rep_comes_back_only_when_somebody_says_so(started):
    _declined(started)
    form, outcome = _names(started, "@ines")
    assert "The customer asked for somebody else" in outcome.errors["Incoming rep"]
    form.close()
    _, outcome = _names(started, "@cora")
    assert outcome.ok, outcome
    assert not outcome.errors
    assert "→ @cora" in started.card().text
    _, outcome = _names(started, "@ines", anyway=True)
    assert not outcome.errors
    assert "→ @ines" in started.card().text
    assert started.rows("SELECT 1 FROM audit WHERE verb = 'rep.named_anyway'")


def test_another_rep_is_asked_and_accepts(started):
    _on_to(started, 2)
    _declined(started)
    _names(started, "@cora")
    started.card().click("Hand over")
    started.mia.modal.fill("Say why", "As before")
    assert started.mia.modal.submit().ok
    assert started.cora.dms("baton")[-1].click("Accept").ok
    assert "Owner of record: @cora" in started.card().text
    assert "Stage 2 of 3" in started.card().text


def test_with_nobody_left_a_cover_is_asked_for(lite_town):
    town = lite_town.begun()
    _on_to(town, 2)
    town.until(datetime(2026, 12, 21, 9, tzinfo=UTC))
    _declined(town)
    town.otto.types("/handoff owner acme", in_="#general")
    assert "Acme is with @ines" not in town.otto.ephemerals("#general")[-1].text
    assert "cover" in town.card().text.casefold()


def test_the_second_to_hear_of_it_is_told_and_strangers_cannot_say_it(started):
    started.card(who="olaf").menu("another rep")
    _declined(started)
    form = started.olaf.modal
    form.fill("What did the customer say?", "Somebody else, please")
    assert form.submit().ok
    assert started.olaf.sees("nobody whom the customer could decline")
    _names(started, "@cora")
    started.card(who="carl").menu("another rep")
    assert started.carl.modal is None
    assert started.carl.sees("Only @cora, @mia, or @olaf can do that here") or started.carl.sees("can do that here")


# -- too many faces ---------------------------------------------------------------------------------------------------


def test_an_account_that_moves_too_often_is_pointed_out(lite_town):
    town = lite_town.begun()
    town.passes(days=1)
    _on_to(town, 2)
    assert "new face" not in town.card().text
    for who in ("cora", "ida"):
        town.passes(days=1)
        _declined(town)
        _names(town, f"@{who}")
        town.card().click("Hand over")
        town.mia.modal.fill("Say why", "As before")
        town.mia.modal.submit()
        town.sandbox.person(who).dms("baton")[-1].click("Accept")
    assert "3 new faces for the customer within 90 days" in town.card().text
    town.card().menu("Cancel")
    town.mia.modal.fill("Reason", "It is too much for them")
    town.mia.modal.submit()
    town.mia.types("/handoff start Acme", in_="#accounts")
    assert "4 new faces for the customer within 90 days" in town.mia.modal.text
    town.mia.modal.close()
    town.mia.types("/handoff start Other", in_="#accounts")
    assert "new face" not in town.mia.modal.text
