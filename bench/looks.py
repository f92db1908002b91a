"""Milliseconds of single calls in one process: on a large database and on an almost empty one, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bench.figures import Figure, percentile
from bench.paths import Paths
from bot.domain.people import Person

Call = Callable[[], object]
TIMES = 10
"""Calls a round, of which the median counts; one before them is not counted."""


@dataclass(frozen=True)
class Timed:
    """One call: what people would call it, and its milliseconds on both databases.

    `own` is how much processor time of this process was in that on the large one: nearly all of it on SQLite; and the
    part that other programs on the machine do not change.
    """

    what: str
    large: Figure
    few: Figure
    own: Figure

    def cells(self) -> tuple[str, str, str, str]:
        return self.what, self.large.shown(1), self.few.shown(1), self.own.shown(1)


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one call, by the clock on the wall and by this process's own."""

    wall: float
    own: float


def timed(what: str, rounds: int, large: Call, few: Call) -> Timed:
    """Both in turn, round by round."""
    pairs = [(median(large), median(few)) for _ in range(rounds)]
    mine, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return _timed(what, mine, theirs)


def median(call: Call, times: int = TIMES) -> Taken:
    """Of several calls in a row."""
    call()
    return _middle([taken(call) for _ in range(times)])


def taken(call: Call) -> Taken:
    started, own = time.perf_counter(), time.process_time()
    call()
    return Taken((time.perf_counter() - started) * 1000, (time.process_time() - own) * 1000)


def _middle(several: Sequence[Taken]) -> Taken:
    return Taken(percentile([one.wall for one in several], 0.5), percentile([one.own for one in several], 0.5))


def _timed(what: str, large: Sequence[Taken], few: Sequence[Taken]) -> Timed:
    figures = ([one.wall for one in large], [one.wall for one in few], [one.own for one in large])
    return Timed(what, *map(Figure.of, figures))


def homes(rounds: int, large: Paths, few: Paths) -> list[tuple[Timed, Timed]]:
    """App Home of the busiest: read from the database, and rendered as Slack gets it."""
    busy = large.busy
    words = {"rep": f"in {busy.handoffs[0]}", "boss": f"manages {busy.handoffs[1]}", "asked": f"{busy.questions} asked"}
    found = []
    for kind, what in words.items():
        who: tuple[Person, Person] = (getattr(large.busy, kind), getattr(few.busy, kind))
        views = (large.home(who[0]), few.home(who[1]))
        read = timed(f"App Home ({kind}, {what}): read", rounds, partial(large.home, who[0]), partial(few.home, who[1]))
        drawn = timed(
            "  and rendered", rounds, partial(large.render_home, views[0]), partial(few.render_home, views[1])
        )
        found.append((read, drawn))
    return found


def lists(rounds: int, large: Paths, few: Paths) -> list[tuple[Timed, Timed]]:
    """`/handoff list` of the busiest manager: read, and rendered."""
    found = []
    who = (large.busy.boss, few.busy.boss)
    for scope in ("mine", "team", "overdue"):
        views = (large.list(who[0], scope), few.list(who[1], scope))
        words = f"/handoff list {scope} ({len(views[0].rows) + views[0].more:,} handoffs): read"
        read = timed(words, rounds, partial(large.list, who[0], scope), partial(few.list, who[1], scope))
        drawn = timed(
            "  and rendered", rounds, partial(large.render_list, views[0]), partial(few.render_list, views[1])
        )
        found.append((read, drawn))
    return found


def others(rounds: int, large: Paths, few: Paths) -> list[Timed]:
    """What is looked up besides, without an aim of its own."""
    menu = timed(
        "/handoff: the menu (boss)", rounds, partial(large.menu, large.busy.boss), partial(few.menu, few.busy.boss)
    )
    letter = timed("next waiting letter, of none", rounds, large.next_letter, few.next_letter)
    return [menu, letter, timed("letters of a courier that died, of none", rounds, large.orphans, few.orphans)]


def clicks(rounds: int, count: int, large: Paths, few: Paths) -> Timed:
    """`count` clicks on Done a round on each, one here, one there; the median of each round."""
    warm_up = 20
    mine, theirs = large.ticks(warm_up + rounds * count), few.ticks(warm_up + rounds * count)
    pairs = [
        (taken(partial(large.tick, here)), taken(partial(few.tick, there)))
        for here, there in zip(mine, theirs, strict=True)
    ]
    chunks = [pairs[warm_up + count * number : warm_up + count * (number + 1)] for number in range(rounds)]
    what = "a click on Done: item, audit trail, schedule, outbox, flushed"
    return _timed(what, *([_middle([pair[side] for pair in chunk]) for chunk in chunks] for side in (0, 1)))
