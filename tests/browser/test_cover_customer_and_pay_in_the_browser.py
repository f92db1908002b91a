"""Three things that no checklist alone carries, walked in the windows of a real browser: who covers an account that
nobody takes over, what the customer hears and says, and what the deals in flight pay.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect
from walking import (
    BENEFIT,
    MONDAY,
    PHONE,
    Enter,
    card,
    download,
    form_of,
    menu,
    nothing_sticks_out,
    open_messages,
    open_thread,
    override,
    picture,
    said,
    say,
    send,
    start,
    to_accounts,
)

pytestmark = pytest.mark.browser

WEDNESDAY = MONDAY + timedelta(days=2)


# -- coverage ---------------------------------------------------------------------------------------------------------

ACME = "Acme Pumps"
END = "The cover ends: extend it, pass it on, or let it end"


def test_an_account_that_nobody_takes_over_is_covered(enter: Enter) -> None:
    mia, cora = enter("mia"), enter("cora", **PHONE)
    start(mia, ACME, "strategic", "Retirement", None, WEDNESDAY, BENEFIT)
    expect(card(mia, ACME)).to_contain_text("Nobody is named to look after it from Thu 26 Nov on")
    somebody_offers(cora)
    thread = open_thread(mia, ACME)
    offered = thread.get_by_role("listitem").filter(has_text="@Mia, is that right?")
    expect(offered).to_contain_text("@Cora offers to cover Acme Pumps from Thu 26 Nov until")
    picture("cover-card", card(mia, ACME))
    offered.get_by_role("button", name="Confirm").click()
    expect(card(mia, ACME)).to_contain_text("Covered by @Cora from Thu 26 Nov until")
    somebody_else_covers_for_now(mia)
    the_end_is_asked_about(mia)


def somebody_offers(cora: Page) -> None:
    thread = open_thread(cora, ACME)
    asked = thread.get_by_role("listitem").filter(has_text="Who looks after it meanwhile?")
    expect(asked).to_contain_text("Acme Pumps has nobody from Thu 26 Nov on")
    nothing_sticks_out(cora)
    picture("cover-asked", cora)
    asked.get_by_role("button", name="I’ll cover").click()
    expect(thread).to_contain_text("A manager has to confirm it")


def somebody_else_covers_for_now(mia: Page) -> None:
    say(mia, "/handoff cover")
    expect(said(mia)).to_contain_text("Acme Pumps (strategic): with @Olaf since")
    picture("cover-list", said(mia))
    said(mia).get_by_role("button", name="Change who covers: Acme Pumps").click()
    form = mia.get_by_role("dialog", name="Who covers?")
    form.get_by_label("Who?").select_option(label="Ines (incoming rep)")
    form.get_by_label("Last day").fill("2026-11-25")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Last day")).to_have_accessible_description(re.compile("would end before it begins"))
    form.get_by_label("Last day").fill("2026-11-27")
    send(form, "Save")
    expect(card(mia, ACME)).to_contain_text("Covered by @Ines from Thu 26 Nov until Fri 27 Nov")


def the_end_is_asked_about(mia: Page) -> None:
    messages = open_messages(mia)
    mia.get_by_role("button", name="next morning").click()
    asked = messages.get_by_role("listitem").filter(has_text=END).last
    asked.get_by_role("button", name=f"Done: {END}").click()
    form = mia.get_by_role("dialog", name="Who covers?")
    form.get_by_label("Last day").fill("2027-01-15")
    send(form, "Save")
    to_accounts(mia)
    expect(card(mia, ACME)).to_contain_text("Covered by @Ines from Thu 26 Nov until Fri 15 Jan 2027")


# -- the customer -----------------------------------------------------------------------------------------------------

COASTAL = "Coastal Foods"
TRUST = "She ran a cold store herself, and keeps what she says."


def test_the_customer_is_warned_introduced_asked_and_may_decline(enter: Enter) -> None:
    mia, olaf, ines = enter("mia"), enter("olaf", **PHONE), enter("ines")
    start(mia, COASTAL, "standard", "Retirement", "Ines (incoming rep)", MONDAY + timedelta(days=25), BENEFIT)
    the_customer_is_warned(olaf)
    override(mia, COASTAL, "The rest is in the CRM")
    open_messages(ines).get_by_role("button", name="Accept: Coastal Foods").click()
    expect(card(mia, COASTAL)).to_contain_text("Stage 2 of 3, Introduce")
    the_introduction_is_planned(mia)
    override(mia, COASTAL, "They have met")
    expect(card(mia, COASTAL)).to_contain_text("Stage 3 of 3, Support")
    the_pulse_is_bad(ines, mia)
    the_customer_asks_for_another(mia, ines)


def the_customer_is_warned(olaf: Page) -> None:
    """The words stand in the form; they leave as a mail that Olaf sends himself."""
    form = form_of(open_thread(olaf, COASTAL), "Warn the customer", "Warn the customer")
    form.get_by_label("Whom at the customer?").fill("Ada Lind & Søn")
    form.get_by_label("Their mail address").fill("ada.lind@coastal-foods.example")
    form.get_by_role("button", name="Put them into the words").click()
    expect(form).to_contain_text("Hello Ada Lind & Søn,")
    nothing_sticks_out(olaf)
    picture("warning", olaf)
    address = form.get_by_role("link", name="Write it in your mail program").get_attribute("href") or ""
    asked = parse_qs(urlsplit(address).query)
    assert urlsplit(address)[:3] == ("mailto", "", "ada.lind@coastal-foods.example")
    assert asked["subject"] == ["Coastal Foods: a new contact for you"]
    assert asked["body"][0].startswith("Hello Ada Lind & Søn,\r\n\r\nI want you to hear")
    name, content = download(form.get_by_role("link", name="Mail file (.eml)"))
    mail = message_from_bytes(content, policy=policy.default)
    assert (name, mail["To"].addresses[0].addr_spec) == ("Coastal-Foods.eml", "ada.lind@coastal-foods.example")
    assert f"What gets better for you: {BENEFIT}" in mail.get_content()
    form.get_by_label("How?").select_option(label="Call")
    send(form, "They know")


def the_introduction_is_planned(mia: Page) -> None:
    """Sooner than the customer can take is refused; then it is in people's calendars."""
    form = form_of(open_thread(mia, COASTAL), "Meet the customer together", "Introduction")
    form.get_by_label("When?").fill("2026-11-26T10:00")
    form.get_by_label("How?").select_option(label="In person")
    form.get_by_label("Where?").fill("Their plant in Ulm")
    form.get_by_label("Why you can trust the new rep").fill(TRUST)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("When?")).to_have_accessible_description(re.compile("A manager can set it earlier"))
    form.get_by_label("When?").fill("2026-12-09T10:00")
    form.get_by_role("button", name="Save").click()
    planned = mia.get_by_role("dialog", name="It is planned")
    expect(planned).to_contain_text(f"Olaf says: {TRUST}")
    picture("planned", planned)
    google = planned.get_by_role("link", name="Google Calendar").get_attribute("href") or ""
    assert parse_qs(urlsplit(google).query)["dates"] == ["20261209T090000Z/20261209T100000Z"]
    name, content = download(planned.get_by_role("link", name="Calendar file (.ics)"))
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert name == "Coastal-Foods.ics"
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert f"{event['DTSTART'].dt:%Y-%m-%d %H:%M}" == "2026-12-09 10:00"
    assert event["LOCATION"] == "Their plant in Ulm"
    send(planned, "Done")
    expect(card(mia, COASTAL)).to_contain_text("introduction Dec 9, 2026 10:00")


