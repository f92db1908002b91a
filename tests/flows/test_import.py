"""A manager brings a file: it is read, what would change is shown, what may not be guessed is asked; then all of it."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from bot.domain.imports.report import ImportKind
from bot.store import import_jobs
from bot.usecases.imports.importing import Request
from sandbox.model import User

BOOK = b"Account,Owner,Tier,Next order\nNorth Mills,Olaf,key,2026-12-24\nSouth Mills,,standard,\n"


def brings(town, content, name="book.csv", kind="Accounts", who="mia", size=None):
    """`/handoff import`, the form filled in and sent."""
    person = town.sandbox.person(who)
    assert person.types("/handoff import", in_="#accounts").ok
    form = person.modal
    form.choose("What is in it?", kind)
    form.upload("File", name, content, size)
    return form.submit()


def told(town, who="mia"):
    """The message about the newest file."""
    return town.sandbox.person(who).dms("baton")[-1]


def names(town):
    return sorted(row.name for row in town.rows("SELECT name FROM accounts"))


def test_a_file_is_shown_first_and_imported_as_a_whole(begun):
    mia, before = begun.mia, names(begun)
    assert brings(begun, BOOK).ok
    assert "You can close this" in mia.modal.text
    assert "book.csv · accounts · 2 rows\n2 new" in told(begun).text
    assert "Account → Name, Owner → Owner" in told(begun).text
    assert names(begun) == before
    assert told(begun).click("Import 2 rows").ok
    assert "book.csv is imported (accounts): 2 new." in told(begun).text
    assert told(begun).buttons == []
    assert names(begun) == sorted([*before, "North Mills", "South Mills"])
    begun.ines.types("/handoff owner North", in_="#accounts")
    assert "@olaf" in begun.ines.ephemerals()[-1].text
    assert brings(begun, BOOK, "again.csv").ok
    assert "nothing would change" in told(begun).text
    assert told(begun).buttons == ["Columns", "Discard"]
    told(begun).click("Discard")
    assert "again.csv was discarded" in told(begun).text


DEALS = (
    b"Account;Deal;Amount;Close date;Stage\n"
    b"Acme;Pumps;1.234;03/04/2027;Offer\n"
    b"Acme;Valves;5.678;05/06/2027;Offer\n"
    b"Nowhere;Pipes;2;05/06/2027;Offer\n"
)


def test_what_can_be_read_in_two_ways_is_asked(begun):
    brings(begun, DEALS, "deals.csv", "Deals")
    assert "I never guess, so tell me:" in told(begun).text
    assert "Close date says 03/04/2027, 05/06/2027: is the day first, or the month?" in told(begun).text
    assert not [label for label in told(begun).buttons if label.startswith("Import")]
    assert told(begun).click("Answer").ok
    form = begun.mia.modal
    form.choose("Dates", "Day first")
    form.choose("Decimals", "A comma")
    form.fill("Currency", "XYZ")
    assert "no currency in use" in form.submit().errors["Currency"]
    form.fill("Currency", "eur")
    assert form.submit().ok
    assert "3 rows\n2 new, 1 cannot be imported" in told(begun).text
    assert "line 4: There is no account “Nowhere”" in told(begun).text
    assert told(begun).click("Leave out 1 row").ok
    assert told(begun).click("Import 2 rows").ok
    assert "2 new, 1 left out" in told(begun).text
    rows = begun.rows("SELECT name, amount_minor, currency, expected_close FROM deals ORDER BY name")
    assert [(r.name, r.amount_minor, r.currency, str(r.expected_close)) for r in rows] == [
        ("Pumps", 123_400, "EUR", "2027-04-03"), ("Valves", 567_800, "EUR", "2027-06-05"),
    ]  # fmt: skip


def test_how_a_file_is_written_is_asked_when_nothing_tells(begun):
    brings(begun, "Account\nMalmö Mills\n".encode("mac-roman") + b"Odd \x81 Mills\n")
    assert "I cannot tell in which encoding the file is" in told(begun).text
    assert told(begun).click("How is it written?").ok
    begun.mia.modal.choose("Encoding", "Mac Roman")
    assert begun.mia.modal.submit().ok
    assert told(begun).click("Import 2 rows").ok
    assert "Malmö Mills" in names(begun)


def test_columns_and_people_are_said_once(begun):
    table = "Kunde,Betreuer,Tier\nÖrebro Mills,Jonny O.,key\n".encode("cp1252")
    brings(begun, table)
    assert "Which column is the Name?" in told(begun).text
    assert told(begun).click("Columns").ok
    form = begun.mia.modal
    form.choose("Kunde", "Name")
    form.choose("Betreuer", "Name")
    assert "Another column fills that already" in form.submit().errors["Betreuer"]
    form.choose("Betreuer", "Owner")
    assert form.submit().ok
    assert "“Jonny O.” in 1 row: nobody of that name here" in told(begun).text
    assert told(begun).click("People").ok
    begun.mia.modal.choose("Jonny O.", "@cora")
    assert begun.mia.modal.submit().ok
    assert told(begun).click("Import 1 row").ok
    begun.ines.types("/handoff owner rebro", in_="#accounts")
    assert "Örebro Mills" in begun.ines.ephemerals()[-1].text
    assert "@cora" in begun.ines.ephemerals()[-1].text
    brings(begun, table.replace(b"key", b"standard"), "next.csv")
    assert "1 changed" in told(begun).text
    assert not [line for line in told(begun).buttons if line in ("Answer", "People")]


def test_all_rows_to_put_right_come_as_a_file(begun):
    rows = "".join(f"Mill {n},=cmd{n}\n" for n in range(29)) + "Mill\x00,=cmd29\n"
    brings(begun, f"Account,Tier\n{rows}".encode())
    assert "30 cannot be imported" in told(begun).text
    assert "and 22 more" in told(begun).text
    with pytest.raises(AssertionError):
        told(begun).click("Import")
    [link] = [e["url"] for b in told(begun).blocks for e in b.get("elements", []) if e.get("url")]
    with urlopen(begun.request_url.replace("/slack/events", urlsplit(link).path), timeout=10) as answer:
        table = list(csv.reader(io.StringIO(answer.read().decode("utf-8-sig"))))
    assert len(table) == 1 + 29 + 2  # the last row has two things wrong
    assert any("'=cmd29" in cell for cell in table[-1])
    old = told(begun)
    begun.passes(days=15)
    brings(begun, BOOK, "newer.csv")
    assert old.click("Columns").ok
    assert "That import was discarded" in begun.mia.ephemerals()[-1].text
    assert not begun.rows("SELECT 1 FROM import_jobs WHERE bad_csv <> ''")


def spreadsheet():
    """The beginnings of a workbook, called a CSV file by somebody."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return kept.getvalue()


