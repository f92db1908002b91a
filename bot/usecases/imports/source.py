"""A file to import, from bytes or from the disk, that tells how much of it was read."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.domain.imports.reading import CHUNK, Open
from bot.domain.imports.report import FileRefused


class Step(StrEnum):
    """What takes time."""

    READ = "read"
    MATCH = "match"
    WRITE = "write"


Tell = Callable[[Step, float], None]
"""How far a step is, from 0 to 1."""
PASSES = 3
"""How often a file is read from end to end: encoding, what is ambiguous, rows."""


def nobody(_step: Step, _part: float) -> None:
    """Nobody listens."""


class NoFile(FileRefused):
    sentence = "There is no file %(file)s that can be read."


class _Watched(io.FileIO):
    """A file that tells how much of it was read, counted over all the times it is."""

    def __init__(self, path: Path, so_far: list[int], tell: Callable[[int], None]) -> None:
        super().__init__(path)
        self._so_far, self._tell = so_far, tell

    def readinto(self, buffer: Any) -> int | None:
        count = super().readinto(buffer)
        self._so_far[0] += count or 0
        self._tell(self._so_far[0])
        return count


def opening(source: bytes | Path, tell: Tell) -> tuple[Open, int]:
    """How to open it, and how many bytes it has. Raises NoFile."""
    if isinstance(source, bytes):
        return lambda: io.BytesIO(source), len(source)
    try:
        found = source.stat()
        if not stat.S_ISREG(found.st_mode):
            raise NoFile(file=source)
        with source.open("rb"):
            pass
    except OSError:
        raise NoFile(file=source) from None
    size, so_far = found.st_size, [0]

    def told(count: int) -> None:
        tell(Step.READ, min(count / (size * PASSES or 1), 1.0))

    return lambda: io.BufferedReader(_Watched(source, so_far, told), buffer_size=CHUNK), size
