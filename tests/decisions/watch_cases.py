"""The watch list and the last day: lists, forms, what was prepared, what comes first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot.domain.deals import Deal
from bot.domain.watching import Offered, Signal
from bot.usecases.fields import Missing
from bot.usecases.leaving.quietly import Left, Prepared
from bot.usecases.leaving.watching import Alone, Entry
from bot.usecases.nudges.alarms import AlarmsView, Line
from bot.usecases.views import reading
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view


def entry(words: str, number: int = 1, **more: Any) -> Entry:
    account = s.handoff(words).account
    deal: Deal = s.numbered(Deal(1, 1, words or "Pumps for the new hall", s.NOW))
    alone = (Alone(account, None, 0, s.INES), Alone(account, None, 1, None), Alone(account, deal, 2, s.INES)) * 3
    facts: dict[str, Any] = {
        "signals": tuple(Signal), "offered": tuple(Offered), "note": words, "follow_up": s.TODAY, "alone": alone,
        "accounts": 7, "ready": 3,
    }  # fmt: skip
    return Entry(id=number, person=s.OLAF, by=s.MIA, version=1, **{**facts, **more})


def of_the_watch_list(words: str) -> Iterator[Case]:
    bare: dict[str, Any] = {"signals": (), "offered": (), "note": "", "follow_up": None, "alone": (), "ready": 0}
    many = tuple(entry(words, number) for number in range(1, 15))
    for entries in ((), (entry(words), entry(words, 2, **bare)), many):
        yield view("watch", entries=entries, today=s.TODAY)
    yield view("form/watch", entry=None)
    yield view("form/watch", entry=entry(words))
    yield view("form/quietly", entry=entry(words))
    account, why = s.handoff(words).account, Missing()
    for count, more in ((0, 0), (15, 4)):
        left = tuple(Left(account, why) for _ in range(70 if more else 1))
        done = Prepared(entry(words), (account,) * count, left, more)
        yield view("prepared", done=done, left=[(account.name, "A quiet handoff is under way.")] * len(left))
    line = Line("watch", {"person": s.OLAF, "day": s.TODAY, "entry": 3}, confided=frozenset({s.MIA.id}))
    yield message("alarms", alarms=AlarmsView(s.MIA, (line,), s.TODAY))
    for days in (None, 0, 1, 9):
        handoff = s.handoff(words)
        handoff.last_day = s.TODAY + timedelta(days=days) if days is not None else None
        for item in handoff.items[:2]:
            item.outgoing_only = True
        yield message("stage", stage=reading.stage(handoff, handoff.stage, s.TODAY))
