"""Clicks on "Done" per second, each with its transaction, beside a listener that only acknowledges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.databases import Databases
from bench.figures import Aim, Figure, percentile
from bench.load import Job, Result, send
from bench.processes import Served
from bench.report import Report
from bench.sample import SECRET, clicks, environment, ticked

CONNECTIONS = 16
WARM_UP = 100
AIMS = {"SQLite": 0.6, "PostgreSQL": 0.45}
P99_MS = 100
STOCK, BARE, WEB, RUN = "bench.stock", "bench.bare", "bot web", "bot run"
SHOWN = {
    STOCK: "Bolt as it comes, only acknowledges",
    BARE: "the same in Baton's web application",
    WEB: "baton web, a real Done",
    RUN: "baton run, a real Done",
}
REAL = (WEB, RUN)


@dataclass(frozen=True)
class Round:
    """One server under one load. `cpu_ms` is the server's processor time per click, `mb` its memory afterwards."""

    result: Result
    cpu_ms: float
    mb: float
    kept: int

    @property
    def per_second(self) -> float:
        return len(self.result.latencies) / self.result.seconds

    def p(self, share: float) -> float:
        return percentile(self.result.latencies, share)


class Clicks:
    """Measures on one machine. `slack` is the address of the Web API stand-in, `count` how many clicks a round has."""

    def __init__(self, report: Report, folder: Path, slack: str, rounds: int, count: int) -> None:
        self._report, self._folder, self._slack = report, folder, slack
        self._rounds, self._count = rounds, count

    def measure(self, databases: Databases, state: str) -> None:
        """All but the last in turn, then once with everything in one process; prints a table and keeps the aims."""
        bodies = clicks(databases.copy(state))[: WARM_UP + self._count]
        measured: dict[str, list[Round]] = {STOCK: [], BARE: [], WEB: [], RUN: []}
        for _ in range(self._rounds):
            for command in (STOCK, BARE, WEB):
                measured[command].append(self._round(command, databases.copy(state), bodies))
        measured[RUN].append(self._round(RUN, databases.copy(state), bodies))
        self._print(databases.name, bodies, measured)
        name, web = f"clicks, {databases.name}", _figure(measured[WEB], "per_second")
        beside = {command: web.over(_figure(measured[command], "per_second")) for command in (STOCK, BARE)}
        self._report.say(
            f"A real Done is {beside[STOCK].shown(2)} of Bolt as it comes, and {beside[BARE].shown(2)} of the listener"
            " in Baton's web application; the latter has no aim (docs/decisions.md, 50)."
        )
        what = f"{name}: share of Bolt as it comes"
        self._report.aim(Aim(what, beside[STOCK], AIMS[databases.name], 2, at_least=True))
        p99 = Figure.of([one.p(0.99) for one in measured[WEB]])
        self._report.aim(Aim(f"{name}: p99", p99, P99_MS, 0, "ms"))

    def _round(self, command: str, url: str, bodies: Sequence[str]) -> Round:
        environ = environment(self._slack, url) | {"BATON_LOG_LEVEL": "WARNING"}
        with Served(command.split(), environ, self._folder / f"{command}.log") as server:
            before = server.cpu_seconds()
            result = send(Job(server.port, SECRET, CONNECTIONS, WARM_UP, list(bodies)))
            cpu_ms = (server.cpu_seconds() - before) * 1000 / len(bodies)
            memory = server.resident_mb()
        return Round(result, cpu_ms, memory, ticked(url) if command in REAL else len(bodies))

    def _print(self, name: str, bodies: Sequence[str], measured: dict[str, list[Round]]) -> None:
        size = sum(map(len, bodies)) / len(bodies) / 1000
        self._report.table(
            f"Clicks on Done, {name}: {CONNECTIONS} connections, {self._count} clicks a round, {size:.0f} kB each",
            ("", "clicks/s", "p50 ms", "p99 ms", "CPU ms/click", "MB after"),
            [
                (
                    SHOWN[command],
                    _figure(rounds, "per_second").shown(),
                    Figure.of([one.p(0.5) for one in rounds]).shown(),
                    Figure.of([one.p(0.99) for one in rounds]).shown(),
                    _figure(rounds, "cpu_ms").shown(2),
                    _figure(rounds, "mb").shown(),
                )
                for command, rounds in measured.items()
            ],
        )
        for command, rounds in measured.items():
            for one in rounds:
                self._report_losses(SHOWN[command], one, len(bodies))
        load = max(one.result.own_cpu / one.result.seconds for rounds in measured.values() for one in rounds)
        self._report.say(f"The load itself took at most {load:.0%} of one core.")

    def _report_losses(self, who: str, one: Round, sent: int) -> None:
        wrong = {status: count for status, count in one.result.statuses.items() if status != "200"}
        if wrong:
            self._report.say(f"[red]{who}: answers other than 200 (0: none at all): {wrong}[/red]")
        if one.kept != sent:
            self._report.say(f"[red]{who}: {sent} clicks sent, {one.kept} items ticked off[/red]")


def _figure(rounds: Sequence[Round], name: str) -> Figure:
    return Figure.of([getattr(one, name) for one in rounds])
