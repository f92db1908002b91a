"""PRODUCT section 8 as a table, tried for every relation and every action."""

import itertools

import pytest

from bot.domain.people import Person
from bot.domain.permissions import TABLE, Action, Relation, Standing, allowed, refuse, relations


@pytest.mark.parametrize(("action", "relation"), list(itertools.product(Action, Relation)))
def test_one_relation_alone_suffices_exactly_where_the_table_says(action, relation):
    assert allowed(action, frozenset({relation})) == (relation in TABLE[action])


def test_nobody_without_a_relation_may_do_anything():
    assert not any(allowed(action, frozenset()) for action in Action)


def test_until_managers_are_set_everybody_may_start_but_nobody_may_tick_for_others():
    stranger = Person(workspace_id=1, slack_id="U1")
    held = relations(stranger, Standing(manager=False, open_house=True))
    assert allowed(Action.START, held)
    assert not allowed(Action.TICK, held)
    assert not allowed(Action.ACCEPT, held)
    assert not allowed(Action.ANSWER, held)


def test_a_refusal_names_people_once_and_never_nobody():
    assert refuse(["U1", "U1", "U2"]).values["people"] == ["U1", "U2"]
    assert refuse([]).values["people"] == ["a manager"]
