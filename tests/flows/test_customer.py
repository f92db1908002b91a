"""The customer's side: warned in the right words, by mail and file, and asked how it feels."""

from __future__ import annotations

from email import message_from_bytes, policy
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.customer_steps import WARN, fetch, links_of, on_to, opens
from tests.databases import mostly_sqlite


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


# -- the warning ------------------------------------------------------------------------------------------------------


def test_the_customer_is_warned_in_words_with_the_benefit_and_the_names(town):
    town.begun()
    form = opens(town, "olaf", WARN)
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
    form = opens(started, "olaf", WARN)
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
    answer = fetch(started, links_of(form)["Mail file (.eml)"])
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
    form = opens(town, "olaf", WARN)
    assert "It comes suddenly for them" in form.text
    assert "I am sorry that we could not tell you earlier" in form.text
    assert "From today Mia is there for you" in form.text


def test_what_cannot_be_is_said_under_its_field_and_nothing_is_kept(started):
    form = opens(started, "olaf", WARN)
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
    mias = opens(started, "mia", WARN)
    opens(started, "olaf", WARN)
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
    form = opens(town, "olaf", WARN)
    assert links_of(form) == {}
    assert "Write it in your mail program" in form.text
    assert "Words to use" in form.text


# -- links ------------------------------------------------------------------------------------------------------------


def test_a_link_that_was_changed_or_is_too_old_answers_with_a_sentence(started):
    url = links_of(opens(started, "olaf", WARN))["Mail file (.eml)"]
    with pytest.raises(HTTPError) as forged:
        fetch(started, url.replace("mail-1", "mail-2"))
    assert (forged.value.code, b"nothing at this address" in forged.value.read()) == (404, True)
    started.passes(days=2)
    with pytest.raises(HTTPError) as late:
        fetch(started, url)
    assert (late.value.code, b"has expired" in late.value.read()) == (410, True)


# -- the pulse --------------------------------------------------------------------------------------------------------


@mostly_sqlite
def test_a_bad_pulse_is_told_to_the_manager_at_once(town):
    town.begun()
    on_to(town, 3)
    form = opens(town, "ines", "Call the customer in the first week")
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
    on_to(started, 3)
    before = len(started.mia.dms("baton"))
    form = opens(started, "ines", "Call the customer in the first week")
    form.choose("How do they feel about it?", "Good")
    assert form.submit().ok
    assert len(started.mia.dms("baton")) == before
    assert "pulse: good" in started.card().text.casefold()
