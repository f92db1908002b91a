"""A handoff moves to another channel: its card and checklists appear there, and the old ones say where they went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import FieldErrors
from bot.usecases.handoffs.editing import Edit
from tests.databases import from_json

THERE = "#general"


def invited(town, channel=THERE):
    """Baton is in the other channel. Returns Slack's id of it."""
    place = next(c for c in town.sandbox.workspace.channels.values() if c.name == channel[1:])
    town.sandbox.actions.invite(place.id, town.sandbox.workspace.app.bot_user_id)
    return place.id


def form(town, account="Acme", in_="#accounts"):
    assert town.card(account, in_=in_).menu("Edit").ok
    assert town.mia.modal.click("More people and dates").ok
    return town.mia.modal


def moves(town, to=THERE, in_="#accounts"):
    asked = form(town, in_=in_)
    asked.choose("Channel", to)
    outcome = asked.submit()
    assert outcome.ok, outcome
    assert not outcome.errors, outcome.errors


def here(town, channel):
    """What the bot has in a channel, threads left out."""
    return [m for m in town.mia.messages(channel) if "Acme" in m.text]


def test_card_and_checklists_go_on_in_the_other_channel_and_the_old_ones_say_where(town):
    town.begun()
    town.bot.handoffs.override(town.actor("mia"), 1, "In a hurry")
    town.bot.handoffs.accept(town.actor("ines"), 1)
    town.settle()
    old = town.card()
    said = len(town.mia.thread(old))
    invited(town)
    moves(town)
    [left] = here(town, "#accounts")
    assert "The handoff of Acme goes on in #general: its card" in left.text
    assert not left.buttons
    remains = town.mia.thread(left)
    assert len(remains) == said
    assert [m for m in remains if m.buttons] == []
    assert any("In a hurry" in m.text for m in remains)
    card = town.card(in_=THERE)
    thread = [m.text for m in town.mia.thread(card)]
    assert "@mia moved the handoff of Acme here from #accounts" in thread[0] + thread[1]
    checklists = [m for m in town.mia.thread(card) if "Add an item" in m.buttons or "done" in m.text]
    assert len(checklists) == 2
    # people go on there, and what they do shows there alone
    before = left.text
    town.bot.handoffs.cancel(town.actor("mia"), 1, "The customer closed down")
    town.settle()
    assert "closed down" in here(town, THERE)[-1].text
    assert any("closed down" in m.text for m in town.mia.thread(card))
    assert [m.text for m in here(town, "#accounts")] == [before]


def test_who_looks_for_the_card_is_led_to_the_new_place_and_history_tells_from_where_to_where(lite_town):
    lite_town.begun()
    invited(lite_town)
    moves(lite_town)
    [row] = lite_town.rows("SELECT channel, link FROM outbox WHERE kind = 'card'")
    general = invited(lite_town)
    assert (row.channel, general in row.link) == (general, True)
    lite_town.ines.types("/handoff history Acme", in_="#general")
    told = lite_town.ines.ephemerals("#general")[-1].text
    assert "@mia changed the handoff: channel: from #accounts to #general" in told
    [(before, after)] = lite_town.rows("SELECT before, after FROM audit WHERE verb = 'handoff.edited'")
    assert (from_json(before), from_json(after)) == ({"channel": "C0ACCOUNTS0"}, {"channel": general})


def test_where_baton_cannot_post_it_does_not_go_and_nothing_of_the_form_is_kept(lite_town):
    lite_town.begun()
    asked = form(lite_town)
    asked.choose("Channel", THERE)
    asked.choose("Helper", "@otto")
    assert "I am not in that channel" in asked.submit().errors["Channel"]
    general = invited(lite_town)
    lite_town.sandbox.actions.archive(general)
    assert "archived" in asked.submit().errors["Channel"]
    lite_town.sandbox.actions.unarchive(general)
    [row] = lite_town.rows("SELECT channel_id, helper_id FROM handoffs")
    assert (row.channel_id, row.helper_id) == ("C0ACCOUNTS0", None)
    assert asked.submit().ok
    assert lite_town.rows("SELECT channel_id FROM handoffs")[0].channel_id == general


