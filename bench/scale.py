"""Three years of a large sales force in the database: does a click, a look or nine o'clock take longer for it?

100,000 handoffs, 1.2 million items, a million nudges (`bench/fill.py`); where it can be compared, beside the same
program on an almost empty database, in turn.
"""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlencode

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench import looks
from bench.crowd import MOMENT
from bench.databases import Databases
from bench.figures import Aim, Figure
from bench.fill import fill
from bench.load import Job, send
from bench.looks import Timed
from bench.paths import BATCH, Paths
from bench.plans import plans, watched
from bench.processes import Served
from bench.report import Report
from bench.sample import SECRET, Still, clicks, environment, opened
from bench.slack import TEAM
from bot.app import Bot
from bot.usecases.nudges.due import BATCH as AT_ONCE

HANDOFFS = 100_000
FILL_SECONDS, CLICK_RATIO, CLAIM_MS, LOOK_MS, DUE_SECONDS, MB = 300, 1.2, 10, 50, 3.0, 150
FEW = 120
"""Handoffs of the almost empty database, all of them open."""
CLICKS = 90
CONNECTIONS, CLICKED_HANDOFFS, WORK_SECONDS = 8, 100, 15.0


class Scale:
    """`slack` is the address of the Web API stand-in; `rounds` how often each is measured."""

    def __init__(self, report: Report, folder: Path, slack: str, rounds: int, handoffs: int) -> None:
        self._report, self._folder, self._slack = report, folder, slack
        self._rounds, self._handoffs = rounds, handoffs
        self._large, self._name = f"large{handoffs}", ""

    def measure(self, databases: Databases) -> None:
        """Fill, look, click, decide, run; prints tables and keeps the aims."""
        self._name = databases.name
        self._fill(databases)
        large, few = databases.copy(self._large), databases.copy("few")
        with opened(large, Still(MOMENT)) as bot, opened(few, Still(MOMENT)) as small:
            self._calls(Paths(bot), Paths(small))
            self._plans(bot)
        decided = self._nine_o_clock(databases)
        with opened(decided, Still(MOMENT)) as bot:
            self._letters(Paths(bot))
        self._memory(decided)

    def _fill(self, databases: Databases) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._report.console) as bar:
            task = bar.add_task("", total=1)

            def tell(what: str, part: float) -> None:
                bar.update(task, completed=part, description=f"{self._name}, filling: {what}")

            started = time.perf_counter()
            databases.prepare(self._large, lambda url: fill(url, self._handoffs, tell))
            seconds = time.perf_counter() - started
        databases.prepare("few", lambda url: fill(url, FEW, share=1))
        self._aim(f"filling with {self._handoffs:,} handoffs", Figure.of([seconds]), FILL_SECONDS, "s")

    def _calls(self, large: Paths, few: Paths) -> None:
        """Single calls, in turn on both databases."""
        homes, lists = looks.homes(self._rounds, large, few), looks.lists(self._rounds, large, few)
        due = looks.timed("the next due nudge", self._rounds, large.next_due, few.next_due)
        claimed = looks.timed(f"claiming {BATCH} due nudges", self._rounds, large.claim_nudges, few.claim_nudges)
        click = looks.clicks(self._rounds, CLICKS, large, few)
        others = looks.others(self._rounds, large, few)
        rows = [part for pair in homes + lists for part in pair] + [due, claimed, click, *others]
        heads = ("milliseconds", f"{self._handoffs:,} handoffs", f"{FEW} handoffs", "own processor time")
        self._report.table(f"Single calls, {self._name}", heads, [row.cells() for row in rows])
        for kind, pairs in (("App Home", homes), ("/handoff list", lists)):
            self._aim(f"{kind}, the slowest, rendered", _slowest(pairs), LOOK_MS, "ms", 1)
        for one in (due, claimed):
            self._aim(one.what, one.large, CLAIM_MS, "ms", 1)
        self._aim("a click, times that on an almost empty one", click.large.over(click.few), CLICK_RATIO, "", 2)

    def _plans(self, bot: Bot) -> None:
        """The plan of every statement on the paths that matter; what reads a big table whole is named."""
        rows, whole = [], 0
        for name, path in Paths(bot).all().items():
            with watched() as asked:
                path()
            found = plans(bot.db.engine, asked)
            scans = sorted({table for plan in found for table in plan.scans})
            whole += len(scans)
            rows.append((name, str(len(found)), f"[red]reads all of {', '.join(scans)}[/red]" if scans else "all"))
        self._report.table(f"By an index, {self._name}", ("path", "statements", "by an index"), rows)
        self._aim("big tables that a path reads whole", Figure.of([whole]), 0, "")

    def _nine_o_clock(self, databases: Databases) -> str:
        """Everything that is due in one minute, decided and queued, each round on a fresh copy. Returns the last."""
        seconds, own, count, url = [], [], 0, ""
        for _ in range(self._rounds):
            url = databases.copy(self._large)
            with opened(url, Still(MOMENT)) as bot:
                assert bot.due.queue_due(1), "nothing is due"  # a worker that runs has its statements compiled
                started, cpu, count, found = time.perf_counter(), time.process_time(), 0, AT_ONCE
                while found == AT_ONCE:
                    found = bot.due.queue_due()
                    count += found
                seconds.append(time.perf_counter() - started)
                own.append(time.process_time() - cpu)
        taken, used = Figure.of(seconds), Figure.of(own)
        self._report.say(
            f"{self._name}: {count:,} nudges due in one minute were decided in {taken.shown(1)} s,"
            f" of which {used.shown(1)} s was this process's own processor time."
        )
        self._aim(f"{count:,} nudges due in one minute, decided and queued", taken, DUE_SECONDS, "s", 1)
        return url

    def _letters(self, paths: Paths) -> None:
        """What the courier does before each letter, while all of nine o'clock waits."""
        calls = {"a post": lambda: paths.claim_letter(True), "an edit": lambda: paths.claim_letter(False)}
        for what, call in calls.items():
            figure = Figure.of([looks.median(call).wall for _ in range(self._rounds)])
            self._aim(f"claiming {what} with nine o'clock's letters waiting", figure, CLAIM_MS, "ms", 1)
        figure = Figure.of([looks.median(paths.next_letter).wall for _ in range(self._rounds)])
        self._aim("when the next letter may go, of those", figure, CLAIM_MS, "ms", 1)

    def _memory(self, url: str) -> None:
        """`baton run` on it: clicks, lists, and what falls due and is delivered meanwhile."""
        done, boss = clicks(url, CLICKED_HANDOFFS), self._boss(url)
        commands = [self._command(boss, f"list {scope}") for scope in ("mine", "team", "overdue", "") for _ in range(5)]
        environ = environment(self._slack, url) | {"BATON_LOG_LEVEL": "WARNING"}
        with Served(["bot", "run"], environ, self._folder / "scale.log") as server:
            result = send(Job(server.port, SECRET, CONNECTIONS, 0, [*done, *commands]))
            time.sleep(WORK_SECONDS)  # reminders and letters go on by themselves
            resident, proportional = server.resident_mb(), server.proportional_mb()
        self._report.say(
            f"{self._name}: baton run after {len(result.latencies)} clicks and commands ({result.statuses}):"
            f" {resident:.0f} MB resident (RSS), {proportional:.0f} MB with shared pages counted once (PSS)."
        )
        self._aim("memory of baton run", Figure.of([resident]), MB, "MB")

    def _boss(self, url: str) -> str:
        with opened(url, Still(MOMENT)) as bot:
            return Paths(bot).busy.boss.slack_id

    def _command(self, user: str, text: str) -> str:
        """docs.slack.dev/interactivity/implementing-slash-commands"""
        where = {"team_id": TEAM, "channel_id": "C00001", "user_id": user, "user_name": "somebody"}
        answer = {"response_url": f"{self._slack}respond", "trigger_id": "1.2.3", "api_app_id": "A0BATON"}
        return urlencode({"command": "/handoff", "text": text, "token": "unused", **where, **answer})

    def _aim(self, what: str, figure: Figure, limit: float, unit: str, digits: int = 0) -> None:
        self._report.aim(Aim(f"scale, {self._name}: {what}", figure, limit, digits, unit))


def _slowest(pairs: list[tuple[Timed, Timed]]) -> Figure:
    """Of several, each read and rendered, the one that takes longest."""
    return max((read.large.plus(drawn.large) for read, drawn in pairs), key=lambda figure: figure.middle)
