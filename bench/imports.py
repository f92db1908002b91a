"""How many rows a second `baton import` takes in, and how much memory it needs at most: 100,000 of each kind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert

from bench.completion import Completion
from bench.databases import Databases
from bench.figures import Aim, Figure
from bench.report import Report
from bench.slack import TEAM
from bot.migrations import upgrade
from bot.store import schema as t
from bot.store.database import Database

ROWS, SECONDS, MB = 100_000, 60, 300
REPS = 50
LOOK = 0.05
"""Seconds between two looks at a process's memory."""
STATE = "import"
KIND_ROWS = {
    "accounts": "Account ID,Account Name,Account Owner,Type,Billing Country,Tier,Territory,Next order",
    "contacts": "Contact ID,Account ID,First Name,Last Name,Title,Email,Phone",
    "deals": "Opportunity ID,Account ID,Opportunity Name,Stage,Amount,Amount Currency,Close Date,Lead Source",
}


@dataclass(frozen=True)
class Taken:
    """What one run of the command needed: seconds on the wall and of its own processor time, MB at most."""

    wall: float
    own: float
    megabytes: float


class Imports:
    """Each command is a process of its own, as an operator runs it. `slack` is the address of the Web API stand-in."""

    def __init__(self, report: Report, folder: Path, slack: str, rounds: int, rows: int = ROWS) -> None:
        self._report, self._folder, self._rounds, self._rows = report, folder, rounds, rows
        self._completion = Completion(report, folder, slack)
        for kind in KIND_ROWS:
            (folder / f"{kind}.csv").write_text("\n".join(_lines(kind, rows)), encoding="utf-8")

    def measure(self, databases: Databases) -> None:
        """Dry run, import (which looks first), and the same file again; then what was imported is typed.

        Prints tables and keeps the aims.
        """
        databases.prepare(STATE, _people)
        found: dict[tuple[str, str], list[Taken]] = {}
        for _ in range(self._rounds):
            url = databases.copy(STATE)
            for kind in KIND_ROWS:
                for what, options in (("dry run", ["--dry-run"]), ("import", []), ("the same again", [])):
                    found.setdefault((kind, what), []).append(self._run(url, kind, options))
        name, rows = databases.name, self._rows
        self._report.table(
            f"baton import, {rows:,} rows, {name}",
            ("", "rows/s", "seconds", "own seconds", "MB at most"),
            [
                (
                    f"{kind}: {what}",
                    Figure.of([rows / one.wall for one in taken]).shown(),
                    Figure.of([one.wall for one in taken]).shown(1),
                    Figure.of([one.own for one in taken]).shown(1),
                    Figure.of([one.megabytes for one in taken]).shown(),
                )
                for (kind, what), taken in found.items()
            ],
        )
        for (kind, what), taken in found.items():
            if what != "import" or rows < ROWS:  # of fewer rows, most of the time is the start of the process
                continue
            name_of_it = f"import, {name}: {rows:,} {kind}, looked at and imported"
            self._report.aim(Aim(name_of_it, Figure.of([one.wall for one in taken]), SECONDS, 1, "s"))
            own = Figure.of([one.own for one in taken])
            self._report.aim(Aim(f"{name_of_it}, own processor time", own, SECONDS, 1, "s"))
        most = Figure.of([max(one.megabytes for taken in found.values() for one in taken)])
        self._report.aim(Aim(f"import, {name}: memory at most", most, MB, 0, "MB"))
        self._completion.measure(name, url, _slack_id(0), rows)

    def _run(self, url: str, kind: str, options: list[str]) -> Taken:
        command = [sys.executable, "-m", "bot", "import", kind, str(self._folder / f"{kind}.csv"), *options]
        begun, most = time.perf_counter(), 0.0
        with (self._folder / "import.log").open("w+b") as out:
            process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}, stdout=out, stderr=out)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            while not ended:
                most = max(most, _peak_mb(process.pid))
                time.sleep(LOOK)
                ended, status, used = os.wait4(process.pid, os.WNOHANG)
            wall = time.perf_counter() - begun
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                out.seek(0)
                raise RuntimeError(out.read().decode(errors="replace")[-2000:])
        return Taken(wall, used.ru_utime + used.ru_stime, most)


def _peak_mb(pid: int) -> float:
    """The most resident memory it has had since it was started; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:")), 0.0)


def _slack_id(number: int) -> str:
    return f"U{number:08}"


def _people(url: str) -> None:
    """A workspace with reps who have names."""
    db = Database(url)
    upgrade(db.engine)
    with db.write() as session:
        session.execute(insert(t.workspaces).values(id=1, team_id=TEAM, name="Bench"))
        reps = [{"workspace_id": 1, "slack_id": _slack_id(number), "name": f"Rep {number}"} for number in range(REPS)]
        session.execute(insert(t.people), reps)
    db.close()


def _lines(kind: str, rows: int) -> Iterator[str]:
    yield KIND_ROWS[kind]
    for n in range(rows):
        account, day = f"001A0{n // 3:010}", 1 + n % 28
        if kind == "accounts":
            whose = f"Rep {n % REPS},Customer - Direct,Germany,{('key', 'standard')[n % 2]},North {n % 20}"
            yield f"001A0{n:010},Company number {n} Ltd,{whose},{day}/12/2027"
        elif kind == "contacts":
            yield f"003A0{n:010},{account},Max,Muster {n},Buyer,max{n}@company{n // 3}.example,+49 30 {n}"
        else:
            yield f"006A0{n:010},{account},Deal {n},Negotiation,{n + 1}.50,EUR,2027-01-{day:02},Trade fair"
