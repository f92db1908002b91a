"""Several people are known at the customer: who is told is suggested by one rule, chosen in the form, and kept."""

from __future__ import annotations

from email import message_from_bytes, policy
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit

import pytest
from icalendar import Calendar

from bot.files.signed_links import Ticket
from bot.usecases.accounts.dossier_forms import ThingSent
from bot.usecases.customers.mails import MAIL, MAIL_LASTS
from bot.usecases.workspace.setup import SetupView
from tests.customer_steps import BERLIN_10, INTRO, WARN, fetch, links_of, on_to, opens, plan

WHOM, WHO, NAME, ADDRESS = "Whom at the customer?", "Who from the customer?", "Their name", "Their mail address"
ELSE = "Somebody else"
PEOPLE = "SELECT name, mail, role FROM contacts WHERE removed_at IS NULL ORDER BY id"
DECIDES = "decision_maker"
TROUBLE = "trouble_maker"


@pytest.fixture
def acme(lite_town):
    """Olaf knows two people there: the one who was written down first decides nothing."""
    lite_town.begun()
    _knows(lite_town, "Gil Grey", "gil@acme.example", "gatekeeper")
    _knows(lite_town, "Ada Lind", "ada@acme.example", DECIDES)
    return lite_town


def _knows(town, name, mail="", role="", who="olaf"):
    return town.bot.dossier.things.save(
        town.actor(who), 1, "contact", ThingSent({"name": name, "mail": mail}, {}, {"role": role})
    )


def _gone(town, number, who="olaf"):
    town.bot.dossier.things.remove(town.actor(who), 1, "contact", number)


def _gives(town, who):
    """The warning is somebody else's step now: of an inside rep, who may not hear who makes trouble."""
    item = town.rows("SELECT id FROM checklist_items WHERE form = 'warning'")[0].id
    town.bot.checklist.assign(town.actor("mia"), item, town.sandbox.person(who).id)
    town.settle()


def _to(form):
    """The address in the link that opens a mail program."""
    (section,) = [block for block in form.blocks if "mailto:" in str(block)]
    return unquote(urlsplit(section["text"]["text"].split("|")[0].lstrip("<")).path)


def _file(town, form):
    mail = message_from_bytes(fetch(town, links_of(form)["Mail file (.eml)"]).read(), policy=policy.default)
    return (mail["To"].addresses[0].addr_spec if mail["To"] else ""), mail.get_content()


def _sent(form, how="Call"):
    form.choose("How?", how)
    outcome = form.submit()
    assert outcome.ok, outcome
    assert not outcome.errors, outcome.errors


def _names(town):
    return [row.name for row in town.rows(PEOPLE)]


# -- the warning ------------------------------------------------------------------------------------------------------


def test_who_decides_is_suggested_and_choosing_another_redraws_words_address_and_file(acme):
    form = opens(acme, "olaf", WARN)
    assert form.value(WHOM) == "Ada Lind"
    assert form.options(WHOM) == ["Ada Lind", "Gil Grey", ELSE]
    assert NAME not in form.labels
    assert ADDRESS not in form.labels
    assert "Hello Ada Lind," in form.text
    ada = links_of(form)["Mail file (.eml)"]
    form.choose("How?", "Visit")
    form.choose("When?", "2026-11-23")
    assert form.choose(WHOM, "Gil Grey").ok
    assert "Hello Gil Grey," in form.text
    assert "Ada Lind" not in form.text
    assert _to(form) == "gil@acme.example"
    address, words = _file(acme, form)
    assert (address, "Hello Gil Grey," in words) == ("gil@acme.example", True)
    assert b"Hello Ada Lind," in fetch(acme, ada).read(), "the link beside the other words has those"
    assert (form.value("How?"), form.value("Who told them?")) == ("Visit", "@olaf")
    assert form.submit().ok
    (record,) = acme.rows("SELECT body FROM records WHERE kind = 'warning'")
    assert "Hello Gil Grey," in str(record.body)
    assert acme.rows(PEOPLE) == [
        ("Gil Grey", "gil@acme.example", "gatekeeper"),
        ("Ada Lind", "ada@acme.example", DECIDES),
    ]
    said = [field for line in acme.bot.history(acme.actor("mia"), "acme").lines for field in line.fields.values()]
    assert "Gil Grey" in [one.after.what for one in said if one.name == "contact"]
    assert "contact_id" not in {one.name for one in said}


