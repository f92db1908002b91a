"""Territory runs in the middle of faults: planned by the manager, worked on by whoever is alive, each account once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine, func, select

from bot.domain.accounts import Account
from bot.domain.territory import LineState, RunState
from bot.store import loading
from bot.store.database import Database
from bot.store.territories import run_lines, runs
from bot.usecases.accounts.accounts import give_account
from sandbox.model import Outcome
from sandbox.person import Person
from sandbox.seen import Modal
from sandbox.server import Sandbox
from tests.faults.calm import NeverCalm
from tests.faults.evidence import Evidence

if TYPE_CHECKING:
    from tests.faults.people import Act

LOTS = 60
"""So many runs there can be."""
PATIENCE = 60.0
"""Seconds for what a run still has to start, once everybody is alive."""
A_WHILE = timedelta(hours=4)
"""A step of the clock, towards the manager's working hours."""
LOOK = 0.1


def title_of(lot: int) -> str:
    return f"Lot {lot:02}"


def names_of(lot: int) -> list[str]:
    """The accounts of one run."""
    return [f"{title_of(lot)} {letter}" for letter in "ABCD"]


def fill_the_book(database_url: str, owner: str, today: date) -> None:
    """Somebody (by Slack id) looks after all of them, in the only workspace there is."""
    database = Database(database_url)
    with database.write() as session:
        person = loading.person_by_slack_id(session, 1, owner)
        assert person is not None, "known since the first handoff"
        for lot in range(LOTS):
            for name in names_of(lot):
                account = Account(1, name)
                session.add(account)
                session.flush()
                give_account(session, account, person, today, None)
    database.close()


def plans(person: Person, in_front: Callable[[], Modal | None], lot: int, last_day: str, first_day: str) -> Outcome:
    """From `/handoff territory` to the confirmed plan of one lot, given as a list. `in_front`: the modal they see."""
    opened = person.types("/handoff territory", in_="#accounts")
    form = in_front()
    if form is not None and form.title == "Territories":
        form.click("Plan a territory")
        form = in_front()
    if not opened.ok or form is None:
        return opened
    form.fill("Name", title_of(lot))
    form.fill("Benefit to the customers", "A rep who lives nearby.")
    content = "\n".join(["account,outgoing", *(f"{name},@olaf" for name in names_of(lot))])
    form.upload("Or a list (CSV)", f"lot-{lot:02}.csv", content.encode())
    for label, value in (
        ("Reason", "Retirement"),
        ("Last day", last_day),
        ("Who gets which account", "Whoever has least to look after"),
        ("Who may get them", ["@ines", "@ida"]),
        ("Channel", "#accounts"),
        ("First wave begins", first_day),
    ):
        form.choose(label, value)
    outcome = form.submit()
    plan = in_front()
    if not outcome.ok or outcome.errors or plan is None or plan.title != "The plan":
        return Outcome(False, "there is no plan")
    return plan.submit()


def planned(evidence: Evidence, act: Act) -> bool:
    """What was confirmed is a run that goes on, with all of its accounts."""
    for run in evidence.runs.values():
        if run.title == act.about["run"] and run.state != RunState.PREVIEW:
            return sum(line.run_id == run.id for line in evidence.run_lines.values()) == len(names_of(0))
    return False


def begun_once(evidence: Evidence) -> Iterator[str]:
    """Every account of a confirmed run has exactly one handoff of that run, and nothing waits or was left out."""
    of_run = Counter((row.run_id, row.account_id) for row in evidence.handoffs.values() if row.run_id is not None)
    for line in evidence.run_lines.values():
        run = evidence.runs[line.run_id]
        if run.state == RunState.PREVIEW:
            continue
        if line.state != LineState.STARTED:
            yield f"{run.title}: account {line.account_id} is {line.state} ({line.error or 'no reason'}); {run}"
        elif of_run.pop((line.run_id, line.account_id), 0) != 1:
            yield f"{run.title}: account {line.account_id} has not one handoff, but several or none"
    for number, account_id in of_run:
        yield f"account {account_id} has a handoff of run {number} that no line knows of"


class Begun:
    """Waits until all that was confirmed has begun."""

    def __init__(self, engine: Engine, sandbox: Sandbox) -> None:
        self._engine, self._sandbox = engine, sandbox

    def until_all_have(self) -> None:
        """The manager's working hours come; raises NeverCalm when something still waits after all."""
        until, night = time.monotonic() + PATIENCE, time.monotonic() + PATIENCE / 4
        while self._waiting():
            now = time.monotonic()
            if now > until:
                raise NeverCalm("territory runs do not begin")
            if now > night:
                self._sandbox.workspace.clock.advance(A_WHILE)  # type: ignore[attr-defined]
                night = now + PATIENCE / 8
            self._sandbox.workspace.wait_for_change(self._sandbox.workspace.version, LOOK)

    def _waiting(self) -> int:
        query = select(func.count()).select_from(run_lines).join(runs, runs.c.id == run_lines.c.run_id)
        where = (runs.c.state == RunState.RUNNING, run_lines.c.state == LineState.WAITING)
        with self._engine.connect() as connection:
            return connection.scalar(query.where(*where)) or 0
