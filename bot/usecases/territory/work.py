"""What a confirmed territory run does by itself: start what is due, a few at a time, and do what was wished since.

Each account is a transaction of its own: a handoff and the line that says so are there together or not at all. Any
number of workers may do this; each takes lines that nobody else has.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.people import Person, nobody
from bot.domain.permissions import Action
from bot.domain.refusals import HandoffClosed, NoSuchThing
from bot.domain.territory import LineState, Run, RunLine, RunState
from bot.domain.vocabulary import Reason
from bot.errors import BotError, FieldErrors, Unavailable
from bot.store import loading, runs
from bot.store import schema as t
from bot.store.letters import freshen
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Errors, chosen
from bot.usecases.handoffs.checklist import written
from bot.usecases.handoffs.editing import Edit, Editing
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.start import Start
from bot.usecases.handoffs.start_form import AccountChoice, StartForm
from bot.usecases.territory import barred
from bot.usecases.territory.form import Already, PlanIsOld
from bot.usecases.territory.steering import live, noted
from bot.usecases.territory.territory import board
from bot.usecases.territory.todo import to_do
from bot.usecases.territory.view import RunView, goes_on, run_view

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ListView:
    """A page of "expected and done"; `after` is where the next page begins."""

    view: RunView
    lines: tuple[runs.Shown, ...]
    people: dict[int, Person]
    before: int | None
    after: int | None


PAGE = 20
ATTEMPTS = 3
"""So often an account is begun whose handoff cannot be written because somebody writes at the same time."""


@dataclass(frozen=True)
class Runs:
    """What managers do to a run, and what the workers do for it."""

    desk: Desk
    start: Start
    handoffs: Handoffs
    editing: Editing

    def latest(self, actor: Actor) -> list[RunView]:
        """The runs of the workspace, the newest first. Raises NotAllowed."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            self.desk.require(session, Action.START, reader)
            return [run_view(self.desk, session, run) for run in runs.latest(session, reader.workspace_id, 10)]

    def view(self, actor: Actor, run_id: int) -> RunView:
        """One run. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            self.desk.require(session, Action.START, reader)
            return run_view(self.desk, session, runs.seen(session, reader, run_id))

    def list(self, actor: Actor, run_id: int, offset: int = 0) -> ListView:
        """What was expected of each account, and what is done. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            self.desk.require(session, Action.START, reader)
            view = run_view(self.desk, session, runs.seen(session, reader, run_id))
            found = runs.lines(session, reader, run_id, PAGE + 1, max(offset, 0))
            ids = {number for one in found for number in (one.line.outgoing_id, one.line.incoming_id)}
            before = max(offset - PAGE, 0) if offset > 0 else None
            after = offset + PAGE if len(found) > PAGE else None
            return ListView(view, tuple(found[:PAGE]), loading.people_by_id(session, ids), before, after)

    def pause(self, actor: Actor, run_id: int) -> RunView:
        """Start nothing more for now. Raises PlanIsOld, NotAllowed."""
        return self._turned(actor, run_id, RunState.RUNNING, RunState.PAUSED, "run.paused")

    def resume(self, actor: Actor, run_id: int) -> RunView:
        """Go on. Raises PlanIsOld, NotAllowed."""
        return self._turned(actor, run_id, RunState.PAUSED, RunState.RUNNING, "run.resumed")

    def cancel(self, actor: Actor, run_id: int, reason: str, *, open_ones: bool) -> RunView:
        """What has not begun does not begin; with `open_ones`, its open handoffs end too. Raises Empty, PlanIsOld."""
        why = written(reason)
        with self.desk.db.write() as session:
            by, run = live(self.desk, session, actor, run_id)
            count = runs.cancel_waiting(session, run.id)
            ended = 0
            if open_ones:
                ended = runs.wish(session, run.id, {"do": "cancel", "by": by.id, "reason": why})
            run.state = RunState.CANCELLED
            run.closed_at = self.desk.now()
            noted(self.desk, session, by, run, "run.cancelled", {"reason": why, "waiting": count, "open": ended})
            return run_view(self.desk, session, run)

    def reassign(self, actor: Actor, run_id: int, from_: str | None, to: str | None) -> tuple[RunView, int]:
        """What one rep is to get, another gets: planned, or under way and not accepted yet. Returns how many.

        Raises FieldErrors by "from", "to"; PlanIsOld.
        """
        with self.desk.db.write() as session:
            by, run = live(self.desk, session, actor, run_id)
            errors: Errors = {}
            gives = chosen(self.desk, session, by, from_, "from", errors, may_have_left=True)
            gets = chosen(self.desk, session, by, to, "to", errors)
            if gives is not None and gives is gets:
                errors["to"] = Already()
            if errors or gives is None or gets is None:
                raise FieldErrors(errors)
            count = runs.hand_to(session, run.id, gives.id, gets.id)
            wanted = {"do": "reassign", "by": by.id, "to": gets.id}
            count += runs.wish(session, run.id, wanted, gives.id, gets.id)
            facts = {"from": gives.id, "to": gets.id, "accounts": count}
            noted(self.desk, session, by, run, "run.reassigned", facts)
            return run_view(self.desk, session, run), count

    def waits(self) -> bool:
        """Whether there is something to do now: a run was just set going, or somebody has just wished something."""
        return to_do(self.desk).any

    def advance(self) -> bool:
        """Work on what is due. Returns whether there is more to do at once."""
        try:
            return self._advance()
        except Unavailable:  # two transactions waited for each other, and the database ended ours: it begins anew
            log.info("a territory run was interrupted, and goes on")
            return True

    def _advance(self) -> bool:
        now = to_do(self.desk)
        for number in now.wished:
            self._grant(number)
        for number in now.ended:
            self._end(number)
        for number, channel in now.channels.items():
            if self.start.check_channel(channel) is not None:
                barred.wait(self.desk, number, channel)
        for number in now.due:
            self._begin(number)
        return now.full

    def _end(self, run_id: int) -> None:
        """Everything of the run is settled."""
        with self.desk.db.write() as session:
            run = session.get(Run, run_id, with_for_update=True)
            if run is not None and run.state is RunState.RUNNING and runs.over(session, run_id):
                run.state, run.closed_at = RunState.DONE, self.desk.now()
                session.flush()
                freshen(session, run.workspace_id, self.desk.now(), [board(run)])

    def _begin(self, line_id: int) -> None:
        """Start the handoff of one line, and say so in it; why not, if it cannot be started."""
        for _ in range(ATTEMPTS):
            try:
                self._begin_now(line_id)
            except IntegrityError:  # another process wrote the same in this moment: a playbook, or this account
                continue
            return
        with self.desk.db.write() as session:
            line = runs.take(session, line_id)
            if line is not None and line.state is LineState.WAITING:
                self._left_out(session, line_id, "running")

    def _begin_now(self, line_id: int) -> None:
        with self.desk.db.write() as session:
            line = runs.take(session, line_id)
            if line is None or line.state is not LineState.WAITING:
                return
            run = runs.run(session, line.workspace_id, line.run_id)
            if run.state is not RunState.RUNNING:
                return
            by = loading.people_by_id(session, [run.by_id])[run.by_id]
            if not goes_on(self.desk, session, by):
                self._orphaned(session, run)
                return
            try:
                started = self.start.within(session, by, self._form(session, run, line), run.id)
            except BotError as problem:
                self._left_out(session, line_id, problem)
                return
            values = {"state": LineState.STARTED, "handoff_id": started.handoff_id}
            runs.written(session, line_id, values)
            freshen(session, line.workspace_id, self.desk.now(), [board(run)])

    def _orphaned(self, session: Session, run: Run) -> None:
        """What waits, waits for a manager who takes it over."""
        session.refresh(run, with_for_update=True)
        if run.state is RunState.RUNNING:
            run.state = RunState.PAUSED
            noted(self.desk, session, nobody(run.workspace_id), run, "run.paused", {"orphaned": True})

    def _left_out(self, session: Session, line_id: int, problem: BotError | str) -> None:
        runs.written(session, line_id, {"state": LineState.LEFT_OUT, "error": _reason(problem)})
        run = runs.of_line(session, line_id)
        freshen(session, run.workspace_id, self.desk.now(), [board(run)])

    def _form(self, session: Session, run: Run, line: RunLine) -> StartForm:
        account = loading.account(session, run.workspace_id, line.account_id)
        people = loading.people_by_id(session, [line.outgoing_id, line.incoming_id])
        gives, gets = people.get(line.outgoing_id or 0), people.get(line.incoming_id or 0)
        last_day = run.rules.get("last_day")
        return StartForm(
            account=AccountChoice(id=account.id),
            reason=Reason(run.rules["reason"]),
            outgoing=gives.slack_id if gives else None,
            outgoing_name=line.outgoing_name,
            incoming=gets.slack_id if gets else None,
            last_day=date.fromisoformat(last_day) if last_day else None,
            benefit=run.rules["benefit"],
            sales_channel=account.sales_channel,
            tier=account.tier,
            channel=run.channel_id,
            overseas=account.overseas,
            brief=account.tier.value in run.rules.get("brief_tiers", ()),
        )

    def _grant(self, line_id: int) -> None:
        """Do to a line's handoff what was wished. It is its own transaction; done twice, it changes nothing."""
        with self.desk.db.read() as session:
            line = session.get(RunLine, line_id)
            if line is None or line.wish is None or line.handoff_id is None:
                return
            wish, handoff_id = dict(line.wish), line.handoff_id
            people = loading.people_by_id(session, [wish["by"], wish.get("to")])
            team = session.scalar(select(t.workspaces.c.team_id).where(t.workspaces.c.id == line.workspace_id))
        actor, error = Actor(str(team), people[wish["by"]].slack_id), ""
        try:
            if wish["do"] == "cancel":
                self.handoffs.cancel(actor, handoff_id, wish["reason"])
            else:
                self.editing(actor, handoff_id, Edit({"incoming": people[wish["to"]].slack_id}))
        except (HandoffClosed, NoSuchThing):
            pass
        except BotError as problem:
            error = _reason(problem)
        values: dict[str, Any] = {"error": error}
        if wish["do"] == "reassign" and not error:
            values["incoming_id"] = wish["to"]
        with self.desk.db.write() as session:
            runs.granted(session, line_id, wish, values)
            freshen(session, people[wish["by"]].workspace_id, self.desk.now(), [board(runs.of_line(session, line_id))])

    def _turned(self, actor: Actor, run_id: int, was: RunState, becomes: RunState, verb: str) -> RunView:
        with self.desk.db.write() as session:
            by, run = live(self.desk, session, actor, run_id)
            if run.state is not was:
                raise PlanIsOld()
            run.state, run.rules = becomes, barred.without(run)
            if becomes is RunState.RUNNING and run.by_id != by.id:
                was_by = loading.people_by_id(session, [run.by_id]).get(run.by_id)
                run.by_id = run.by_id if goes_on(self.desk, session, was_by) else by.id
            noted(self.desk, session, by, run, verb)
            return run_view(self.desk, session, run)


def _reason(problem: BotError | str) -> str:
    """What a line keeps of why something could not be done: of a form the first thing that is wrong with it."""
    if isinstance(problem, FieldErrors):
        problem = next(iter(problem.errors.values()))
    return str(problem)[:500]
