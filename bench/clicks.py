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
from bench.sample import SECRET, TOKEN, clicks, ticked

CONNECTIONS = 16
WARM_UP = 100
AIMS = {"SQLite": 0.6, "PostgreSQL": 0.45}
P99_MS = 100
BARE, WEB, RUN = ["bench.bare"], ["bot.cli", "web"], ["bot.cli", "run"]


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
        """Bare and real in turn, then once with everything in one process; prints a table and keeps the aims."""
        bodies = clicks(databases.copy(state))[: WARM_UP + self._count]
        bare, web = [], []
        for _ in range(self._rounds):
            bare.append(self._round(BARE, databases.copy(state), bodies))
            web.append(self._round(WEB, databases.copy(state), bodies))
        run = [self._round(RUN, databases.copy(state), bodies)]
        self._print(databases.name, bodies, {"bare listener": bare, "baton web": web, "baton run": run})
        ratio = _figure(web, "per_second").over(_figure(bare, "per_second"))
        name = f"clicks, {databases.name}"
        self._report.aim(Aim(f"{name}: times the bare listener", ratio, AIMS[databases.name], 2, at_least=True))
        self._report.aim(Aim(f"{name}: p99", Figure.of([one.p(0.99) for one in web]), P99_MS, 0, "ms"))

    def _round(self, command: list[str], url: str, bodies: Sequence[str]) -> Round:
        environ = {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": self._slack,
            "DATABASE_URL": url,
            "BATON_LOG_LEVEL": "WARNING",
        }
        with Served(command, environ, self._folder / f"{'-'.join(command)}.log") as server:
            before = server.cpu_seconds()
            result = send(Job(server.port, SECRET, CONNECTIONS, WARM_UP, list(bodies)))
            cpu_ms = (server.cpu_seconds() - before) * 1000 / len(bodies)
            memory = server.resident_mb()
        return Round(result, cpu_ms, memory, ticked(url) if command != BARE else len(bodies))

    def _print(self, name: str, bodies: Sequence[str], measured: dict[str, list[Round]]) -> None:
        size = sum(map(len, bodies)) / len(bodies) / 1000
        self._report.table(
            f"Clicks on Done, {name}: {CONNECTIONS} connections, {self._count} clicks a round, {size:.0f} kB each",
            ("", "clicks/s", "p50 ms", "p99 ms", "CPU ms per click", "memory MB"),
            [
                (
                    who,
                    _figure(rounds, "per_second").shown(),
                    Figure.of([one.p(0.5) for one in rounds]).shown(),
                    Figure.of([one.p(0.99) for one in rounds]).shown(),
                    _figure(rounds, "cpu_ms").shown(2),
                    _figure(rounds, "mb").shown(),
                )
                for who, rounds in measured.items()
            ],
        )
        for who, rounds in measured.items():
            for one in rounds:
                self._report_losses(who, one, len(bodies))
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