def test_somebody_else_is_added_and_nobody_is_renamed(acme):
    form = opens(acme, "olaf", WARN)
    form.choose(WHOM, ELSE)
    assert "Hello,\n" in form.text, "nobody is named before anybody is"
    assert _file(acme, form) == ("", _file(acme, form)[1])
    assert "Hello,\n" in _file(acme, form)[1].replace("\r\n", "\n")
    form.fill(NAME, "Cy Dal")
    form.fill(ADDRESS, "cy@acme.example")
    assert form.click("Put them into the words").ok
    assert "Hello Cy Dal," in form.text
    assert _file(acme, form)[0] == "cy@acme.example"
    assert (form.value(WHOM), form.value(NAME)) == (ELSE, "Cy Dal")
    form.fill(NAME, "Cy Dahl")
    form.click("Put them into the words")
    assert "Hello Cy Dahl," in form.text
    _sent(form)
    assert _names(acme) == ["Gil Grey", "Ada Lind", "Cy Dahl"], "a slip of the pen that was mended leaves nobody behind"


def test_without_a_look_at_the_words_they_are_added_all_the_same(acme):
    form = opens(acme, "olaf", WARN)
    form.choose(WHOM, ELSE)
    assert NAME in form.submit().errors
    form.fill(NAME, "Cy Dahl")
    _sent(form)
    assert _names(acme) == ["Gil Grey", "Ada Lind", "Cy Dahl"]
    assert "Hello Cy Dahl," in str(acme.rows("SELECT body FROM records WHERE kind = 'warning'")[0].body)


def test_a_name_that_is_known_is_whose_it_is_and_keeps_its_address(acme):
    form = opens(acme, "olaf", WARN)
    form.choose(WHOM, ELSE)
    form.fill(NAME, "gil  grey")
    form.click("Put them into the words")
    assert form.value(WHOM) == "Gil Grey"
    assert "Hello Gil Grey," in form.text
    _sent(form)
    assert acme.rows(PEOPLE)[0] == ("Gil Grey", "gil@acme.example", "gatekeeper")
    assert len(_names(acme)) == 2


def test_whom_somebody_took_out_meanwhile_is_not_written_to(acme):
    form = opens(acme, "olaf", WARN)
    url = links_of(form)["Mail file (.eml)"]
    _gone(acme, 2, "ines")
    with pytest.raises(HTTPError) as gone:
        fetch(acme, url)
    assert gone.value.code == 410
    form.choose("How?", "Call")
    assert "not among the people of the customer any more" in form.submit().errors[WHOM]
    assert acme.rows("SELECT 1 FROM records") == []


def test_a_link_of_an_older_version_still_opens_a_mail_to_whom_the_rule_names(acme):
    item = acme.rows("SELECT id, workspace_id FROM checklist_items WHERE form = 'warning'")[0]
    olaf = acme.rows("SELECT id FROM people WHERE slack_id = :s", s=acme.olaf.id)[0].id
    ticket = Ticket(MAIL, (item.workspace_id, item.id, olaf))
    url = acme.bot.customers.mails.links.link(ticket, acme.clock.now() + MAIL_LASTS, "Acme.eml")
    assert b"Hello Ada Lind," in fetch(acme, url).read()


