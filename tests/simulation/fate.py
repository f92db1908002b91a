"""What happens to people and machines in a run, and when: handoffs begin, people leave, Slack has bad hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.outbox.queue import Claimed
from bot.usecases.desk import Actor
from bot.usecases.workspace.setup import SetupView, Stakeholder
from tests.simulation import occasions, territories
from tests.simulation.alarming import lines_in
from tests.simulation.cast import JOBS, PLACES, TEAM, Citizen, of_job
from tests.simulation.far_end import WEATHER
from tests.simulation.occasions import Told
from tests.simulation.rules import shown_in

if TYPE_CHECKING:
    from tests.simulation.run import Simulation

WAVE = 6
"""At most so many accounts change hands at once."""
DILIGENCE = (0.1, 0.3, 0.9, 0.9, 0.9, 0.97, 0.97, 0.97, 0.97, 0.97)
"""How likely it is that somebody does what is to be done when they come by; few let it lie."""
MISTAKEN, AT_ONCE = 0.2, 0.3
"""How many handoffs are called off as soon as they have begun, and how many are worked on at once."""
DAY = timedelta(days=1)
LOOKS = timedelta(hours=5)
IN_VAIN = 0.05
"""So often the workers look for what cannot wait although there is nothing."""


def write(run: Simulation) -> None:
    """All that is settled before the run begins; the rest follows from it."""
    assert run.bot is not None, "nothing has happened yet"
    run.bot.setup.install(TEAM, "Simulation", "UBATON")
    managers = tuple(slack_id for slack_id in run.people if slack_id.startswith("UMANAGER"))
    credit = {"credit": Stakeholder("UCARL0")}
    run.bot.setup.save(Actor(TEAM, managers[0]), SetupView(credit, managers, None))
    _handoffs(run)
    _absences(run)
    _trouble(run)
    day = run.clock.now() + timedelta(hours=17, minutes=30)
    run.at(day, lambda: _day(run, day))
    _look_about(run)


def _handoffs(run: Simulation) -> None:
    left, last = run.scale.handoffs - territories.write(run), run.scale.months * 30.4 - 14
    while left > 0:
        size = min(left, run.rng.randint(1, WAVE))
        begins = run.clock.now() + DAY * run.rng.uniform(0, max(last, 1))
        run.at(begins, lambda size=size: _wave(run, size))  # type: ignore[misc]
        left -= size


def _wave(run: Simulation, size: int) -> None:
    """One manager moves several accounts from one rep to another, in their working hours."""
    manager, outgoing = of_job(run.people, "manager", run.rng), of_job(run.people, "olaf", run.rng)
    incoming = of_job(run.people, "ines", run.rng)
    diligence = run.rng.choice(run.scale.diligence)
    run.at(manager.next_at_work(run.clock.now()), lambda: _begin(run, size, manager, outgoing, incoming, diligence))


def _begin(
    run: Simulation, size: int, manager: Citizen, outgoing: Citizen, incoming: Citizen, diligence: float
) -> None:
    if run.bot is None:
        run.when_up(lambda: _begin(run, size, manager, outgoing, incoming, diligence))
        return
    for _ in range(size):
        run.counts["begun"] += 1
        number = run.acts.start(manager, outgoing, incoming, f"Account {run.counts['begun']}")
        roll = run.rng.random()
        if number is not None:
            occasions.write(run.acts, number, run.accounts_rng)
        if number is None or (roll < MISTAKEN and run.acts.call_off(number)):
            continue
        if roll > 1 - AT_ONCE:
            run.acts.visit(number, 0.97)
        visit_later(run, number, outgoing, diligence)


def visit_later(run: Simulation, number: int, by: Citizen, diligence: float) -> None:
    """Somebody comes by after a while."""
    pause = DAY * run.rng.uniform(0.05, 0.8 if diligence > 0.4 else 7.0)
    run.at(by.next_at_work(run.clock.now() + pause), lambda: _visit(run, number, by, diligence))


def _visit(run: Simulation, number: int, by: Citizen, diligence: float) -> None:
    if run.bot is None:
        run.when_up(lambda: _visit(run, number, by, diligence))
    elif run.acts.visit(number, diligence):
        visit_later(run, number, by, min(diligence + 0.15, 0.97))


def reminded(run: Simulation, slack_id: str, _letter: Claimed, content: Mapping[str, Any]) -> None:
    """Half of the reminders are answered, at some time of the same day or the next."""
    if run.rng.random() < 0.5:
        nudges = shown_in(content)[: run.rng.randint(1, 4)]
        when = run.clock.now() + DAY * run.rng.uniform(0.01, 1.0)
        run.at(run.people[slack_id].next_at_work(when), lambda: _react(run, slack_id, nudges))


def _react(run: Simulation, slack_id: str, nudges: list[int]) -> None:
    if run.bot is not None:
        run.acts.react(slack_id, nudges)


def alarmed(run: Simulation, slack_id: str, content: Mapping[str, Any]) -> None:
    """Most of what a message says of the customer's days is settled, in a while."""
    for told in lines_in(content):
        if run.accounts_rng.random() < 0.6:
            when = run.people[slack_id].next_at_work(run.clock.now() + DAY * run.accounts_rng.uniform(0.01, 3.0))
            run.at(when, lambda told=told: _settle(run, slack_id, told))  # type: ignore[misc]


