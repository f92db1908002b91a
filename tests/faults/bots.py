"""Baton as processes of the operating system: started, killed without warning, started again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread

ROOT = Path(__file__).resolve().parents[2]
READY = "Baton is ready"
PATIENCE = 60.0
"""Seconds that a start may take on a busy machine."""
_BAD = (" ERROR ", " CRITICAL ", "Traceback")
_TELLING = re.compile(r'\s+File ".*/(?:bot|handlers)/|[a-z]\w*(?:\.\w+)+: ')
"""Of a traceback, where in our own parts it was, and what was raised."""


class DidNotStart(Exception):
    """A process ended or did not get ready; the text is its last words."""


class Baton:
    """One `baton ROLE` in a process group of its own; `variables` is its whole environment beside the path."""

    def __init__(self, role: str, variables: Mapping[str, str]) -> None:
        self.role, self.port = role, free_port()
        self._variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONFAULTHANDLER": "1",
            **variables,
            "PORT": str(self.port),
        }
        self._ready = Event()
        self._process: subprocess.Popen[str] | None = None
        self.told: deque[str] = deque(maxlen=1000)
        self.complaints: list[str] = []
        """What it logged as errors."""

    @property
    def request_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/slack/events"

    @property
    def runs(self) -> bool:
        """Whether it was neither killed nor ended by itself."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Begin; `wait_until_ready` says when it can be used."""
        self._ready.clear()
        self._process = subprocess.Popen(
            [*_dying_with_us(), sys.executable, "-m", "bot", self.role],
            env=self._variables,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def wait_until_ready(self) -> None:
        """Raises DidNotStart."""
        assert self._process is not None
        self._ready.wait(PATIENCE)
        if not self._ready.is_set() or self._process.poll() is not None:
            raise DidNotStart(f"baton {self.role}, code {self._process.poll()}: " + self.last_words())

    def last_words(self) -> str:
        """What it said last, without the moves of the clock; more of one that ended by itself."""
        lines = 15 if self.runs else 150
        return "".join([line for line in self.told if "the clock jumped" not in line][-lines:])

    def kill(self) -> None:
        """SIGKILL to everything that belongs to it, as when the machine fails."""
        assert self._process is not None
        self._ready.clear()
        os.killpg(self._process.pid, signal.SIGKILL)

    def wait_until_dead(self) -> None:
        """Until nothing of it is left, so that its port and its database are free."""
        assert self._process is not None
        self._process.wait(PATIENCE)

    def stop(self) -> None:
        """End it for good."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
            self.wait_until_dead()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.told.append(line)
            if any(word in line for word in _BAD) or _TELLING.match(line):
                self.complaints.append(line.strip())
            if READY in line:
                self._ready.set()
        if process is self._process and process.wait() != -signal.SIGKILL:
            self._ready.set()  # whoever waits for it shall hear that it ended


def _dying_with_us() -> list[str]:
    """What to put before a command so that it is killed when we are: a run that is broken off leaves nothing behind."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def free_port() -> int:
    """A port that nobody holds at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
