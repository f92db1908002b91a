"""PRODUCT section 8 through the use cases: every action is tried by somebody in every relation, and by nobody's friend.

The table is read, not repeated: a new action without a trial fails here, and so does one that its use case forgets to
ask about. Each person stands in one relation to the handoff, but that all who hold a role are participants as well.
"""

from __future__ import annotations

import itertools

import pytest
from relations import PEOPLE, R, World
from trials import NEEDS_NO_MORE, TRIALS, free_account

from bot.domain.permissions import TABLE, Action, Relation
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.usecases.leaving.watching import NobodyManages
from tests.town import Town


@pytest.fixture(scope="module")
def world(tmp_path_factory, migrated_sqlite):
    file = tmp_path_factory.mktemp("world") / "baton.db"
    file.write_bytes(migrated_sqlite.read_bytes())
    town = Town(f"sqlite:///{file}")
    yield World(town)
    town.close()


@pytest.fixture(autouse=True)
def as_it_was(world):
    world.again()


def _tries(world, action, who):
    """Whether they may, of each way to do it; what was refused has changed nothing."""
    for number, trial in enumerate(TRIALS[action]):
        before = world.counts()
        try:
            trial(world, world.actor(who))
        except (NotAllowed, NobodyManages, NoSuchThing):
            yield number, False
            assert trial is free_account or world.counts() == before, f"{who} left something behind"
            if trial is free_account:
                world.again()
        except NEEDS_NO_MORE:
            yield number, True
        else:
            yield number, True
            world.again()


def test_every_action_is_tried():
    assert set(TRIALS) == set(Action)
    assert set(itertools.chain.from_iterable(PEOPLE.values())) == set(Relation)


@pytest.mark.parametrize("action", Action)
def test_everybody_may_exactly_what_the_table_says(world, action):
    for who, held in PEOPLE.items():
        expected = bool(TABLE[action] & held)
        if action is Action.OPEN_QUIET and not held & {R.HANDOFF_MANAGER, R.INCOMING, R.COVER, R.PARTICIPANT}:
            expected = False  # for them there is no such handoff
        for number, allowed in _tries(world, action, who):
            assert allowed == expected, f"{who} and trial {number} of {action}"


@pytest.mark.parametrize("action", Action)
def test_while_no_managers_are_set_everybody_starts_and_nothing_else_is_everybodys(world, action):
    world.writes("DELETE FROM managers")
    if action is Action.OPEN_QUIET:
        world.writes("UPDATE handoffs SET helper_id = (SELECT id FROM people WHERE slack_id = :o) WHERE id = :n",
                     o=world.slack_id("otto"), n=world.zenith)  # fmt: skip
    for trial in TRIALS[action]:
        try:
            trial(world, world.actor("otto"))
            allowed = True
        except (NotAllowed, NobodyManages):
            allowed = False
        except NEEDS_NO_MORE:
            allowed = True
        assert allowed == (R.STARTER in TABLE[action]), action
