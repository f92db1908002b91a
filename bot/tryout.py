"""`baton demo`: a local Slack workspace with a page in the browser, and Baton in it, as two child processes.

Nothing of it reaches Slack, and nothing of the operator's own settings reaches it: the tokens are the workspace's own.
"""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit
from urllib.request import urlopen

from bot.manifest import FILE as MANIFEST
from bot.running.mending import CannotStart
from bot.running.server import KILL_SECONDS, bound_socket

HOST = "127.0.0.1"
TOWN = MANIFEST.parent / "sandbox" / "town.yaml"
FOLDER = MANIFEST.parent / "var" / "demo"

TOKENS = {
    "SLACK_BOT_TOKEN": "xoxb-sandbox-bot-token",
    "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
}
START_SECONDS = 30.0
LOOK_SECONDS = 0.1
LAST_LINES = 12
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(Exception):
    """A child ended by itself, or did not begin. The text names it and where its log is."""


@dataclass
class Child:
    """One child process, in a session of its own so that Ctrl-C reaches only us, who stop both in order."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @classmethod
    def start(cls, name: str, command: list[str], environ: Mapping[str, str], log: Path) -> "Child":
        with log.open("wb") as lines:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=dict(environ),
                cwd=MANIFEST.parent,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(name, process, log)

    def stop(self) -> None:
        """End it with SIGTERM, and with SIGKILL when it does not listen."""
        self.process.terminate()
        try:
            self.process.wait(KILL_SECONDS + 2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self) -> str:
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, LAST_LINES)).rstrip()


class Tryout:
    """One demo, from a fresh database to Ctrl-C. `folder` takes the database and the logs, `say` each line for the
    person at the terminal."""

    def __init__(self, port: int, page_port: int, folder: Path, say: Callable[[str], object]) -> None:
        self._port = port
        self._bot = f"http://{HOST}:{port}"
        self._page_port = page_port
        self._page = f"http://{HOST}:{page_port}"
        self._folder = folder.resolve()
        self._say = say
        self._children: list[Child] = []

    def run(self) -> int:
        """Run until Ctrl-C or SIGTERM (0), or until a child ends (1). Raises CannotStart if a port is taken."""
        self._check_ports()
        for number in _ENDS:
            signal.signal(number, signal.default_int_handler)
        try:
            self._begin()
            self._until_a_child_ends()
        except Ended as problem:
            self._say(str(problem))
            return 1
        except KeyboardInterrupt:
            self._say("Stopping.")
            return 0
        finally:
            for number in _ENDS:
                signal.signal(number, signal.SIG_IGN)
            for child in reversed(self._children):
                child.stop()

    def _check_ports(self) -> None:
        for port, option in ((self._page_port, "--page-port"), (self._port, "--port")):
            try:
                bound_socket(HOST, port).close()
            except CannotStart as problem:
                raise CannotStart(f"{problem}\nFor the demo: baton demo {option} {port + 10}") from None

    def _begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("baton.db*"):
            left.unlink()
        self._say("Starting a small Slack workspace, and Baton in it …")
        workspace = ["sandbox", "--town", str(TOWN), "--manifest", str(MANIFEST), "--port", str(self._page_port)]
        self._start("workspace", [*workspace, "--request-url", f"{self._bot}/slack/events"], f"{self._page}/clock")
        self._start("bot", ["bot", "run"], f"{self._bot}/healthz")
        self._say(f"\n  Open {self._page}/ in your browser, and type /handoff there.\n")
        self._say(f"Logs are in {self._folder}. Ctrl-C stops everything.")

    def _start(self, name: str, command: list[str], answers_at: str) -> None:
        child = Child.start(name, command, self._environment(), self._folder / f"{name}.log")
        self._children.append(child)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(answers_at):
            self._look_at_the_children()
            if time.monotonic() > deadline:
                raise Ended(f"The {name} does not answer after {START_SECONDS:.0f} seconds. {child.last_words()}")

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "BATON_"))}
        return (
            ours
            | _link(os.environ)
            | {
                **TOKENS,
                "SLACK_API_URL": f"{self._page}/api/",
                "DATABASE_URL": f"sqlite:///{self._folder / 'baton.db'}",
                "HOST": HOST,
                "PORT": str(self._port),
                "BATON_CLOCK_URL": f"{self._page}/clock",
                "BATON_DEMO": "1",
                "BATON_PUBLIC_URL": self._bot,
            }
        )

    def _until_a_child_ends(self) -> NoReturn:
        while True:
            self._look_at_the_children()

    def _look_at_the_children(self) -> None:
        """Wait a moment for the youngest child, and raise Ended if any child has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._children[-1].process.wait(LOOK_SECONDS)
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise Ended(
                    f"The {child.name} ended (code {code}). Its last words, from {child.log}:\n{child.last_words()}"
                )


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def _link(environ: Mapping[str, str]) -> dict[str, str]:
    """The CRM link may be tried, with far ends on this machine: what happens in the demo is told to no other."""
    told = environ.get("BATON_HOOK_URL", "").split()
    here = bool(told) and all(urlsplit(one).hostname in ("localhost", "127.0.0.1", "::1") for one in told)
    names = ("BATON_CRM_SECRET", *(("BATON_HOOK_URL", "BATON_HOOK_SECRET") if here else ()))
    return {name: environ[name] for name in names if name in environ}
