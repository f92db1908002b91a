"""A handoff from /handoff to a nudge, as people live it: windows of a real browser, Baton as a process of its own.

Keeps pictures of what they see in docs/pictures, for the README, when it is asked to (`make pictures`).
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.tryout import TOKENS
from sandbox.clock import ShiftedClock
from sandbox.config import load_town
from sandbox.server import Sandbox

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs/pictures" if os.environ.get("BATON_PICTURES") else None
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""Half past ten in Berlin: a working morning far from any holiday."""
BENEFIT = "A rep who lives nearby and knows their plants."
SOON = 10_000
"""Milliseconds: a busy machine may be slow, a person would not wait longer."""
PATIENCE = 60.0
"""Seconds that a start may take on a busy machine."""
LOOK = 0.05
"""Seconds until the next look at a process that starts: looking without a pause would take its time away."""
Enter = Callable[..., Page]


@pytest.fixture
def workspace() -> Iterator[Sandbox]:
    clock = ShiftedClock(MONDAY - datetime.now(UTC))
    with Sandbox.start(load_town(ROOT / "sandbox" / "town.yaml", ROOT / "manifest.yaml"), clock) as sandbox:
        yield sandbox


@pytest.fixture
def baton(workspace: Sandbox, tmp_path: Path) -> Iterator[None]:
    """`baton run` as in the demo, with its sample accounts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = TOKENS | {
        "SLACK_API_URL": workspace.api_url,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'baton.db'}",
        "PORT": str(port),
        "BATON_CLOCK_URL": f"{workspace.url}/clock",
        "BATON_DEMO": "1",
        "BATON_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    workspace.connect(f"http://127.0.0.1:{port}/slack/events")
    log = tmp_path / "bot.log"
    with log.open("wb") as lines:
        command = [sys.executable, "-m", "bot.cli", "run"]
        process = subprocess.Popen(command, env={"PATH": os.environ["PATH"]} | settings, cwd=ROOT, stderr=lines)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/healthz", process, log)
        yield
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in log.read_text(), log.read_text()


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:  # it does not listen yet, or takes its time
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK)
    raise AssertionError(log.read_text())


@pytest.fixture
def enter(workspace: Sandbox, baton: None, open_window: Callable[..., Page]) -> Enter:
    """Opens a window as somebody; the windows are closed before the workspace is."""
    expect.set_options(timeout=SOON)

    def window(name: str, width: int = 1280, height: int = 900, scale: float = 1) -> Page:
        return open_window(workspace.url, name, width, height, scale)

    return window


def picture(name: str, of: Locator | Page) -> None:
    """Keep what is seen, if it is wanted; mouse and focus are put aside first, so that nothing is lit up."""
    if PICTURES is None:
        return
    page = of if isinstance(of, Page) else of.page
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    PICTURES.mkdir(parents=True, exist_ok=True)
    of.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")


def say(page: Page, line: str) -> None:
    page.get_by_role("textbox", name="Message #accounts").fill(line)
    page.keyboard.press("Enter")


def card(page: Page, account: str = "Acme Pumps") -> Locator:
    return page.get_by_role("log", name="Messages in #accounts").get_by_role("listitem").filter(has_text=f"{account} ·")


def open_thread(page: Page) -> Locator:
    card(page).get_by_role("link", name="replies").or_(card(page).get_by_role("link", name="1 reply")).click()
    return page.get_by_role("complementary", name="Thread")


def open_messages(page: Page) -> Locator:
    """The direct messages from Baton."""
    page.get_by_role("link", name="Baton").click()
    page.get_by_role("link", name="Messages").click()
    return page.get_by_role("log", name="Messages in Baton")


def tick(thread: Locator, *titles: str) -> None:
    for title in titles:
        thread.get_by_role("button", name=f"Done: {title}").click()
        expect(thread.get_by_role("button", name=f"Done: {title}")).to_be_hidden()


def answer(page: Page, *taps: str) -> None:
    """Open the messages from Baton and answer what it asks about Acme."""
    prompt = open_messages(page).get_by_role("listitem").filter(has_text="Acme Pumps")
    for tap in taps:
        prompt.get_by_role("button", name=f"{tap}: Acme").first.click()
    expect(prompt).to_contain_text("answered by")


def start_form(mia: Page) -> Locator:
    """The form, once it is there and shows what is known of the account."""
    say(mia, "/handoff start Acme")
    form = mia.get_by_role("dialog", name="Start a handoff")
    expect(form.get_by_role("combobox", name="Account")).to_have_value("Acme Pumps")
    expect(form.get_by_label("Tier")).to_have_value("strategic")
    return form


def fill(form: Locator, incoming: str, last_day: datetime, channel: str) -> None:
    form.get_by_label("Incoming rep").select_option(label=incoming)
    form.get_by_label("Last day").fill(last_day.date().isoformat())
    form.get_by_label("Channel", exact=True).select_option(label=channel)
    form.get_by_role("button", name="Start", exact=True).click()


def start(mia: Page) -> None:
    """First wrongly, then right."""
    form = start_form(mia)
    form.get_by_label("Reason").select_option(label="Retirement")
    expect(form).to_contain_text("Playbook: Retirement or promotion, because of the reason")
    form.get_by_label("Outgoing rep").select_option(label="Olaf (outgoing rep)")
    form.get_by_label("Benefit to the customer").fill(BENEFIT)
    fill(form, "Olaf (outgoing rep)", MONDAY - timedelta(days=3), "#leadership")
    for field, problem in (
        ("Incoming rep", "somebody other than the outgoing rep"),
        ("Last day", "That day has passed"),
        ("Channel", "invite me with /invite @baton"),
    ):
        expect(form.get_by_label(field, exact=field == "Channel")).to_have_accessible_description(
            re.compile(re.escape(problem))
        )
    picture("start-form", form)
    fill(form, "Ines (incoming rep)", MONDAY + timedelta(days=11), "#accounts")
    expect(form).to_be_hidden()


def test_a_handoff_from_the_command_to_a_nudge(enter: Enter) -> None:
    mia, olaf, ines = enter("mia"), enter("olaf"), enter("ines")
    start(mia)
    expect(card(mia)).to_contain_text("@Olaf leaves Fri 4 Dec (in 11 days) → @Ines · manager @Mia")
    expect(card(olaf)).to_contain_text("Stage 1 of 3, Prepare: 0 of 9 done")

    seen, thread = open_thread(mia), open_thread(olaf)
    tell_the_customer(olaf, thread)
    tick(thread, "Update the account notes")
    expect(seen).to_contain_text(re.compile(r"Warn the customer\s*done by @Olaf"))
    expect(card(mia)).to_contain_text("2 of 9 done")
    gate_lists_what_is_missing(mia)
    answer(enter("carl"), "Late")
    answer(enter("wanda"), "Some returns")
    expect(card(mia)).to_contain_text("2 of 4 answers in")
    picture("card", card(mia))
    keep_the_checklist(mia, seen)
    on_a_phone(enter("olaf", 375, 812, scale=1.25))
    keep_the_home(enter("mia", 1050, 840))
    answer(enter("marek"), "Both")

    tick(thread, "Send the org chart", "Note regular orders, complaints and key dates")
    pass_the_gate(mia)
    expect(seen).to_contain_text("@Mia handed Acme Pumps over: @Ines has the brief and is asked to accept")
    accept(ines)
    expect(seen).to_contain_text("@Ines accepted Acme Pumps and is its owner of record from Mon 23 Nov")
    expect(card(mia)).to_contain_text("Owner of record: @Ines, since Mon 23 Nov")
    expect(card(mia)).to_contain_text("“Prepare” was left early by @Mia: Checked it with Olaf by phone")
    say(mia, "/handoff owner acme")
    expect(mia.get_by_role("log").first).to_contain_text("Acme Pumps is with @Ines since Mon 23 Nov")

    meet_the_customer(mia, seen)
    nudged(ines)
    expect(seen).to_contain_text(re.compile(r"Read the purchase history\s*done by @Ines"))


def tell_the_customer(olaf: Page, thread: Locator) -> None:
    """Done opens the words for the customer; what was said to whom, when and how stays."""
    thread.get_by_role("button", name="Done: Warn the customer").click()
    form = olaf.get_by_role("dialog", name="Warn the customer")
    form.get_by_label("Whom at the customer?").fill("Ada Lind")
    form.get_by_label("Their mail address").fill("ada.lind@acme-pumps.example")
    form.get_by_role("button", name="Put them into the words").click()
    expect(form).to_contain_text("Hello Ada Lind,")
    expect(form.get_by_role("link", name="Write it in your mail program")).to_have_attribute(
        "href", re.compile(r"^mailto:ada\.lind@acme-pumps\.example\?subject=")
    )
    form.get_by_label("How?").select_option(label="Call")
    picture("warning", form)
    form.get_by_role("button", name="They know").click()
    expect(form).to_be_hidden()


def gate_lists_what_is_missing(mia: Page) -> None:
    card(mia).get_by_role("button", name="Hand over").click()
    gate = mia.get_by_role("dialog", name="Not yet")
    for missing in ("Send the org chart · @Olaf", "Plan the extra support · @Mia", "Credit’s answer · @Carl"):
        expect(gate).to_contain_text(missing)
    picture("gate", gate)
    gate.get_by_role("button", name="Back").click()
    expect(gate).to_be_hidden()


def pass_the_gate(mia: Page) -> None:
    """Some items are still open; the manager says why that does not matter."""
    card(mia).get_by_role("button", name="More actions").click()
    mia.get_by_role("menuitem", name="Override the gate").click()
    gate = mia.get_by_role("dialog")
    expect(gate).to_contain_text("Check the record and vouch for it · @Mia")
    gate.get_by_role("textbox").fill("Checked it with Olaf by phone.")
    gate.get_by_role("button", name="Override").click()
    expect(gate).to_be_hidden()


def accept(ines: Page) -> None:
    handed = open_messages(ines).get_by_role("listitem").filter(has_text="Acme Pumps is ready for you")
    expect(handed).to_contain_text("How do they pay? Late")
    ines.set_viewport_size({"width": 940, "height": 1200})
    picture("brief", handed)
    handed.get_by_role("button", name="Accept").click()
    expect(ines.get_by_role("log")).to_contain_text("You took Acme Pumps over")


def meet_the_customer(mia: Page, thread: Locator) -> None:
    """Sooner than the customer can take is refused, until the manager says why; then it is in people's calendars."""
    thread.get_by_role("button", name="Done: Meet the customer together").click()
    form = mia.get_by_role("dialog", name="Introduction")
    form.get_by_label("When?").fill("2026-11-26T10:00")
    form.get_by_label("How?").select_option(label="In person")
    form.get_by_label("Where?").fill("Their plant in Ulm")
    form.get_by_label("Why you can trust the new rep").fill("She has run plants like yours, and keeps what she says.")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("When?")).to_have_accessible_description(re.compile("A manager can set it earlier"))
    form.get_by_label("Sooner than the customer can take?").fill("They asked to see her this week.")
    form.get_by_role("button", name="Save").click()
    planned = mia.get_by_role("dialog", name="It is planned")
    expect(planned).to_contain_text("Olaf says: She has run plants like yours")
    picture("planned", planned)
    calendar = planned.get_by_role("link", name="Calendar file (.ics)").get_attribute("href") or ""
    with urlopen(calendar, timeout=5) as answer:
        assert b"DTSTART;TZID=Europe/Berlin:20261126T100000" in answer.read()
    planned.get_by_role("button", name="Done").click()
    expect(thread).to_contain_text("the introduction to the customer is planned")
    expect(card(mia)).to_contain_text("3 working days after the warning: They asked to see her this week.")


