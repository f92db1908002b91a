"""A real browser for the tests in this folder, and windows in it that report every complaint."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
OpenWindow = Callable[..., Page]
"""`open_window(url, "mia", width=375)`: the page as that person sees it."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def open_window(chromium: Browser) -> Iterator[OpenWindow]:
    """Opens the page of a local workspace as somebody; at the end no window may have complained about anything."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(url: str, name: str, width: int = 1280, height: int = 800, scale: float = 1) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{url}/?as={name}")
        expect(page.get_by_role("main")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
