"""A handoff from /handoff to a nudge, as people live it: windows of a real browser, Baton as a process of its own.

Keeps pictures of what they see in docs/pictures, for the README, when it is asked to (`make pictures`).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from walking import (
    BENEFIT,
    MONDAY,
    PHONE,
    Enter,
    card,
    form_of,
    nothing_sticks_out,
    open_messages,
    open_thread,
    override,
    picture,
    say,
    send,
    start_form,
    tick,
)

pytestmark = pytest.mark.browser


def answer(page: Page, *taps: str) -> None:
    """Open the messages from Baton and answer what it asks about Acme."""
    prompt = open_messages(page).get_by_role("listitem").filter(has_text="Acme Pumps")
    for tap in taps:
        prompt.get_by_role("button", name=f"{tap}: Acme").first.click()
    expect(prompt).to_contain_text("answered by")


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
    on_a_phone(enter("olaf", **PHONE))
    keep_the_home(enter("mia", 1050, 840))
    answer(enter("marek"), "Both")

    tick(thread, "Send the org chart", "Note regular orders, complaints and key dates")
    override(mia, "Acme Pumps", "Checked it with Olaf by phone.")
    expect(seen).to_contain_text("@Mia handed Acme Pumps over: @Ines has the brief and is asked to accept")
    accept(ines)
    expect(seen).to_contain_text("@Ines accepted Acme Pumps and is its owner of record from Mon 23 Nov")
    expect(card(mia)).to_contain_text("Owner of record: @Ines, since Mon 23 Nov")
    expect(card(mia)).to_contain_text("“Prepare” was left early by @Mia: Checked it with Olaf by phone")
    say(mia, "/handoff owner acme")
    expect(mia.get_by_role("log").first).to_contain_text("Acme Pumps is with @Ines since Mon 23 Nov")

    nudged(ines)
    expect(seen).to_contain_text(re.compile(r"Read the purchase history\s*done by @Ines"))


def tell_the_customer(olaf: Page, thread: Locator) -> None:
    """Done opens a form; what was said to whom, when and how stays."""
    form = form_of(thread, "Warn the customer", "Warn the customer")
    form.get_by_label("Whom at the customer?").fill("Ada Lind")
    form.get_by_label("How?").select_option(label="Call")
    send(form, "They know")


def gate_lists_what_is_missing(mia: Page) -> None:
    card(mia).get_by_role("button", name="Hand over").click()
    gate = mia.get_by_role("dialog", name="Not yet")
    for missing in ("Send the org chart · @Olaf", "Plan the extra support · @Mia", "Credit’s answer · @Carl"):
        expect(gate).to_contain_text(missing)
    picture("gate", gate)
    gate.get_by_role("button", name="Back").click()
    expect(gate).to_be_hidden()


def accept(ines: Page) -> None:
    handed = open_messages(ines).get_by_role("listitem").filter(has_text="Acme Pumps is ready for you")
    expect(handed).to_contain_text("How do they pay? Late")
    ines.set_viewport_size({"width": 940, "height": 1200})
    picture("brief", handed)
    handed.get_by_role("button", name="Accept").click()
    expect(ines.get_by_role("log")).to_contain_text("You took Acme Pumps over")


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
    nothing_sticks_out(olaf)
