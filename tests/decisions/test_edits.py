"""Of a form and what has happened since it was opened, exactly what its sender changed is changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.edits import ChangedMeanwhile, apply, facts, merged, mistakes, seen
from bot.domain.vocabulary import Reason, Role
from tests.decisions import samples as s

NAMES = ("last_day", "benefit", "tier")
VALUES = st.fixed_dictionaries(
    {
        "last_day": st.sampled_from([None, "2026-12-18", "2026-12-11"]),
        "benefit": st.sampled_from(["Near.", "Speaks their language. " * 5, "Speaks their language. " * 6]),
        "tier": st.sampled_from(["key", "standard"]),
    }
)


@given(opened=VALUES, sent=VALUES, now=VALUES)
def test_what_was_left_alone_stays_and_what_both_changed_is_told(
    opened: dict[str, Any], sent: dict[str, Any], now: dict[str, Any]
) -> None:
    changes, clashes = merged(sent, seen(opened, opened), now)
    for name in NAMES:
        mine, theirs = sent[name] != opened[name], now[name] != opened[name]
        agreed = sent[name] == now[name]
        assert (name in changes) is (mine and not theirs)
        assert (name in clashes) is (mine and theirs and not agreed)
    assert all(changes[name] == sent[name] for name in changes)
    assert all(isinstance(error, ChangedMeanwhile) for error in clashes.values())


def test_a_form_that_does_not_know_what_it_was_opened_with_is_meant_as_it_is() -> None:
    assert merged({"tier": "key"}, {}, {"tier": "standard"}) == ({"tier": "key"}, {})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_day": "2026-12-02"}, "last_day"),
        ({"transfer_on": "2026-12-02"}, "transfer_on"),
        ({"support_until": "2026-12-05"}, "support_until"),
        ({"manager": None}, "manager"),
        ({"outgoing": None}, "outgoing"),
        ({"outgoing": None, "outgoing_name": "  "}, "outgoing_name"),
        ({"incoming": s.OLAF.id}, "incoming"),
        ({"outgoing": s.INES.id}, "outgoing"),
        ({"benefit": ""}, "benefit"),
        ({"account": "x" * 121}, "account"),
    ],
)
def test_what_cannot_be_is_told_under_its_field(changes: dict[str, Any], field: str) -> None:
    assert list(mistakes(s.handoff(""), changes, s.TODAY)) == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"last_day": s.TODAY.isoformat()},
        {"last_day": None},
        {"incoming": None},
        {"outgoing": None, "outgoing_name": "Oskar"},
        {"outgoing": s.INES.id, "incoming": s.OLAF.id},
    ],
)
def test_what_can_be(changes: dict[str, Any]) -> None:
    assert mistakes(s.handoff(""), changes, s.TODAY) == {}


def test_applied_the_facts_are_what_was_said_and_the_account_hears_of_it() -> None:
    handoff = s.handoff("", 0)
    changes = {
        "last_day": None,
        "reason": "voluntary",
        "tier": "key",
        "overseas": True,
        "account": "Acme Corp",
        "helper": 7,
    }
    wanted = {**facts(handoff), **changes}
    apply(handoff, changes)
    assert facts(handoff) == wanted
    assert handoff.reason is Reason.VOLUNTARY
    assert (handoff.account.tier, handoff.account.overseas, handoff.account.name_key) == ("key", True, "acme corp")


def test_an_open_step_in_the_name_of_the_one_before_follows_the_role_and_a_closed_one_does_not() -> None:
    handoff = s.handoff("", 3)
    first, second, third = handoff.items
    for item in handoff.items:
        item.owner_role, item.owner_id = Role.OUTGOING, s.OLAF.id
    third.owner_id = s.INES.id
    s.done(second)
    apply(handoff, {"outgoing": s.MIA.id})
    assert (first.owner_id, second.owner_id, third.owner_id) == (None, s.OLAF.id, s.INES.id)
