"""Runs a bot as a process: gunicorn's threads serve it, or the workers run alone.

One process, because SQLite, the scheduler and the pacing of Slack calls are happiest in one place; more are started by
whoever runs the bot (`web` and `worker`, on PostgreSQL). gunicorn's master is left out: it would only watch this one
process, as every platform does anyway, and weigh 28 MB for it (docs/decisions.md, 48).
"""

import ctypes
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from bot.clock import Clock, FollowingClock, SystemClock
from bot.errors import BotError
from bot.running.mending import CannotStart
from bot.running.single import Taken, only_process
from bot.settings import Role, Settings, SettingsError

if TYPE_CHECKING:
    from bot.running.lifecycle import Bot

Builder = Callable[[Settings, Clock], "Bot"]

log = logging.getLogger(__name__)

_M_ARENA_MAX, ARENAS = -8, 2
"""malloc.h: glibc would keep a heap for every thread; with 16 threads that is a tenth of the memory, for nothing."""
STOP_SECONDS = 4.0
"""For the scheduler and the courier, after the requests."""
WORKER_STOP_SECONDS = 8.0
"""The same where there are no requests: a letter that is finished is one that cannot be sent twice."""
END_SECONDS = 1.0
"""After stopping: a thread that hangs in the network does not keep the process any longer."""
KILL_SECONDS = 9
"""From SIGTERM to the end of a process that hangs, whatever it hangs in. Platforms usually kill after 10 seconds."""


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
    """Serve until SIGTERM or SIGINT. Raises CannotStart if port or database cannot be had, or the bot not be built."""
    from bot.running.lifecycle import Lifecycle
    from bot.running.serving import Serving
    from bot.running.web import create_app

    few_arenas()
    with _alone(settings):
        listening = bound_socket(settings.host, settings.port)
        log.info("Baton listens on http://%s:%d", settings.host, settings.port)
        bot = built(build, settings, started_clock(settings))
        lifecycle = Lifecycle(bot, role)
        web = create_app(bot.bolt, settings.signing_secret, lifecycle.ready, bot.metrics, bot.downloads)
        Serving(listening, web, begin=lifecycle.start, ending=lambda: _end_surely(KILL_SECONDS)).run_until_told()
        lifecycle.stop(STOP_SECONDS)
        _end_surely(END_SECONDS)


def few_arenas() -> None:
    """Let the threads of this process share their heaps; where malloc is glibc's."""
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
        _end_surely(END_SECONDS)


def _end_surely(seconds: float) -> None:
    """End the process after so long, also when a thread of a pool hangs, for which Python would wait."""

    def end() -> None:
        logging.shutdown()
        os._exit(0)

    ending = Timer(seconds, end)
    ending.daemon = True
    ending.start()
