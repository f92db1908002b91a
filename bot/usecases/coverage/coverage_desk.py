"""Everything about who looks after an account, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.usecases.coverage.bench import Bench
from bot.usecases.coverage.cover_days import CoverDays
from bot.usecases.coverage.cover_views import CoverViews
from bot.usecases.coverage.coverage import Coverages
from bot.usecases.desk import Desk
from bot.usecases.handoffs.checklist import Checklist
from bot.usecases.handoffs.handoffs import Handoffs


@dataclass(frozen=True)
class CoverageDesk:
    changes: Coverages
    views: CoverViews
    days: CoverDays
    bench: Bench

    def left(self, session: Session, person: Person, today: date) -> list[int]:
        """Somebody is gone: nobody has what they looked after. Returns the numbers of those accounts."""
        return self.days.left(session, person, today)


def coverage_desk(desk: Desk, checklist: Checklist, handoffs: Handoffs) -> CoverageDesk:
    return CoverageDesk(Coverages(desk, handoffs, checklist), CoverViews(desk), CoverDays(desk, handoffs), Bench(desk))
