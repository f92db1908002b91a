"""A territory run goes on in another channel: what begins from then on, and its board; what has begun stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.edits import ChangedMeanwhile
from bot.domain.refusals import NotAllowed
from bot.errors import FieldErrors
from bot.usecases.territory.form import PlanIsOld
from bot.usecases.workspace.setup import SetupView
from sandbox.seen import Seen
from tests.databases import from_json
from tests.flows.test_another_channel import invited
from tests.territories import confirm, look_after
from tests.town import Town

HERE, THERE = "#accounts", "#general"


@pytest.fixture
def under_way(lite_town: Town) -> Town:
    """Two of Olaf's five accounts are on their way to Ines, in #accounts; two more follow in two days, then one."""

    def begin() -> None:
        lite_town.bot.setup.save(lite_town.actor("mia"), SetupView({}, (lite_town.mia.id,), None))
        look_after(lite_town, *(f"Account {number}" for number in range(5)))
        confirm(lite_town, per_wave="2", every="2")
        lite_town.passes(minutes=30)

    lite_town.once("a territory under way", begin)
    return lite_town


def _boards(town: Town, channel: str) -> list[Seen]:
    return [m for m in town.mia.messages(channel) if "South" in m.text and "Account" not in m.text]


def _cards(town: Town, channel: str) -> list[Seen]:
    return [m for m in town.mia.messages(channel) if "Account" in m.text and m.buttons]


def _asks(town: Town, channel: str = HERE) -> Any:
    assert _boards(town, channel)[-1].menu("Move to another channel…").ok
    return town.mia.modal


def _told(town: Town) -> list[str]:
    return [m.text for m in town.mia.dms("baton") if HERE in m.text]


def test_what_begins_from_now_on_and_the_board_are_in_the_other_channel_and_what_has_begun_stays(
    under_way: Town,
) -> None:
    town, form = under_way, _asks(under_way)
    assert "2 handoffs that have begun stay" in form.text
    form.choose("Channel", THERE)
    assert "I am not in that channel" in form.submit().errors["Channel"]
    general = invited(town)
    town.sandbox.actions.archive(general)
    assert "archived" in form.submit().errors["Channel"]
    assert town.rows("SELECT DISTINCT channel_id FROM runs") == [("C0ACCOUNTS0",)]
    town.sandbox.actions.unarchive(general)
    outcome = form.submit()
    assert (outcome.ok, outcome.errors) == (True, {})
    assert "South goes on in #general" in town.mia.modal.text.replace("*", "")
    town.passes(minutes=5)

    (left,) = _boards(town, HERE)
    assert "goes on in #general" in left.text
    assert not left.buttons
    assert "0 of 5 accounts handed over" in _boards(town, THERE)[0].text
    assert (len(_cards(town, HERE)), len(_cards(town, THERE))) == (2, 0)
    town.passes(days=2)
    assert (len(_cards(town, HERE)), len(_cards(town, THERE))) == (2, 2)
    (board,) = _boards(town, THERE)
    assert "2 under way" in board.text.split("Wave 2")[1]
    assert [m.text for m in _boards(town, HERE)] == [left.text]
    [(before, after)] = town.rows("SELECT before, after FROM audit WHERE verb = 'run.edited'")
    assert (from_json(before), from_json(after)) == ({"channel": "C0ACCOUNTS0"}, {"channel": general})

    # one that has begun is moved by its own form, and the run can come back
    assert _cards(town, HERE)[0].menu("Edit").ok
    assert town.mia.modal.click("More people and dates").ok
    town.mia.modal.choose("Channel", THERE)
    assert town.mia.modal.submit().ok
    back = _asks(town, THERE)
    back.choose("Channel", HERE)
    assert back.submit().ok
    town.passes(minutes=5)
    assert (len(_cards(town, HERE)), len(_cards(town, THERE))) == (1, 3)
    assert "0 of 5 accounts handed over" in _boards(town, HERE)[-1].text
    assert "goes on in #accounts" in _boards(town, THERE)[0].text


