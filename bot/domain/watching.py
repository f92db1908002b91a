"""Reps who might leave, as managers watch them: what they noticed, what they offered, what hangs on one person (A6).

Entered by people; nothing is mined from anybody's behaviour in Slack.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

FAR_OFF = timedelta(days=90)
"""A deal whose expected close is further away is a long one …"""
OLD = timedelta(days=180)
"""… and so is one that has been open for so long."""


class Signal(StrEnum):
    """What practitioners look out for."""

    PRODUCTIVITY = "productivity"
    DAYS_OFF = "days_off"
    CALL_QUALITY = "call_quality"
    UNREACHABLE = "unreachable"


class Offered(StrEnum):
    """What a rep can be offered so that they stay."""

    ROTATION = "rotation"
    ENRICHMENT = "enrichment"
    RELOCATION = "relocation"
    SCHEDULE = "schedule"


def may_see(reader_id: int | None, *, manager: bool, watched_id: int) -> bool:
    """Whether somebody may know that a person is watched: managers by setup, but never the person, manager or not."""
    return manager and reader_id is not None and reader_id != watched_id


def single_threaded(contacts: int) -> bool:
    """Whether the whole account hangs on one known contact at the customer, or on none."""
    return contacts <= 1


def is_long(expected_close: date | None, created: date, today: date) -> bool:
    """Whether a deal lasts so long that its rep may be gone before it closes."""
    return (expected_close is not None and expected_close - today > FAR_OFF) or today - created > OLD
