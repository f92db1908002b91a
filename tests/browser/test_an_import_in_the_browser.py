"""A manager brings their book as a CSV file, in the windows of a real browser: once by a form, once by sending it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from walking import PHONE, Enter, nothing_sticks_out, open_messages, picture, say, send

pytestmark = pytest.mark.browser

BOOK = """Account Name;Account Owner;Tier;Next order;Fax
Harbour Cranes;Olaf;key;03/04/2027;
Delta Mills;Jonny;standard;05/06/2027;
Ridge Tools;Ines;gold;;
"""


def test_a_book_is_imported_from_a_file(enter: Enter, tmp_path: Path) -> None:
    book = tmp_path / "book.csv"
    book.write_text(BOOK, encoding="utf-8")
    mia = enter("mia")
    say(mia, "/handoff import")
    form = mia.get_by_role("dialog", name="Import")
    form.get_by_label("File").set_input_files(book)
    picture("import-form", form)
    form.get_by_role("button", name="Read it").click()
    expect(form).to_contain_text("You can close this")
    form.get_by_role("button", name="Close").click()
    told = open_messages(mia).get_by_role("listitem").last
    expect(told).to_contain_text("I never guess, so tell me:")
    expect(told).to_contain_text("Next order says 03/04/2027, 05/06/2027: is the day first, or the month?")
    expect(told).to_contain_text("“Jonny” in 1 row: nobody of that name here")
    picture("import-asks", told)
    told.get_by_role("button", name="Answer").click()
    answers = mia.get_by_role("dialog", name="Questions")
    answers.get_by_label("Day first").check()
    send(answers, "Check again")
    expect(told).not_to_contain_text("is the day first")  # looked at again: before that, nothing can be said about it
    told.get_by_role("button", name="People").click()
    people = mia.get_by_role("dialog", name="People")
    people.get_by_label("Jonny").select_option(label="Cora (cover)")
    send(people, "Check again")
    expect(told).to_contain_text("2 new, 1 cannot be imported")
    expect(told).not_to_contain_text("Jonny")
    told.get_by_role("button", name="Leave out 1 row").click()
    told.get_by_role("button", name="Import 2 rows").click()
    mia.get_by_role("dialog", name="Import it?").get_by_role("button", name="Import", exact=True).click()
    expect(told).to_contain_text("book.csv is imported (accounts): 2 new, 1 left out.")


def test_a_file_is_sent_from_the_phone(enter: Enter, tmp_path: Path) -> None:
    book = tmp_path / "more.csv"
    book.write_text("Account\nLake Pumps\n", encoding="utf-8")
    mia = enter("mia", **PHONE)
    messages = open_messages(mia)
    mia.get_by_label("Attach files").set_input_files(book)
    expect(mia.locator("output.attached").first).to_have_text("more.csv")
    nothing_sticks_out(mia)
    mia.get_by_role("button", name="Send").click()
    expect(messages.get_by_role("link", name="more.csv")).to_be_visible()
    told = messages.get_by_role("listitem").last
    expect(told).to_contain_text("Import more.csv? What is in it?")
    told.get_by_role("button", name="Accounts").click()
    expect(told).to_contain_text("1 row")
    expect(told).to_contain_text("1 new")
    nothing_sticks_out(mia)
    picture("import-phone", mia)
    told.get_by_role("button", name="Import 1 row").click()
    mia.get_by_role("dialog", name="Import it?").get_by_role("button", name="Import", exact=True).click()
    expect(told).to_contain_text("more.csv is imported")