def test_what_is_no_table_of_ours_is_refused_in_a_sentence(begun):
    before = names(begun)
    assert "1000 MB" in brings(begun, BOOK, size=1000 * 2**20).errors["File"]
    assert "is empty" in brings(begun, b"").errors["File"]
    assert brings(begun, spreadsheet()).ok
    assert "was not imported, and nothing was changed" in told(begun).text
    assert "This is an Excel workbook" in told(begun).text
    assert brings(begun, BOOK, "gone.csv").ok
    begun.mia.deletes_file("gone.csv")
    told(begun).click("Import 2 rows")
    assert "I cannot find that file" in told(begun).text
    assert brings(begun, BOOK, "other.csv").ok
    list(begun.sandbox.workspace.files.values())[-1].content = BOOK.replace(b"South", b"North")
    told(begun).click("Import 2 rows")
    assert "This is not the file that was looked at" in told(begun).text
    assert names(begun) == before


def test_who_may_not_import_is_told_who_can(begun):
    begun.olaf.types("/handoff import", in_="#accounts")
    assert "Only @mia can do that here" in begun.olaf.ephemerals()[-1].text
    begun.olaf.shares("book.csv", BOOK, in_="baton")
    assert "Only @mia can do that here" in told(begun, "olaf").text
    assert told(begun, "olaf").buttons == []
    ada = User("U0ADA000000", "ada", "Ada (customer)", home_team="T0CUSTOMER1")
    begun.sandbox.workspace.users[ada.id] = ada
    begun.ada.shares("book.csv", BOOK, in_="baton")
    assert "comes from outside your workspace" in told(begun, "ada").text
    assert not begun.rows("SELECT 1 FROM imports")


def test_a_file_sent_to_baton_is_asked_about(begun):
    begun.mia.shares("book.csv", BOOK, in_="#accounts")
    begun.mia.shares("book.csv", BOOK, in_="baton")
    assert "Import book.csv? What is in it?" in told(begun).text
    count = len(begun.mia.dms("baton"))
    event = next(e for e in reversed(begun.sandbox.delivery.sent) if e["event"]["type"] == "file_shared")
    begun.sandbox.delivery._attempt(event, 1, "http_timeout")
    begun.settle()
    assert len(begun.mia.dms("baton")) == count
    assert told(begun).click("Accounts").ok
    assert told(begun).click("Import 2 rows").ok
    assert "North Mills" in names(begun)
    begun.mia.shares("photo.png", b"\x89PNG", in_="baton")
    assert "photo.png is no CSV file" in told(begun).text
    assert told(begun).buttons == []


