"""Time in the simulation: it stands still until it is moved, and may be set back a little, as real clocks are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class VirtualClock:
    """A `bot.clock.Clock`."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def reach(self, moment: datetime) -> None:
        """Time goes by until `moment`; nothing happens when that is past."""
        self.moment = max(self.moment, moment)

    def step(self, by: timedelta) -> None:
        """The clock is set, forward or back."""
        self.moment += by
