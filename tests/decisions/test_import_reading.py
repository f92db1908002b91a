"""Files as people have them: encodings, separators, lines, columns, days and amounts; asked about, never guessed."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.imports.fields import case_safe
from bot.domain.imports.looking import FieldTwice, NoSuchColumn, Remembered, look, opened
from bot.domain.imports.reading import EndlessLine, NotInThatEncoding, TooManyColumns, TooManyRows, UnknownEncoding
from bot.domain.imports.report import Asked, Choices, DateOrder, ImportKind, Source
from bot.domain.imports.values import decimals_of, orders_of
from bot.files.spreadsheet import marked, unmarked

A, C, D = ImportKind.ACCOUNTS, ImportKind.CONTACTS, ImportKind.DEALS


def looked(content, kind=A, said=None, choices=None, remembered=None):
    data = content if isinstance(content, bytes) else content.encode()
    table = opened(lambda: io.BytesIO(data), len(data), choices.encoding if choices else "")
    return look(table, kind, said, choices, remembered)


def rows(found):
    return [row._asdict() for row in found.found.rows]


def bad(found):
    return [(one.line, one.column, str(one.problem)) for one in found.bad.shown]


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("Name\nMüller\n".encode(), "UTF-8"),
        ("Name\nMüller\n".encode("utf-8-sig"), "UTF-8"),
        ("Name\nMüller\n".encode("utf-16"), "UTF-16 LE"),
        (b"\xfe\xff" + "Name\nMüller\n".encode("utf-16-be"), "UTF-16 BE"),
        ("Name\nMüller\n".encode("utf-16-le"), "UTF-16 LE"),
        ("Name\nMüller\n".encode("cp1252"), "Windows-1252"),
    ],
)
def test_the_encoding_is_found_out_and_said(encoded, name):
    found = looked(encoded)
    assert (found.table.encoding, rows(found)[0]["name"]) == (name, "Müller")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_mark_stands_before_quotation_marks_and_where_files_were_put_together(encoding):
    part = '\ufeff"Name","Region"\r\n"{}","North"\r\n'
    found = looked((part.format("Müller") + part.upper().format("Bolt")).encode(encoding))
    assert [(row["line"], row["name"]) for row in rows(found)] == [(2, "Müller"), (4, "Bolt")]
    assert (found.found.skipped, bad(found)) == (1, [])


@pytest.mark.parametrize("broken", ["Bolt\xff", "B\xe4r"])
def test_one_byte_that_is_no_utf_8_makes_no_other_letters_of_all_the_rest(broken):
    with pytest.raises(UnknownEncoding):
        looked("Name\nMüller\n".encode() + broken.encode("latin-1") + b"\n")


def test_an_encoding_that_nobody_can_tell_is_refused_or_said():
    with pytest.raises(UnknownEncoding):
        looked(b"Name\nM\x81ller\n")
    with pytest.raises(NotInThatEncoding):
        looked(b"Name\nM\x81ller\n", choices=Choices(encoding="utf-8"))
    assert rows(looked(b"Name\nM\x9fller\n", choices=Choices(encoding="mac-roman")))[0]["name"] == "Müller"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_rows_have_the_line_they_begin_on_whatever_ends_and_separates_them(separator, end):
    lines = ["Name,Tier", '"Two', 'lines, ""quoted""",key', "", ",,", "Three,", '"Four"x,key', "Five,gold"]
    found = looked(end.join(line.replace(",", separator) for line in lines) + end)
    said = f'Two lines{separator} "quoted"'.replace("\t ", " ")
    assert [(row["line"], row["name"]) for row in rows(found)] == [(2, said), (6, "Three")]
    assert [line for line, _, _ in bad(found)] == [7, 8]  # ,, is an empty line
    assert found.table.separator == separator


def test_what_is_wrong_with_a_row_is_said_by_line_and_column():
    head = "sep=;\nName;Tier;Region\n"
    found = looked(
        head + 'Fine;key;"a;b"\nShort;key\nLong;key;x;y\nName;Tier;Region\nNUL\0;key;x\n;key;x\nBell\a;key;\n'
    )
    assert [row["region"] for row in rows(found)] == ["a;b"]
    assert bad(found) == [
        (4, "", "The row has 2 of 3 cells."),
        (5, "", "The row has 4 cells, the header 3. Is there a separator in a text without quotation marks?"),
        (7, "Name", "There are characters in it that cannot be shown (U+0000)."),
        (8, "Name", "This is empty, and I cannot do without it."),
        (9, "Name", "There are characters in it that cannot be shown (U+0007)."),
    ]
    assert (found.found.counted, found.found.skipped, found.bad.rows) == (6, 1, 5)
    open_quote = looked('Name,Tier\nFine,key\n"Open,key\nOther,key\n')
    assert [(row["name"]) for row in rows(open_quote)] == ["Fine"]
    assert bad(open_quote) == [(3, "", "The quotation marks do not fit: lines 3 to 4 cannot be told apart.")]


