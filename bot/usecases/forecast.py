"""`/handoff nudges`: what will be sent to a person and when, if nothing is done until then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.forecast import Because
from bot.domain.handoff import Handoff
from bot.domain.people import Person

WORKING_DAYS = 10
"""How far the view looks ahead, in working days of the reader."""


@dataclass(frozen=True)
class ForecastLine:
    """One reminder in a coming message.

    `kind` is item, answer or acceptance; `title` the step's title, the pack's title, or the account's name for an
    acceptance; `item` or `request` is what it is about, with that kind. `late_days` counts working days of the owner:
    0 on the day, negative before it is due. `to_manager`: it tells of somebody else's (`owner`'s) delay.
    `standing_in`: it comes to the reader because `owner` is away or gone. `link` leads to the handoff's card.
    """

    handoff: Handoff
    kind: str
    title: str
    owner: Person
    due_on: date
    late_days: int
    because: Because
    urgent: bool
    to_manager: bool
    standing_in: bool
    link: str
    item: ChecklistItem | None = None
    request: FeedbackRequest | None = None


@dataclass(frozen=True)
class ForecastMessage:
    """One coming direct message: `at` is UTC (show it in the reader's zone), `day` its date on their calendar."""

    at: datetime
    day: date
    digest: bool
    lines: tuple[ForecastLine, ...]


@dataclass(frozen=True)
class ForecastView:
    """All that will be sent to `person` up to and including `until` (10 working days of theirs), in order of time.

    `cap`: reminder messages per day at most. `away_until`: the last day of an absence that is on now, else None.
    """

    person: Person
    today: date
    until: date
    messages: tuple[ForecastMessage, ...]
    cap: int
    away_until: date | None = None
