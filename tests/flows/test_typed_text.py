"""What people type is kept whole: shortened where it would be in the way, readable whole in the brief, never cut."""

import pytest

from bot.errors import FieldErrors
from bot.usecases.desk import Actor
from bot.usecases.handoffs.editing import Edit


@pytest.fixture
def started(lite_town):
    lite_town.set_up()
    lite_town.handoff("Acme")
    return lite_town


def _asked(town):
    """Hand over, whatever is missing; returns what the incoming rep is asked."""
    town.card().click("Hand over")
    town.mia.modal.fill("Say why", "We are in a hurry")
    assert town.mia.modal.submit().ok
    return town.ines.dms("baton")[-1]


def test_every_gap_is_kept_however_many_and_however_long(started):
    asked = _asked(started)
    asked.click("Return")
    form = started.ines.modal
    form.fill("What is missing", "\n".join(f"gap {n}" for n in range(31)))
    assert "30 lines at most" in form.submit().errors["What is missing"]
    long = "The keys of the plant " * 10 + "hang behind the door"
    form.fill("What is missing", "\n".join([*(f"- gap   number {n}" for n in range(20)), long]))
    assert form.submit().ok
    new = started.rows("SELECT title, detail FROM checklist_items WHERE key IS NULL ORDER BY position")
    assert [row.title for row in new[:20]] == [f"gap number {n}" for n in range(20)]
    assert len(new[20].title) <= 150
    assert new[20].title.endswith("…")
    assert new[20].detail == long
    told = next(m for m in started.mia.thread(started.card()) if "@ines returned Acme" in m.text)
    assert "gap number 19" in told.text
    started.card().click("Brief")
    assert long in started.mia.modal.text


def test_an_item_s_title_is_one_line(started):
    started.card().menu("Add an item")
    form = started.mia.modal
    form.fill("What is to be done?", "  Ask  the\tplant  ")
    assert form.submit().ok
    assert started.rows("SELECT title FROM checklist_items WHERE key IS NULL")[0].title == "Ask the plant"


def test_a_text_longer_than_its_field_shows_stays_as_it_was(lite_town):
    town = lite_town
    town.set_up()
    benefit = "\U0001f331" * 2000  # Slack may count 4,000
    card = town.handoff("Acme", **{"Benefit to the customer": benefit})
    card.menu("Edit")
    form = town.mia.modal
    form.choose("Inside sales", "@cora")
    assert form.submit().ok
    assert town.rows("SELECT benefit FROM handoffs")[0].benefit == benefit


def test_too_long_is_said_under_the_field_it_is_about(started):
    carl, handoff = Actor("T0SANDBOX01", started.carl.id), started.rows("SELECT id FROM handoffs")[0].id
    request = started.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    with pytest.raises(FieldErrors) as told:
        started.bot.feedback.note(carl, request, {"limit": "x" * 1001, "payment": "late"}, "y" * 3001)
    assert {name: error.values["limit"] for name, error in told.value.errors.items()} == {
        "question.limit": 1000,
        "note": 3000,
    }
    assert not started.rows("SELECT id FROM answers")
    for benefit, words in (("z" * 3001, "3000 characters at most"), (" ", "Write a few words")):
        with pytest.raises(FieldErrors) as told:
            started.bot.editing(Actor("T0SANDBOX01", started.mia.id), handoff, Edit({"benefit": benefit}))
        assert words in str(told.value.errors["benefit"])


def test_what_is_shortened_elsewhere_is_whole_in_the_brief(started):
    words = {name: f"{name} " * 320 + f"{name}-end" for name in ("skip", "proof", "told", "override", "stop")}
    mia, bot = Actor("T0SANDBOX01", started.mia.id), started.bot
    handoff = started.rows("SELECT id FROM handoffs")[0].id
    first, second = (row.id for row in started.rows("SELECT id FROM checklist_items ORDER BY id LIMIT 2"))
    request = started.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    bot.checklist.skip(mia, first, words["skip"])
    bot.checklist.attach(mia, second, words["proof"])
    bot.feedback.note(Actor("T0SANDBOX01", started.carl.id), request, {"payment": "late"}, words["told"])
    bot.handoffs.override(mia, handoff, words["override"])
    ines = Actor("T0SANDBOX01", started.ines.id)
    bot.handoffs.accept(ines, handoff)
    bot.checklist.complete(mia, second)
    bot.handoffs.cancel(mia, handoff, words["stop"])
    started.card().click("Brief")
    shown = started.mia.modal.text
    for name in ("skip", "proof", "told", "override", "stop"):
        assert f"{name}-end" in shown, name
        assert shown.split().count(name) == 320, name
