"""Files that commands write: only their owner can read them, and what is there is replaced once they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import BotError


class NotWritten(BotError):
    """The file cannot be written."""

    def __init__(self, file: Path, problem: OSError) -> None:
        super().__init__("%(file)s cannot be written: %(why)s.", file=file, why=problem.strerror or str(problem))


@contextmanager
def replaced(file: Path) -> Iterator[int]:
    """The descriptor of what will be this file, to be opened and closed by the caller. Raises NotWritten."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        yield os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        part.replace(file)
    except OSError as problem:
        raise NotWritten(file, problem) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