def nudged(ines: Page) -> None:
    """Time goes by in Ines' window, and reminders come before her eyes."""
    log = ines.get_by_role("log", name="Messages in Baton")
    nudges = log.get_by_role("listitem").filter(has_text="Read the purchase history")
    ines.get_by_role("button", name="next morning").click()
    expect(nudges.last).to_contain_text("due today")
    expect(nudges.last.get_by_role("combobox", name="Snooze").first).to_be_visible()
    picture("nudge", nudges.last)
    ines.get_by_role("button", name="by 1 week").click()
    ines.get_by_role("button", name="next morning").click()  # the 1st of December is a holiday in Lisbon
    expect(nudges.last).to_contain_text("5 working days late")
    picture("digest", nudges.last)
    nudges.last.get_by_role("button", name="Done: Read the purchase history").click()
    form = ines.get_by_role("dialog", name="Write it down")
    expect(form.get_by_role("checkbox")).to_have_count(3)
    for box in form.get_by_role("checkbox").all():
        box.check()
    form.get_by_role("button", name="Done").click()
    expect(log).to_contain_text("settled, thank you")


def keep_the_checklist(mia: Page, thread: Locator) -> None:
    mia.set_viewport_size({"width": 1280, "height": 1500})
    thread.get_by_role("log").evaluate("log => { log.scrollTop = 0 }")
    picture("checklist", thread.get_by_role("listitem").filter(has_text="The customer knows what is coming"))
    mia.set_viewport_size({"width": 1280, "height": 900})


def keep_the_home(mia: Page) -> None:
    mia.get_by_role("link", name="Baton").click()
    mia.get_by_role("link", name="Home").click()
    home = mia.get_by_role("region", name="Home")
    for words in ("Open for you", "Plan the extra support", "You wait for", "Acme Pumps · Prepare: 2 of 9"):
        expect(home).to_contain_text(words)
    picture("home", home)


def on_a_phone(olaf: Page) -> None:
    expect(card(olaf).get_by_role("button", name="Hand over")).to_be_visible()
    picture("phone", olaf)
    assert olaf.evaluate("document.documentElement.scrollWidth <= 375"), "nothing sticks out"
