"""Real processes for tests: started as an operator starts them, with an environment of their own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from bot.clock import SystemClock
from sandbox.clock import ShiftedClock
from tests.town import MONDAY

ROOT = Path(__file__).resolve().parents[2]
BATON = (sys.executable, "-m", "bot")
SMALL_BOT = (sys.executable, str(Path(__file__).with_name("small_bot.py")))
SECRETS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "0123456789abcdef"}


def from_monday() -> ShiftedClock:
    """Real time, but from a working Monday morning on: for a town with other processes around it."""
    return ShiftedClock(MONDAY - SystemClock().now())


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """What a process gets; the database is one that nobody is asked for (the small bot has none)."""
    nobody = "postgresql://nobody@127.0.0.1:1/nothing"
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": nobody} | more


def outcome(*command: str, **environ: str) -> tuple[int, str]:
    ended = subprocess.run(
        command, env=environment(**environ), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


class Started:
    """A process of the small bot that has said that it is ready."""

    def __init__(self, role: str, diary: Path, **environ: str) -> None:
        self.port = a_free_port()
        self._diary = diary
        self.process = subprocess.Popen(
            [*SMALL_BOT, role],
            env=environment(**SECRETS, PORT=str(self.port), SMALL_BOT_DIARY=str(diary), **environ),
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.told = self._until_ready()

    def _until_ready(self) -> str:
        assert self.process.stderr is not None
        told = ""
        while "Baton is ready" not in told:
            line = self.process.stderr.readline()
            assert line, f"it ended: {told}"
            told += line
        return told

    def stop(self, number: int) -> tuple[int, float]:
        """Send the signal. Returns the exit code and how many seconds it took to end."""
        asked = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(15)
        return code, time.monotonic() - asked

    @property
    def diary(self) -> list[str]:
        return self._diary.read_text(encoding="utf-8").splitlines() if self._diary.exists() else []