def test_files_without_end_are_refused(monkeypatch):
    with pytest.raises(TooManyColumns):
        looked(",".join(f"c{n}" for n in range(500)))
    with pytest.raises(EndlessLine):
        looked(b"Name," + b"x" * 3 * 1024**2)
    monkeypatch.setattr("bot.domain.imports.reading.MOST_ROWS", 3)
    with pytest.raises(TooManyRows):
        looked("Name\na\nb\nc\nd\n")


def test_columns_are_recognised_chosen_remembered_and_never_taken_twice():
    found = looked("Company;Rep;What;Notes\nAcme;Olaf;key;x\n", said={"what": "tier"})
    assert [(one.field, one.source) for one in found.columns] == [
        ("name", Source.RECOGNISED),
        ("owner", Source.RECOGNISED),
        ("tier", Source.SAID),
        ("", Source.NOT_USED),
    ]
    before = Remembered({"What": "name", "Company": ""}, Choices())
    again = looked("Company;What\nAcme;Blue\n", remembered=before)
    assert [(one.field, one.source) for one in again.columns] == [("", Source.NOT_USED), ("name", Source.REMEMBERED)]
    with pytest.raises(NoSuchColumn):
        looked("Name\nAcme\n", said={"Nome": "name"})
    with pytest.raises(FieldTwice):
        looked("A,B\n1,2\n", said={"A": "name", "B": "name"})


def test_a_name_that_stands_in_the_header_twice_is_asked_about():
    found = looked("Name,Name,Tier\nAcme,Acme Ltd,key\n")
    assert [(one.asked, one.field, one.options) for one in found.questions] == [
        (Asked.COLUMN, "name", ("Name", "Name (2)"))
    ]
    assert rows(looked("Name,Name,Tier\nAcme,Acme Ltd,key\n", said={"Name (2)": "name"}))[0]["name"] == "Acme Ltd"
    contacts = looked("Account,Name,Email,Email\nAcme,Petra,a@x.example,b@x.example\n", C, said={"Account": "account"})
    assert [(one.asked, one.field, one.options) for one in contacts.questions] == [
        (Asked.COLUMN, "mail", ("Email", "Email (2)"))
    ]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (("2026-12-31", "2026-01-02T23:59:59Z"), [date(2026, 12, 31), date(2026, 1, 2)]),
        (("31.12.2026 23:59 Uhr", "01.02.2026"), [date(2026, 12, 31), date(2026, 2, 1)]),
        (("12/31/2026 10:00 AM", "01/02/2026"), [date(2026, 12, 31), date(2026, 1, 2)]),
        (("31/12/2026", "1/2/2026"), [date(2026, 12, 31), date(2026, 2, 1)]),
        (("3/3/2026", "2026-04-05"), [date(2026, 3, 3), date(2026, 4, 5)]),
        (("01/02/2026", "03.04.2026"), None),
        (("31/12/2026", "12/31/2026"), None),
    ],
)
def test_days_are_read_by_what_the_column_shows_and_asked_about_otherwise(cells, read):
    found = looked("Name,Next order\n" + "".join(f"Account {n},{cell}\n" for n, cell in enumerate(cells)))
    if read is None:
        assert [(one.asked, one.column) for one in found.questions] == [(Asked.DATES, "Next order")]
    else:
        assert (found.questions, [row["next_order_on"] for row in rows(found)]) == ((), read)


@pytest.mark.parametrize("cell", ["31.12.2026 - 05.01.2027", "2026-12-31 or later", "31.12.2026, KW 53"])
def test_what_says_more_than_a_day_and_a_time_is_no_day(cell):
    found = looked(f'Name,Next order\nAcme,"{cell}"\n')
    assert bad(found) == [(2, "Next order", "That is no day. Write it as 2026-12-31.")]