def _settle(run: Simulation, slack_id: str, told: Told) -> None:
    if run.bot is not None:
        occasions.answer(run.acts, run.rules.alarming.occasions, slack_id, told, run.accounts_rng)


def _absences(run: Simulation) -> None:
    months = run.scale.months
    for citizen in run.people.values():
        for _ in range(round(months / 6 + run.rng.random() / 2)):
            says = run.clock.now() + DAY * run.rng.uniform(1, months * 30)
            run.at(says, lambda citizen=citizen: _leave(run, citizen))  # type: ignore[misc]
    for _ in range(round(months)):
        run.at(run.clock.now() + DAY * run.rng.uniform(1, months * 30), lambda: _move(run))
    for _ in range(round(months / 2)):
        run.at(run.clock.now() + DAY * run.rng.uniform(1, months * 30), lambda: _quit(run))


def _leave(run: Simulation, citizen: Citizen) -> None:
    if run.bot is None or citizen.gone:
        return
    first = citizen.today(run.clock.now()) + timedelta(days=run.rng.randint(0, 5))
    last = first + timedelta(days=run.rng.choice((0, 1, 4, 11)))
    delegate = of_job(run.people, run.rng.choice(JOBS), run.rng).slack_id if run.rng.random() < 0.5 else None
    run.acts.leave(citizen, first, last, delegate)


def _move(run: Simulation) -> None:
    """Somebody moves to another zone, and Slack says so."""
    citizen = of_job(run.people, run.rng.choice(JOBS), run.rng)
    if run.bot is None:
        return
    citizen.place = run.rng.choice(PLACES)
    run.note("moves", citizen.slack_id, citizen.place.zone)
    run.bot.people.changed(TEAM, citizen.user())


def _quit(run: Simulation) -> None:
    """A rep leaves for good."""
    citizen = of_job(run.people, run.rng.choice(("olaf", "ines")), run.rng)
    if run.bot is None:
        return
    citizen.gone = True
    run.note("leaves Slack", citizen.slack_id)
    run.bot.people.changed(TEAM, citizen.user())


def _trouble(run: Simulation) -> None:
    days = run.scale.months * 30
    for _ in range(max(round(run.scale.months * run.scale.storms), 1)):
        weather, hours = run.rng.choice(WEATHER), run.rng.uniform(0.3, 1.2)
        begins = _weekday(run, days)
        run.at(begins, lambda weather=weather, hours=hours: _storm(run, weather, hours))  # type: ignore[misc]
    for _ in range(max(round(run.scale.months * run.scale.stalls), 1)):
        run.at(_weekday(run, days), lambda: run.hang(timedelta(minutes=run.rng.randint(10, 240))))
    for _ in range(max(round(run.scale.months), 1)):
        run.at(_weekday(run, days), lambda: run.stop(timedelta(minutes=run.rng.randint(1, 300))))
        run.at(_weekday(run, days), lambda: setattr(run.far_end, "kill", True))
        run.at(_weekday(run, days), lambda: _step(run, timedelta(seconds=-run.rng.randint(1, 120))))
    for _ in range(round(run.scale.months / 2)):
        run.at(_weekday(run, days), lambda: _step(run, timedelta(hours=run.rng.uniform(1, 8))))
    run.at(_weekday(run, days), lambda: run.stop(timedelta(days=5)))


def _weekday(run: Simulation, days: float) -> datetime:
    return run.clock.now() + DAY * run.rng.uniform(1, days)


def _storm(run: Simulation, weather: str, hours: float) -> None:
    run.note("Slack has a bad hour:", weather)
    run.far_end.weather = weather
    now = run.clock.now()
    over = now + timedelta(hours=hours)
    run.rules.trouble.append((now, over))
    run.counts["storms"] += 1
    run.at(over, lambda: _calm(run))


def _calm(run: Simulation) -> None:
    run.note("Slack is well again")
    run.far_end.weather = ""


def _step(run: Simulation, by: timedelta) -> None:
    run.note("the clock is set by", by)
    now = run.clock.now()
    run.clock.step(by)
    run.rules.trouble.append((min(now, run.clock.now()), max(now, run.clock.now())))
    run.counts["steps"] += 1


def _look_about(run: Simulation) -> None:
    """The workers look for what cannot wait: every few minutes in life; here when there may be somebody to tell."""
    now, alarming = run.clock.now(), run.rules.alarming
    if run.bot is not None:
        waiting = alarming.waiting()
        alone = any(alarming.untold(row["manager_id"]) for row in run.books.vacant(now.date()))
        if waiting or alone or run.accounts_rng.random() < IN_VAIN:
            run.counts["raised"] += run.bot.alarms.raise_due()
            alarming.written(waiting)
    run.at(run.clock.now() + LOOKS, lambda: _look_about(run))


def _day(run: Simulation, day: datetime) -> None:
    """The end of a day: what was owed is counted, and now and then the cards are drawn for the next."""
    if run.bot is not None:
        run.bot.daybreak.turn()
        if run.rng.random() < 0.05:
            run.bot.daybreak.draw_cards()
        run.rules.each_day()
        run.moving.boards()
    run.at(day + DAY, lambda: _day(run, day + DAY))