def test_where_the_crm_knows_one_and_somebody_else_is_told_both_are_there_to_choose(lite_town):
    town = lite_town.begun()
    _knows(town, "Ada Lind", "ada@acme.example")
    with town.bot.db.write() as session:
        session.connection().exec_driver_sql("UPDATE accounts SET crm = 'salesforce'")
        session.connection().exec_driver_sql("UPDATE contacts SET crm_id = 'C-1'")
    form = opens(town, "olaf", WARN)
    assert NAME not in form.labels
    form.fill(WHOM, "Bo Ek")
    form.fill(ADDRESS, "bo@acme.example")
    form.click("Put them into the words")
    assert "Hello Bo Ek," in form.text
    assert _to(form) == "bo@acme.example"
    assert (form.value(WHOM), form.value(NAME)) == (ELSE, "Bo Ek")
    form.choose(WHOM, "Ada Lind")
    assert "Hello Ada Lind," in form.text
    _sent(form)
    assert town.rows(PEOPLE) == [("Ada Lind", "ada@acme.example", ""), ("Bo Ek", "bo@acme.example", "")]


def test_of_hundreds_the_first_fit_and_anybody_is_found_by_name(acme):
    with acme.bot.db.write() as session:
        for n in range(200):
            sql = (
                "INSERT INTO contacts (workspace_id, account_id, name, role, title, mail, phone, note, crm_id, version)"
            )
            session.connection().exec_driver_sql(f"{sql} VALUES (1, 1, 'Person {n}', '', '', '', '', '', '', 0)")
    form = opens(acme, "olaf", WARN)
    offered = form.options(WHOM)
    assert (len(offered), offered[0], offered[-1]) == (100, "Ada Lind", ELSE)
    assert "99 of 202" in form.text
    form.choose(WHOM, ELSE)
    form.fill(NAME, "Person 199")
    form.click("Put them into the words")
    assert form.value(WHOM) == "Person 199"
    _sent(form)
    assert len(_names(acme)) == 202


# -- who makes trouble ------------------------------------------------------------------------------------------------


def test_nobody_who_makes_trouble_is_suggested_to_those_who_know_of_it(lite_town):
    town = lite_town.begun()
    _knows(town, "Tom Tough", "tom@acme.example", TROUBLE)
    _knows(town, "Bo Ek")
    form = opens(town, "olaf", WARN)
    assert form.value(WHOM) == "Bo Ek"
    assert form.options(WHOM) == ["Bo Ek", "Tom Tough", ELSE]


@pytest.mark.parametrize("role", [TROUBLE, ""])
def test_to_others_the_form_is_the_same_whether_or_not_somebody_makes_trouble(lite_town, role):
    town = lite_town.begun()
    _knows(town, "Tom Tough", "tom@acme.example", role)
    _knows(town, "Bo Ek")
    _gives(town, "ida")
    form = opens(town, "ida", WARN)
    assert form.value(WHOM) == "", "of two of whom Ida knows nothing, she says herself which"
    assert form.options(WHOM) == ["Tom Tough", "Bo Ek", ELSE]
    assert "Hello,\n" in form.text
    form.choose("How?", "Call")
    assert WHOM in form.submit().errors
    form.choose(WHOM, "Bo Ek")
    _sent(form)


@pytest.mark.parametrize("role", [TROUBLE, ""])
def test_others_get_whoever_decides_suggested(acme, role):
    _knows(acme, "Tom Tough", "tom@acme.example", role)
    _gives(acme, "ida")
    form = opens(acme, "ida", WARN)
    assert form.value(WHOM) == "Ada Lind"
    assert form.options(WHOM) == ["Ada Lind", "Gil Grey", "Tom Tough", ELSE]


# -- the introduction -------------------------------------------------------------------------------------------------


def _told(town, name):
    form = opens(town, "olaf", WARN)
    form.choose(WHOM, name)
    _sent(form)
    on_to(town, 2)


