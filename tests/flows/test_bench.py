"""The bench: who could come in, from inside and outside; managers keep it, and nobody else sees it."""

import pytest

from bot.domain.refusals import NotAllowed
from bot.usecases.workspace.setup import SetupView


def _add(town, **fields):
    town.mia.modal.click("Add somebody")
    form = town.mia.modal
    for label, value in fields.items():
        (form.choose if value.startswith("@") else form.fill)(label.replace("_", " "), value)
    return form.submit()


def _open(town, who="mia"):
    person = getattr(town, who)
    home = person.opens_home()
    home.click("Bench")
    return person.modal


def test_managers_list_people_and_candidates_from_outside(town):
    town.set_up()
    assert "Nobody is on it yet" in _open(town).text
    assert _add(town, Somebody_here="@cora", Territory="North", Languages="English, Hindi").ok
    outside = {"Or_a_name_from_outside": "Nadia Roth", "Source": "met at the trade fair", "Experience": "8 years"}
    assert _add(town, **outside).ok
    shown = town.mia.modal.text
    assert "@cora\nNorth · English, Hindi" in shown
    assert "Nadia Roth\nfrom outside · met at the trade fair · 8 years" in shown
    town.mia.modal.click("Change", near="Nadia Roth")
    town.mia.modal.fill("Territory", "South")
    assert town.mia.modal.submit().ok
    assert "met at the trade fair · South · 8 years" in town.mia.modal.text
    town.mia.modal.click("Remove", near="@cora")
    assert "@cora" not in town.mia.modal.text
    assert [row.verb for row in town.rows("SELECT verb FROM audit WHERE verb LIKE 'bench.%' ORDER BY id")] == [
        "bench.added", "bench.added", "bench.changed", "bench.removed",
    ]  # fmt: skip


def test_nobody_else_sees_it_or_may_write_on_it(lite_town):
    town = lite_town
    town.set_up()
    _open(town)
    assert _add(town, Or_a_name_from_outside="Nadia Roth").ok
    town.handoff("Acme", **{"Incoming rep": None})
    for person in ("olaf", "cora", "otto"):
        assert "Bench" not in getattr(town, person).opens_home().buttons
        assert not getattr(town, person).sees("Nadia")
    with pytest.raises(NotAllowed):
        town.bot.coverage.bench.list(town.actor("olaf"))
    with pytest.raises(NotAllowed):
        town.bot.coverage.bench.remove(town.actor("olaf"), 1)
    assert town.rows("SELECT id FROM bench WHERE removed_at IS NULL")


def test_an_admin_who_is_no_manager_is_none_of_those_who_see_it(lite_town):
    town = lite_town
    town.set_up()
    _open(town)
    assert _add(town, Or_a_name_from_outside="Nadia Roth").ok
    town.bot.setup.save(town.actor("mia"), SetupView({}, (town.cora.id,), None))
    town.settle()
    assert town.rows("SELECT is_admin FROM people WHERE slack_id = :s", s=town.mia.id)[0].is_admin
    assert "Bench" not in town.mia.opens_home().buttons
    with pytest.raises(NotAllowed):
        town.bot.coverage.bench.list(town.actor("mia"))
    assert "Nadia Roth" in _open(town, "cora").text


def test_the_form_that_names_a_cover_says_who_could_come_in(lite_town):
    town = lite_town
    town.set_up()
    _open(town)
    assert _add(town, Or_a_name_from_outside="Nadia Roth", Territory="North", Source="trade fair").ok
    town.handoff("Acme", **{"Incoming rep": None})
    town.card().click("Name the cover")
    assert "Who could come in: Nadia Roth (North, trade fair)" in town.mia.modal.text


def test_what_is_missing_too_long_or_there_already_is_said_under_its_field(lite_town):
    town = lite_town
    town.set_up()
    _open(town)
    assert "This is needed" in _add(town, Territory="North").errors["Or a name from outside"]
    town.mia.modal.close()
    assert _add(town, Somebody_here="@cora").ok
    assert "is on the bench already" in _add(town, Somebody_here="@cora").errors["Somebody here"]
    town.mia.modal.close()
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    assert len(town.rows("SELECT id FROM bench")) == 1


def test_two_managers_change_one_entry_and_the_second_is_told(lite_town):
    town = lite_town
    town.set_up()
    town.mia.types("/handoff setup", in_="#accounts")
    setup = town.mia.modal
    setup.choose("Managers", ["@mia", "@ida"])
    assert setup.submit().ok
    _open(town)
    assert _add(town, Or_a_name_from_outside="Nadia Roth").ok
    _open(town, "ida")
    forms = []
    for person in (town.mia, town.ida):
        person.modal.click("Change")
        person.modal.fill("Territory", person.name)
        forms.append(person.modal)
    assert forms[0].submit().ok
    assert "Somebody changed this" in str(forms[1].submit().errors)