@pytest.mark.parametrize("channel", ["", None, "D0123456789", "U0OLAF00000", "nowhere", "C" * 400])
def test_what_is_no_channel_is_refused(lite_town, channel):
    lite_town.begun()
    with pytest.raises(FieldErrors) as told:
        lite_town.bot.editing(lite_town.actor("mia"), 1, Edit({"channel": channel}))
    assert list(told.value.errors) == ["channel"]


def test_from_an_archived_channel_it_goes_on_in_another(lite_town):
    """What stands in the archived one cannot be edited: nobody is troubled with that."""
    lite_town.begun()
    asked = form(lite_town)
    lite_town.sandbox.actions.archive("C0ACCOUNTS0")
    invited(lite_town)
    asked.choose("Channel", THERE)
    assert asked.submit().ok
    assert lite_town.card(in_=THERE).buttons
    assert not lite_town.rows("SELECT key FROM outbox WHERE state IN ('failed', 'queued') AND handoff_id = 1")
    assert not any("channel" in m.text.lower() and "archived" in m.text for m in lite_town.mia.dms("baton"))


def test_of_two_who_move_it_the_second_is_told(lite_town):
    lite_town.begun()
    asked, general = form(lite_town), invited(lite_town)
    leadership = invited(lite_town, "#leadership")
    lite_town.bot.editing(lite_town.actor("mia"), 1, Edit({"channel": leadership}))
    asked.choose("Channel", THERE)
    assert "Somebody changed this while you had the form open" in asked.submit().errors["Channel"]
    assert lite_town.rows("SELECT channel_id FROM handoffs")[0].channel_id == leadership != general


def test_there_and_back_again(lite_town):
    lite_town.begun()
    invited(lite_town)
    moves(lite_town)
    moves(lite_town, to="#accounts", in_=THERE)
    assert [m.buttons != [] for m in here(lite_town, "#accounts")] == [False, True]
    assert [m.buttons for m in here(lite_town, THERE)] == [[]]
    assert all("goes on in #accounts" in m.text for m in (here(lite_town, "#accounts")[0], here(lite_town, THERE)[0]))
    shown = lite_town.mia.thread(lite_town.card())
    assert any("here from #general" in m.text for m in shown)


def test_a_quiet_one_moves_without_a_word_and_appears_in_the_new_channel(lite_town):
    lite_town.set_up()
    mia = lite_town.actor("mia")
    lite_town.bot.start(mia, replace(lite_town.form("Acme"), quiet=True))
    general = invited(lite_town)
    lite_town.bot.editing(mia, 1, Edit({"channel": general}))
    lite_town.settle()
    assert not here(lite_town, "#accounts") + here(lite_town, THERE)
    lite_town.bot.opening(mia, 1)
    lite_town.settle()
    assert lite_town.card(in_=THERE).buttons
    assert not here(lite_town, "#accounts")
    assert not any("moved the handoff" in m.text for m in lite_town.mia.thread(lite_town.card(in_=THERE)))


def test_a_card_on_its_way_to_the_old_channel_arrives_there_and_says_where_the_handoff_is(lite_town):
    lite_town.set_up()
    general = invited(lite_town)
    lite_town.starts("Acme")
    todo = [lambda: lite_town.bot.editing(lite_town.actor("mia"), 1, Edit({"channel": general}))]

    def look(_):
        if todo and here(lite_town, "#accounts"):
            todo.pop()()

    lite_town.sandbox.workspace.subscribe(look)
    lite_town.settle()
    assert not todo
    [left] = here(lite_town, "#accounts")
    assert "goes on in #general" in left.text
    assert len(here(lite_town, THERE)) == 1
