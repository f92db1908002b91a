"""The reference page says every word a playbook may use, and is the one that `baton playbooks reference` prints."""

from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.vocabulary import NO_STEPS, StepForm
from bot.playbooks import rules_schema
from bot.playbooks import schema as playbook_schema
from bot.playbooks.reference import documented, reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "playbook-reference.md"
SPECS = [
    one
    for module in (playbook_schema, rules_schema)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, BaseModel) and one.model_fields
]


def test_the_page_in_docs_is_what_the_command_prints():
    printed = CliRunner().invoke(app, ["playbooks", "reference"])
    assert printed.exit_code == 0
    assert PAGE.read_text(encoding="utf-8") == printed.stdout, (
        "run: baton playbooks reference > docs/playbook-reference.md"
    )


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_word_is_explained(spec):
    assert spec.__doc__
    for name, field in spec.model_fields.items():
        assert field.description, name
        assert f"| `{field.alias or name}` |" in reference(), name


def test_every_form_is_explained():
    assert all(documented(StepForm).values())
    for form in StepForm:
        assert (f"| `{form.value}` |" in reference()) is (form not in NO_STEPS)
