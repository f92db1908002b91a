"""A walk through the page in a real browser: two people, one app, every way of acting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from playwright.sync_api import Page, expect
from tiny_app import CONFIG, TinyApp

from sandbox.clock import ManualClock
from sandbox.model import Channel, ChannelKind, Town, User
from sandbox.server import Sandbox

pytestmark = pytest.mark.browser

MIA, LEE, ANA = "U0MIA000000", "U0LEE000000", "U0ANA000000"
ACCOUNTS, LEADS = "C0ACCOUNTS0", "C0LEADS0000"
Visit = Callable[..., Page]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    users = [
        User(MIA, "mia", "Mia", tz="Europe/Berlin", is_admin=True),
        User(LEE, "lee", "Lee", tz="America/New_York"),
        User(ANA, "ana", "Ana", tz="Europe/Lisbon"),
    ]
    channels = [
        Channel(ACCOUNTS, "accounts", ChannelKind.PUBLIC, [MIA, LEE, ANA, CONFIG.bot_user_id]),
        Channel(LEADS, "leads", ChannelKind.PRIVATE, [MIA, LEE]),
    ]
    town = Town(team_name="Northwind", users=users, channels=channels, app=CONFIG)
    with Sandbox.start(town, ManualClock(datetime(2025, 11, 20, 13, 0, tzinfo=UTC))) as sandbox:
        app = TinyApp(sandbox.api_url)
        sandbox.connect(app.url)
        yield sandbox
        app.close()


@pytest.fixture
def visit(sandbox: Sandbox, open_window: Callable[..., Page]) -> Visit:
    """Opens the page as somebody."""
    return partial(open_window, sandbox.url)


def step(page: Page, words: str) -> object:
    return page.locator(".block", has_text=words)


def test_two_people_see_each_other_without_losing_their_words(visit: Visit, sandbox: Sandbox) -> None:
    mia, lee = visit("mia"), visit("lee")
    draft = mia.get_by_role("textbox", name="Message #accounts")
    draft.fill("half a sent")
    lee.get_by_role("textbox", name="Message #accounts").fill("Morning *all* <b>")
    lee.keyboard.press("Enter")
    log = mia.get_by_role("log", name="Messages in #accounts")
    expect(log).to_contain_text("Morning all <b>")
    expect(log.locator("strong", has_text="all")).to_be_visible()
    expect(draft).to_be_focused()
    expect(draft).to_have_value("half a sent")
    lee.get_by_role("link", name="leads").click()
    lee.get_by_role("textbox", name="Message #leads").fill("Secret")
    lee.get_by_role("button", name="Send").click()
    expect(mia.get_by_role("link", name="leads")).to_contain_text("1 unread")
    mia.get_by_role("link", name="leads").click()
    expect(mia.get_by_role("log")).to_contain_text("Secret")
    expect(mia.get_by_role("link", name="leads")).not_to_contain_text("unread")
    mia.go_back()
    expect(draft).to_be_visible()


def test_a_card_ticked_by_one_changes_for_the_other(visit: Visit, sandbox: Sandbox) -> None:
    mia, lee = visit("mia"), visit("lee")
    mia.get_by_role("textbox", name="Message #accounts").fill("/tin")
    expect(mia.get_by_role("option", name="/tiny [form | break]")).to_be_visible()
    mia.keyboard.press("Enter")
    expect(mia.get_by_role("textbox", name="Message #accounts")).to_have_value("/tiny ")
    mia.keyboard.press("Enter")
    first = mia.locator(".row", has_text="Read the purchase history").get_by_role("button", name="Done")
    expect(first).to_have_accessible_description("Read the purchase history necessary · due Wed 3 Dec")
    first.click()
    expect(lee.get_by_role("log")).to_contain_text("Read the purchase history done by @Mia")
    assert mia.evaluate("document.activeElement.closest('.message') !== null"), "focus stays near a vanished button"

    menu = lee.locator("#conversation").get_by_role("button", name="More actions").first
    menu.focus()
    lee.keyboard.press("Enter")
    expect(lee.get_by_role("menuitem", name="Skip it")).to_be_focused()
    log = lee.get_by_role("log")
    log.evaluate("log => { log.scrollTop = 40 }")
    sandbox.actions.post(ANA, ACCOUNTS, "News while Lee chooses")
    expect(log).to_contain_text("News while Lee chooses")
    expect(lee.get_by_role("menuitem", name="Skip it")).to_be_focused()
    assert log.evaluate("log => log.scrollTop") == 40
    lee.keyboard.press("ArrowDown")
    lee.keyboard.press("Escape")
    expect(menu).to_be_focused()
    lee.keyboard.press("Enter")
    expect(lee.get_by_role("menuitem", name="Skip it")).to_be_focused()
    lee.keyboard.press("ArrowUp")
    expect(lee.get_by_role("menuitem", name="Change date")).to_be_focused()
    lee.keyboard.press("Enter")
    lee.get_by_role("link", name="1 reply").click()
    thread = lee.get_by_role("complementary", name="Thread")
    expect(thread).to_contain_text("@Lee chose Change date")
    thread.get_by_role("textbox", name="Reply in thread").fill("Done with it")
    thread.get_by_role("button", name="Send").click()
    expect(mia.get_by_role("link", name="2 replies")).to_be_visible()
    thread.get_by_role("textbox").fill("/tiny")
    lee.keyboard.press("Enter")
    expect(lee.get_by_role("alert")).to_contain_text("not supported in threads")

    mia.get_by_role("button", name="Hand over").click()
    expect(mia.get_by_role("log")).to_contain_text("Only visible to you")
    expect(mia.get_by_text("Only visible to you")).to_be_in_viewport()
    expect(lee.get_by_role("log").first).not_to_contain_text("Credit has not answered")
    mia.get_by_role("button", name="Dismiss").click()
    expect(mia.get_by_role("log")).not_to_contain_text("Credit has not answered")
    mia.get_by_role("button", name="Cancel it").click()
    question = mia.get_by_role("dialog", name="Really?")
    expect(question).to_contain_text("This cannot be undone.")
    question.get_by_role("button", name="Keep it").click()
    expect(question).to_be_hidden()
    mia.get_by_role("button", name="Cancel it").click()
    mia.get_by_role("button", name="Drop it").click()
    expect(lee.get_by_role("log").first).to_contain_text("It was cancelled.")


def test_a_form_by_keyboard_with_errors_a_stack_and_an_end(visit: Visit, sandbox: Sandbox) -> None:
    mia = visit("mia")
    mia.get_by_role("button", name="Shortcuts", exact=True).focus()
    mia.keyboard.press("Enter")
    expect(mia.get_by_role("menuitem", name="Fill in the form")).to_be_focused()
    mia.keyboard.press("Enter")
    form = mia.get_by_role("dialog", name="Start a handoff 1")
    account = form.get_by_role("combobox", name="Account")
    expect(account).to_be_focused()
    mia.keyboard.type("ac")
    expect(form.get_by_role("listbox", name="Options").get_by_role("option")).to_have_text(["Acme Corp", "Acorn Foods"])
    mia.keyboard.press("ArrowDown")
    mia.keyboard.press("Enter")
    expect(account).to_have_value("Acorn Foods")
    form.get_by_role("button", name="Start", exact=True).click()
    reason = form.get_by_label("Reason")
    expect(reason).to_be_focused()
    expect(reason).to_have_accessible_description("Please complete this required field.")
    reason.select_option("Promotion")
    form.get_by_label("Outgoing").select_option("Lee")
    form.get_by_label("Strategic").check()
    form.get_by_role("group", name="Who helps").get_by_label("Ana").check()
    form.get_by_label("Benefit to the customer").fill("Short")

    form.get_by_role("button", name="Look again").click()
    expect(form).to_contain_text("Looked again")
    expect(form.get_by_label("Benefit to the customer")).to_have_value("Short")
    expect(form.get_by_label("Strategic")).to_be_checked()
    form.get_by_role("button", name="One more form").click()
    second = mia.get_by_role("dialog", name="Start a handoff 2")
    expect(second.get_by_role("combobox", name="Account")).to_be_focused()
    mia.keyboard.press("Escape")
    expect(form.get_by_label("Benefit to the customer")).to_have_value("Short")

    form.get_by_role("button", name="Start", exact=True).click()
    benefit = form.get_by_label("Benefit to the customer")
    expect(benefit).to_be_focused()
    expect(benefit).to_have_accessible_description(
        "Say it in a sentence. One sentence, used in every message about the move."
    )
    benefit.fill("A rep who lives nearby")
    form.get_by_role("button", name="Start", exact=True).click()
    expect(form).to_be_hidden()
    expect(mia.get_by_role("link", name="Tiny")).to_contain_text("1 unread")
    mia.get_by_role("link", name="Tiny").click()
    expect(mia.get_by_role("log")).to_contain_text("Started Acorn Foods: A rep who lives nearby")
    mia.get_by_role("link", name="Home").click()
    expect(mia.get_by_role("region", name="Home")).to_contain_text("3 things for you today")


def test_a_broken_app_is_seen_and_a_message_is_kept(visit: Visit, sandbox: Sandbox) -> None:
    sandbox.actions.post(LEE, ACCOUNTS, "They like the phone")
    mia = visit("mia")
    mia.locator(".message", has_text="They like the phone").hover()
    mia.get_by_role("button", name="Message shortcuts").click()
    mia.get_by_role("menuitem", name="Keep this").click()
    expect(mia.get_by_role("link", name="Tiny")).to_contain_text("1 unread")
    box = mia.get_by_role("textbox", name="Message #accounts")
    box.fill("/tiny break")
    mia.keyboard.press("Enter")
    expect(mia.get_by_role("alert")).to_contain_text('/tiny failed with the error "dispatch_failed"')
    expect(box).to_have_value("/tiny break")
    mia.get_by_role("button", name="Hide").click()
    expect(mia.get_by_role("alert")).to_be_hidden()


def test_the_clock_moves_for_both(visit: Visit, sandbox: Sandbox) -> None:
    mia, lee = visit("mia"), visit("lee")
    expect(lee.get_by_role("group", name="Clock")).to_contain_text("08:00 Thu 20 Nov 2025 America/New York · 13:00 UTC")
    mia.get_by_role("button", name="next morning").click()
    expect(mia.get_by_role("group", name="Clock")).to_contain_text("09:00 Fri 21 Nov 2025")
    expect(lee.get_by_role("group", name="Clock")).to_contain_text("03:00 Fri 21 Nov 2025")
    mia.get_by_role("button", name="by 1 week").click()
    expect(lee.get_by_role("group", name="Clock")).to_contain_text("03:00 Fri 28 Nov 2025")


def test_on_a_phone_nothing_sticks_out(visit: Visit, sandbox: Sandbox) -> None:
    sandbox.actions.command(MIA, ACCOUNTS, "/tiny")
    lee = visit("lee", 375, 740)
    narrow = "document.documentElement.scrollWidth <= 375"
    expect(lee.get_by_role("button", name="Hand over")).to_be_visible()
    assert lee.evaluate(narrow)
    expect(lee.get_by_role("navigation", name="Workspace")).to_be_hidden()
    lee.get_by_role("button", name="Channels").click()
    lee.get_by_role("link", name="Tiny").click()
    expect(lee.get_by_role("region", name="Home")).to_contain_text("Good morning")
    expect(lee.get_by_role("navigation", name="Workspace")).to_be_hidden()
    lee.get_by_role("button", name="Shortcuts", exact=True).click()
    lee.get_by_role("menuitem", name="Fill in the form").click()
    form = lee.get_by_role("dialog")
    form.get_by_role("button", name="Start", exact=True).click()
    expect(form.get_by_text("Please complete this required field.").first).to_be_visible()
    assert lee.evaluate(narrow)
    form.get_by_role("button", name="Not now").click()
    expect(form).to_be_hidden()
