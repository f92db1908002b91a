"""`python -m tests.simulation --seed 7` plays one run and says what came of it; `--ci` plays four, two at a time."""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from time import perf_counter, process_time

from rich.console import Console
from rich.progress import Progress

from tests.simulation.run import Failed, Outcome, Scale, Simulation, quick_folder

FIXED = (1, 2, 3)
AT_ONCE = 2


def main() -> int:
    """0 when every promise was kept."""
    told = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    told.add_argument("--seed", type=int, help="the run to play; a fresh one if left out")
    told.add_argument("--handoffs", type=int, default=Scale.handoffs)
    told.add_argument("--months", type=float, default=Scale.months)
    told.add_argument("--ci", action="store_true", help=f"the seeds {FIXED} and a fresh one, {AT_ONCE} at a time")
    given = told.parse_args()
    fresh = SystemRandom().randrange(10**9)
    scale = Scale(given.handoffs, given.months)
    if given.ci:
        return _several((*FIXED, fresh), scale)
    return _one(fresh if given.seed is None else given.seed, scale)


def _one(seed: int, scale: Scale) -> int:
    console, began, worked = Console(), perf_counter(), process_time()
    logging.getLogger("bot").setLevel(logging.CRITICAL)  # of Slack's outages there are many
    console.print(f"seed {seed}: {scale.handoffs} handoffs in {scale.months:g} months", highlight=False)
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder, Progress(console=console, transient=True) as bar:
        simulation = Simulation(Path(folder) / "baton.db", seed, scale)
        task = bar.add_task("", total=(simulation.end - scale.begin).days)

        def show(at: datetime, begun: int) -> None:
            bar.update(task, completed=(at - scale.begin).days, description=f"{at:%d %b %Y}, {begun} handoffs")

        try:
            outcome = simulation.play(show)
        except Failed as failure:
            console.print(str(failure), markup=False, highlight=False, soft_wrap=True)
            return 1
    console.print(_summary(outcome), highlight=False, soft_wrap=True)
    took = f"{perf_counter() - began:.1f} s, of which {process_time() - worked:.1f} s of processor time"
    console.print(took, highlight=False)
    return 0


def _several(seeds: tuple[int, ...], scale: Scale) -> int:
    """Each in a process of its own. What a run says is shown when it is over."""
    console, worst = Console(), 0
    with ThreadPoolExecutor(AT_ONCE) as pool, Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"runs of {scale.handoffs} handoffs", total=len(seeds))
        runs = [pool.submit(_elsewhere, seed, scale) for seed in seeds]
        for run in as_completed(runs):
            done = run.result()
            console.print(done.stdout.strip(), done.stderr.strip(), markup=False, highlight=False, soft_wrap=True)
            bar.advance(task)
            worst = max(worst, abs(done.returncode))
    return worst


def _elsewhere(seed: int, scale: Scale) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed)]
    command += ["--handoffs", str(scale.handoffs), "--months", str(scale.months)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _summary(outcome: Outcome) -> str:
    counts = ", ".join(f"{number} {name}" for name, number in outcome.counts.items())
    return f"every promise was kept until {outcome.until:%d %B %Y}: {counts}; log {outcome.digest}"


if __name__ == "__main__":
    sys.exit(main())
