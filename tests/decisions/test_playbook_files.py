"""An edited playbook file: every mistake is named with file, line, place and mend, all at once, and none does harm."""

import re
from pathlib import Path

import pytest

from bot.domain.playbook import Anchor, Due, Repeat
from bot.domain.vocabulary import Tier
from bot.playbooks.files import (
    SHIPPED,
    PlaybookError,
    check_file,
    check_files,
    format_problem,
    load_library,
    load_playbooks,
)
from tests.decisions.good_playbook import GOOD, written


def told(folder: Path, text: str | bytes) -> str:
    return "\n".join(format_problem(problem) for problem in check_file(written(folder, text)))


def test_a_good_file_says_what_it_means(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == ""
    catch_all = written(tmp_path, re.sub(r"for:\n.*\n", "", GOOD))
    (playbook,) = load_playbooks([catch_all.parent])
    assert playbook.stages[0].due == Due(Anchor.LAST_DAY, -5)
    step = playbook.stages[1].steps[0]
    assert (step.repeat, step.when.tiers) == (Repeat(2, 5), {Tier.KEY})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "owner: outgoing",
            "owner: outgoin",
            "18: stages.prepare.steps.warn_customer.owner: 'outgoin' is not known here — did you mean outgoing?",
        ),
        (
            "owner: outgoing",
            "ownr: outgoing",
            "ours.yaml:18: stages.prepare.steps.warn_customer.ownr: unknown word 'ownr'",
        ),
        ("owner: outgoing", "ownr: outgoing", "did you mean owner?"),
        ("owner: outgoing", "owner: boss", "use one of: outgoing, incoming, manager, cover, inside, helper"),
        (
            "owner: outgoing",
            "owner: incoming",
            "18: stages.prepare.steps.warn_customer.owner: the incoming rep is not involved",
        ),
        (
            "owner: outgoing",
            "owner: outgoing\n        form: declined",
            "warn_customer.form: 'declined' is no step's form",
        ),
        ("reason: [retirement", "reason: [retirment", "ours.yaml:4: for.reason.#1: 'retirment' is not known here"),
        ("reason: [retirement, promotion]", "reason: []", "ours.yaml:4: for.reason: is an empty list"),
        ("for:", "fro:", "ours.yaml:3: fro: unknown word 'fro' — did you mean for?"),
        (
            "pack: credit",
            "pack: credits",
            "ours.yaml:8: feedback.#1.pack: there is no feedback pack 'credits' — did you mean",
        ),
        (
            "due: 2 working days after start",
            "due: 2 days after start",
            "ours.yaml:19: stages.prepare.steps.warn_customer.due",
        ),
        (
            "due: 2 working days after start",
            "due: 2 days after start",
            "write it like '5 working days before last day'",
        ),
        ("due: 2 working days after start", "due: 2025-12-01", "is not a due date"),
        ("repeat: 2 times", "repeat: 99 times", "ours.yaml:29: stages.introduce.steps.read_history.repeat"),
        ("hands_over: yes", "hands_over: no", "ours.yaml:9: stages: no stage hands over"),
        (
            "due: on transfer\n    steps",
            "due: on transfer\n    hands_over: yes\n    steps",
            "only one stage can hand over",
        ),
        ("key: read_history", "key: warn_customer", "ours.yaml:25: stages.introduce.steps.warn_customer.key: the key"),
        ("key: introduce", "key: prepare", "the key 'prepare' is already used in line 10"),
        ("title: Warn the customer", f"title: {'Warn ' * 40}", "has 199 characters, at most 150 fit"),
        ("title: Read the purchase history", f"title: {'Read ' * 29}", "at most 142 fit beside the counter"),
        ("title: Prepare", f"title: {'Prepare ' * 9}", "has 71 characters, at most 60 fit"),
        ("title: Our way", "title: 'Our\n\n  way'", "must be one line"),
        ("title: Our way", "title: 12", "ours.yaml:1: title: should be text — put it in quotes"),
        ("hands_over: yes", "hands_over: perhaps", "should be yes or no"),
        ("manager_after: 3", "manager_after: many", "should be a whole number"),
        ("manager_after: 3", "manager_after: 0", "0 should be at least 1"),
        ("manager_after: 3", "manager_after: 9", "the manager's manager would hear of it before the manager"),
        ("  manager_after: 3", "  - 3", "ours.yaml:5: ladder: should be a group of 'word: value' lines"),
        ("    goal: They have met.\n", "", "ours.yaml:20: stages.introduce.goal: 'goal' is missing"),
        ("    goal: They have met.\n", "    goal: They have met.\n    goal: Again.\n", "'goal' stands here twice"),
        ("    goal: They", "\tgoal: They", "ours.yaml:22: a tab stands where only spaces may — indent with spaces"),
        (
            "goal: They have met.",
            "goal: They: have met.",
            "ours.yaml:22: is not valid YAML: mapping values are not allowed",
        ),
        (
            "goal: They have met.",
            "goal: &a They have met.\n    note: *a",
            "ours.yaml:23: aliases (*name) are not allowed",
        ),
        (
            "title: Our way",
            "title: !!python/object:os.system x",
            "ours.yaml:1: tags (tag:yaml.org,2002:python/object:os.system) are not allowed",
        ),
        ("title: Our way", "title: 2025-99-99", "is no date or number"),
        ("title: Our way", "title: Our\x07way", "ours.yaml:1: a character that may not stand in a text file"),
        ("title: Our way", "---\ntitle: Our way\n---", "is not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_mend(tmp_path: Path, before: str, after: str, expected: str) -> None:
    assert before in GOOD
    assert expected in told(tmp_path, GOOD.replace(before, after, 1))


def test_a_misspelled_word_is_one_problem_not_two(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD.replace("owner: outgoing", "ownr: outgoing")).count("\n") == 0


def test_all_problems_come_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = GOOD.replace("title: Our way", "titel: Our way").replace("pack: credit", "pack: nobody")
    text = text.replace("owner: outgoing", "owner: incoming").replace(
        "on transfer\n        repeat", "soon\n        repeat"
    )
    problems = check_file(written(tmp_path, text))
    assert [problem.line for problem in problems] == [1, 8, 18, 28]


def test_too_many_steps(tmp_path: Path) -> None:
    step = "      - {key: step_%d, title: Do it, owner: manager, due: on start}\n"
    many = "".join(step % number for number in range(31))
    assert "has 32 entries, at most 30 are allowed" in told(
        tmp_path, GOOD.replace("  - key: introduce", many + "  - key: introduce")
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "ours.yaml:1: the file is empty"),
        (b"# only a comment\n", "the file is empty"),
        (b"title: caf\xe9\n", "ours.yaml:1: is not saved as UTF-8"),
        (GOOD.encode("utf-16"), "is not saved as UTF-8"),
        (b"# " + b"x" * 70_000, "is larger than 64 KiB"),
        (b"[" * 60_000, "nested too deeply"),
        (b"title: " + b"9" * 60_000, "is no date or number"),
        (b"title: " + b"x" * 60_000, "has 60000 characters"),
        (b"just words\n", "should be a group of 'word: value' lines"),
        (b"- a\n- b\n", "should be a group of 'word: value' lines"),
        (b"stages: nothing\nfeedback: 3\nladder: x\n", "stages: should be a list"),
        (b"stages: [1, {steps: [2, {owner: 3}]}]\n", "should be"),
        (b"? [a, b]\n: c\n", "unknown word"),
        (b"\xef\xbb\xbf" + GOOD.encode(), ""),
        (GOOD.replace("\n", "\r\n").encode(), ""),
    ],
)
def test_a_strange_file_is_a_problem_never_a_crash(tmp_path: Path, content: bytes, expected: str) -> None:
    text = told(tmp_path, content)
    assert expected in text
    assert bool(text) == bool(expected)
    assert len(text) < 20_000