def the_pulse_is_bad(ines: Page, mia: Page) -> None:
    """Three taps: Done, how they feel, Done."""
    to_accounts(ines)
    form = form_of(open_thread(ines, COASTAL), "Call the customer in the first week", "The customer’s pulse")
    form.get_by_label("Bad").check()
    form.get_by_label("What did they say?").fill("They miss Olaf, and nobody called back on Monday.")
    picture("pulse", form)
    send(form, "Done")
    told = open_messages(mia).get_by_role("listitem").filter(has_text="takes the change badly, says @Ines")
    expect(told).to_contain_text("nobody called back on Monday")


def the_customer_asks_for_another(mia: Page, ines: Page) -> None:
    to_accounts(mia)
    menu(card(mia, COASTAL), "The customer asks for another rep")
    form = mia.get_by_role("dialog", name="Another rep")
    form.get_by_label("What did the customer say?").fill("They would rather have somebody who speaks Danish.")
    picture("another-rep", form)
    send(form, "Look for another")
    expect(card(mia, COASTAL)).to_contain_text("→ nobody yet")
    expect(card(mia, COASTAL)).to_contain_text("asked for another rep")
    expect(open_messages(ines)).to_contain_text("That says nothing about your work")
    menu(card(mia, COASTAL), "Edit")
    edit = mia.get_by_role("dialog")
    edit.get_by_label("Incoming rep").select_option(label="Cora (cover)")
    send(edit, "Save")
    expect(card(mia, COASTAL)).to_contain_text("→ @Cora")


# -- commission -------------------------------------------------------------------------------------------------------

BIRCH = "Birch & Sons"
DEAL = "Packing line"


