"""`make bench`, or `python -m bench [clicks] [nudges] [start] [import] [territory] [scale] [--quick]`; `--help`."""

from __future__ import annotations

import logging
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.clicks import Clicks
from bench.databases import Databases, both
from bench.imports import ROWS, Imports
from bench.nudges import Nudges
from bench.processes import HOST, Served
from bench.report import Report
from bench.sample import prepare
from bench.scale import HANDOFFS, Scale
from bench.start import Starts
from bench.territories import ACCOUNTS, Territories

STATE = "sample"
WIDTH = 120
"""Columns, where the output is not a terminal and has no width of its own."""


class Part(StrEnum):
    CLICKS = "clicks"
    NUDGES = "nudges"
    START = "start"
    IMPORT = "import"
    TERRITORY = "territory"
    SCALE = "scale"


USUALLY = (Part.CLICKS, Part.NUDGES, Part.START, Part.IMPORT)
"""`scale` and `territory` take longer than these together."""


def main(
    parts: Annotated[
        list[Part] | None, typer.Argument(help="What to measure; if nothing is said, all but scale and territory.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One short round each: to see that it works.")] = False,
    handoffs: Annotated[int, typer.Option(min=200, help="How large the large database of `scale` is.")] = HANDOFFS,
) -> None:
    """Measure Baton on this machine and say which aims were reached. Needs no network."""
    logging.basicConfig(level=logging.CRITICAL)
    console = Console()
    report = Report(console if console.is_terminal else Console(width=WIDTH))
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as name:
        folder = Path(name)
        report.machine(folder)
        with both(folder) as databases, Served(["bench.slack"], {}, folder / "slack.log") as slack:
            for one in databases:
                address, wanted = f"http://{HOST}:{slack.port}/api/", set(parts or USUALLY)
                measure(one, wanted, report, folder, address, quick)
                if Part.SCALE in wanted:
                    Scale(report, folder, address, 1 if quick else 3, handoffs).measure(one)
    report.aims()


def measure(databases: Databases, parts: set[Part], report: Report, folder: Path, slack: str, quick: bool) -> None:
    """All the parts asked for, on one kind of database."""
    rounds = 1 if quick else 3
    if Part.START in parts:
        Starts(report, folder, slack, rounds).measure(databases)
    if Part.IMPORT in parts:
        Imports(report, folder, slack, 1, ROWS // 10 if quick else ROWS).measure(databases)
    if Part.TERRITORY in parts:
        Territories(report, ACCOUNTS // 20 if quick else ACCOUNTS).measure(databases)
    if parts & {Part.CLICKS, Part.NUDGES}:
        databases.prepare(STATE, lambda url: prepare(url, 80 if quick else 320))
    if Part.NUDGES in parts:
        Nudges(report, rounds, most=3000).measure(databases, STATE)
    if Part.CLICKS in parts:
        Clicks(report, folder, slack, 1 if quick else 5, count=200 if quick else 700).measure(databases, STATE)


if __name__ == "__main__":
    typer.run(main)