def test_a_bomb_of_aliases_is_refused(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    assert "aliases (*name) are not allowed" in told(tmp_path, "\n".join(lines))


def test_a_missing_file_and_a_folder_are_problems(tmp_path: Path) -> None:
    assert "cannot be read" in format_problem(check_file(tmp_path / "nothing.yaml")[0])
    assert "cannot be read" in format_problem(check_file(tmp_path)[0])


def test_a_file_name_must_be_a_key(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, "Our way.yaml")
    assert "the file's name cannot be a key" in format_problem(check_file(path)[0])


# --- several files


def test_two_playbooks_for_the_same_handoffs_are_a_problem_of_both(tmp_path: Path) -> None:
    one, two = written(tmp_path, GOOD, "one.yaml"), written(tmp_path, GOOD, "two.yaml")
    (problem,) = check_files([one, two])
    assert (problem.path, problem.message) == (two, "matches the same handoffs as one.yaml")


def test_a_narrower_playbook_is_no_conflict(tmp_path: Path) -> None:
    one = written(tmp_path, GOOD, "one.yaml")
    two = written(tmp_path, GOOD.replace("promotion]", "promotion]\n  tier: key"), "two.yaml")
    assert check_files([one, two]) == []


def test_a_later_folder_replaces_a_file_of_the_same_name(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "retirement_or_promotion.yaml")
    library = load_library([SHIPPED, tmp_path])
    assert len(library.playbooks) == len(load_library().playbooks)
    replaced = library.playbook("retirement_or_promotion")
    assert replaced is not None
    assert replaced.title == "Our way"


def test_a_file_that_was_edited_is_read_anew(tmp_path: Path) -> None:
    for title in ("Our way", "Our own way", "Her own way"):
        written(tmp_path, GOOD.replace("Our way", title), "retirement_or_promotion.yaml")
        playbook = load_library([SHIPPED, tmp_path]).playbook("retirement_or_promotion")
        assert playbook is not None
        assert playbook.title == title


def test_an_own_playbook_beside_the_shipped_ones_must_not_compete(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "ours.yaml")
    with pytest.raises(
        PlaybookError, match=r"matches the same handoffs as ours\.yaml|as retirement_or_promotion\.yaml"
    ):
        load_library([SHIPPED, tmp_path])


def test_a_hole_is_told_before_a_manager_falls_into_it(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    with pytest.raises(PlaybookError, match=r"no playbook for the reason termination \(any account\)"):
        load_playbooks([path.parent])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="there is no such folder"):
        load_playbooks([tmp_path / "nowhere"])


def test_the_same_name_with_both_endings(tmp_path: Path) -> None:
    written(tmp_path, GOOD, "ours.yaml")
    written(tmp_path, GOOD, "ours.yml")
    with pytest.raises(PlaybookError, match=r"ours\.yaml has the same name"):
        load_playbooks([tmp_path / "playbooks"])


def test_a_pack_of_ones_own_may_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "logistics.yaml").write_text(
        "title: Logistics\nintro: One tap.\nquestions:\n"
        "  - {key: late, text: Late, options: [{key: no_, label: 'No'}]}\n"
    )
    written(tmp_path, GOOD.replace("pack: credit", "pack: logistics"), "retirement_or_promotion.yaml")
    library = load_library([SHIPPED, tmp_path])
    assert "logistics" in library.packs
    assert check_file(tmp_path / "playbooks" / "retirement_or_promotion.yaml") == []
