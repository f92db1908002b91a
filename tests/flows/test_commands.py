"""/handoff and its words: everything typed gets an answer, and only the one who typed sees it."""

import pytest

from handlers.commands import COMMANDS, LATER


def _said(person, line, in_="#accounts"):
    """What the person reads after typing a line."""
    outcome = person.types(line, in_=in_)
    assert outcome.ok, outcome
    return person.ephemerals(in_)[-1]


def test_alone_it_offers_what_this_person_can_do(lite_town):
    menu = _said(lite_town.otto, "/handoff", "#general")
    assert "everybody may start a handoff" in menu.text
    assert menu.buttons == ["Start a handoff", "My list", "My reminders", "Who covers what", "Away", "Setup", "Help"]
    lite_town.set_up()
    assert _said(lite_town.otto, "/handoff", "#general").buttons == [
        "My list",
        "My reminders",
        "Who covers what",
        "Away",
        "Help",
    ]
    assert not lite_town.ida.sees("What would you like to do?")


def test_the_menu_s_buttons_lead_somewhere(lite_town):
    mia = lite_town.mia
    menu = _said(mia, "/handoff")
    menu.click("My list")
    assert mia.sees("You are in no open handoff")
    menu.click("Help")
    assert mia.sees("`/handoff owner`") or mia.sees("/handoff owner")
    menu.click("Setup")
    assert mia.modal.title == "Setup"
    mia.modal.close()
    menu.click("Start a handoff")
    assert mia.modal.title == "Start a handoff"


def test_the_help_names_every_word(lite_town):
    told = _said(lite_town.mia, "/handoff help")
    named = told.raw["text"].removeprefix("/handoff: ").split(", ")
    assert set(named) == COMMANDS.keys() - {"erase"}  # which is for admins, and stands where they look for it
    assert [word for word in named if f"/handoff {word}" not in told.text and word != "help"] == []


def test_an_unknown_word_gets_the_nearest_one_and_the_help(lite_town):
    mia = lite_town.mia
    guess = _said(mia, "/handoff lits team")
    assert "Did you mean /handoff list team?" in guess.text
    guess.click("/handoff list team")
    assert mia.sees("No handoff is open.")
    assert "not there yet" in _said(mia, "/handoff report").text
    nonsense = _said(mia, "/handoff <!channel> *x* `y`")
    assert "start, list, show, owner" in nonsense.text
    assert "note, history" in nonsense.text
    assert "<!channel>" not in nonsense.raw["text"]


def test_help_promises_only_what_there_is(lite_town):
    words = _said(lite_town.mia, "/handoff help").text
    assert "/handoff note" in words
    for later in LATER:
        assert f"/handoff {later}" not in words


def test_lists_of_mine_of_all_and_of_what_is_late(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    assert "Acme" in _said(town.olaf, "/handoff list").text
    assert "You are in no open handoff" in _said(town.otto, "/handoff list", "#general").text
    assert "Acme" in _said(town.otto, "/handoff list team", "#general").text
    assert "Nothing is late" in _said(town.mia, "/handoff list overdue").text
    town.passes(days=3)
    late = _said(town.mia, "/handoff list overdue")
    assert "late" in late.text
    assert "Acme" in late.text
    late.click("Team")
    assert town.mia.sees("All open handoffs")


def test_show_owner_and_brief_find_the_account_by_a_few_letters(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme Corp")
    shown = _said(town.mia, "/handoff show acm")
    assert "Prepare: 0 of" in shown.text
    assert shown.click("Open the card").ok
    assert "Olaf" in _said(town.mia, "/handoff owner ACME corp").text or "@olaf" in town.mia.ephemerals()[-1].text
    assert town.mia.types("/handoff brief acme", in_="#accounts").ok
    assert town.mia.modal.title == "Brief"
    assert "A rep who lives nearby" in town.mia.modal.text


@pytest.mark.parametrize("word", ["show", "owner", "brief"])
def test_what_cannot_be_found_says_what_to_do(lite_town, word):
    assert f"/handoff {word} and a few letters" in _said(lite_town.mia, f"/handoff {word}").text
    assert "I do not know an account like “Nobody”" in _said(lite_town.mia, f"/handoff {word} Nobody").text


def test_an_account_without_a_handoff(lite_town):
    lite_town.set_up()
    lite_town.handoff("Acme Corp")
    lite_town.card().menu("Cancel")
    form = lite_town.mia.modal
    form.fill("Reason", "A test")
    assert form.submit().ok
    assert "Cancelled" in _said(lite_town.mia, "/handoff show acme").text


def test_several_accounts_may_be_meant(lite_town):
    lite_town.set_up()
    for name in ("Acme Corp", "Acme Tools"):
        lite_town.handoff(name)
    assert "There is also Acme Tools" in _said(lite_town.mia, "/handoff owner acme").text
