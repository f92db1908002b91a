"""The customer's contact is changed from the card's menu by those who may, and every change is in the history."""

from __future__ import annotations

import pytest

from bot.usecases.handoffs.editing import Edit
from bot.usecases.workspace.setup import SetupView
from tests.customer_steps import WARN, opens
from tests.databases import from_json, mostly_sqlite

NAME, MAIL = "Who from the customer?", "Their mail address"


@pytest.fixture
def started(town):
    """Olaf has written down Ada when he warned the customer."""
    town.begun()
    opens(town, "olaf", WARN)
    town.sandbox.person("olaf").modal.fill("Their mail address", "ada@acme.example")
    town.says_the_customer_knows("olaf")
    return town


def _form(town, who="mia"):
    person = town.sandbox.person(who)
    assert town.card(who=who).menu("Edit").ok
    assert person.modal.click("The customer’s contact").ok
    return person.modal


def _kept(town):
    return town.rows("SELECT name, mail FROM contacts WHERE removed_at IS NULL")


def test_somebody_else_at_the_customer_is_written_down_and_gets_the_next_words(started):
    town = started
    form = _form(town)
    assert (form.value(NAME), form.value(MAIL)) == ("Ada Lind", "ada@acme.example")
    form.fill(NAME, "Bo Ek")
    form.fill(MAIL, "bo@acme.example")
    assert form.submit().ok
    assert _kept(town) == [("Bo Ek", "bo@acme.example")]
    rows = town.rows("SELECT before, after FROM audit WHERE verb = 'contact.kept' ORDER BY id")
    before, after = map(from_json, rows[-1])
    assert before == {"name": "Ada Lind", "mail": "ada@acme.example"}
    assert after == {"name": "Bo Ek", "mail": "bo@acme.example"}
    town.mia.modal.close()
    assert town.mia.types("/handoff history acme", in_="#accounts").ok
    told = town.mia.ephemerals("#accounts")[-1].text
    assert "@mia wrote down the customer’s contact" in told
    assert "name: from “Ada Lind” to “Bo Ek”" in told
    assert town.otto.types("/handoff history acme", in_="#general").ok
    assert "Bo Ek" not in town.otto.ephemerals("#general")[-1].text


@mostly_sqlite
def test_nobody_is_known_any_more_when_both_fields_are_emptied(started):
    form = _form(started)
    form.fill(NAME, "")
    form.fill(MAIL, "")
    assert form.submit().ok
    assert _kept(started) == []
    assert started.rows("SELECT 1 FROM audit WHERE verb = 'contact.removed'")
    form = _form(started)
    form.fill(NAME, "Cy")
    assert form.submit().ok
    assert _kept(started) == [("Cy", "")]


@mostly_sqlite
def test_what_cannot_be_is_said_under_its_field_and_changes_nothing(started):
    form = _form(started)
    form.fill(NAME, "")
    form.fill(MAIL, "no-reply@acme.example")
    errors = form.submit().errors
    assert NAME in errors
    assert "No person reads mail sent to no-reply@acme.example" in errors[MAIL]
    assert _kept(started) == [("Ada Lind", "ada@acme.example")]


@mostly_sqlite
def test_the_second_of_two_at_once_is_told(started):
    town = started
    assert town.mia.types("/handoff setup", in_="#accounts").ok
    town.mia.modal.choose("Managers", ["@mia", "@ida"])
    assert town.mia.modal.submit().ok
    first, second = _form(town), _form(town, "ida")
    first.fill(NAME, "Bo Ek")
    assert first.submit().ok
    second.fill(NAME, "Cy")
    assert "Somebody changed this while you had the form open" in second.submit().errors[NAME]
    assert _kept(town) == [("Bo Ek", "ada@acme.example")]


@mostly_sqlite
def test_only_those_who_may_edit_the_handoff_also_when_the_form_is_open_already(started):
    town = started
    town.card(who="carl").menu("Edit")
    assert town.carl.modal is None
    form = _form(town)
    form.fill(NAME, "Bo Ek")
    ida = SetupView({}, (town.ida.id,), None)
    town.bot.setup.save(town.actor("mia"), ida)
    town.bot.editing(town.actor("ida"), 1, Edit({"manager": town.ida.id}))
    form.submit()
    assert "can do that here" in town.mia.modal.text
    assert _kept(town) == [("Ada Lind", "ada@acme.example")]
