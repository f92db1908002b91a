"""How Baton logs: one line per record on standard error, UTC, without secrets and without what people wrote."""

import logging
import sys
import threading
import time
from types import TracebackType
from typing import TextIO

from bot.running.redact import Redacting
from bot.settings import Settings

log = logging.getLogger(__name__)

QUIET = ("slack_bolt", "slack_sdk", "apscheduler", "alembic", "urllib3", "werkzeug")
"""Libraries that speak only from WARNING on: Bolt logs whole bodies at INFO, and Slack's client headers at DEBUG."""


class Lines(logging.Formatter):
    """``2026-11-21T20:43:05Z INFO bot.running.web text``; a line break within the text cannot forge a second record."""

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        return time.gmtime(seconds)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


def _unexpected(kind: type[BaseException], problem: BaseException | None, trace: TracebackType | None) -> None:
    """The last words of a thread or of the process, through the log, because a traceback may hold secrets as well."""
    if problem is not None and not issubclass(kind, KeyboardInterrupt):
        log.critical("an unexpected error", exc_info=(kind, problem, trace))


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all records of this process to `stream` (standard error), from the level of the settings on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Redacting(settings.secrets))
    handler.setFormatter(Lines())
    sys.excepthook = _unexpected
    threading.excepthook = lambda said: _unexpected(said.exc_type, said.exc_value, said.exc_traceback)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[settings.log_level]))
