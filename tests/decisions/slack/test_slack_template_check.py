"""Templates are checked before anybody sees them."""

import re
from pathlib import Path
from types import SimpleNamespace

from samples import FOLDER, NOW

from bot.slack.checking import problems
from bot.slack.limits import Surface
from bot.slack.render import Renderer
from bot.slack.template_check import check_templates


def test_the_samples_pass() -> None:
    assert check_templates(FOLDER) == []


def test_an_override_is_checked_against_what_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    (tmp_path / "views").mkdir()
    (tmp_path / "messages/card.j2").write_text('{"text": {{ acount|esc }}}\n{{ section(_("%(t)s", t=tier|esc)) }}')
    (tmp_path / "messages/crad.j2").write_text("{{ divider() }}")
    (tmp_path / "views/note.j2").write_text("\n{{ section(handoff|safe) }}")
    found = [str(problem) for problem in check_templates(FOLDER, [tmp_path])]
    assert found == [
        "views/note, line 2: No filter named 'safe'.",
        "messages/card: uses 'acount', which the template it replaces does not.",
        "messages/crad: replaces no template of Baton's; is the name right?",
    ]


GUIDE = (Path(__file__).parents[3] / "docs/templates.md").read_text(encoding="utf-8")


def test_the_examples_of_the_guide_are_right(tmp_path: Path) -> None:
    examples = re.findall(r"```jinja\n(.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages/item.j2").write_text(examples[0], encoding="utf-8")
    for number, example in enumerate(examples):
        (tmp_path / f"example{number}.j2").write_text(example, encoding="utf-8")
    assert check_templates(tmp_path) == []
    item = SimpleNamespace(id=1, version=2, title="Read *it*", due=NOW.date(), owner="U0LEE", since=NOW)
    message = Renderer([tmp_path]).message("messages/item", account="Acme", item=item, benefit="Near", now=NOW)
    assert problems(message, Surface.MESSAGE) == []