def test_what_was_answered_before_answers_a_question_but_contradicts_no_file():
    us = Remembered({"Name": "name", "Next": "next_order_on"}, Choices(dates=DateOrder.MDY))
    assert rows(looked("Name,Next\nAcme,01/02/2027\n", remembered=us))[0]["next_order_on"] == date(2027, 1, 2)
    assert rows(looked("Name,Next\nAcme,31/12/2027\n", remembered=us))[0]["next_order_on"] == date(2027, 12, 31)


DEAL = "Account;Deal;Amount;Currency\n"


@pytest.mark.parametrize(
    ("cells", "minor"),
    [
        (("1.234;EUR", "12,50;EUR"), [123400, 1250]),
        (("1,234;EUR", "12.50;EUR"), [123400, 1250]),
        (("1,234.50;USD", "1,234;USD"), [123450, 123400]),
        (("€ 1.234,50;", "1.000;EUR"), [123450, 100000]),
        (("1.234;JPY", "5;JPY"), [1234, 5]),
        (("12 500,75;EUR", "0;EUR"), [1250075, 0]),
        (("1.234;EUR", "7;EUR"), None),
        (("1.234,50;EUR", "1,234.50;EUR"), None),
    ],
)
def test_amounts_are_read_by_what_the_column_shows_and_asked_about_otherwise(cells, minor):
    found = looked(DEAL + "".join(f"Acme;Deal {n};{cell}\n" for n, cell in enumerate(cells)), D, {"Account": "account"})
    if minor is None:
        assert [(one.asked, one.column) for one in found.questions] == [(Asked.DECIMAL, "Amount")]
    else:
        assert (found.questions, [row["amount"].minor for row in rows(found)]) == ((), minor)


def test_a_currency_is_asked_for_and_what_is_no_amount_is_refused():
    said = {"Account": "account"}
    assert [one.asked for one in looked(DEAL + "Acme;One;5;\n", D, said).questions] == [Asked.CURRENCY]
    found = looked(DEAL + "Acme;One;5 %;EUR\nAcme;Two;-3;EUR\nAcme;Three;5 USD;EUR\nAcme;Four;5;XXX\n", D, said)
    assert [(line, column) for line, column, _ in bad(found)] == [
        (2, "Amount"),
        (3, "Amount"),
        (4, "Amount"),
        (5, "Currency"),
    ]


def test_ids_of_salesforce_are_the_same_with_15_and_18_characters():
    assert case_safe("00U20000001Rx6d") == "00U20000001Rx6dEAC"  # a pair that Salesforce itself has shown
    assert case_safe("00U20000001Rx6dEAC") == "00U20000001Rx6dEAC"
    assert case_safe("00120000003VwJv") != case_safe("00120000003VwJV")
    assert case_safe("7431001") == "7431001"
    assert case_safe("001000000012345") == "001000000012345"


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from("./-"))
def test_a_day_is_never_read_in_an_order_that_it_does_not_fit(day, mark):
    both = orders_of(f"{day.day:02}{mark}{day.month:02}{mark}{day.year}")
    assert DateOrder.DMY in both
    assert (DateOrder.MDY in both) == (day.day <= 12)
    assert (len(both) == 3) == (day.day == day.month)


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from([(",", "."), (".", ",")]))
def test_the_decimal_sign_is_never_the_wrong_one(whole, cents, marks):
    group, decimal = marks
    assert decimals_of(f"{whole:,}".replace(",", group) + f"{decimal}{cents:02}") == {decimal}
    assert decimal in (decimals_of(f"{whole:,}".replace(",", group)) or {decimal})


CELLS = (
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20)
    .filter(
        lambda text: text.strip() and text.strip() == " ".join(text.split()) and any(sign.isalnum() for sign in text)
    )
    .filter(lambda text: not text.startswith("\ufeff"))
)  # the mark of the encoding, where a line begins with it


@settings(max_examples=60)
@given(st.lists(CELLS, min_size=1, max_size=5), st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-16"]))
def test_what_was_written_as_a_table_is_read_as_it_was_meant(names, separator, encoding):
    text = io.StringIO()
    out = csv.writer(text, delimiter=separator)
    out.writerow(("Name", "Tier"))
    for name in names:
        out.writerow((marked(name), "key"))
    found = looked(text.getvalue().encode(encoding))
    assert [row["name"] for row in rows(found)] == names


@given(st.text(max_size=12))
def test_a_marked_cell_is_safe_and_can_be_read_back(text):
    assert unmarked(marked(text)) == text
    assert not marked(text).startswith(("=", "+", "-", "@", "\t", "\r"))
