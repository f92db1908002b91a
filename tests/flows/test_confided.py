"""What is changed because of a quiet handoff shows to nobody else: cover, suggestions, special relationships, mails.

Everybody knows the account already (an older handoff was called off), so it is in their lists before and after.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.usecases.coverage.coverage import CoverForm, Wish
from bot.usecases.coverage.special import Sent
from bot.usecases.handoffs.editing import Edit

OTHERS = ("olaf", "otto", "cora")
"""The one who is to go, somebody of another team, another manager."""
LOOKS = [(line, who) for line in ("/handoff cover", "/handoff cover acme", "/handoff owner acme") for who in OTHERS]
PLACE = "#general"


@pytest.fixture
def town(lite_town):
    """Mia and Cora are managers, managers report to Otto; Acme is Olaf's."""
    lite_town.appoints("mia", "cora", above="otto")
    for name in (*OTHERS, "carl"):
        lite_town.sandbox.person(name).opens_home()
    lite_town.starts("Acme")
    lite_town.settle()
    lite_town.bot.handoffs.cancel(lite_town.actor("mia"), _number(lite_town), "He stays for now.")
    lite_town.settle()
    return lite_town


def _number(town, account="Acme"):
    sql = "SELECT max(h.id) AS id FROM handoffs h JOIN accounts a ON a.id = h.account_id WHERE a.name = :n"
    return town.rows(sql, n=account)[0].id


def _account(town, name="Acme"):
    return town.rows("SELECT id FROM accounts WHERE name = :n", n=name)[0].id


def _quietly(town, name="Acme", **changes):
    town.bot.start(town.actor("mia"), replace(town.form(name), quiet=True, **changes))
    town.settle()
    return _number(town, name)


def _reads(town, who, line):
    person = town.sandbox.person(who)
    if line == "home":
        return person.opens_home().text
    assert person.types(line, in_=PLACE).ok
    if person.modal is not None:
        shown = person.modal.text
        person.modal.close(whole_stack=True)
        return shown
    return person.ephemerals(PLACE)[-1].text


def _covered_by_ines(town):
    number = _quietly(town, incoming=None)
    town.bot.editing(town.actor("mia"), number, Edit({"helper": town.ines.id}))
    form = CoverForm(Wish.COVER, town.ines.id, date(2026, 12, 19), date(2027, 1, 15))
    town.bot.coverage.changes.change(town.actor("mia"), _account(town), form)
    town.settle()
    return number


@pytest.mark.parametrize(("line", "who"), [*LOOKS, ("home", "olaf"), ("home", "cora")])
def test_a_cover_named_quietly_changes_nothing_that_others_read(town, who, line):
    before = _reads(town, who, line)
    _covered_by_ines(town)
    assert _reads(town, who, line) == before


@pytest.mark.parametrize("line", ["/handoff cover", "home"])
def test_whoever_has_the_account_has_it_on_for_all_they_know_when_somebody_else_covers(town, line):
    number = _covered_by_ines(town)
    town.until(datetime(2026, 12, 22, 9, tzinfo=UTC))
    assert "Acme" in _reads(town, "olaf", line)
    assert "Ines" not in _reads(town, "olaf", line)
    assert "@ines" in _reads(town, "mia", "/handoff cover acme")
    town.bot.opening(town.actor("mia"), number)
    town.settle()
    assert "@ines" in _reads(town, "olaf", "/handoff cover acme")


@pytest.mark.parametrize("who", OTHERS)
def test_a_quiet_handoff_that_is_called_off_leaves_no_trace(town, who):
    before = _reads(town, who, "/handoff cover acme")
    number = _covered_by_ines(town)
    town.bot.handoffs.cancel(town.actor("mia"), number, "She stays.")
    town.settle()
    assert _reads(town, who, "/handoff cover acme") == before
    assert "Olaf" in before or "@olaf" in before


def test_suggestions_tell_no_other_manager_who_is_to_leave(town):
    town.bot.start(town.actor("mia"), replace(town.form("Bolt"), outgoing=town.ida.id))
    town.settle()
    before = _reads(town, "cora", "/handoff cover bolt")
    assert "@olaf (1 account)" in before
    number = _quietly(town)
    assert _reads(town, "cora", "/handoff cover bolt") == before
    assert "@olaf" not in _reads(town, "mia", "/handoff cover bolt").partition("Who has room")[2]
    town.bot.opening(town.actor("mia"), number)
    town.settle()
    assert "@olaf" not in _reads(town, "cora", "/handoff cover bolt").partition("Who has room")[2]


def test_a_mail_link_serves_nobody_who_was_taken_out_of_it(town):
    number = _quietly(town, "Zenith")
    sql = "SELECT id FROM checklist_items WHERE form = 'warning' AND handoff_id = :n"
    item = town.rows(sql, n=number)[0].id
    town.bot.checklist.assign(town.actor("mia"), item, town.ines.id)
    link = town.bot.customers.warning_form(town.actor("ines"), item).mail.file
    local = town.request_url.rsplit("/slack", 1)[0] + link.removeprefix("https://baton.example")
    assert b"Zenith" in urllib.request.urlopen(local).read()
    town.bot.editing(town.actor("mia"), number, Edit({"incoming": town.wanda.id}))
    town.settle()
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(local)


# -- special relationships -------------------------------------------------------------------------------------------


def _kept(town, title="Tools", transfer=None, special=None, owner="olaf"):
    sent = Sent("private_label", title, "x", town.sandbox.person(owner).id, None, transfer, special)
    town.bot.specials.save(town.actor("mia"), _account(town), sent)
    town.settle()
    return town.rows("SELECT max(id) AS id FROM special_relationships")[0].id


@pytest.mark.parametrize("who", OTHERS)
def test_a_special_relationship_stands_for_others_as_it_did_before(town, who):
    special = _kept(town)
    before = _reads(town, who, "/handoff special acme")
    assert "Tools" in before
    number = _quietly(town)
    _kept(town, "Tools and parts", date(2026, 12, 10), special, "ines")
    _kept(town, "Licence")
    assert _reads(town, who, "/handoff special acme") == before
    assert "changes hands" in _reads(town, "mia", "/handoff special acme")
    town.bot.opening(town.actor("mia"), number)
    town.settle()
    opened = _reads(town, who, "/handoff special acme")
    assert "Tools and parts" in opened
    assert "changes hands" in opened
    assert "Licence" in opened


def test_nor_does_its_owner_get_a_message_about_the_day_it_changes_hands(town):
    special = _kept(town)
    _quietly(town)
    _kept(town, transfer=date(2026, 12, 10), special=special)
    town.passes(days=22)
    assert not [one.text for one in town.olaf.dms("baton") if "change hands" in one.text]
    assert [one.text for one in town.mia.dms("baton") if "change hands" in one.text]


def test_what_another_manager_writes_meanwhile_is_what_everybody_reads(town):
    special = _kept(town)
    _quietly(town)
    _kept(town, transfer=date(2026, 12, 10), special=special)
    sent = Sent("private_label", "Tools and parts", "x", town.olaf.id, None, None, special)
    town.bot.specials.save(town.actor("cora"), _account(town), sent)
    town.settle()
    for who in (*OTHERS, "mia"):
        assert "Tools and parts" in _reads(town, who, "/handoff special acme")
    told = [one.text for one in town.mia.dms("baton") if "planned something quietly" in one.text]
    assert len(told) == 1
    assert "@cora changed “Tools” of Acme" in told[0].replace("*", "")
    assert "changes hands Thu 10 Dec" in told[0]
    assert not [one for who in OTHERS for one in town.sandbox.person(who).dms("baton") if "quietly" in one.text]
