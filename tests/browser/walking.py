"""What people do in the windows of the demo's page, and the pictures that are taken of it for the README.

Pictures go to docs/pictures when they are asked for (`make pictures`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs/pictures" if os.environ.get("BATON_PICTURES") else None
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""Half past ten in Berlin: a working morning far from any holiday."""
BENEFIT = "A rep who lives nearby and knows their plants."
PHONE = {"width": 375, "height": 812, "scale": 1.25}
Enter = Callable[..., Page]
"""`enter("mia", **PHONE)`: a window of the demo as somebody."""


def picture(name: str, of: Locator | Page) -> None:
    """Keep what is seen, if it is wanted; mouse and focus are put aside first, so that nothing is lit up."""
    if PICTURES is None:
        return
    page = of if isinstance(of, Page) else of.page
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    PICTURES.mkdir(parents=True, exist_ok=True)
    of.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")


def nothing_sticks_out(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth <= 375"), "nothing sticks out"


def say(page: Page, line: str) -> None:
    page.get_by_role("textbox", name="Message #accounts").fill(line)
    page.keyboard.press("Enter")


def said(page: Page) -> Locator:
    """What Baton answered to the last command, for that person alone."""
    return page.get_by_role("log", name="Messages in #accounts").get_by_role("listitem").last


def card(page: Page, account: str = "Acme Pumps") -> Locator:
    return page.get_by_role("log", name="Messages in #accounts").get_by_role("listitem").filter(has_text=f"{account} ·")


def open_thread(page: Page, account: str = "Acme Pumps") -> Locator:
    card(page, account).get_by_role("link", name=re.compile(r"^\d+ repl")).click()
    return page.get_by_role("complementary", name="Thread")


def open_messages(page: Page) -> Locator:
    """The direct messages from Baton."""
    _show_the_list(page)
    page.get_by_role("link", name="Baton").click()
    page.get_by_role("link", name="Messages").click()
    return page.get_by_role("log", name="Messages in Baton")


def to_accounts(page: Page) -> None:
    """To the channel of the accounts, from wherever one is."""
    _show_the_list(page)
    page.get_by_role("navigation", name="Workspace").get_by_role("link", name="accounts").click()


def _show_the_list(page: Page) -> None:
    """On a phone, the list of channels is behind a button."""
    if page.get_by_role("button", name="Channels").is_visible():
        page.get_by_role("button", name="Channels").click()


def tick(thread: Locator, *titles: str) -> None:
    for title in titles:
        thread.get_by_role("button", name=f"Done: {title}").click()
        expect(thread.get_by_role("button", name=f"Done: {title}")).to_be_hidden()


def form_of(thread: Locator, title: str, name: str) -> Locator:
    """Press Done on a step that asks for more; the form that opens."""
    thread.get_by_role("button", name=f"Done: {title}").click()
    return thread.page.get_by_role("dialog", name=name)


def menu(within: Locator, entry: str) -> None:
    """Choose from the three dots."""
    within.get_by_role("button", name="More actions").click()
    within.page.get_by_role("menuitem", name=entry).click()


def send(form: Locator, button: str) -> None:
    """Send a form that has nothing left to ask."""
    form.get_by_role("button", name=button, exact=True).click()
    expect(form).to_be_hidden()


def start_form(mia: Page, account: str = "Acme Pumps", tier: str = "strategic") -> Locator:
    """The form, once it is there and shows what is known of the account."""
    say(mia, f"/handoff start {account.partition(' ')[0]}")
    form = mia.get_by_role("dialog", name="Start a handoff")
    expect(form.get_by_role("combobox", name="Account")).to_have_value(account)
    expect(form.get_by_label("Tier")).to_have_value(tier)
    return form


def start(
    mia: Page, account: str, tier: str, reason: str, incoming: str | None, last_day: datetime | None, benefit: str
) -> None:
    """Olaf's account begins to change hands in #accounts."""
    form = start_form(mia, account, tier)
    form.get_by_label("Reason").select_option(label=reason)
    expect(form).to_contain_text("because of the reason")  # the form is drawn anew with the playbook
    form.get_by_label("Outgoing rep").select_option(label="Olaf (outgoing rep)")
    if incoming:
        form.get_by_label("Incoming rep").select_option(label=incoming)
    if last_day:
        form.get_by_label("Last day").fill(last_day.date().isoformat())
    form.get_by_label("Benefit to the customer").fill(benefit)
    form.get_by_label("Channel", exact=True).select_option(label="#accounts")
    send(form, "Start")


def override(mia: Page, account: str, why: str) -> None:
    """Some items are still open; the manager says why that does not matter."""
    menu(card(mia, account), "Override the gate")
    gate = mia.get_by_role("dialog")
    gate.get_by_role("textbox").fill(why)
    send(gate, "Override")


def download(link: Locator) -> tuple[str, bytes]:
    """Press a link that leads to a file, in a tab of its own; the file's name and what is in it."""
    with link.page.context.expect_event("download") as kept:
        link.click()
    return kept.value.suggested_filename, Path(kept.value.path()).read_bytes()
