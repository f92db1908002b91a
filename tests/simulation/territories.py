"""Whole books change hands in the simulation: a run is planned and confirmed, paused, given to another rep, cancelled.

The workers look after it every few hours (in life: every half minute), and now and then they die while they do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.accounts import Account
from bot.domain.vocabulary import Reason, Tier
from bot.usecases.accounts.accounts import give_account
from bot.usecases.territory.form import RunForm
from tests.simulation.cast import Citizen, of_job
from tests.simulation.far_end import Killed
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.run import Simulation

LEAST, MOST = 3, 8
"""Accounts in a run."""
LOOKS, TURNS = timedelta(hours=3), timedelta(hours=9)
"""How often the workers look, and how often somebody may change their mind."""
DEADLY = 0.6
"""So often the workers die while they start what is due."""
DAY = timedelta(days=1)


def write(run: Simulation) -> int:
    """So many accounts move in runs; the others one by one."""
    rng, left = run.accounts_rng, int(run.scale.handoffs * run.scale.in_runs)
    if left < LEAST:
        return 0
    total, last = left, run.scale.months * 30.4 - 20
    while left > 0:
        size = min(left, rng.randint(LEAST, MOST))
        run.at(run.clock.now() + DAY * rng.uniform(0, max(last, 1)), lambda size=size: _plan(run, size))  # type: ignore[misc]
        left -= size
    _look(run)
    return total


def _plan(run: Simulation, size: int) -> None:
    rng = run.accounts_rng
    manager, giver = of_job(run.people, "manager", rng), of_job(run.people, "olaf", rng)
    run.at(manager.next_at_work(run.clock.now()), lambda: _confirm(run, size, manager, giver))


def _confirm(run: Simulation, size: int, manager: Citizen, giver: Citizen) -> None:
    if run.bot is None:
        run.when_up(lambda: _confirm(run, size, manager, giver))
        return
    rng, by, plans = run.accounts_rng, run.acts.by(manager.slack_id), run.bot.plans
    today = manager.today(run.clock.now())
    with run.bot.db.write() as session:
        owner = plans.desk.person(session, 1, giver.slack_id)
        for _ in range(size):
            run.counts["begun"] += 1
            account = Account(1, f"Account {run.counts['begun']}", tier=rng.choice((Tier.STANDARD, Tier.KEY)))
            session.add(account)
            session.flush()
            give_account(session, account, owner, today, None)
    run.counts["runs"] += 1
    form = RunForm(
        title=f"Territory {run.counts['runs']}",
        book=giver.slack_id,
        reason=rng.choice(list(Reason)),
        benefit="A rep who lives nearby.",
        last_day=today + timedelta(days=30),
        assign="load",
        reps=sorted({of_job(run.people, "ines", rng).slack_id for _ in range(3)}),
        channel=f"C{manager.slack_id[1:]}",
        first_on=today + timedelta(days=rng.randint(0, 2)),
        per_wave=str(rng.randint(1, 3)),
        every=str(rng.randint(1, 3)),
    )
    confirmed: list[int] = []

    def settled() -> None:
        view = plans.draft(by, form)
        confirmed.append(plans.confirm(by, view.run.id, view.run.version).id)

    run.acts.attempt("territory", settled)
    for number in confirmed:
        run.at(run.clock.now() + TURNS, lambda number=number: _turn(run, number))  # type: ignore[misc]


def _turn(run: Simulation, number: int) -> None:
    """Somebody who manages changes their mind, or does not."""
    state = run.books.rows("SELECT state FROM runs WHERE id = ?", number)[0]["state"]
    if state not in ("running", "paused"):
        return
    if run.bot is not None:
        rng, roll, runs = run.accounts_rng, run.accounts_rng.random(), run.bot.runs
        by = run.acts.by(of_job(run.people, "manager", rng).slack_id)
        if state == "paused" and roll < 0.4:
            run.acts.attempt("resume", runs.resume, by, number)
        elif roll < 0.06:
            run.acts.attempt("pause", runs.pause, by, number)
        elif roll < 0.10:
            run.acts.attempt("reassign a run", runs.reassign, by, number, *_reps(run, number))
        elif roll < 0.12:
            with_them = rng.random() < 0.6
            cancelled = run.acts.attempt(
                "cancel a run", lambda *_: runs.cancel(by, number, "They stay.", open_ones=with_them), by, number
            )
            if cancelled and with_them:
                run.moving.called_off.add(number)
    run.at(run.clock.now() + TURNS, lambda: _turn(run, number))


def _reps(run: Simulation, number: int) -> tuple[str, str]:
    """Who is to give theirs away, and who gets them."""
    getting = run.books.rows("SELECT DISTINCT incoming_id FROM run_lines WHERE run_id = ? ORDER BY 1", number)
    known = [run.rules.citizen(row["incoming_id"]).slack_id for row in getting if row["incoming_id"] is not None]
    return run.accounts_rng.choice(known), of_job(run.people, "ines", run.accounts_rng).slack_id


def _look(run: Simulation) -> None:
    """The workers do what is due."""
    if run.bot is not None and run.moving.busy():
        run.moving.before()
        if run.moving.due() and run.accounts_rng.random() < DEADLY:
            run.far_end.kill = True
        try:
            _advance(run)
        except Killed:
            run.die()
        else:
            run.moving.after()
        run.moving.agree()
        for handoff, outgoing in run.moving.fresh():
            run.rules.touch(handoff)
            run.begun(handoff, outgoing)
    run.at(run.clock.now() + LOOKS, lambda: _look(run))


def _advance(run: Simulation) -> None:
    assert run.bot is not None, "_look has asked"
    for _ in range(20):
        if not run.bot.runs.advance():
            return
    raise Violation("the workers of territory runs do not come to an end")