def test_the_introduction_goes_to_whom_was_told_and_may_go_to_somebody_else(acme):
    _told(acme, "Gil Grey")
    form = opens(acme, "olaf", INTRO)
    assert form.value(WHO) == "Gil Grey"
    assert plan(form, BERLIN_10).ok
    assert "Hello Gil Grey," in acme.olaf.modal.text
    assert _file(acme, acme.olaf.modal)[0] == "gil@acme.example"
    acme.olaf.modal.close()
    form = opens(acme, "olaf", INTRO)
    form.choose(WHO, "Ada Lind")
    assert plan(form, BERLIN_10).ok
    planned = acme.olaf.modal
    assert "Hello Ada Lind," in planned.text
    assert _file(acme, planned)[0] == "ada@acme.example"
    (event,) = Calendar.from_ical(fetch(acme, links_of(planned)["Calendar file (.ics)"]).read()).walk("VEVENT")
    assert "Ada Lind" in event["DESCRIPTION"]
    planned.close()
    assert opens(acme, "olaf", INTRO).value(WHO) == "Ada Lind", "the plan knows whom it is with"


def test_whoever_was_told_and_is_there_no_more_is_not_introduced_to_anybody(acme):
    _knows(acme, "Uma User", "uma@acme.example", "user")
    _told(acme, "Gil Grey")
    _gone(acme, 1)
    assert opens(acme, "olaf", INTRO).value(WHO) == "Ada Lind"


def test_somebody_else_comes_to_the_introduction_and_what_was_typed_stays(acme):
    _told(acme, "Ada Lind")
    form = opens(acme, "olaf", INTRO)
    form.choose("When?", BERLIN_10)
    form.fill("Where?", "Their plant in Ulm")
    form.choose("Who of us is there?", ["@olaf"])
    form.fill("Why you can trust the new rep", "She has run plants like yours.")
    assert NAME not in form.labels
    form.choose(WHO, ELSE)
    assert (form.value("Where?"), form.value("Who of us is there?")) == ("Their plant in Ulm", "@olaf")
    assert form.value("Why you can trust the new rep") == "She has run plants like yours."
    form.fill(NAME, "Cy Dahl")
    form.choose("How?", "Phone call")
    assert form.submit().ok
    assert "Hello Cy Dahl," in acme.olaf.modal.text
    assert _names(acme) == ["Gil Grey", "Ada Lind", "Cy Dahl"]


# -- from the card's menu ---------------------------------------------------------------------------------------------


def _edits(town, who="mia"):
    person = town.sandbox.person(who)
    town.card(who=who).menu("Edit")
    assert person.modal.click("The customer’s contact").ok
    return person.modal


def test_of_several_the_form_says_whose_data_it_is_and_another_name_adds_somebody(acme):
    form = _edits(acme)
    assert "Ada Lind" in form.text
    assert "1 more" in form.text
    assert (form.value(WHO), form.value(ADDRESS)) == ("Ada Lind", "ada@acme.example")
    form.fill(ADDRESS, "lind@acme.example")
    assert form.submit().ok
    form = _edits(acme)
    form.fill(WHO, "Cy Dahl")
    assert form.submit().ok
    assert acme.rows(PEOPLE) == [
        ("Gil Grey", "gil@acme.example", "gatekeeper"),
        ("Ada Lind", "lind@acme.example", DECIDES),
        ("Cy Dahl", "", ""),
    ], "the address that nobody touched stays with whose it is"
    form = _edits(acme)
    assert form.click("Account").ok
    assert "Gil Grey" in acme.mia.modal.text, "there the others are changed"


def test_emptied_it_takes_out_only_the_one_it_names_and_a_change_meanwhile_is_told(acme):
    acme.bot.setup.save(acme.actor("mia"), SetupView({}, (acme.mia.id, acme.cora.id), None))
    first, second = _edits(acme), _edits(acme, "cora")
    first.fill(WHO, "")
    first.fill(ADDRESS, "")
    assert first.submit().ok
    assert _names(acme) == ["Gil Grey"]
    second.fill(ADDRESS, "lind@acme.example")
    assert "Somebody changed this while you had the form open" in second.submit().errors[WHO]
    assert acme.rows(PEOPLE) == [("Gil Grey", "gil@acme.example", "gatekeeper")]
