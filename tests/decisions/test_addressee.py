"""Who of the people at a customer a mail goes to while nobody has chosen, decided."""

from __future__ import annotations

from copy import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.addressee import Told, addressee, in_order
from bot.domain.customer import Contact, ContactRole
from tests.decisions import samples as s

DECIDES, USER, KEEPS, TROUBLE = (
    ContactRole.DECISION_MAKER,
    ContactRole.USER,
    ContactRole.GATEKEEPER,
    ContactRole.TROUBLE_MAKER,
)
ROLES = st.sampled_from(["", "of a later version", *(role.value for role in ContactRole)])


def _people(*known: tuple[str, str, str]) -> list[Contact]:
    """Contacts of these names, roles and mail addresses, in the order in which they were entered."""
    found = []
    for number, (name, role, mail) in enumerate(known, start=1):
        one = Contact(1, 1, name, role, mail=mail)
        one.id = number
        found.append(one)
    return found


def _told(name: str, number: int | None = None) -> Told:
    return Told(s.OLAF.slack_id, s.TODAY, "call", name, "Hello", number)


def _name(people: list[Contact], told: Told | None = None, *, confided: bool = True) -> str | None:
    found = addressee(people, told, confided=confided)
    return found.name if found else None


GROUPS = st.lists(st.tuples(st.sampled_from("ABCD"), ROLES, st.sampled_from(["", "x@y.example"])), max_size=6)


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ([], None),
        ([("Tom", TROUBLE, "")], "Tom"),
        ([("Gil", KEEPS, "g@a.example"), ("Uma", USER, ""), ("Ada", DECIDES, "")], "Ada"),
        ([("Ada", DECIDES, ""), ("Bea", DECIDES, "b@a.example"), ("Cy", DECIDES, "c@a.example")], "Bea"),
        ([("Tom", TROUBLE, "t@a.example"), ("Bo", "", "")], "Bo"),
        ([("Bo", "", "b@a.example"), ("Gil", KEEPS, "")], "Gil"),
        ([("Tim", TROUBLE, ""), ("Tom", TROUBLE, "t@a.example")], "Tom"),
    ],
)
def test_by_role_then_those_with_an_address_then_the_earliest_and_trouble_last(known, name):
    assert _name(_people(*known)) == name


def test_whoever_was_told_stays_the_one_also_under_another_name():
    people = _people(("Ada", DECIDES, "a@a.example"), ("Gil Grey", KEEPS, ""), ("Tom", TROUBLE, ""))
    assert _name(people, _told("Gil Green", 2)) == "Gil Grey"
    assert _name(people, _told("gil  grey")) == "Gil Grey", "older versions kept the name only"
    assert _name(people, _told("Tom", 3)) == "Tom", "whoever told them has chosen"
    assert _name(people, _told("Gil Grey", 7)) == "Ada", "they left, and somebody of that name came"
    assert _name(people, _told("Zoe")) == "Ada"


@given(GROUPS, st.none() | st.sampled_from("ABCD"))
def test_nothing_that_others_are_shown_depends_on_who_makes_trouble(known, name):
    people = _people(*known)
    plain = [copy(one) for one in people]
    for one in plain:
        one.role = "" if one.role == TROUBLE else one.role
    told = _told(name) if name else None
    ids = [[one.id for one in in_order(group, confided=False)] for group in (people, plain)]
    assert ids[0] == ids[1]
    first, second = (addressee(group, told, confided=False) for group in (people, plain))
    assert (first and first.id) == (second and second.id)


@given(GROUPS, st.booleans())
def test_no_trouble_maker_is_suggested_while_there_is_anybody_else(known, confided):
    people = _people(*known)
    found = addressee(people, None, confided=confided)
    assert found is None or found.role != TROUBLE or all(one.role == TROUBLE for one in people)
    assert found is not None or not people or not confided
