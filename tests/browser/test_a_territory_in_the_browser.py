"""A manager hands many accounts over at once, on her phone: a list, the plan, one board, and a file of how it goes."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from walking import BENEFIT, PHONE, Enter, download, menu, nothing_sticks_out, picture, say, send

pytestmark = pytest.mark.browser

LISTED = """Account Name
Acme Pumps
Birch & Sons
Coastal Foods
Fjord Shipping
Harbour Crane
"""
"""All of them Olaf's; Fjord Shipping changes hands already, and of Harbour Crane nobody has heard."""


def board(page: Page) -> Locator:
    messages = page.get_by_role("log", name="Messages in #accounts").get_by_role("listitem")
    return messages.filter(has_text="accounts handed over")


def test_a_territory_is_planned_started_and_steered(enter: Enter, tmp_path: Path) -> None:
    mia, ines = enter("mia", **PHONE), enter("ines")
    a_list_is_given(mia, tmp_path)
    the_plan_is_shown_and_confirmed_once(mia)
    expect(board(ines)).to_contain_text(re.compile("Wave 1, Mon 23 Nov: 2 under way.*Wave 2, Tue 24 Nov: 1 waiting"))
    paused_and_on_again_the_second_wave_begins(mia, ines)
    her_accounts_go_to_another_rep(mia)
    board(mia).evaluate("message => message.scrollIntoView()")
    picture("territory-board", mia)
    what_was_expected_and_what_is_done(mia)


def a_list_is_given(mia: Page, folder: Path) -> None:
    accounts = folder / "south.csv"
    accounts.write_text(LISTED, encoding="utf-8")
    say(mia, "/handoff territory")
    form = mia.get_by_role("dialog", name="A territory moves")
    form.get_by_label("Name").fill("South")
    form.get_by_label("Or a list (CSV)").set_input_files(accounts)
    form.get_by_label("Reason").select_option(label="Territory change")
    form.get_by_label("Benefit to the customers").fill(BENEFIT)
    form.get_by_label("Accounts in a wave").fill("2")
    form.get_by_label("Working days between waves").fill("1")
    form.get_by_role("button", name="See the plan").click()
    expect(form).to_contain_text("Choose who may get the accounts, or have the list say it.")
    for rep in ("Ines (incoming rep)", "Cora (cover)"):
        form.get_by_role("group", name="Who may get them").get_by_label(rep).check()
    nothing_sticks_out(mia)
    form.get_by_role("button", name="See the plan").click()


def the_plan_is_shown_and_confirmed_once(mia: Page) -> None:
    plan = mia.get_by_role("dialog", name="The plan")
    expect(plan).to_contain_text("South: 3 accounts · 1 is left out")
    for words in ("Not found: Harbour Crane", "@Cora gets 2, @Ines gets 1", "Wave 2, Tue 24 Nov: 1 account",
                  "Fjord Shipping · left out: has an open handoff"):  # fmt: skip
        expect(plan).to_contain_text(words)
    expect(plan).to_contain_text(re.compile(r"Acme Pumps · strategic\s*@Olaf → @Ines · Mon 23 Nov"))
    expect(board(mia)).to_be_hidden()
    nothing_sticks_out(mia)
    picture("territory-plan", plan)
    plan.get_by_role("button", name="Start 3 handoffs").click()
    started = mia.get_by_role("dialog", name="Under way")
    expect(started).to_contain_text("South is under way; the board in #accounts shows how it goes.")
    send(started, "Done")


def paused_and_on_again_the_second_wave_begins(mia: Page, ines: Page) -> None:
    board(mia).get_by_role("button", name="Pause").click()
    expect(board(ines)).to_contain_text("Paused: nothing new begins · manager @Mia")
    ines.get_by_role("button", name="next morning").click()
    board(mia).get_by_role("button", name="Go on").click()
    expect(board(ines)).to_contain_text("Wave 2, Tue 24 Nov: 1 under way")


def her_accounts_go_to_another_rep(mia: Page) -> None:
    menu(board(mia), "Give accounts to another rep")
    form = mia.get_by_role("dialog", name="Another rep")
    form.get_by_label("From").select_option(label="Ines (incoming rep)")
    form.get_by_label("To", exact=True).select_option(label="Cora (cover)")
    form.get_by_role("button", name="Give them").click()
    expect(form).to_contain_text("1 account goes to @Cora.")
    send(form, "Done")
    card = mia.get_by_role("log", name="Messages in #accounts").get_by_role("listitem").filter(has_text="Acme Pumps ·")
    expect(card).to_contain_text("@Olaf → @Cora")


def what_was_expected_and_what_is_done(mia: Page) -> None:
    board(mia).get_by_role("button", name="Expected and done").click()
    done = mia.get_by_role("dialog", name="Expected and done")
    expect(done).to_contain_text("0 of 3 handed over · 3 under way")
    expect(done).to_contain_text(re.compile(r"Acme Pumps · started Mon 23 Nov\s*@Olaf → @Cora"))
    nothing_sticks_out(mia)
    name, content = download(done.get_by_role("link", name="All of it (CSV)"))
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    found = {row["account"]: (row["incoming"], row["expected_on"], row["state"], row["why"]) for row in rows}
    assert name == "South.csv"
    assert found == {
        "Acme Pumps": ("Cora", "2026-11-23", "started", ""),
        "Birch & Sons": ("Cora", "2026-11-23", "started", ""),
        "Coastal Foods": ("Cora", "2026-11-24", "started", ""),
        "Fjord Shipping": ("", "2026-11-23", "left_out", "open_handoff"),
    }
    send(done, "Close")
