"""SIGTERM while Slack does not answer: the process ends in time, and what it had in hand goes out from elsewhere."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from real_processes import BATON, ROOT, a_free_port, environment, from_monday
from relay import Relay

from tests.town import Town

IN_TIME = 10.0
"""Seconds after which platforms send SIGKILL."""
PATIENCE = 30.0
LOOK = 0.03
"""Seconds until the next look when nothing happens in the workspace: looking on and on slows down what is looked at."""
LEASE = 20.0
"""Seconds that a letter of a process that died has to wait (bot/outbox/queue.py)."""


class Process:
    """A real `baton ROLE` that reaches the town's Slack through `slack`, a port."""

    def __init__(self, role: str, town: Town, slack: int, log: Path) -> None:
        self._log = log
        with log.open("wb") as lines:
            self._process = subprocess.Popen(
                [*BATON, role],
                env=environment(
                    SLACK_BOT_TOKEN=town.settings.bot_token,
                    SLACK_SIGNING_SECRET=town.settings.signing_secret,
                    SLACK_API_URL=f"http://127.0.0.1:{slack}/api/",
                    DATABASE_URL=town.settings.database_url,
                    BATON_CLOCK_URL=f"{town.sandbox.url}/clock",
                    PORT=str(a_free_port()),
                ),
                cwd=ROOT,
                stdout=lines,
                stderr=subprocess.STDOUT,
            )
        until(town, self._is_ready)

    def _is_ready(self) -> bool:
        told = self.told
        assert self._process.poll() is None, told
        return "Baton is ready" in told

    @property
    def told(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def stop(self) -> tuple[int, float]:
        """SIGTERM. Returns the exit code and how many seconds it took."""
        asked = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE)
        return code, time.monotonic() - asked


def until(town: Town, condition) -> float:  # type: ignore[no-untyped-def]
    """Wait for what another process does. Returns after how many seconds it was so."""
    began, workspace = time.monotonic(), town.sandbox.workspace
    while not condition():
        assert time.monotonic() - began < PATIENCE, "it never came true"
        workspace.wait_for_change(workspace.version, LOOK)
    return time.monotonic() - began


@pytest.fixture
def begun(database_url: str) -> Iterator[Town]:
    """A handoff that is on the screen; its own bot delivers nothing more."""
    town = Town(database_url, clock=from_monday()).begun()
    town.passes(minutes=1)
    town.sandbox.settle = None
    yield town
    town.close()


@pytest.fixture
def slack(begun: Town) -> Iterator[Relay]:
    """The way to Slack."""
    port = urlsplit(begun.sandbox.url).port
    assert port is not None
    relay = Relay(port)
    yield relay
    relay.close()


def in_hand(town: Town) -> list[tuple[str, bool]]:
    return [(row.key, row.ts is None) for row in town.rows("SELECT key, ts FROM outbox WHERE state = 'sending'")]


def test_letters_that_slack_does_not_answer_go_back_and_go_out_from_elsewhere_at_once(
    begun: Town, slack: Relay, tmp_path: Path
) -> None:
    role = "run" if begun.bot.db.sqlite else "worker"
    process = Process(role, begun, slack.port, tmp_path / "first.log")
    slack.swallow()
    (item,) = begun.rows("SELECT min(id) AS id FROM checklist_items WHERE form IS NULL")
    begun.bot.checklist.complete(begun.actor("olaf"), item.id)
    begun.starts("Other")
    until(begun, lambda: {first for _, first in in_hand(begun)} >= {True, False})
    held = in_hand(begun)

    code, seconds = process.stop()

    assert code == 0
    assert seconds < IN_TIME
    assert in_hand(begun) == []
    repeats = {row.key for row in begun.rows("SELECT key FROM outbox WHERE maybe_repeat")}
    assert repeats == {key for key, first in held if first}
    assert "on their way to Slack" in process.told

    port = urlsplit(begun.sandbox.url).port
    assert port is not None
    another = Process(role, begun, port, tmp_path / "second.log")
    waited = until(begun, lambda: not begun.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"))

    assert waited < LEASE
    assert another.stop()[0] == 0
