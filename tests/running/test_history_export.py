"""`baton history export`: the audit trail as a file, without what is confidential or would run in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.store import journal, loading
from bot.usecases.handoffs.editing import Edit


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def exported(town, *args):
    url = town.settings.database_url
    return CliRunner().invoke(app, ["history", "export", *map(str, args)], env={"DATABASE_URL": url})


def lines(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_one_line_for_each_change_with_names_for_numbers(started, tmp_path):
    mia, handoff = started.actor("mia"), started.rows("SELECT id FROM handoffs")[0].id
    started.bot.editing(mia, handoff, Edit({"incoming": started.otto.id, "benefit": '=HYPERLINK("https://x.example")'}))
    started.settle()
    item = started.rows("SELECT id FROM checklist_items WHERE key = 'org_chart'")[0].id
    with started.bot.db.write() as session:
        by = loading.person_by_slack_id(session, 1, started.mia.id)
        journal.record(session, by, started.bot.clock.now(), "item.completed", item, handoff)
    started.starts("=Bolt")
    path = tmp_path / "trail.csv"
    assert exported(started, path, "--account", "ACME").exit_code == 0
    found = lines(path.read_bytes().decode("utf-8"))
    assert found[0]["what"] == "handoff.started"
    edit = next(row for row in found if row["what"] == "handoff.edited")
    assert (edit["account"], edit["by_slack_id"]) == ("Acme", started.mia.id)
    after = json.loads(edit["after"])
    assert after["incoming"] == started.rows("SELECT name FROM people WHERE slack_id = :o", o=started.otto.id)[0].name
    assert next(row for row in found if row["what"] == "item.completed")["about"] == "Send the org chart"
    everything = lines(exported(started, "-", "--all").stdout)
    assert {row["account"] for row in everything} == {"Acme", "'=Bolt"}
    assert not any(part.startswith(("=", "+", "-", "@")) for row in everything for part in row.values())


def test_what_is_confidential_only_when_it_is_asked_for(started):
    handoff = started.rows("SELECT id FROM handoffs")[0].id
    with started.bot.db.write() as session:
        by = loading.person_by_slack_id(session, 1, started.mia.id)
        for verb in ("commission.signed", "record.coaching", "record.pulse"):
            journal.record(session, by, started.bot.clock.now(), verb, 1, handoff, after={"said": "secret"})
    plain = exported(started, "-", "--all").stdout
    assert "secret" not in plain
    assert "record.pulse" in plain
    assert "commission" not in plain
    whole = exported(started, "-", "--all", "--confidential").stdout
    assert whole.count("secret") == 3
    with started.bot.db.write() as session:
        loading.handoff(session, 1, handoff).quiet = True
    assert lines(exported(started, "-", "--all").stdout) == []
    assert lines(exported(started, "-", "--all", "--confidential").stdout)


def test_what_cannot_be_exported_is_said(started, tmp_path):
    for args, said in (
        (("-",), "Name an account with --account, or say --all."),
        (("-", "--all", "--account", "Acme"), "Name an account"),
        (("-", "--account", "Nobody"), "There is no handoff of an account called Nobody."),
        ((tmp_path / "none" / "x.csv", "--all"), "cannot be written"),
    ):
        found = exported(started, *args)
        assert (found.exit_code, said in found.stderr) == (2, True), found.output
