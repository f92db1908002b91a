"""Capture: a line after `/handoff note` and a tap on Home; and the account's history."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.dossier import EntryKind
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.errors import FieldErrors
from bot.usecases.accounts.accounts import give_account
from bot.usecases.accounts.capture import Sent
from bot.usecases.workspace.setup import SetupView
from tests.capture_steps import PLACE, entries, notes


def writes(town, who="olaf", account=1, kind="note", words="A word", day=None):
    sent = Sent(account, kind, day, words)
    return town.bot.capture.notes.save(town.actor(who), sent).entry


def test_one_line_is_enough_to_record_a_touch(town):
    town.begun("Acme Pumps")
    said = notes(town, "olaf", "Acme called, wants quote by Friday")
    (row,) = entries(town)
    assert (row.kind, row.text) == ("call", "called, wants quote by Friday")
    assert "Noted for Acme Pumps · Call · Mon 23 Nov because of “called”" in said.text
    assert town.mia.thread(town.card("Acme Pumps"))[-1].text == (
        "Call · Mon 23 Nov · @olaf: called, wants quote by Friday"
    )
    assert said.choose("Kind", "Complaint").ok
    assert entries(town)[0].kind == "complaint"
    assert town.olaf.ephemerals(PLACE)[-1].click("It was yesterday").ok
    assert "Complaint · Sun 22 Nov" in town.olaf.ephemerals(PLACE)[-1].text
    town.passes(minutes=1)
    assert "Complaint · Sun 22 Nov · open" in town.mia.thread(town.card("Acme Pumps"))[-1].text
    assert town.olaf.ephemerals(PLACE)[-1].click("Undo").ok
    assert "Taken back" in town.olaf.ephemerals(PLACE)[-1].text
    assert not entries(town)
    town.passes(minutes=1)
    assert "took a line of the history back" in town.mia.thread(town.card("Acme Pumps"))[-1].text


def test_a_note_is_told_to_the_thread_only_when_its_writer_says_so(lite_town):
    town = lite_town.begun()
    before = len(town.mia.thread(town.card()))
    said = notes(town, "ines", "Acme: the dock is closed on Fridays")
    assert "Only the account’s history has it." in said.text
    assert len(town.mia.thread(town.card())) == before
    assert said.click("Also tell the thread").ok
    assert "the dock is closed on Fridays" in town.mia.thread(town.card())[-1].text
    assert "It stands in the thread of the handoff too." in town.ines.ephemerals(PLACE)[-1].text


def test_where_several_accounts_may_be_meant_the_writer_chooses_and_the_text_stays(lite_town):
    town = lite_town.begun("Acme Pumps")
    town.starts("Acme Works")
    said = notes(town, "olaf", "acme visited, all is well")
    assert "Which account? Nothing is written yet." in said.text
    assert not entries(town)
    assert said.click("This one", near="Acme Works").ok
    (row,) = entries(town)
    assert (row.kind, row.text, row.account_id) == ("visit", "visited, all is well", 2)
    assert "Noted for Acme Works" in town.olaf.ephemerals(PLACE)[-1].text


def test_of_an_account_that_nobody_knows_nothing_is_written_and_the_nearest_is_offered(lite_town):
    town = lite_town.begun("Fjord Shipping")
    said = notes(town, "olaf", "Fiord called about the invoice")
    assert "I know no account by the beginning of that" in said.text
    assert said.click("This one", near="Fjord Shipping").ok
    assert entries(town)[0].text == "Fiord called about the invoice"
    said = notes(town, "olaf", "Zzyx " + "has very much to say " * 100)
    form = town.olaf.modal
    assert form.value("What was said?").startswith("Zzyx has very much")
    assert form.submit().errors.keys() == {"Account"}


def test_a_name_in_the_middle_is_found_and_a_name_alone_asks_for_the_words(lite_town):
    town = lite_town.begun("Acme Pumps")
    notes(town, "olaf", "Called Acme Pumps about the leak")
    assert entries(town)[0].text == "Called Acme Pumps about the leak"
    notes(town, "olaf", "acme pumps")
    form = town.olaf.modal
    assert "Acme Pumps" in form.text
    form.fill("What was said?", "They moved")
    form.choose("What was it?", "Note")
    form.choose("When?", "2026-12-24")
    assert "still to come" in form.submit().errors["When?"]
    form.choose("When?", "2026-11-20")
    assert form.submit().ok
    assert [row.text for row in entries(town)][1:] == ["They moved"]


def test_i_talked_to_them_is_one_tap_and_two_fields(lite_town):
    town = lite_town.begun()
    assert town.olaf.opens_home().click("I talked to them", near="Acme").ok
    form = town.olaf.modal
    assert form.labels == ["What was it?", "What was said?"]
    form.choose("What was it?", "Visit")
    form.fill("What was said?", "Saw the new hall")
    assert form.submit().ok
    assert [(row.kind, row.text) for row in entries(town)] == [("visit", "Saw the new hall")]


def test_the_history_is_paged_filtered_and_follows_the_account(lite_town):
    town = lite_town.begun()
    today = town.clock.now().date()
    for number in range(13):
        writes(town, kind="call", words=f"Call {number:02}", day=today - timedelta(days=number))
    writes(town, kind="complaint", words="Rust on the pallets")
    account = town.bot.capture.entries.page(town.actor("ines"), 1).account
    with town.bot.db.write() as session:
        give_account(session, account, town.bot.desk.person(session, 1, town.ines.id), today, None)
    town.settle()
    assert town.ines.opens_home().click("I talked to them", near="Acme").ok
    town.ines.modal.fill("What was said?", "Hello")
    assert town.ines.modal.submit().ok
    town.ines.modal.click("The account’s history")
    shown = town.ines.modal
    assert "1 complaint is open" in shown.text
    assert "Call 00" in shown.text
    assert "Call 12" not in shown.text
    assert shown.click("Older").ok
    assert "Call 12" in town.ines.modal.text
    assert town.ines.modal.choose("Everything", "Complaint").ok
    assert "Rust on the pallets" in town.ines.modal.text
    assert "Call 00" not in town.ines.modal.text
    assert town.ines.modal.menu("It is settled", near="Rust").ok
    assert "settled on Mon 23 Nov" in town.ines.modal.text
    assert town.ines.modal.menu("Open it again", near="Rust").ok
    assert entries(town)[13].settled_on is None
    verbs = [row.verb for row in town.rows("SELECT verb FROM audit WHERE verb LIKE 'entry.%' ORDER BY id")]
    assert verbs[-3:] == ["entry.kept", "entry.settled", "entry.reopened"]


def test_only_the_writer_and_managers_change_a_line(lite_town):
    town = lite_town.begun()
    line = writes(town, "olaf", words="He said")
    with pytest.raises(NotAllowed):
        town.bot.capture.entries.remove(town.actor("ines"), line.id)
    with pytest.raises(NotAllowed):
        town.bot.capture.entries.settle(town.actor("otto"), line.id, True)
    edited = Sent(None, "visit", None, "She said")
    town.bot.capture.entries.edit(town.actor("mia"), line.id, edited)
    assert [(row.kind, row.text) for row in entries(town)] == [("visit", "She said")]
    town.bot.capture.entries.remove(town.actor("olaf"), line.id)
    assert not entries(town)
    assert town.mia.types("/handoff history acme", in_=PLACE).ok
    told = town.mia.ephemerals(PLACE)[-1].text
    assert "took a line of the history back" in told
    assert "changed a line of the history" in told


def test_what_comes_up_in_a_quiet_handoff_is_known_to_nobody_else(lite_town):
    town = lite_town
    named = tuple(town.sandbox.person(name).id for name in ("mia", "cora"))
    town.bot.setup.save(town.actor("mia"), SetupView({}, named, None))
    town.starts("Bolt")
    town.bot.handoffs.cancel(town.actor("mia"), 1, "Not now")
    town.bot.start(town.actor("mia"), replace(town.form("Bolt"), quiet=True))
    town.bot.start(town.actor("mia"), replace(town.form("Zenith"), quiet=True))
    town.settle()
    before = len([m for c in ("#accounts",) for m in town.mia.messages(c)])
    key = "message:C1:1.2"
    for account in (1, 2):
        sent = Sent(account, "complaint", None, "The hush-hush thing", f"{key}{account}", "")
        town.bot.capture.notes.save(town.actor("mia"), sent)
    town.settle()
    assert len(town.mia.messages("#accounts")) == before
    assert not town.bot.capture.entries.page(town.actor("cora"), 1).lines
    assert len(town.bot.capture.entries.page(town.actor("mia"), 1).lines) == 1
    assert "I know no account" in notes(town, "olaf", "Zenith called").text
    # whoever may not know of it saves the same message, and learns nothing
    town.bot.capture.notes.save(town.actor("olaf"), Sent(1, "call", None, "Mine", f"{key}1"))
    assert [one.entry.text for one in town.bot.capture.entries.page(town.actor("cora"), 1).lines] == ["Mine"]
    assert notes(town, "cora", "Bolt met us").text.startswith("Noted for Bolt")
    kinds = {EntryKind(row.kind) for row in entries(town)}
    assert kinds == {EntryKind.COMPLAINT, EntryKind.CALL, EntryKind.MEETING}


def given_back(town, who="olaf", before=0):
    """What private answers return to copy, in order."""
    blocks = [block for said in town.sandbox.person(who).ephemerals(PLACE)[before:] for block in said.raw["blocks"]]
    runs = [one["elements"][0]["elements"][0]["text"] for one in blocks if one["type"] == "rich_text"]
    return " ".join(runs)


@pytest.mark.parametrize("account", ["Acme", "Zzyx"])
def test_too_long_a_note_is_given_back_whole(lite_town, account):
    town = lite_town.begun()
    long = f"{account} called: " + " ".join(f"word{number}" for number in range(3500))
    said = notes(town, "olaf", long)
    assert len(long) > 30_000
    assert "3000 characters at most" in town.olaf.ephemerals(PLACE)[0].text
    assert "Nothing is written yet" in town.olaf.ephemerals(PLACE)[0].text
    assert said is not None
    assert given_back(town) == long
    assert town.olaf.modal is None
    assert not entries(town)


def test_who_changes_only_the_kind_of_a_line_full_of_signs_keeps_its_words(lite_town):
    town = lite_town.begun()
    words = "\N{PACKAGE}" * 2900
    assert notes(town, "olaf", f"Acme {words}").click("Edit").ok
    town.olaf.modal.choose("What was it?", "Complaint")
    assert town.olaf.modal.submit().ok
    (row,) = entries(town)
    assert (row.kind, row.text) == ("complaint", words)


def test_too_long_a_line_forged_numbers_and_other_peoples_lines_are_refused_with_a_sentence(lite_town):
    town = lite_town.begun()
    assert "3000 characters at most" in notes(town, "olaf", "Acme " + "x" * 3001).text
    assert notes(town, "olaf", "Acme \u200b\u200b") is not None
    assert "Acme" in town.olaf.modal.text
    assert town.olaf.modal.submit().errors.keys() == {"What was said?"}
    town.olaf.modal.close()
    said = notes(town, "olaf", "Acme <!channel> *called* `x`")
    assert entries(town)[0].text == "<!channel> *called* `x`"
    assert "&lt;!channel&gt;" in said.raw["blocks"][0]["text"]["text"]
    line = town.rows("SELECT id FROM entries")[0].id
    with pytest.raises(NotAllowed):
        town.bot.capture.entries.change(town.actor("ines"), line, kind=EntryKind.NOTE)
    for number in (0, 999, 2**62):
        with pytest.raises(NoSuchThing):
            town.bot.capture.entries.remove(town.actor("mia"), number)
        with pytest.raises(NoSuchThing):
            town.bot.capture.notes.save(town.actor("mia"), Sent(number, "call", None, "Hello"))
    with pytest.raises(FieldErrors):
        town.bot.capture.notes.save(town.actor("mia"), Sent(1, "bribe", None, "Hello"))
    assert said.click("Undo").ok
    assert not entries(town)
