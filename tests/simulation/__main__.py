"""`python -m tests.simulation --seed 7`: play one run and say what came of it; several seeds one after the other."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from time import perf_counter, process_time

from rich.console import Console
from rich.progress import Progress

from tests.simulation.run import Failed, Outcome, Scale, Simulation, quick_folder


def main() -> int:
    """0 when every promise was kept."""
    told = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    told.add_argument("--seed", type=int, help="the run to play; a fresh one if left out")
    told.add_argument("--handoffs", type=int, default=Scale.handoffs)
    told.add_argument("--months", type=float, default=Scale.months)
    given = told.parse_args()
    seed = given.seed if given.seed is not None else SystemRandom().randrange(10**9)
    return _play(seed, Scale(given.handoffs, given.months))


def _play(seed: int, scale: Scale) -> int:
    console, began, worked = Console(), perf_counter(), process_time()
    console.print(f"seed {seed}: {scale.handoffs} handoffs in {scale.months:g} months")
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder, Progress(console=console, transient=True) as bar:
        simulation = Simulation(Path(folder) / "baton.db", seed, scale)
        task = bar.add_task("six months", total=(simulation.end - scale.begin).days)

        def show(at: datetime, begun: int) -> None:
            bar.update(task, completed=(at - scale.begin).days, description=f"{at:%d %b %Y}, {begun} handoffs")

        try:
            outcome = simulation.play(show)
        except Failed as failure:
            console.print(str(failure), markup=False, highlight=False, soft_wrap=True)
            return 1
    console.print(_summary(outcome), highlight=False, soft_wrap=True)
    console.print(f"{perf_counter() - began:.1f} s, of which {process_time() - worked:.1f} s of processor time")
    return 0


def _summary(outcome: Outcome) -> str:
    counts = ", ".join(f"{number} {name}" for name, number in outcome.counts.items())
    return f"every promise was kept until {outcome.until:%d %B %Y}: {counts}; log {outcome.digest}"


if __name__ == "__main__":
    sys.exit(main())
