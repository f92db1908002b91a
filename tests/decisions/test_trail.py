"""Who may see what of a change: one table, tried with every relation."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.permissions import Relation
from bot.domain.trail import GUARDED, HIDDEN, Sight, ValueKind, sight, value
from tests.decisions import samples as s


@pytest.mark.parametrize("relation", Relation)
@pytest.mark.parametrize(
    "verb", ["commission.signed", "deal.closed", "work.recorded", "record.coaching", "watched.kept", "bench.added"]
)
def test_nobody_hears_of_what_is_hidden_but_those_it_is_for(verb: str, relation: Relation) -> None:
    allowed = HIDDEN.get(verb, HIDDEN.get(verb.partition(".")[0], frozenset()))
    assert allowed
    assert sight(verb, frozenset({relation})) is (Sight.WHOLE if relation in allowed else Sight.NOTHING)


def test_an_outsider_hears_that_something_was_written_down_but_not_what() -> None:
    for noun, allowed in GUARDED.items():
        assert sight(f"{noun}.kept", frozenset()) is Sight.HEAD
        assert sight(f"{noun}.kept", allowed) is Sight.WHOLE


def test_other_changes_are_everybody_s_to_see() -> None:
    assert sight("item.completed", frozenset()) is Sight.WHOLE
    assert sight("never.heard_of", frozenset()) is Sight.WHOLE


@pytest.mark.parametrize(
    ("name", "stored", "kind", "what"),
    [
        ("incoming", s.INES.id, ValueKind.PERSON, s.INES),
        ("owner_id", 999_999, ValueKind.NOTHING, None),
        ("asked", "U0CARL0000", ValueKind.PERSON, "U0CARL0000"),
        ("last_day", "2026-12-18", ValueKind.DAY, date(2026, 12, 18)),
        ("overseas", False, ValueKind.SWITCH, False),
        ("due_days", 3, ValueKind.TEXT, "3"),
        ("benefit", "", ValueKind.NOTHING, None),
        ("gaps", ["a", "b"], ValueKind.TEXT, "a, b"),
        ("answers", {"payment": "late"}, ValueKind.TEXT, "payment: late"),
        ("last_day", "2026-99-99", ValueKind.TEXT, "2026-99-99"),
    ],
)
def test_values_are_shown_as_what_they_stand_for(name: str, stored: object, kind: ValueKind, what: object) -> None:
    found = value(name, stored, {s.INES.id: s.INES})
    assert (found.kind, found.what) == (kind, what)