def test_a_deal_in_flight_is_shared_signed_and_paid_to_the_cent(enter: Enter) -> None:
    mia, olaf, ines = enter("mia"), enter("olaf"), enter("ines", **PHONE)
    start(mia, BIRCH, "key", "Territory change", "Ines (incoming rep)", None, BENEFIT)
    a_deal_is_entered(olaf)
    its_split_is_proposed(mia)
    both_sign(olaf, ines)
    for rep, work in ((olaf, "Went through the timeline"), (ines, "Called their buyer about the offer")):
        work_is_written_down(rep, work)
    it_is_closed(ines)
    finance_gets_a_file(mia)


def a_deal_is_entered(olaf: Page) -> None:
    deals = form_of(open_thread(olaf, BIRCH), "List the deals and projects in flight", "Deals in flight")
    deals.get_by_role("button", name="Add a deal").click()
    deal = olaf.get_by_role("dialog", name="Add a deal")
    for label, words in (("Deal", DEAL), ("Amount", "12.345,67"), ("Currency", "EUR"), ("Stage", "Offer sent")):
        deal.get_by_label(label, exact=True).fill(words)
    deal.get_by_label("Expected to close").fill("2027-02-01")
    deal.get_by_role("button", name="Save").click()
    expect(deals).to_contain_text("€12,345.67 · Offer sent · expected to close Mon 1 Feb 2027")
    send(deals, "Done")


def its_split_is_proposed(mia: Page) -> None:
    deals = form_of(open_thread(mia, BIRCH), "Agree who closes which deal, and for what share", "Deals in flight")
    menu(deals, "Share the commission")
    terms = mia.get_by_role("dialog", name="Commission")
    for label, percent in (("Commission, %", "5"), ("Share of the outgoing", "40"), ("Share of the incoming", "70")):
        terms.get_by_label(label).fill(percent)
    terms.get_by_role("button", name="Ask both to agree").click()
    field = terms.get_by_label("Share of the incoming")
    expect(field).to_have_accessible_description(re.compile("make 110 %"))
    terms.get_by_label("Share of the outgoing").fill("30")
    terms.get_by_role("button", name="Ask both to agree").click()
    expect(deals).to_contain_text("Not in force yet: waits for @Olaf, @Ines to agree")
    send(deals, "Later")


def both_sign(olaf: Page, ines: Page) -> None:
    for rep in (olaf, ines):
        messages = open_messages(rep)
        asked = messages.get_by_role("listitem").filter(has_text="do you agree to this commission?")
        expect(asked).to_contain_text("a commission of 5%, 30% of it to @Olaf and 70% to @Ines")
        if rep is ines:
            nothing_sticks_out(ines)
            picture("agree", ines)
        asked.get_by_role("button", name=f"I agree: {DEAL}").click()
        expect(messages).to_contain_text("you have both agreed" if rep is ines else "the other signature is missing")


def open_deals(page: Page) -> Locator:
    """`/handoff deals`, typed wherever one is."""
    to_accounts(page)
    say(page, "/handoff deals Birch")
    return page.get_by_role("dialog", name="Deals in flight")


def work_is_written_down(rep: Page, work: str) -> None:
    deals = open_deals(rep)
    menu(deals, "Write down work")
    log = rep.get_by_role("dialog", name="Work log")
    log.get_by_label("What did you do?").fill(work)
    log.get_by_role("button", name="Write it down").click()
    expect(deals).to_contain_text(work)
    send(deals, "Close")


def it_is_closed(ines: Page) -> None:
    """5 % of 12,345.67 are 617.28; 30 % of them 185.184, 70 % 432.096: the last cent goes to the larger remainder."""
    deals = open_deals(ines)
    menu(deals, "Close the deal")
    closing = ines.get_by_role("dialog", name="Close the deal")
    closing.get_by_label("Amount in EUR").fill("12,345.67")
    closing.get_by_role("button", name="Save").click()
    expect(deals).to_contain_text(re.compile("Won .* for €12,345.67"))
    expect(deals).to_contain_text("Paid: @Olaf €185.18, @Ines €432.10")
    nothing_sticks_out(ines)
    picture("paid", ines)
    send(deals, "Close")


def finance_gets_a_file(mia: Page) -> None:
    say(mia, "/handoff deals")
    form = mia.get_by_role("dialog", name="Commissions")
    expect(form).to_contain_text("Birch & Sons · Packing line · @Olaf → @Ines · settled")
    picture("pay-file", form)
    name, content = download(form.get_by_role("link", name="Download for finance (CSV)"))
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert name.endswith(".csv")
    assert (row["account"], row["deal"], row["currency"]) == (BIRCH, DEAL, "EUR")
    assert (row["closed_amount"], row["outgoing_amount"], row["incoming_amount"]) == ("12345.67", "185.18", "432.10")
    send(form, "Close")
