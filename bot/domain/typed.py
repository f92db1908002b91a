"""What people type and choose: whether there is anything to see in it, whether a day can be meant."""

from __future__ import annotations

import unicodedata
from datetime import date

from bot.domain.refusals import Refusal

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
"""The days that a form takes: far enough from both ends of the calendar to count on from them."""

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
"""Unicode's categories of characters that leave no mark: blanks, controls, joiners, unassigned ones."""


def trimmed(text: str | None) -> str:
    """`text` without blanks around it; empty when nothing in it can be seen (zero-width spaces, say)."""
    cleaned = (text or "").strip()
    return cleaned if any(unicodedata.category(sign) not in _UNSEEN for sign in cleaned) else ""


class TooFarOffDay(Refusal):
    sentence = "That day is too far off. Choose one between 2000 and 2099."


def require_near(day: date) -> date:
    """The day itself. Raises TooFarOffDay for one that nobody means, and with which no other day can be reckoned."""
    if not EARLIEST <= day <= LATEST:
        raise TooFarOffDay()
    return day
