"""The file for finance: what was agreed and paid, in cells that nothing runs in."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.sharing import agreed, begun_sharing, closes, open_deals, works


@pytest.fixture
def begun(lite_town):
    return begun_sharing(lite_town)


def _file(town, folder):
    """What the command of whoever runs Baton writes."""
    file = folder / "pay.csv"
    environment = {"DATABASE_URL": town.settings.database_url, "BATON_LOG_LEVEL": "ERROR"}
    told = CliRunner().invoke(app, ["commission", "export", str(file), "--bom"], env=environment)
    assert told.exit_code == 0, told.output
    assert file.stat().st_mode & 0o077 == 0
    return file.read_bytes()


def test_a_file_that_cannot_be_written_is_said_in_words(begun, tmp_path):
    environment = {"DATABASE_URL": begun.settings.database_url}
    (tmp_path / "a file").touch()
    for folder, why in (("no", "No such file or directory"), ("a file", "Not a directory")):
        told = CliRunner().invoke(app, ["commission", "export", str(tmp_path / folder / "pay.csv")], env=environment)
        assert (told.exit_code, f"cannot be written: {why}" in told.stderr) == (2, True), told.output


def test_finance_gets_a_file_in_which_nothing_runs(begun, tmp_path):
    agreed(begun, name="=HYPERLINK(evil)", amount="1000")
    works(begun, "olaf")
    works(begun, "ines")
    closes(begun)
    content = _file(begun, tmp_path)
    assert content.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["deal"] == "'=HYPERLINK(evil)"
    assert (row["currency"], row["closed_amount"]) == ("EUR", "1000.00")
    assert (row["outgoing_amount"], row["incoming_amount"], row["held_amount"]) == ("15.00", "35.00", "0.00")
    assert (row["rate_percent"], row["outgoing_share_percent"], row["why"]) == ("5.00", "30.00", "agreed")
    assert _file(begun, tmp_path) == content
    form = open_deals(begun, "mia", "/handoff deals")
    assert "1 agreement" in form.text
    assert "Download for finance (CSV)" in form.buttons
    link = begun.bot.deal_desk.pay.view(begun.actor("mia")).link
    with urlopen(begun.request_url.replace("/slack/events", urlsplit(link).path), timeout=10) as answer:
        assert answer.read() == content
        assert "attachment" in answer.headers["Content-Disposition"]
    assert begun.olaf.types("/handoff deals", in_="#accounts").ok
    assert begun.olaf.sees("Only @mia can do that here")


def test_rehearsals_and_quiet_handoffs_are_in_no_file(begun, tmp_path):
    agreed(begun)
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET test_run = true")
    assert _file(begun, tmp_path).count(b"\r\n") == 1
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET test_run = false, quiet = true")
    assert _file(begun, tmp_path).count(b"\r\n") == 1


@pytest.mark.parametrize("before", ["\u200b", "\ufeff", "\u2060", "\ufe0f"])
def test_no_formula_hides_behind_signs_that_nobody_sees(begun, tmp_path, before):
    agreed(begun, name=f"{before}=1+1")
    [row] = csv.DictReader(io.StringIO(_file(begun, tmp_path).decode("utf-8-sig")))
    assert row["deal"] == f"'{before}=1+1"