def test_a_run_that_waits_for_its_channel_goes_on_in_another_and_one_word_is_said_of_the_old_one(
    under_way: Town,
) -> None:
    town = under_way
    town.sandbox.actions.archive("C0ACCOUNTS0")
    town.clock.jump_to(town.clock.now() + timedelta(days=2))
    town.passes(minutes=20)
    assert len(town.rows("SELECT 1 FROM handoffs")) == 2
    assert len(_told(town)) == 1
    general = invited(town)
    town.mia.types("/handoff territory", in_=THERE)
    assert town.mia.modal.click("Another channel…").ok
    town.mia.modal.choose("Channel", THERE)
    assert town.mia.modal.submit().ok
    town.passes(minutes=5)
    assert len(_cards(town, THERE)) == 2
    assert "Under way" in _boards(town, THERE)[0].text
    # what has begun cannot be shown any more where it stands: that is no news, however many they are
    for row in town.rows("SELECT min(id) AS id FROM checklist_items WHERE form IS NULL GROUP BY handoff_id LIMIT 2"):
        town.bot.checklist.complete(town.actor("mia"), row.id)
    town.passes(hours=1)
    assert len(_told(town)) == 1
    # of a channel that it left and that is closed only now, they hear once as well
    back = invited(town, "#leadership")
    town.bot.territory.moving(town.actor("mia"), 1, back, general)
    town.settle()
    town.sandbox.actions.archive(general)
    for row in town.rows(
        "SELECT min(i.id) AS id FROM checklist_items i JOIN handoffs h ON h.id = i.handoff_id "
        "WHERE i.form IS NULL AND h.channel_id = :c GROUP BY h.id", c=general
    ):  # fmt: skip
        town.bot.checklist.complete(town.actor("mia"), row.id)
    town.passes(hours=1)
    (told,) = [m.text for m in town.mia.dms("baton") if THERE in m.text]
    assert "South left" in told.replace("*", "")
    assert "goes on in #leadership" in told


def test_of_two_who_move_it_the_second_is_told_and_who_may_not_or_comes_too_late_moves_nothing(under_way: Town) -> None:
    town, form = under_way, _asks(under_way)
    general, leadership = invited(town), invited(town, "#leadership")
    town.bot.territory.moving(town.actor("mia"), 1, leadership, "C0ACCOUNTS0")
    form.choose("Channel", THERE)
    assert "Somebody changed this while you had the form open" in form.submit().errors["Channel"]
    with pytest.raises(FieldErrors) as told:
        town.bot.territory.moving(town.actor("mia"), 1, general, "C0ACCOUNTS0")
    assert isinstance(told.value.errors["channel"], ChangedMeanwhile)
    # what somebody left as it stood is not changed, whatever others made of it
    town.bot.territory.moving(town.actor("mia"), 1, "C0ACCOUNTS0", "C0ACCOUNTS0")
    with pytest.raises(FieldErrors):
        town.bot.territory.moving(town.actor("mia"), 1, None, leadership)
    with pytest.raises(NotAllowed):
        town.bot.territory.moving(town.actor("ines"), 1, general, leadership)
    town.bot.territory.runs.cancel(town.actor("mia"), 1, "Enough.", open_ones=False)
    with pytest.raises(PlanIsOld):
        town.bot.territory.moving(town.actor("mia"), 1, general, leadership)
    assert town.rows("SELECT channel_id FROM runs") == [(leadership,)]


def test_a_board_on_its_way_to_the_old_channel_arrives_there_and_says_where_the_run_is(lite_town: Town) -> None:
    town = lite_town
    town.bot.setup.save(town.actor("mia"), SetupView({}, (town.mia.id,), None))
    look_after(town, "Account 0")
    general, run = invited(town), confirm(town)
    todo = [lambda: town.bot.territory.moving(town.actor("mia"), run, general, "C0ACCOUNTS0")]

    def look(_: object) -> None:
        if todo and _boards(town, HERE):
            todo.pop()()

    town.sandbox.workspace.subscribe(look)
    town.settle()
    assert not todo
    (left,) = _boards(town, HERE)
    assert "goes on in #general" in left.text
    assert len(_boards(town, THERE)) == 1
