"""Once a cover is settled, every message that asked or offered says who covers, and has no button left (U14, U23)."""

from __future__ import annotations

import pytest

from tests.databases import mostly_sqlite


@pytest.fixture
def asked(town):
    """Olaf leaves, nobody follows him, and Mia and Carl are managers with their Homes open."""
    town.set_up()
    assert town.mia.types("/handoff setup", in_="#accounts").ok
    town.mia.modal.choose("Managers", ["@mia", "@carl"])
    assert town.mia.modal.submit().ok
    for person in (town.mia, town.carl):
        person.opens_home()
    town.handoff("Acme", **{"Incoming rep": None})
    return town


def _said(town, words):
    found = [one for one in town.mia.thread(town.card()) if words in one.text]
    assert len(found) == 1, (words, [one.text for one in town.mia.thread(town.card())])
    return found[0]


def _offers(town, who):
    person = town.sandbox.person(who)
    question = next(one for one in person.thread(town.card()) if "Who looks after it meanwhile?" in one.text)
    assert question.click("I’ll cover").ok


def test_an_offer_that_was_confirmed_says_who_covers_in_every_copy(asked):
    town = asked
    _offers(town, "cora")
    waiting = _said(town, "is that right?")
    assert "Confirm" in waiting.buttons
    question = _said(town, "had nobody from Sat 19 Dec on")
    assert "@cora offers to cover" in question.text
    assert not question.buttons
    assert "Confirm" in town.carl.home.buttons
    assert waiting.click("Confirm").ok
    settled = _said(town, "@cora offered to cover Acme")
    assert settled.ts == waiting.ts
    assert "@cora covers from Sat 19 Dec until Sun 17 Jan 2027" in settled.text
    assert not settled.buttons
    assert not _said(town, "had nobody from Sat 19 Dec on").buttons
    for person in (town.mia, town.carl):
        assert "Confirm" not in person.home.buttons
    assert "Confirm" not in town.card().buttons


@mostly_sqlite
def test_when_somebody_else_is_named_the_offer_says_so(asked):
    town = asked
    _offers(town, "cora")
    assert _said(town, "is that right?").click("Somebody else").ok
    town.mia.modal.choose("Who?", "@otto")
    assert town.mia.modal.submit().ok
    settled = _said(town, "@cora offered to cover Acme")
    assert "@otto covers from Sat 19 Dec" in settled.text
    assert not settled.buttons


@mostly_sqlite
def test_when_the_account_is_taken_over_meanwhile_nothing_is_left_to_confirm(asked):
    town = asked
    _offers(town, "cora")
    town.card().menu("Edit")
    town.mia.modal.choose("Incoming rep", "@ines")
    assert town.mia.modal.submit().ok
    town.card().menu("Override the gate")
    town.mia.modal.fill("Go on all the same?", "They know each other.")
    assert town.mia.modal.submit().ok
    assert town.ines.dms("baton")[-1].click("Accept").ok
    settled = _said(town, "@cora offered to cover Acme")
    assert "with @ines since" in settled.text
    assert not settled.buttons


@mostly_sqlite
def test_when_whoever_offered_leaves_the_question_is_open_again(asked):
    town = asked
    _offers(town, "cora")
    town.sandbox.actions.deactivate(town.cora.id)
    town.passes(minutes=10)
    assert not _said(town, "@cora offered to cover Acme").buttons
    assert "I’ll cover" in _said(town, "Who looks after it meanwhile?").buttons
