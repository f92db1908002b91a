"""The brief: everything about an account for one reader; read, kept, compared."""

from __future__ import annotations

import pytest

from bot.domain.refusals import NoSuchThing, NotAllowed
from tests.brief_steps import ENTRY, filled, link_of, opens_brief, opens_page, writes_down
from tests.town import Town


def _accepted(town: Town) -> None:
    town.bot.handoffs.override(town.actor("mia"), 1, "We are in a hurry")
    town.bot.handoffs.accept(town.actor("ines"), 1)
    town.settle()


def test_the_whole_account_stands_in_it(begun):
    filled(begun)
    text = opens_brief(begun, "ines").text
    for words in (
        "A rep who lives nearby",
        "outgoing @olaf · incoming @ines · manager @mia",
        "Ada Lind · Head of buying · decision maker · ada@acme.example",
        "Confidential, trouble maker · Rolf Stone · Blocks every order",
        "Seals · 40 boxes a month",
        "Next order: Tue 15 Dec · every 30 days",
        "Framework 2026 · until Wed 31 Mar 2027 · 3 % at 100 boxes",
        "Fri 20 Nov · Call · Wants a quote by Friday",
        "Sat 12 Dec · Founder's day · every year",
        "No answer yet from",
    ):
        assert words in text, words


def test_who_makes_trouble_and_the_deals_are_not_for_everybody(begun):
    filled(begun)
    writes_down(
        begun,
        "INSERT INTO deals (workspace_id, account_id, name, stage, amount_minor, currency, state, created_at, version) "
        "VALUES (1, 1, 'Packing line', 'Offer', 1250000, 'EUR', 'open', '2026-11-23 09:00:00', 0)",
    )
    for who, sees in (("mia", True), ("olaf", True), ("ines", True), ("ida", False), ("otto", False)):
        begun.sandbox.actions.invite("C0ACCOUNTS0", begun.sandbox.person(who).id)
        text = opens_brief(begun, who).text
        assert "Rolf Stone" in text, "that they work there is no secret"
        assert ("Blocks every order" in text) is sees, who
        assert ("Packing line · €12,500.00" in text) is sees, who
    assert opens_page(begun, link_of(begun, "mia"))[2].count("Packing line") == 1
    assert begun.bot.briefs.look(begun.actor("otto"), query="Acme").link is None, "otto has no part in it"


def test_at_the_acceptance_a_version_is_kept_and_what_comes_after_shows_as_changed(begun):
    filled(begun)
    assert begun.rows("SELECT id FROM briefs") == []
    _accepted(begun)
    [row] = begun.rows("SELECT version, why, body FROM briefs")
    assert (row.version, row.why) == (1, "accepted")
    assert "Two pumps came late" in str(row.body)
    writes_down(begun, ENTRY.format(kind="note", day="2026-11-23", text="They moved to Ulm", by=1))
    text = opens_brief(begun, "ines").text
    assert "→ • Mon 23 Nov · Note · They moved to Ulm" in text
    assert "Changed since it was kept: 1 new, 0 gone" in text
    link = link_of(begun, "ines")
    _, _, now = opens_page(begun, link)
    assert "They moved to Ulm" in now
    assert now.count("changed since it was accepted") == 1
    _, _, then = opens_page(begun, link, "/version/1")
    assert "As accepted" in then
    assert "They moved to Ulm" not in then
    assert "1 line is new since then" in then
    assert opens_page(begun, link, "/version/2")[0] == 410


def test_the_manager_keeps_a_version_when_there_is_something_new(begun):
    modal = opens_brief(begun, "mia")
    assert modal.click("Keep a version").ok
    assert "Kept as version 1" in begun.mia.modal.text
    assert begun.mia.modal.click("Keep a version").ok
    assert "Nothing has changed since version 1" in begun.mia.modal.text
    filled(begun)
    assert begun.mia.modal.click("Keep a version").ok
    assert [row.why for row in begun.rows("SELECT why FROM briefs")] == ["kept", "kept"]
    assert begun.rows("SELECT after FROM audit WHERE verb = 'brief.kept'")
    assert "Keep a version" not in opens_brief(begun, "ines").buttons


