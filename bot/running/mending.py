"""What an operator can mend: said in a sentence on standard error, without a traceback, and ended with code 2.

For the process that serves as well as for the commands.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from bot.errors import BotError
from bot.settings import SettingsError

TO_MEND = 2
"""The exit code of a process whose operator has to mend something first."""


class CannotStart(Exception):
    """The process cannot start for a reason that its operator can mend; the text says which, and how."""


@contextmanager
def in_words(*more: type[Exception]) -> Iterator[None]:
    """What goes wrong ends the process with its sentence. `more`: errors besides those that every command knows."""
    expected: tuple[type[Exception], ...] = (SettingsError, CannotStart, BotError, *more)
    try:
        yield
    except expected as problem:
        stop(str(problem))


def stop(sentence: str) -> NoReturn:
    """Say it to the operator, and end."""
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(TO_MEND)
