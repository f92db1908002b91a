"""A real browser for the tests in this folder, and windows in it that report every complaint."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from walking import MONDAY, ROOT, Enter

from bot.tryout import TOKENS
from sandbox.clock import ShiftedClock
from sandbox.config import load_town
from sandbox.server import Sandbox

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
OpenWindow = Callable[..., Page]
"""`open_window(url, "mia", width=375)`: the page as that person sees it."""
SOON = 10_000
"""Milliseconds: a busy machine may be slow, a person would not wait longer."""
PATIENCE = 60.0
"""Seconds that a start may take on a busy machine."""
LOOK = 0.05
"""Seconds until the next look at a process that starts: looking without a pause would take its time away."""


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
        context.set_default_timeout(SOON)
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


@pytest.fixture(scope="module")
def workspace() -> Iterator[Sandbox]:
    clock = ShiftedClock(MONDAY - datetime.now(UTC))
    with Sandbox.start(load_town(ROOT / "sandbox" / "town.yaml", ROOT / "manifest.yaml"), clock) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def baton(workspace: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """`baton run` as in the demo, with its sample accounts. The stories of a module keep to accounts of their own."""
    folder = tmp_path_factory.mktemp("baton")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = TOKENS | {
        "SLACK_API_URL": workspace.api_url,
        "DATABASE_URL": f"sqlite:///{folder / 'baton.db'}",
        "PORT": str(port),
        "BATON_CLOCK_URL": f"{workspace.url}/clock",
        "BATON_DEMO": "1",
        "BATON_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    workspace.connect(f"http://127.0.0.1:{port}/slack/events")
    log = folder / "bot.log"
    with log.open("wb") as lines:
        command = [sys.executable, "-m", "bot", "run"]
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
def enter(workspace: Sandbox, baton: None, open_window: OpenWindow) -> Enter:
    """Opens a window as somebody; the windows are closed before the workspace is."""
    expect.set_options(timeout=SOON)

    def window(name: str, width: int = 1280, height: int = 900, scale: float = 1) -> Page:
        return open_window(workspace.url, name, width, height, scale)

    return window
