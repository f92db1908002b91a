"""Feedback packs: the shipped questions, and every mistake in an edited file named with its line and its mend."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.pack import Pack, QuestionKind
from bot.domain.playbook import Anchor, Ask, Due, ask_due
from bot.domain.vocabulary import SHIPPED_FUNCTIONS
from bot.playbooks.files import SHIPPED, PlaybookError, check_file, format_problem, load_packs

GOOD = """\
title: Logistics
intro: One tap is enough.
questions:
  - key: delivery
    text: Do deliveries arrive in time?
    necessary: yes
    options:
      - {key: in_time, label: In time}
      - {key: late, label: Late}
  - key: carrier
    text: Which carrier do they want?
    kind: text
    confidential: yes
"""


@pytest.fixture(scope="module")
def packs() -> dict[str, Pack]:
    return load_packs([SHIPPED / "feedback"])


def written(folder: Path, text: str, name: str = "logistics.yaml") -> Path:
    path = folder / "feedback" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def told(folder: Path, text: str) -> str:
    return "\n".join(format_problem(problem) for problem in check_file(written(folder, text)))


def test_credit_warranty_marketing_and_inside_sales_are_shipped(packs: dict[str, Pack]) -> None:
    assert set(packs) == set(SHIPPED_FUNCTIONS)


def test_one_tap_answers_a_shipped_pack(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        assert pack.first.kind is QuestionKind.CHOICE
        assert [question.necessary for question in pack.questions] == [True] + [False] * (len(pack.questions) - 1)
        assert len(pack.first.options) <= 4, "with 'nothing to report' and a menu, one row of buttons on a phone"


def test_the_answers_that_practice_asks_for(packs: dict[str, Pack]) -> None:
    assert [option.label for option in packs["credit"].first.options] == ["On time", "Late", "Disputes"]
    assert [option.key for option in packs["warranty"].first.options] == ["none", "some", "many"]
    assert packs["marketing"].question("special_pricing") is not None
    assert packs["inside_sales"].question("relationships") == replace(
        packs["inside_sales"].questions[2], confidential=True
    )


def test_a_pack_survives_json(packs: dict[str, Pack]) -> None:
    for pack in packs.values():
        assert Pack.from_dict(json.loads(json.dumps(pack.to_dict()))) == pack


def test_what_is_not_there_is_none(packs: dict[str, Pack]) -> None:
    assert packs["credit"].question("returns") is None
    assert packs["credit"].first.option("never") is None


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    first = load_packs([written(tmp_path, GOOD).parent])["logistics"]
    commented = load_packs([written(tmp_path, "# a comment\n" + GOOD).parent])["logistics"]
    changed = load_packs([written(tmp_path, GOOD.replace("In time", "Punctual")).parent])["logistics"]
    assert first.version == commented.version != changed.version


def test_an_ask_without_a_date_takes_the_packs_target(packs: dict[str, Pack]) -> None:
    assert ask_due(Ask("marketing", "marketing"), packs["marketing"]) == Due(Anchor.START, 3)
    assert ask_due(Ask("marketing", "marketing", due=Due(Anchor.START, 1)), packs["marketing"]).working_days == 1


def test_a_good_file_has_no_problem(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == ""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "kind: text",
            "kind: txt",
            "logistics.yaml:12: questions.carrier.kind: 'txt' is not known here — did you mean text?",
        ),
        ("intro:", "inrto:", "logistics.yaml:2: inrto: unknown word 'inrto' — did you mean intro?"),
        (
            "key: late,",
            "key: in_time,",
            "logistics.yaml:9: questions.delivery.options.in_time.key: the key 'in_time' is already",
        ),
        (
            "key: carrier",
            "key: delivery",
            "logistics.yaml:10: questions.delivery.key: the key 'delivery' is already used in line 4",
        ),
        ("kind: text", "kind: choice", "logistics.yaml:10: questions.carrier: a choice needs options"),
        ("necessary: yes\n", "necessary: yes\n    kind: text\n", "a text question has no options"),
        (
            "label: Late",
            "label: " + "Late " * 16,
            "logistics.yaml:9: questions.delivery.options.late.label: has 79 characters",
        ),
        ("label: In time", "label: 2025-12-01", "should be text — put it in quotes"),
        ("confidential: yes", "confidential: maybe", "should be yes or no"),
        ("key: delivery", "key: De livery", "'De livery' cannot be a key"),
        ("title: Logistics", "title: ''", "logistics.yaml:1: title: is empty"),
        ("title: Logistics\n", "", "logistics.yaml:1: title: 'title' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_mend(tmp_path: Path, before: str, after: str, expected: str) -> None:
    assert expected in told(tmp_path, GOOD.replace(before, after, 1))


def test_loading_tells_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("title:", "titel:"), "one.yaml")
    written(tmp_path, GOOD.replace("kind: text", "kind: words"), "two.yaml")
    with pytest.raises(PlaybookError) as caught:
        load_packs([tmp_path / "feedback"])
    assert [problem.path.name for problem in caught.value.problems] == ["one.yaml", "two.yaml"]
    assert "did you mean title?" in str(caught.value)
