"""What people write down about accounts, its history, and the days of which they are reminded, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from bot.store import schema as t
from bot.usecases.accounts.account_dates import AccountDates
from bot.usecases.accounts.capture import Capture
from bot.usecases.accounts.entries import Entries
from bot.usecases.desk import Actor, Desk


@dataclass(frozen=True)
class CaptureDesk:
    desk: Desk
    notes: Capture
    entries: Entries
    dates: AccountDates

    def own_id(self, actor: Actor) -> str:
        """Baton's own Slack id, to know its messages by."""
        c = t.workspaces.c
        with self.desk.db.read() as session:
            return session.scalar(select(c.bot_user_id).where(c.team_id == actor.team_id)) or ""

    def today(self, actor: Actor) -> date:
        """The date on their calendar."""
        with self.desk.db.read() as session:
            return self.desk.today(self.desk.viewer(session, actor))


def capture_desk(desk: Desk) -> CaptureDesk:
    """For one process."""
    return CaptureDesk(desk, Capture(desk), Entries(desk), AccountDates(desk))
