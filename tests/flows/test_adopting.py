"""A newer playbook, or another that fits by now, is taken over in a running handoff item by item."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.playbook import Anchor, Due, Stage, Step
from bot.domain.playbook_json import with_version
from bot.domain.vocabulary import Role
from bot.usecases.handoffs.editing import Edit
from tests.databases import from_json

KEY = "retirement_or_promotion"


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def changed(book):
    """The playbook after somebody edited it: one step new, one reworded and later, one dropped; other reminders."""
    first, *others = book.stages
    steps = [one for one in first.steps if one.key != "routines"]
    org = next(n for n, one in enumerate(steps) if one.key == "org_chart")
    steps[org] = replace(steps[org], title="Draw the org chart", due=Due(Anchor.LAST_DAY, -5), necessary=False)
    steps.insert(org + 1, Step("parking", "Say where to park", Role.OUTGOING, Due(Anchor.LAST_DAY, -5)))
    ladder = replace(book.ladder, repeat_every=1)
    return with_version(replace(book, stages=(replace(first, steps=tuple(steps)), *others), ladder=ladder))


def edit_the_file(town):
    """As after a restart with an edited file."""
    library = town.bot.desk.library
    books = tuple(changed(one) if one.key == KEY else one for one in library.playbooks)
    town.bot.desk.library = replace(library, playbooks=books)


def offered(town):
    assert town.card().menu("Edit").ok
    assert town.mia.modal.click("Newer playbook").ok
    return town.mia.modal


def steps(town):
    rows = town.rows("SELECT key, title, state, necessary, due_on, position, skip_reason FROM checklist_items")
    return {row.key: row for row in rows}


def version(town):
    return town.rows("SELECT p.version FROM playbooks p JOIN handoffs h ON h.playbook_id = p.id")[0].version


def test_nothing_newer_says_so_and_names_the_version(started):
    form = offered(started)
    assert "Nothing is newer" in form.text
    assert version(started) in form.text


def test_all_taken_the_handoff_follows_the_new_version(started):
    edit_the_file(started)
    before = version(started)
    form = offered(started)
    for words in ("New: Say where to park", "Changed: Send the org chart", "Dropped: Note regular orders"):
        assert words in form.text
    assert "Reminders, rules and targets" in form.text
    form.fill("Why steps are dropped", "Nobody reads it.")
    assert form.submit().ok
    now = steps(started)
    assert now["parking"].state == "open"
    assert (now["org_chart"].title, bool(now["org_chart"].necessary)) == ("Draw the org chart", False)
    assert str(now["org_chart"].due_on) == "2026-12-11"
    assert (now["routines"].state, now["routines"].skip_reason) == ("skipped", "Nobody reads it.")
    assert version(started) != before
    shown = started.checklist().text
    assert shown.index("Draw the org chart") < shown.index("Say where to park") < shown.index("List the deals")
    assert "Say where to park" in started.card().text
    verbs = {row.verb for row in started.rows("SELECT verb FROM audit")}
    assert {"item.added", "item.adapted", "item.retired", "handoff.adopted"} <= verbs
    started.passes(days=15)
    assert any("Say where to park" in m.text for m in started.olaf.dms("baton"))
    assert not any("Note regular orders" in m.text for m in started.olaf.dms("baton"))


def test_only_what_was_chosen_is_taken_and_the_rest_stays_on_offer(started):
    edit_the_file(started)
    before = version(started)
    form = offered(started)
    form.choose("Steps and questions", ["New: Say where to park"])
    form.fill("Why steps are dropped", "Nobody reads it.")
    assert form.submit().ok
    now = steps(started)
    assert now["parking"].state == now["routines"].state == "open"
    assert now["org_chart"].title == "Send the org chart"
    assert version(started) == before
    (row,) = started.rows("SELECT after FROM audit WHERE verb = 'handoff.adopted'")
    noted = from_json(row.after)
    assert noted["taken"] == ["Say where to park"]
    assert sorted(noted["left"]) == ["Note regular orders, complaints and key dates", "Send the org chart"]
    again = offered(started)
    assert "Say where to park" not in again.text
    assert "Changed: Send the org chart" in again.text


def test_what_is_closed_and_what_people_set_by_hand_is_not_touched(started):
    started.checklist("olaf").click("Done", near="Note regular orders")
    item = started.rows("SELECT id FROM checklist_items WHERE key = 'org_chart'")[0].id
    from datetime import date

    started.bot.checklist.reschedule(started.actor("mia"), item, date(2026, 12, 2))
    edit_the_file(started)
    form = offered(started)
    assert "Dropped" not in form.text
    assert form.submit().ok
    now = steps(started)
    assert now["routines"].state == "done"
    assert (now["org_chart"].title, str(now["org_chart"].due_on)) == ("Draw the org chart", "2026-12-02")


def test_of_two_managers_the_second_is_told(started):
    edit_the_file(started)
    form = offered(started)
    mia, handoff = started.actor("mia"), started.rows("SELECT id FROM handoffs")[0].id
    look = started.bot.adopting.look(mia, handoff)
    started.bot.adopting(mia, handoff, [look.offers[0].ref], look.mark)
    form.fill("Why steps are dropped", "Nobody reads it.")
    form.submit()
    assert "@mia has changed this handoff meanwhile" in started.mia.modal.text
    assert len(started.rows("SELECT id FROM audit WHERE verb = 'handoff.adopted'")) == 1


def test_another_tier_offers_the_steps_that_fit_then(started):
    assert started.card().menu("Edit").ok
    assert started.mia.modal.click("The account").ok
    form = started.mia.modal
    form.choose("Tier", "Strategic")
    assert form.submit().ok
    offer = started.mia.modal
    assert offer.title == "Newer playbook"
    assert "New: Plan the extra support" in offer.text
    assert offer.submit().ok
    assert "support_plan" in steps(started)
    assert "strategic" in started.card().text.lower()
    again = offered(started)
    assert "Nothing is newer" in again.text


def test_another_reason_brings_another_playbook_and_back(started):
    handoff, mia = started.rows("SELECT id FROM handoffs")[0].id, started.actor("mia")
    started.bot.editing(mia, handoff, Edit({"reason": "voluntary"}))
    look = started.bot.adopting.look(mia, handoff)
    assert (look.old.key, look.new.key) == (KEY, "voluntary")
    started.bot.adopting(mia, handoff, [one.ref for one in look.offers], look.mark, "He resigned")
    assert "name_cover" in steps(started)
    functions = {row.function: row for row in started.rows("SELECT function, necessary FROM feedback_requests")}
    assert "inside_sales" in functions
    assert not started.bot.adopting.look(mia, handoff).newer


def restaged(book):
    """The playbook after somebody moved its stages about: one renamed, one new with a step, one gone."""
    first, second, *rest = book.stages
    rehearse = Step("rehearse", "Rehearse the first visit", Role.INCOMING, Due(Anchor.TRANSFER, 2))
    between = Stage(
        "rehearsal", "Rehearsal", "The first visit has been played through.", Due(Anchor.TRANSFER, 3), (rehearse,)
    )
    second = replace(second, title="Say hello", goal="They have met.")
    return with_version(replace(book, stages=(first, second, between, *rest[:-1])))


def edit_the_stages(town):
    library = town.bot.desk.library
    books = tuple(restaged(one) if one.key == KEY else one for one in library.playbooks)
    town.bot.desk.library = replace(library, playbooks=books)


def stages(town):
    rows = town.rows("SELECT position, key, title, entered_at FROM stages ORDER BY position")
    assert [row.position for row in rows] == list(range(len(rows)))
    return {row.key: row for row in rows}


def test_stages_ahead_are_renamed_and_added_and_what_cannot_change_is_said(started):
    keys = list(stages(started))
    edit_the_stages(started)
    form = offered(started)
    assert "New stage: Rehearsal" in form.text
    assert f"Renamed stage: {stages(started)[keys[1]].title}" in form.text
    assert "New: Rehearse the first visit" in form.text
    assert f"Stages stay in a running handoff: {stages(started)[keys[-1]].title}" in form.text.replace("“", "").replace(
        "”", ""
    )
    assert form.submit().ok
    now = stages(started)
    assert list(now) == [*keys[:2], "rehearsal", *keys[2:]]
    assert now[keys[1]].title == "Say hello"
    assert now["rehearsal"].entered_at is None
    [step] = started.rows(
        "SELECT s.key FROM checklist_items i JOIN stages s ON s.id = i.stage_id WHERE i.key = 'rehearse'"
    )
    assert step.key == "rehearsal"
    assert f"Stage 1 of {len(keys) + 1}" in started.card().text
    verbs = {row.verb for row in started.rows("SELECT verb FROM audit")}
    assert {"stage.added", "stage.retitled"} <= verbs
    assert "Rehearsal" in history(started)


def history(town):
    assert town.mia.types("/handoff history Acme", in_="#general").ok
    return town.mia.ephemerals("#general")[-1].text


def test_a_step_without_its_new_stage_goes_to_the_one_before_and_follows_later(started):
    keys = list(stages(started))
    edit_the_stages(started)
    offered(started).choose("Steps and questions", ["New: Rehearse the first visit"])
    assert started.mia.modal.submit().ok
    where = "SELECT s.key FROM checklist_items i JOIN stages s ON s.id = i.stage_id WHERE i.key = 'rehearse'"
    assert started.rows(where)[0].key == keys[1]
    offered(started).choose("Steps and questions", ["New stage: Rehearsal"])
    assert started.mia.modal.submit().ok
    assert "Changed: Rehearse the first visit" in offered(started).text
    assert started.mia.modal.submit().ok
    assert started.rows(where)[0].key == "rehearsal"


def test_a_stage_that_was_left_is_not_renamed_and_none_is_added_before_the_present_one(started):
    mia, number = started.actor("mia"), started.rows("SELECT id FROM handoffs")[0].id
    for _ in range(2):
        started.bot.handoffs.override(mia, number, "For the story.")
        if started.rows("SELECT acceptance FROM handoffs")[0].acceptance == "asked":
            started.bot.handoffs.accept(started.actor("ines"), number)
    at = started.rows("SELECT stage_position FROM handoffs")[0].stage_position
    assert at == 2
    edit_the_stages(started)
    look = started.bot.adopting.look(mia, number)
    assert not {"stage", "retitle"} & {one.kind.value for one in look.offers}
    assert "Rehearsal" in look.stay
