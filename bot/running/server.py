"""Runs a bot as a process: gunicorn with one worker process and threads, or the workers alone.

One worker process, because SQLite, the scheduler and the pacing of Slack calls are happiest in one place; more are
started by whoever runs the bot (`web` and `worker`, on PostgreSQL). The bot is imported and built in the worker
process, so that gunicorn's master stays small.
"""

import ctypes
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from bot.clock import Clock, FollowingClock, SystemClock
from bot.errors import BotError
from bot.running.mending import TO_MEND, CannotStart
from bot.running.single import Taken, only_process
from bot.settings import Role, Settings, SettingsError

if TYPE_CHECKING:
    from flask import Flask

    from bot.running.lifecycle import Bot, Lifecycle

Builder = Callable[[Settings, Clock], "Bot"]

log = logging.getLogger(__name__)

_M_ARENA_MAX, ARENAS = -8, 2
"""malloc.h: glibc would keep a heap for every thread; with 16 threads that is a tenth of the memory, for nothing."""
THREADS = 16
DRAIN_SECONDS = 4
"""For requests under way; Slack itself gives up on one after 3 seconds."""
STOP_SECONDS = 4.0
"""For the scheduler and the courier, after the requests."""
WORKER_STOP_SECONDS = 8.0
"""The same where there are no requests: a letter that is finished is one that cannot be sent twice."""
END_SECONDS = 1.0
"""After stopping: a thread that hangs in the network does not keep the process any longer."""
KILL_SECONDS = 9
"""After this, gunicorn's master ends a process that hangs. Platforms usually kill after 10 seconds."""


class _QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's log in our format: its records go to the root logger, from WARNING on."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings, role: Role, listening: socket.socket, build: Builder) -> None:
        self._settings = settings
        self._role = role
        self._listening = listening
        self._build = build
        self._lifecycle: Lifecycle | None = None
        super().__init__(prog="baton")

    def load_config(self) -> None:
        memory = Path("/dev/shm")
        for name, value in {
            "bind": f"fd://{self._listening.detach()}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            # longer than the idle time of the usual load balancers, so that they never reuse a closed connection
            "keepalive": 75,
            "timeout": 60,
            "graceful_timeout": KILL_SECONDS,
            "worker_tmp_dir": str(memory) if memory.is_dir() else None,
            "control_socket_disable": True,
            "logger_class": _QuietLogger,
            "loglevel": "warning",
            "post_fork": lambda server, worker: worker.cfg.set("graceful_timeout", DRAIN_SECONDS),
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        """Build the bot, in the worker process."""
        from bot.running.lifecycle import Lifecycle
        from bot.running.web import create_app

        try:
            bot = built(self._build, self._settings, started_clock(self._settings))
        except CannotStart as problem:
            for line in str(problem).splitlines():
                log.critical(line)
            raise SystemExit(Arbiter.APP_LOAD_ERROR) from None
        self._lifecycle = Lifecycle(bot, self._role)
        return create_app(bot.bolt, self._settings.signing_secret, self._lifecycle.ready, bot.metrics, bot.downloads)

    def _begin(self, _worker: Any) -> None:
        assert self._lifecycle is not None
        self._lifecycle.start()

    def _end(self, _arbiter: Any, _worker: Any) -> None:
        if self._lifecycle is not None:
            self._lifecycle.stop(STOP_SECONDS)


def the_bot(settings: Settings, clock: Clock) -> "Bot":
    """Baton itself, from the composition root, imported only where it is built."""
    from bot.app import build

    return build(settings, clock)


def built(build: Builder, settings: Settings, clock: Clock) -> "Bot":
    """The bot, or CannotStart in words when its settings, its templates or its playbooks are not fit for use."""
    from bot.playbooks.files import PlaybookError

    try:
        return build(settings, clock)
    except (SettingsError, BotError, PlaybookError) as problem:
        raise CannotStart(f"Baton cannot start: {problem}") from problem


def started_clock(settings: Settings) -> Clock:
    """The computer's clock, or the clock of the local workspace that the settings name."""
    if settings.clock_url is None:
        return SystemClock()
    clock = FollowingClock(settings.clock_url)
    clock.start()
    return clock


def serve(settings: Settings, role: Role, build: Builder = the_bot) -> None:
    """Serve until SIGTERM or SIGINT; ends by SystemExit. Raises CannotStart if port or database cannot be had."""
    few_arenas()
    with _alone(settings):
        listening = bound_socket(settings.host, settings.port)
        log.info("Baton listens on http://%s:%d", settings.host, settings.port)
        master = os.getpid()
        try:
            _Server(settings, role, listening, build).run()
        except SystemExit as end:
            # the worker process passes here as well, and its code is for the master, who stops on this one
            if os.getpid() == master and end.code == Arbiter.APP_LOAD_ERROR:
                raise SystemExit(TO_MEND) from None
            raise


def few_arenas() -> None:
    """Let the threads of this process, and of those it forks, share their heaps; where malloc is glibc's."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, ARENAS)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """On SQLite, be the only process. Raises CannotStart when another one is there."""
    try:
        with only_process(settings.database_url):
            yield
    except Taken as problem:
        raise CannotStart(str(problem)) from None


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket that holds the port. Raises CannotStart with what to do when that is not possible."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, protocol)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(128)
    except socket.gaierror:
        raise CannotStart(f"HOST {host} is not known on this machine. Use 127.0.0.1, or 0.0.0.0 for all.") from None
    except OSError as problem:
        raise CannotStart(_why_not(host, port, problem)) from None
    return taken


def _why_not(host: str, port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. Stop that one, or set PORT to a free port."
    if problem.errno == errno.EACCES:
        return f"Port {port} needs rights that this user lacks. Set PORT to one above 1023, such as 3000."
    if problem.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine. Set HOST to 127.0.0.1, or to 0.0.0.0 for all."
    return f"Port {port} on {host} cannot be opened: {problem.strerror}."


def work(settings: Settings, build: Builder = the_bot) -> None:
    """Run scheduler and courier alone, until SIGTERM or SIGINT. Raises CannotStart if the bot cannot be built."""
    from bot.running.lifecycle import Lifecycle

    few_arenas()
    with _alone(settings):
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before any thread starts, so that only sigwait receives them
        lifecycle = Lifecycle(built(build, settings, started_clock(settings)), Role.WORKER)
        lifecycle.start()
        signal.sigwait(ends)
        lifecycle.stop(WORKER_STOP_SECONDS)
        _end_surely()


def _end_surely() -> None:
    """End the process soon, also when a thread of a pool hangs, for which Python would wait."""

    def end() -> None:
        logging.shutdown()
        os._exit(0)

    ending = Timer(END_SECONDS, end)
    ending.daemon = True
    ending.start()
