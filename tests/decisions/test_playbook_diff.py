"""What changed between two versions of a playbook is told completely, in the words of the file, by step and stage."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.playbook import Anchor, Condition, Due, Ladder, Playbook, Repeat, Stage, Step
from bot.domain.playbook_diff import Delta, Kind, Part, diff
from bot.domain.playbook_json import playbook_to_dict, with_version
from bot.domain.vocabulary import Role, StepForm, Tier
from bot.playbooks.files import SHIPPED, load_file, load_library
from tests.decisions.good_playbook import GOOD, written

ROOT = SHIPPED.parent
LIBRARY = load_library()
OLD = next(one for one in LIBRARY.playbooks if one.key == "voluntary")


def of(changes, part):
    return [(one.kind, one.key) for one in changes if one.part is part]


def edited(book: Playbook, key: str, /, **fields: object) -> Playbook:
    """The playbook with one step changed."""
    stages = tuple(
        replace(stage, steps=tuple(replace(step, **fields) if step.key == key else step for step in stage.steps))
        for stage in book.stages
    )
    return replace(book, stages=stages)


def test_the_same_is_no_change_whatever_the_file_is_called():
    assert diff(OLD, replace(OLD, key="ours")) == ()


def test_a_step_that_is_reworded_is_changed_and_one_with_another_key_is_another():
    (change,) = diff(OLD, edited(OLD, "warn_customer", title="Call the customer", necessary=False))
    assert (change.part, change.kind, change.key, change.stage) == (Part.STEP, Kind.CHANGED, "warn_customer", "prepare")
    assert change.deltas == (
        Delta("title", "Warn the customer", "Call the customer"),
        Delta("necessary", True, False),
    )
    renamed = diff(OLD, edited(OLD, "warn_customer", key="call_customer"))
    assert of(renamed, Part.STEP) == [(Kind.ADDED, "call_customer"), (Kind.REMOVED, "warn_customer")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("owner", Role.COVER),
        ("due", Due(Anchor.TRANSFER, 3)),
        ("necessary", False),
        ("form", StepForm.WARNING),
        ("when", Condition(tiers=frozenset({Tier.KEY}))),
        ("outgoing_only", True),
        ("repeat", Repeat(2, 5)),
        ("detail", "Now."),
        ("evidence", "A link"),
    ],
)
def test_every_field_of_a_step_counts(field, value):
    (change,) = diff(OLD, edited(OLD, "talk", **{field: value}))
    (delta,) = change.deltas
    assert (delta.name, delta.after) == (field, value)


def test_a_step_that_moves_to_another_stage_is_the_same_step():
    step = OLD.stages[0].steps[-1]
    first, second, third = OLD.stages
    moved = replace(
        OLD, stages=(replace(first, steps=first.steps[:-1]), replace(second, steps=(*second.steps, step)), third)
    )
    (change,) = diff(OLD, moved)
    assert change.deltas == (Delta("stage", "prepare", "introduce"),)


def test_stages_asks_ladder_and_rules():
    stage = Stage("follow_up", "Follow up", "All is well.", Due(Anchor.TRANSFER, 90), OLD.stages[0].steps[:1])
    cover = replace(OLD.rules, cover=replace(OLD.rules.cover, days=45))
    new = replace(
        OLD,
        stages=(*OLD.stages, replace(stage, steps=(Step("ask_again", "Ask again", Role.MANAGER, stage.due),))),
        feedback=(replace(OLD.feedback[0], necessary=False), *OLD.feedback[1:3]),
        ladder=Ladder(heads_up=(5,), repeat_every=1, manager_after=2, managers_manager_after=5),
        rules=cover,
        transfer_after=12,
    )
    found = diff(OLD, new)
    assert [one.part for one in found] == sorted((one.part for one in found), key=list(Part).index)
    assert of(found, Part.STAGE) == [(Kind.ADDED, "follow_up")]
    assert of(found, Part.STEP) == [(Kind.ADDED, "ask_again")]
    assert of(found, Part.ASK) == [(Kind.CHANGED, "credit"), (Kind.REMOVED, "inside_sales")]
    deltas = {delta.name: delta.after for one in found if one.part in (Part.LADDER, Part.RULES) for delta in one.deltas}
    assert deltas == {"heads_up": (5,), "cover.days": 45}
    assert next(one for one in found if one.part is Part.PLAYBOOK).deltas == (Delta("transfer_after", 10, 12),)


def test_another_order_is_a_change():
    first = OLD.stages[0]
    turned = replace(first, steps=(first.steps[1], first.steps[0], *first.steps[2:]))
    (change,) = diff(OLD, replace(OLD, stages=(turned, *OLD.stages[1:])))
    assert (change.part, [one.name for one in change.deltas]) == (Part.STAGE, ["order of steps"])


@given(st.sampled_from(LIBRARY.playbooks), st.sampled_from(LIBRARY.playbooks))
def test_nothing_is_told_exactly_when_both_say_the_same(one, other):
    same = playbook_to_dict(replace(one, key="", version="")) == playbook_to_dict(replace(other, key="", version=""))
    assert (diff(one, other) == ()) is same


@pytest.mark.parametrize(("old", "new"), list(pairwise(LIBRARY.playbooks)), ids=lambda book: book.key)
def test_there_and_back_tells_of_the_same_things(old, new):
    there, back = diff(old, new), diff(new, old)
    turned = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    assert sorted((o.part, turned[o.kind], o.key) for o in there) == sorted((o.part, o.kind, o.key) for o in back)


# --- the command


def ran(*args: object, **env: str):
    return CliRunner().invoke(app, ["playbooks", "diff", *map(str, args)], env=env)


def test_the_command_says_it_in_the_words_of_the_file_and_ends_like_diff(tmp_path):
    old = written(tmp_path, GOOD, "old.yaml")
    text = GOOD.replace("due: 2 working days after start", "due: on transfer\n        form: warning")
    text = text.replace("  manager_after: 3", "  manager_after: 4\nrules:\n  commission: {outgoing_percent: 62.5}")
    new = written(
        tmp_path,
        re.sub(
            r"      - key: read_history(.|\n)*",
            '      - {key: call, title: "Call [them]", owner: incoming, due: on transfer}\n',
            text,
        ),
        "new.yaml",
    )
    same = ran(old, old)
    assert (same.exit_code, same.stdout) == (0, "Both say the same.\n")
    found = ran(old, new)
    assert found.exit_code == 1
    for line in (
        "~ manager_after: 3 → 4",
        "~ commission.outgoing_percent: 50 → 62.5",
        "~ warn_customer Warn the customer (outgoing, on transfer, form warning) in prepare",
        "due: 2 working days after start → on transfer",
        "form: nothing → warning",
        "+ call Call [them] (incoming, on transfer) in introduce",
        "- read_history Read the purchase history (incoming, on transfer, {tier: key}) in introduce",
    ):
        assert line in found.stdout
    assert "\x1b" not in found.stdout


def test_what_cannot_be_compared_ends_with_code_2(tmp_path):
    good, bad = written(tmp_path, GOOD), written(tmp_path, "title: 12", "bad.yaml")
    for args, said in (
        ((good,), "Name two files"),
        ((good, good, "--database"), "Name two files"),
        ((good, bad), "bad.yaml:1: title"),
        ((good, tmp_path / "none.yaml"), "none.yaml"),
    ):
        found = ran(*args)
        assert (found.exit_code, said in found.stderr) == (2, True), found.output


def test_a_file_against_what_is_kept(tmp_path, lite_town):
    lite_town.begun()
    url = lite_town.settings.database_url
    shipped = next(one for one in LIBRARY.playbooks if one.key == "retirement_or_promotion")
    path = "templates/playbooks/retirement_or_promotion.yaml"
    assert load_file(ROOT / path)[0] == with_version(shipped)
    for option in (("--handoff", 1), ("--database",)):
        assert ran(ROOT / path, *option, DATABASE_URL=url).exit_code == 0
    other = written(tmp_path, GOOD, "retirement_or_promotion.yaml")
    changed = ran(other, "--handoff", 1, DATABASE_URL=url)
    assert (changed.exit_code, "- org_chart" in changed.stdout) == (1, True)
    unknown = ran(other, "--handoff", 7, DATABASE_URL=url)
    assert (unknown.exit_code, unknown.stderr) == (2, "There is no handoff 7.\n")
    never = ran(written(tmp_path, GOOD), "--database", DATABASE_URL=url)
    assert (never.exit_code, never.stderr) == (2, "No handoff has followed ours yet.\n")
