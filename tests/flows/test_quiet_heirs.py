"""A quiet handoff outlives its manager: whoever is next in charge gets it and is told; nobody else hears of it."""

from __future__ import annotations

import pytest

from bot.usecases.workspace.setup import SetupView

OTHERS = ("olaf", "carl", "wanda", "marek", "ida")
PLACE = "#general"


def _prepared(town, managers=("mia", "cora"), chief=None, **fields):
    """Mia prepares Zenith quietly and names nobody but the one who is to go."""
    ids = tuple(town.sandbox.person(name).id for name in managers)
    town.bot.setup.save(
        town.actor("mia"), SetupView({}, ids, None, "", 5, town.sandbox.person(chief).id if chief else None)
    )
    for name in (*OTHERS, "cora", "otto", "ines"):
        town.sandbox.person(name).opens_home()
    assert town.mia.types("/handoff start Zenith", in_="#accounts").ok
    form = town.mia.modal
    town.fill(form, "Zenith", "Retirement", {"Incoming rep": None, **fields})
    form.choose("Options", ["Quiet"])
    outcome = form.submit()
    assert outcome.ok, outcome
    town.mia.modal.close()


def _leaves(town, who="mia"):
    town.sandbox.actions.deactivate(town.sandbox.person(who).id)
    town.settle()


def _told(town, who):
    return [one for one in town.sandbox.person(who).dms("baton") if "Zenith" in one.text]


def _finds(town, who):
    person = town.sandbox.person(who)
    assert person.types("/handoff show zenith", in_=PLACE).ok
    return "Stage 1 of 3" in person.ephemerals(PLACE)[-1].text or "Zenith" in person.opens_home().text


def _manager(town):
    return town.rows("SELECT p.slack_id FROM handoffs h JOIN people p ON p.id = h.manager_id")[0].slack_id


def test_whom_managers_report_to_gets_it_is_told_and_can_open_it(town):
    _prepared(town, chief="otto")
    _leaves(town)
    (told,) = _told(town, "otto")
    assert "@mia has left Slack" in told.text
    assert "It is quiet, and yours now" in told.text
    assert _manager(town) == town.otto.id
    for name in (*OTHERS, "cora", "ines"):
        assert not _told(town, name), name
        assert not _finds(town, name), name
    trail = town.rows("SELECT before, after FROM audit WHERE verb = 'handoff.edited'")
    assert len(trail) == 1
    assert _finds(town, "otto")
    assert town.otto.opens_home().click("Open it", near="Zenith").ok
    assert "Zenith" in town.card("Zenith", who="otto").text


def test_a_manager_s_own_superior_comes_before_that_of_all_managers(lite_town):
    town = lite_town
    _prepared(town, chief="otto")
    assert town.mia.types("/handoff away", in_=PLACE).ok
    assert town.mia.modal.click("When I am reminded").ok
    town.mia.modal.choose("I report to", "@carl")
    assert town.mia.modal.submit().ok
    _leaves(town)
    assert _manager(town) == town.carl.id
    assert _told(town, "carl")
    assert not _told(town, "otto")


def test_a_manager_who_was_named_in_it_knows_already_and_nobody_new_hears(lite_town):
    town = lite_town
    _prepared(town, chief="otto", **{"Incoming rep": "@cora"})
    _leaves(town)
    assert _manager(town) == town.cora.id
    assert not _told(town, "otto")
    assert not _finds(town, "otto")


@pytest.mark.parametrize("chief", ["olaf", None])
def test_without_a_superior_or_if_they_are_to_go_it_is_the_next_manager_s(lite_town, chief):
    town = lite_town
    _prepared(town, chief=chief)
    _leaves(town)
    assert _manager(town) == town.cora.id
    assert len(_told(town, "cora")) == 1
    assert not _told(town, "olaf")
    _leaves(town, "cora")
    assert _manager(town) == town.cora.id, "nobody is left who may have it"


def test_where_nobody_is_left_it_waits_for_whoever_is_named_next(lite_town):
    town = lite_town
    _prepared(town, managers=("mia",))
    _leaves(town)
    assert _manager(town) == town.mia.id
    assert not any(_finds(town, name) for name in (*OTHERS, "cora", "otto", "ines"))
    town.sandbox.actions.change_user(town.otto.id, is_admin=True)
    town.settle()
    town.passes(days=1)
    assert _manager(town) == town.otto.id, "an admin may name managers"
    (told,) = [one for one in _told(town, "otto") if "has left Slack" in one.text]
    assert "yours now" in told.text


def test_members_of_the_managers_group_are_next_as_well(lite_town):
    town = lite_town
    groups = town.sandbox.workspace.usergroups.values()
    group = next(one.id for one in groups if one.handle == "field-sales")
    town.bot.setup.save(town.actor("mia"), SetupView({}, (town.mia.id,), group))
    town.settle()
    assert town.mia.types("/handoff start Zenith", in_="#accounts").ok
    form = town.mia.modal
    town.fill(form, "Zenith", "Retirement", {"Incoming rep": None})
    form.choose("Options", ["Quiet"])
    assert form.submit().ok
    town.mia.modal.close()
    _leaves(town)
    assert _manager(town) == town.ines.id, "Olaf is in the group too, but he is the one to go"
    assert _told(town, "ines")
    assert not _told(town, "cora")