def test_a_section_is_read_by_name_and_asks_again_once_it_says_something_else(begun):
    filled(begun)
    modal = opens_brief(begun, "ines")
    assert modal.click("I have read this", near="History").ok
    assert "You read this" in begun.ines.modal.text
    [row] = begun.rows("SELECT section, person_id, digest FROM brief_reads")
    assert row.section == "history"
    assert "Read by @ines" in opens_brief(begun, "mia").text
    assert "Nobody has said yet" in begun.mia.modal.text
    modal = opens_brief(begun, "ines")
    writes_down(begun, ENTRY.format(kind="note", day="2026-11-22", text="They moved to Ulm", by=1))
    assert modal.click("I have read this", near="People").ok
    assert "Changed since you read it" in begun.ines.modal.text
    assert "(changed since)" in opens_brief(begun, "mia").text
    old = opens_brief(begun, "ines")
    writes_down(begun, ENTRY.format(kind="note", day="2026-11-21", text="And back again", by=1))
    assert old.click("I have read this", near="History").ok
    assert "This has changed since you opened it" in begun.ines.modal.text
    assert begun.rows("SELECT digest FROM brief_reads WHERE section = 'history'")[0].digest == row.digest
    assert begun.ines.modal.click("I have read this", near="History").ok
    assert begun.rows("SELECT digest FROM brief_reads WHERE section = 'history'")[0].digest != row.digest
    assert len(begun.rows("SELECT id FROM audit WHERE verb = 'brief.read'")) == 3


def test_nobody_from_outside_says_that_they_read_it_or_keeps_it(begun):
    begun.sandbox.actions.invite("C0ACCOUNTS0", begun.otto.id)
    modal = opens_brief(begun, "otto")
    assert "I have read this" not in modal.buttons
    assert "Open as a page" not in modal.buttons
    view = begun.bot.briefs.look(begun.actor("mia"), query="Acme")
    for act in (
        lambda: begun.bot.briefs.read(begun.actor("otto"), 1, "move", view.sections[0].digest),
        lambda: begun.bot.briefs.keep(begun.actor("otto"), 1),
    ):
        with pytest.raises(NotAllowed):
            act()
    for section in ("work", "nonsense"):
        with pytest.raises(NoSuchThing):
            begun.bot.briefs.read(begun.actor("mia"), 1, section, "x")
    assert not begun.rows("SELECT id FROM brief_reads")


def test_who_has_read_what_the_first_visit_asks_for_finishes_that_step_from_here(begun):
    filled(begun)
    _accepted(begun)
    ines = begun.actor("ines")
    for _ in range(2):
        for one in begun.bot.briefs.look(ines, 1).sections:
            if one.mine == "unread" and one.key in ("buying", "people", "history", "deals"):
                begun.bot.briefs.read(ines, 1, one.key, one.digest)
    modal = opens_brief(begun, "ines")
    assert "You have read all that “Read the purchase history" in modal.text
    assert modal.click("Finish it").ok
    outcome = begun.ines.modal.submit()
    assert outcome.ok, outcome
    assert not outcome.errors, "what was read is ticked already"
    assert "done by @ines" in begun.checklist().text
    assert "Finish it" not in opens_brief(begun, "ines").buttons


def test_of_an_account_without_a_handoff_the_dossier_is_shown(begun):
    filled(begun)
    begun.bot.handoffs.cancel(begun.actor("mia"), 1, "A test")
    writes_down(
        begun,
        "UPDATE handoffs SET account_id = account_id, quiet = true",
        "UPDATE handoffs SET manager_id = NULL, incoming_id = NULL, cover_id = NULL, inside_id = NULL",
    )
    text = opens_brief(begun, "mia").text
    assert "Wants a quote by Friday" in text
    assert "A rep who lives nearby" not in text
    assert "I have read this" not in begun.mia.modal.buttons
    assert "Wants a quote by Friday" in opens_page(begun, link_of(begun, "mia"))[2]
    begun.sandbox.actions.invite("C0ACCOUNTS0", begun.otto.id)
    text = opens_brief(begun, "otto").text
    assert "Ada Lind" in text
    assert "Blocks every order" not in text
    assert "Open as a page" not in begun.otto.modal.buttons


def test_what_came_up_in_somebody_else_s_quiet_handoff_is_in_no_brief(begun):
    filled(begun)
    begun.bot.handoffs.cancel(begun.actor("mia"), 1, "A test")
    begun.starts("Acme")
    begun.settle()
    writes_down(
        begun, "UPDATE handoffs SET quiet = true WHERE id = 1", "UPDATE entries SET handoff_id = 1 WHERE kind = 'call'"
    )
    text = begun.bot.briefs.look(begun.actor("ines"), 2)
    said = str([line.essence for one in text.sections for line in one.lines])
    assert "Two pumps came late" in said
    assert "Wants a quote by Friday" not in said
