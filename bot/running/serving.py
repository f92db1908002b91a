"""Takes requests in threads: gunicorn's worker, run in this process and not in a fork of gunicorn's master."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

if TYPE_CHECKING:
    import socket

    from flask import Flask

THREADS = 16
DRAIN_SECONDS = 4
"""For requests under way; Slack itself gives up on one after 3 seconds."""


class _QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's log in our format: its records go to the root logger, from WARNING on."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Serving(ThreadWorker):  # type: ignore[misc]
    """Answers what comes on `listening`, until SIGTERM or SIGINT.

    `begin` is called once signals are heard; `ending` at the first one, in the main thread between two of its steps,
    so it has to be quick.
    """

    def __init__(
        self, listening: socket.socket, web: Flask, begin: Callable[[], None], ending: Callable[[], None]
    ) -> None:
        config = _config()
        super().__init__(1, os.getppid(), [listening], None, config.timeout, config, _QuietLogger(config))
        self._web, self._begin, self._ending = web, begin, ending

    def run_until_told(self) -> None:
        """Requests under way when the signal comes have DRAIN_SECONDS; then nobody is heard any more."""
        self.init_process()

    # -- what gunicorn calls -----------------------------------------------------------------------------------------

    def load_wsgi(self) -> None:
        self.wsgi = self._web
        self._begin()

    def init_signals(self) -> None:
        """Ctrl-C ends as SIGTERM does. Others keep what the process began with, so that nohup works."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
            signal.siginterrupt(number, False)

    def handle_exit(self, sig: int, frame: object) -> None:
        if self.alive:
            self._ending()
        super().handle_exit(sig, frame)

    def notify(self) -> None:
        """There is no master to be told that this process is alive."""

    def is_parent_alive(self) -> bool:
        """Whoever started it may go: it is told by a signal when to end."""
        return True


def _config() -> Config:
    memory, config = Path("/dev/shm"), Config()
    for name, value in {
        "threads": THREADS,
        # longer than the idle time of the usual load balancers, so that they never reuse a closed connection
        "keepalive": 75,
        "graceful_timeout": DRAIN_SECONDS,
        "worker_tmp_dir": str(memory) if memory.is_dir() else None,
        "loglevel": "warning",
    }.items():
        config.set(name, value)
    return config
