"""A bot with one command and one event, to run the web and the server without the product.

As a program (`python tests/running/small_bot.py run`) it serves by the environment's settings, as `baton run` does.
"""

import os
import sys
from pathlib import Path
from threading import Event

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.clock import Clock
from bot.errors import BotError
from bot.running import server
from bot.running.logs import configure
from bot.running.mending import CannotStart
from bot.settings import Role, Settings

HANGS = "SMALL_BOT_HANGS"
"""After how many seconds a process that hangs when it is stopped shall be ended; without it, it does not hang."""


class SmallBot:
    """Answers /handoff with the words it was given, and writes what happens to it into a file."""

    def __init__(self, settings: Settings, diary: Path | None = None) -> None:
        self._diary = diary
        self.can_serve, self.reason = True, ""
        self.bolt = App(
            signing_secret=settings.signing_secret,
            client=WebClient(base_url=settings.api_url),
            authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token=settings.bot_token),
        )
        self.bolt.command("/handoff")(self._command)
        self.bolt.event("app_home_opened")(self._home)

    @staticmethod
    def _command(ack: Ack, command: dict[str, str]) -> None:
        ack(f"you said: {command.get('text', '')}")

    @staticmethod
    def _home() -> None:
        return None

    def _write(self, line: str) -> None:
        if self._diary is not None:
            with self._diary.open("a", encoding="utf-8") as diary:
                diary.write(line + "\n")

    metrics = None
    downloads = None

    def count_as(self, role: Role) -> None:
        """It counts nothing."""

    def migrate(self) -> None:
        self._write("migrated")

    def start_workers(self) -> None:
        self._write("working")

    def stop(self, timeout: float) -> None:
        self._write(f"stopped within {timeout:.0f} s")
        if HANGS in os.environ:
            Event().wait()

    def ready(self) -> tuple[bool, str]:
        return self.can_serve, self.reason


def build(settings: Settings, clock: Clock) -> SmallBot:
    if "SMALL_BOT_REFUSES" in os.environ:
        raise BotError("the wording is broken\nin two lines")
    return SmallBot(settings, Path(os.environ["SMALL_BOT_DIARY"]))


if __name__ == "__main__":
    from_environment = Settings.from_env(os.environ)
    configure(from_environment)
    if HANGS in os.environ:
        server.KILL_SECONDS = int(os.environ[HANGS])
    try:
        if sys.argv[1] == Role.WORKER:
            server.work(from_environment, build)
        else:
            server.serve(from_environment, Role(sys.argv[1]), build)
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
