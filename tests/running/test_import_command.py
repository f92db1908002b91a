"""`baton import` and `baton export`: what the operator sees, and the sample files of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from real_processes import BATON, outcome
from typer.testing import CliRunner

from bot.cli import app

SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "samples"


@pytest.fixture
def place(lite_town):
    with lite_town.bot.db.write() as session:
        for name in ("Olaf", "Ines"):
            lite_town.bot.desk.person(session, 1, getattr(lite_town, name.lower()).id).name = name
    return lite_town


def baton(town, *args, **variables):
    url = town.settings.database_url
    found = CliRunner().invoke(app, [*map(str, args)], env={"DATABASE_URL": url, "COLUMNS": "200", **variables})
    assert not found.exception or isinstance(found.exception, SystemExit), found.exception
    return found


ORDER = (
    ("accounts", "accounts.csv", 3),
    ("contacts", "contacts.csv", 3),
    ("deals", "deals.csv", 3),
    ("accounts", "salesforce-accounts.csv", 2),
    ("deals", "salesforce-opportunities.csv", 2),
    ("accounts", "hubspot-companies.csv", 2),
    ("contacts", "hubspot-contacts.csv", 2),
    ("deals", "hubspot-deals.csv", 2),
)


def test_the_samples_of_the_documentation_are_imported_once_and_come_out_as_they_went_in(place, tmp_path):
    for kind, name, new in ORDER:
        found = baton(place, "import", kind, SAMPLES / name)
        assert (found.exit_code, f"Imported: {new} new" in found.output) == (0, True), found.output
    for kind, name, _new in ORDER[3:]:
        assert "0 new, 0 changed" in baton(place, "import", kind, SAMPLES / name).output
    asked = baton(place, "import", "accounts", SAMPLES / "local-form.csv", "--map", "Kunde=name")
    assert asked.exit_code == 0, asked.output
    assert "Windows-1252, separated by semicolons" in asked.output
    assert "Kunde → name; Rep → owner; Tier → tier; Next order → next_order_on" in asked.output
    again = baton(place, "import", "accounts", SAMPLES / "local-form.csv")
    assert "Kunde → name (as last time)" in again.output
    assert "0 new, 0 changed, 2 as they are" in again.output
    owner = "SELECT p.name FROM coverage c JOIN people p ON p.id = c.person_id JOIN accounts a ON a.id = c.account_id"
    assert [row.name for row in place.rows(f"{owner} WHERE a.name = 'Mühlenhof Getränke'")] == ["Olaf"]
    for kind in ("accounts", "contacts", "deals"):
        path = tmp_path / f"{kind}.csv"
        assert baton(place, "export", kind, path).exit_code == 0
        dry = baton(place, "import", kind, path, "--dry-run")
        assert (dry.exit_code, "an export of Baton" in dry.output) == (0, True), dry.output
        assert "0 new, 0 changed" in dry.output
        assert "0 bad" in dry.output


def test_what_stands_in_the_way_is_said_and_nothing_is_imported(place, tmp_path):
    file, bad = tmp_path / "deals.csv", tmp_path / "bad.csv"
    assert baton(place, "import", "accounts", SAMPLES / "accounts.csv").exit_code == 0
    file.write_text(
        "Customer;Deal;Amount;Close date\nNorthwind Valves;One;1.234;01.02.2027\n=Nobody;Two;10;03.04.2027\n"
    )
    asked = baton(place, "import", "deals", file, "--map", "Close date=expected_close")
    assert asked.exit_code == 1
    for said in ("--dates dmy or --dates mdy", "--decimal . or --decimal ,", "--currency EUR"):
        assert said in asked.output
    answers = ("--map", "Close date=expected_close", "--dates", "dmy", "--decimal", ",", "--currency", "eur")
    refused = baton(place, "import", "deals", file, *answers, "--bad-rows", bad)
    assert refused.exit_code == 1
    assert "There is no account “=Nobody”." in refused.output
    assert "'=Nobody" in bad.read_text(encoding="utf-8-sig")
    assert place.rows("SELECT id FROM deals") == []
    assert place.rows("SELECT id FROM imports WHERE kind = 'deals'") == []
    assert baton(place, "import", "deals", file, *answers, "--dry-run", "--leave-out-bad").exit_code == 0
    assert place.rows("SELECT id FROM deals") == []
    assert baton(place, "import", "deals", file, *answers, "--leave-out-bad").exit_code == 0
    (deal,) = place.rows("SELECT name, amount_minor, expected_close FROM deals")
    assert (deal.name, deal.amount_minor, str(deal.expected_close)) == ("One", 123400, "2027-02-01")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04xl/workbook.xml", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel workbook"),
        (b"PK\x03\x04" + bytes(100), "compressed archive"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"", "empty"),
    ],
)
def test_a_file_that_is_no_table_is_refused_whatever_it_is_called(place, tmp_path, content, said):
    file = tmp_path / "book.csv"
    file.write_bytes(content)
    found = baton(place, "import", "accounts", file)
    assert (found.exit_code, said in found.stderr) == (2, True), found.output


def test_half_a_gigabyte_is_refused_before_it_is_read(place, tmp_path):
    file = tmp_path / "large.csv"
    with file.open("wb") as out:
        out.truncate(500 * 1024**2)
    assert "The file has 500 MB" in baton(place, "import", "accounts", file).stderr
    assert "There is no file" in baton(place, "import", "accounts", "/dev/zero").stderr


def test_while_another_process_writes_an_import_says_so_and_that_nothing_was_imported(place):
    command, url = (*BATON, "import", "accounts", str(SAMPLES / "accounts.csv")), place.settings.database_url
    with place.bot.db.write() as writing:
        writing.connection()
        code, told = outcome(*command, DATABASE_URL=url)
    assert code == 2
    assert (
        "Another command, or Baton itself, is writing to the database just now. "
        "Nothing was imported: try again in a moment." in told
    )
    assert not [word for word in ("DATABASE_URL", "does not answer", "sqlite3", "Traceback") if word in told]
    assert not place.rows("SELECT 1 FROM accounts")
    assert outcome(*command, DATABASE_URL=url)[0] == 0
    with place.bot.db.write() as writing:
        writing.connection()
        code, told = outcome(*BATON, "erase", "person", place.olaf.id, "--yes", DATABASE_URL=url)
    assert (code, "Nothing was changed: try again in a moment." in told) == (2, True)


def test_owners_are_found_by_mail_address_where_the_command_may_ask_slack(place, tmp_path):
    book = tmp_path / "book.csv"
    book.write_text("Account,Owner\nNorth Mills,cora@example.com\n")
    assert (
        "Slack does not tell whose mail address that is" in baton(place, "import", "accounts", book, "--dry-run").output
    )
    settings = place.settings
    slack = {"SLACK_BOT_TOKEN": settings.bot_token, "SLACK_API_URL": settings.api_url}
    assert "Imported: 1 new" in baton(place, "import", "accounts", book, **slack).output
    owner = (
        "SELECT p.slack_id FROM coverage c JOIN people p ON p.id = c.person_id JOIN accounts a ON a.id = c.account_id"
    )
    assert [row.slack_id for row in place.rows(f"{owner} WHERE a.name = 'North Mills'")] == [place.cora.id]
