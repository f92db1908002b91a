"""A territory run goes on in another channel: what begins from then on, and its board. What has begun stays."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.edits import merged
from bot.errors import FieldErrors
from bot.store import relocating
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing
from bot.usecases.handoffs.start import Start
from bot.usecases.territory import barred
from bot.usecases.territory.steering import live, noted
from bot.usecases.territory.territory import board
from bot.usecases.territory.view import RunView, run_view


@dataclass(frozen=True)
class Moving:
    desk: Desk
    start: Start

    def __call__(self, actor: Actor, run_id: int, channel: str | None, was_in: str) -> RunView:
        """`was_in`: the channel that the form was opened with; left as it stood there, nothing changes.

        A run that waited because its channel could not be written to goes on. Raises FieldErrors by "channel",
        PlanIsOld, NotAllowed, NoSuchThing.
        """
        problem = self.start.check_channel(channel) if channel and channel != was_in else None
        with self.desk.db.write() as session:
            by, run = live(self.desk, session, actor, run_id)
            if not channel:
                raise FieldErrors({"channel": Missing()})
            before = {"channel": run.channel_id}
            changes, clashes = merged({"channel": channel}, {"channel": was_in}, before)
            if clashes:
                raise FieldErrors(dict(clashes))
            if changes and problem is not None:
                raise FieldErrors({"channel": problem})
            if changes:
                run.go_on_in(channel)
                relocating.relocate_board(session, run.workspace_id, self.desk.now(), board(run))
                noted(self.desk, session, by, run, "run.edited", changes, before)
                if barred.goes_on(run):
                    noted(self.desk, session, by, run, "run.resumed")
            return run_view(self.desk, session, run)
