"""How long `baton run` takes from the start of its process to its first healthy answer, and its memory then."""

from __future__ import annotations

from pathlib import Path

from bench.databases import Databases
from bench.figures import Aim, Figure
from bench.processes import Served
from bench.report import Report
from bench.sample import environment

SECONDS, MB = 2.0, 120


class Starts:
    """`slack` is the address of the Web API stand-in, which answers auth.test."""

    def __init__(self, report: Report, folder: Path, slack: str, rounds: int) -> None:
        self._report, self._folder, self._slack, self._rounds = report, folder, slack, rounds

    def measure(self, databases: Databases) -> None:
        """Each round with an empty database, and once more with the same; prints a table and keeps the aims."""
        first, again, resident, proportional = [], [], [], []
        for _ in range(self._rounds):
            url = databases.copy("empty")
            with self._run(url) as server:
                first.append(server.seconds)
            with self._run(url) as server:
                again.append(server.seconds)
                resident.append(server.resident_mb())
                proportional.append(server.proportional_mb())
        memory = Figure.of(resident)
        self._report.table(
            f"baton run, {databases.name}",
            ("", "measured"),
            [
                ("first start, with the migration: seconds to healthy", Figure.of(first).shown(2)),
                ("every other start: seconds to healthy", Figure.of(again).shown(2)),
                ("resident memory (RSS): MB", memory.shown()),
                ("the same, shared pages counted once (PSS): MB", Figure.of(proportional).shown()),
            ],
        )
        name = f"start, {databases.name}"
        self._report.aim(Aim(f"{name}: first, with the migration", Figure.of(first), SECONDS, 2, "s"))
        self._report.aim(Aim(f"{name}: every other", Figure.of(again), SECONDS, 2, "s"))
        self._report.aim(Aim(f"memory, {databases.name}", memory, MB, 0, "MB"))

    def _run(self, url: str) -> Served:
        environ = environment(self._slack, url)
        return Served(["bot", "run"], environ, self._folder / "run.log")
