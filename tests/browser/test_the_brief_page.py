"""The brief as people meet it: in Slack section by section, as a page on a phone, on paper, and as a file."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from walking import BENEFIT, MONDAY, PHONE, Enter, download, open_messages, override, picture, say, start

pytestmark = pytest.mark.browser

ACCOUNT = "Acme Pumps"
NOTES = (
    "Acme called, wants a quote for twelve seals by Friday",
    "Acme visited their plant in Ulm, the new line starts in March",
    "Acme complains that two pumps came a week late",
)
A4 = (595, 842)
"""Points."""


def add(mia: Page, fact: str, fields: dict[str, str], role: str = "") -> None:
    """From the view of the account, on top of which the form opens."""
    say(mia, "/handoff account Acme")
    account = mia.get_by_role("dialog")
    account.get_by_role("button", name=f"Say it: {fact}").click()
    form = mia.get_by_role("dialog").last
    for label, what in fields.items():
        form.get_by_label(label, exact=True).fill(what)
    if role:
        form.get_by_label("Role in decisions").select_option(label=role)
    form.get_by_role("button", name="Save").click()
    expect(account.last).to_contain_text(next(iter(fields.values())))
    account.last.get_by_role("button", name="Close").last.click()
    expect(mia.get_by_role("dialog")).to_be_hidden()


def read(ines: Page) -> tuple[Locator, str]:
    """She opens the brief from what she is asked, says that she read the history, and takes the page's address."""
    handed = open_messages(ines).get_by_role("listitem").filter(has_text=f"{ACCOUNT} is ready for you")
    handed.get_by_role("button", name="Read the whole brief").click()
    brief = ines.get_by_role("dialog", name="Brief")
    expect(brief).to_contain_text("wants a quote for twelve seals")
    brief.get_by_role("button", name="I have read this: History").click()
    expect(brief).to_contain_text("✓ You read this")
    picture("brief-read", brief)
    link = brief.get_by_role("link", name=f"Open the brief of {ACCOUNT} as a page")
    return brief, str(link.get_attribute("href"))


def test_the_brief_is_read_in_slack_and_as_a_page(enter: Enter, chromium: Browser) -> None:
    mia, ines = enter("mia"), enter("ines")
    for one in NOTES:
        say(mia, f"/handoff note {one}")
    ada = {"Name": "Ada Lind", "Mail": "ada@acme-pumps.example", "Job title": "Head of buying"}
    add(mia, "A contact", ada, "Decision maker")
    add(mia, "Regular orders", {"What do they order?": "Seals", "How much, how often?": "40 boxes a month"})
    start(mia, ACCOUNT, "strategic", "Retirement", "Ines (incoming rep)", MONDAY + timedelta(days=11), BENEFIT)
    override(mia, ACCOUNT, "Checked it with Olaf by phone.")
    brief, address = read(ines)
    on_a_phone(chromium, address)
    on_paper(chromium, address)
    brief.get_by_role("button", name="Close").click()
    handed = open_messages(ines).get_by_role("listitem").filter(has_text=f"{ACCOUNT} is ready for you")
    handed.get_by_role("button", name="Accept").click()
    expect(ines.get_by_role("log")).to_contain_text(f"You took {ACCOUNT} over")
    the_version_is_there(chromium, address)


def on_a_phone(chromium: Browser, address: str) -> None:
    phone = chromium.new_page(
        viewport={"width": PHONE["width"], "height": PHONE["height"]}, device_scale_factor=PHONE["scale"]
    )
    said: list[str] = []
    phone.on("console", lambda message: said.append(message.text))
    phone.goto(address)
    expect(phone.get_by_role("heading", name=ACCOUNT)).to_be_visible()
    expect(phone.get_by_role("heading", name="History")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= 375"), "nothing sticks out"
    assert said == [], "its own style is allowed, and it asks for nothing else"
    picture("brief-page", phone)
    name, content = download(phone.get_by_role("link", name="Save as text"))
    assert name == "Brief-Acme-Pumps.md"
    assert b"two pumps came a week late" in content
    phone.close()


def on_paper(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Save as text")).to_be_hidden()
    content = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert sizes
    assert all((round(float(w)), round(float(h))) == A4 for w, h in sizes), sizes
    page.close()


def the_version_is_there(chromium: Browser, address: str) -> None:
    page = chromium.new_page()
    page.goto(address)
    page.get_by_role("link", name="As accepted").click()
    expect(page.get_by_text("As accepted Mon 23 Nov 2026")).to_be_visible()
    page.get_by_role("link", name="As it stands now").click()
    expect(page.get_by_text("As it stands Mon 23 Nov 2026")).to_be_visible()
    page.close()
    with urlopen(address, timeout=10) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
