"""What people see about who looks after an account, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.vocabulary import Tier
from bot.usecases.alarms import AlarmsView, Line
from tests.decisions import samples as s
from tests.decisions.shown import Case, message


def of_alarms(words: str) -> Iterator[Case]:
    name = (words or "Acme Corp")[:120]
    vacant = Line("vacant", {"account": name, "account_id": 1, "tier": Tier.KEY, "since": s.TODAY, "days": 4})
    for lines in ((), (vacant,), (vacant,) * 40):
        yield message("alarms", alarms=AlarmsView(s.MIA, lines, s.TODAY))
