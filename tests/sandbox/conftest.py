"""One sandbox and one tiny Bolt app for all tests of a module; time stands still unless a test moves it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from tiny_bolt import TinyApp, start_sandbox

from sandbox.person import Person
from sandbox.server import Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Sandbox, TinyApp]]:
    with start_sandbox() as sandbox, TinyApp(sandbox) as app:
        yield sandbox, app


@pytest.fixture
def sandbox(running: tuple[Sandbox, TinyApp]) -> Iterator[Sandbox]:
    sandbox, _ = running
    sandbox.workspace.weather.clear()
    sandbox.workspace.limits.reset()
    sandbox.workspace.modals.clear()
    yield sandbox
    sandbox.workspace.limits.enabled = True


@pytest.fixture
def app(running: tuple[Sandbox, TinyApp], sandbox: Sandbox) -> TinyApp:
    app = running[1]
    app.reset()
    return app


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url, retry_handlers=[])


@pytest.fixture
def mia(sandbox: Sandbox) -> Person:
    return sandbox.person("mia")
