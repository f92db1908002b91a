"""Beside what Baton is shown: `python -m bench.bare` serves a Bolt listener that only acknowledges.

The same server, the same web application with the same signature check, the same settings of Bolt; only the work is
missing.
"""

from __future__ import annotations

import os

from slack_bolt import Ack, App

from bench.slack import DONE
from bot.clock import Clock
from bot.running.bolt import bolt_app
from bot.running.logs import configure
from bot.running.server import serve
from bot.settings import Role, Settings


class Bare:
    """A bot with nothing behind it."""

    def __init__(self, settings: Settings) -> None:
        self._bolt = bolt_app(settings)
        self._bolt.action(DONE)(acknowledge)

    @property
    def bolt(self) -> App:
        return self._bolt

    @property
    def metrics(self) -> None:
        """It shows nothing."""

    @property
    def downloads(self) -> None:
        """It has no files."""

    def count_as(self, role: Role) -> None:
        """It counts nothing."""

    def start_workers(self) -> None:
        """There are none."""

    def stop(self, timeout: float) -> None:
        """Nothing to stop."""

    def ready(self) -> tuple[bool, str]:
        return True, ""

    def migrate(self) -> None:
        """There is no database."""


def acknowledge(ack: Ack) -> None:
    """All that this bot can do."""
    ack()


def build(settings: Settings, clock: Clock) -> Bare:
    return Bare(settings)


if __name__ == "__main__":
    from_environment = Settings.from_env(os.environ)
    configure(from_environment)
    serve(from_environment, Role.WEB, build)
