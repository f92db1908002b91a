"""Templates of the customer's own are checked before anything starts, and by a command."""

from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app


def _folder(tmp_path: Path, text: str) -> str:
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "card.j2").write_text(text)
    return str(tmp_path)


def test_a_template_that_cannot_work_is_named_with_its_line(tmp_path):
    folder = _folder(tmp_path, '{# ours #}\n{{ section(_("x") }}')
    said = CliRunner().invoke(app, ["templates", "check", folder])
    assert said.exit_code == 1
    assert "messages/card, line 2" in said.output


def test_a_template_that_works_is_fine(tmp_path):
    folder = _folder(tmp_path, '{"text": {{ _("Hello") }}}\n{{ section(_("Hello")) }}')
    said = CliRunner().invoke(app, ["templates", "check", folder])
    assert said.exit_code == 0
    assert "can be used" in said.output


def test_a_folder_that_is_not_there_is_said(tmp_path):
    said = CliRunner().invoke(app, ["templates", "check", str(tmp_path / "nowhere")])
    assert said.exit_code == 2