def test_a_file_in_a_channel_is_taken_by_its_message(begun):
    shown = begun.olaf.shares("book.csv", BOOK, in_="#accounts", text="here is my book")
    begun.mia.messages("#accounts")[-1].shortcut("Import this file")
    assert "Import book.csv? What is in it?" in told(begun).text
    shown.shortcut("Import this file")
    assert "Only @mia can do that here" in begun.olaf.ephemerals()[-1].text
    begun.mia.says("no file in this", in_="#accounts").shortcut("Import this file")
    assert "There is no file in that message" in begun.mia.ephemerals()[-1].text


def test_two_clicks_import_once(begun):
    brings(begun, BOOK)
    first, job = told(begun), begun.rows("SELECT id FROM import_jobs")[0].id
    mia = begun.actor("mia")
    begun.bot.imports.desk.confirm(mia, job)
    assert first.click("Discard").ok
    assert "already" in begun.mia.ephemerals()[-1].text
    assert "book.csv is imported" in told(begun).text
    assert len(begun.rows("SELECT 1 FROM audit WHERE verb LIKE 'import%'")) == 1


def test_killed_in_the_middle_it_goes_on_after_the_start(begun):
    brings(begun, BOOK)
    job, mia = begun.rows("SELECT id FROM import_jobs")[0].id, begun.actor("mia")
    begun.bot.imports.desk.confirm(mia, job)
    with begun.bot.db.write() as session:
        assert import_jobs.claim(session, begun.clock.now()).id == job
    assert not begun.bot.imports.work.work_next()
    begun.settle()
    assert "Importing book.csv: 2 rows" in told(begun).text
    begun.restart()
    begun.bot.imports.work.begin(alone=True)
    begun.settle()
    assert "book.csv is imported (accounts): 2 new." in told(begun).text


def test_killed_between_the_import_and_the_word_about_it(begun):
    brings(begun, BOOK)
    row, mia = begun.rows("SELECT id, import_id FROM import_jobs")[0], begun.actor("mia")
    begun.bot.imports.importing.apply(mia, Request(ImportKind.ACCOUNTS, "book.csv", BOOK), row.import_id)
    begun.bot.imports.desk.confirm(mia, row.id)
    begun.settle()
    assert "book.csv is imported (accounts): 2 new." in told(begun).text
    assert names(begun).count("North Mills") == 1


def test_slack_is_asked_again_for_a_while(begun):
    begun.sandbox.workspace.weather.fail_next("files.info", status=503, times=2)
    brings(begun, BOOK)
    assert "Reading book.csv" in told(begun).text
    for _ in range(2):
        begun.passes(minutes=1)
        begun.settle()
    assert "2 rows" in told(begun).text
    begun.sandbox.workspace.weather.fail_next("files.info", status=503, times=9)
    brings(begun, BOOK, "late.csv")
    for _ in range(4):
        begun.passes(minutes=5)
        begun.settle()
    assert "did not arrive from Slack" in told(begun).text
    begun.sandbox.workspace.weather.clear()
    assert told(begun).click("Try again").ok
    assert "2 rows" in told(begun).text


MAILS = b"Account,Owner\nNorth Mills,Cora@Example.com\nSouth Mills,nobody@example.com\n"


def test_owners_are_found_by_mail_address_and_the_address_is_kept_nowhere(begun):
    assert brings(begun, MAILS).ok
    assert "“nobody@example.com” in 1 row: nobody of that name here" in told(begun).text
    assert "Cora@" not in told(begun).text
    assert told(begun).click("Import 2 rows").ok
    begun.ines.types("/handoff owner North", in_="#accounts")
    assert "@cora" in begun.ines.ephemerals()[-1].text
    kept = [
        str(row) for name in ("people", "import_mappings", "imports") for row in begun.rows(f"SELECT * FROM {name}")
    ]
    assert kept
    assert not [row for row in kept if "cora@" in row.casefold()]


def test_where_slack_does_not_tell_addresses_people_are_named_by_hand(begun):
    workspace = begun.sandbox.workspace
    scopes = tuple(scope for scope in workspace.app.scopes if scope != "users:read.email")
    workspace.app = replace(workspace.app, scopes=scopes)
    assert brings(begun, MAILS).ok
    assert "Slack does not tell me whose mail address that is" in told(begun).text
    assert told(begun).click("People").ok
