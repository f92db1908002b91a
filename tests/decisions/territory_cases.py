"""A territory run on every surface, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.accounts import Account
from bot.domain.handoff import Acceptance, HandoffState
from bot.domain.territory import LineState, Run, RunLine, RunState
from bot.store.runs import Shown, Wave
from bot.usecases.territory.territory import PlanView
from bot.usecases.territory.view import RunView
from bot.usecases.territory.work import ListView
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view


def _run(words: str, state: RunState = RunState.RUNNING, number: int = 7) -> Run:
    rules = {"benefit": words or "Near them.", "assign": "load"}
    run = Run(1, (words or "South")[:200], state, rules, "C0ACCOUNTS0", s.MIA.id, s.NOW)
    run.id = number
    return run


def _shown(words: str) -> tuple[Shown, ...]:
    account = Account(1, (words or "Acme")[:120])
    days = (s.TODAY - timedelta(days=1), s.TODAY, s.TODAY + timedelta(days=9))
    found = []
    for number, state in enumerate((*LineState, LineState.STARTED, LineState.STARTED, LineState.WAITING)):
        line = RunLine(1, 7, 1, number, number // 3, days[number % 3], s.OLAF.id, s.INES.id if number else None, state)
        line.error = ("running", words[:500], "", "no_rep")[number % 4]
        started = state is LineState.STARTED
        became = (HandoffState.OPEN, HandoffState.COMPLETED, HandoffState.CANCELLED)[number % 3] if started else None
        found.append(
            Shown(line, account, became, Acceptance.NOT_ASKED if started else None, s.TODAY if started else None)
        )
    return tuple(found)


def of_territories(words: str) -> Iterator[Case]:
    waves = tuple(Wave(n, s.TODAY + timedelta(days=n), 25, 5, 5, 5, 5, 4, 1) for n in range(70))
    people = {p.id: p for p in (s.OLAF, s.INES, s.MIA)}
    yield view("territory/form", per_wave=25, every=5, today=s.TODAY)
    plan = PlanView(
        _run(words, RunState.PREVIEW), _shown(words), people, waves, ((s.INES, 40),) * 30, 1_750, 70,
        (words or "Nobody",) * 40, s.TODAY,
    )  # fmt: skip
    nothing = replace(plan, waves=(), shares=(), shown=_shown(words)[2:3], going=0, left_out=1, unknown=())
    for one, file in (
        (plan, "https://x.example/f"),
        (nothing, None),
        (replace(plan, not_used=1), None),
        (replace(plan, going=1, not_used=12, twice=(words or "Acme",) * 30), None),
    ):
        yield view("territory/plan", view=one, file=file)
    yield view("territory/started", run=_run(words))
    runs = [RunView(_run(words, state, n), s.MIA, waves[:n], s.TODAY) for n, state in enumerate(RunState, 66)]
    barred = _run(words, RunState.PAUSED, 99)
    barred.rules = {**barred.rules, "barred": True}
    runs.append(RunView(barred, s.MIA, waves[:2], s.TODAY))
    for error in ("", "not_in_channel", "is_archived", words[:30]):
        yield message("dm/barred", run=barred, error=error, channel=barred.channel_id)
        yield message("dm/barred", run=barred, error=error, channel="C0GENERAL00")
    yield message("board_moved", run=barred)
    for one in (*runs, RunView(_run(words), None, waves[:1], s.TODAY)):
        yield message("board", view=one)
    for found in (runs, []):
        yield view("territory/runs", runs=found)
    for before, after, file in ((0, 40, "https://x.example/f"), (None, None, None)):
        page = ListView(runs[0], _shown(words), people, before, after)
        yield view("territory/lines", list=page, file=file)
    for one in (runs[1], runs[2], RunView(_run(words), None, (), s.TODAY)):
        yield view("territory/move", view=one)
        yield view("territory/moved", view=one)
    yield view("territory/reassign", view=runs[1])
    yield view("territory/cancel", view=runs[1])
    yield view("territory/cancel", view=RunView(_run(words), s.MIA, (), s.TODAY))
    yield view("territory/reassigned", count=1, to=s.INES.slack_id)
    yield view("territory/reassigned", count=0, to=s.INES.slack_id)
