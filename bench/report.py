"""What is printed: tables, aims, and what kind of machine it was."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Aim, percentile

FLUSHES = 100


class Report:
    """Prints as it goes, and all aims once more at the end."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._aims: list[Aim] = []

    def machine(self, folder: Path) -> None:
        """One line about where this ran; a flush to disk is what every commit waits for."""
        self.console.print(
            f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}, {platform.system()},"
            f" load {os.getloadavg()[0]:.1f}, a flush to disk takes {_flush_ms(folder):.2f} ms (median)."
        )

    def table(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        table = Table(title=title, title_justify="left", title_style="bold")
        for place, head in enumerate(heads):
            table.add_column(head, justify="right" if place else "left")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)

    def say(self, line: str) -> None:
        self.console.print(line)

    def aim(self, aim: Aim) -> None:
        """Keep it for the end."""
        self._aims.append(aim)

    def aims(self) -> None:
        self.table("Aims", ("what", "measured", "aim", ""), [aim.cells() for aim in self._aims])
        self.console.print(
            "One machine, one run: medians (ranges over the rounds); the median decides. Where ranges are wide, the"
            f" machine was busy with other things. Load at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
        )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), sys.platform)


def _flush_ms(folder: Path) -> float:
    """Milliseconds that writing one page and flushing it takes, as a commit does."""
    taken = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(FLUSHES):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - started) * 1000)
    return percentile(taken, 0.5)
