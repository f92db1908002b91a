"""A rehearsal as a calendar to read: one line for each message, and what public holidays moved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice

from holidays.utils import country_holidays

from bot.commands.preview_assumptions import country_name
from bot.domain.cadence import Plan, rungs
from bot.domain.forecast import Because, Entry, Foreseen, Owes
from bot.domain.people import Person
from bot.domain.routing import local_date
from bot.domain.worktime import WorkTime, zone_or_utc
from bot.usecases.desk import worktime
from bot.usecases.nudges.debts import ACCEPTANCE, ANSWER
from bot.usecases.nudges.rehearsal import Assumptions, Posted, Rehearsal
from bot.usecases.views.reading import working_days_late

CHANNEL, THREAD = "channel", "thread"


@dataclass(frozen=True)
class Said:
    """One thing that a message says. The fields beside `text` are empty in what is no reminder."""

    text: str
    title: str = ""
    rung: str = ""
    because: str = ""
    owner: str = ""
    due_on: date | None = None
    late_days: int | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Line:
    """One message: `at` on the recipient's clock; `kind` is reminder, digest, or what `Posted` has."""

    at: datetime
    to: str
    kind: str
    says: tuple[Said, ...]


@dataclass(frozen=True)
class HolidayNote:
    """A public holiday on the way: which due dates (title, without it, with it) and how many reminders it moved."""

    day: date
    name: str
    country: str
    dates: tuple[tuple[str, date, date], ...]
    reminders: int


def lines(played: Rehearsal, assumed: Assumptions) -> list[Line]:
    """Every message in the order in which it is sent."""
    within = (one for one in played.posted if played.until is None or one.at <= played.until)
    posts = [(one.at, 0, _posted(one, played, assumed)) for one in within]
    sent = [(one.at, 1, _reminder(one, played)) for one in played.reminders]
    return [line for _, _, line in sorted([*posts, *sent], key=lambda one: one[:2])]


def _posted(one: Posted, played: Rehearsal, assumed: Assumptions) -> Line:
    place = CHANNEL if one.what in ("card", "completed") else THREAD
    reader = one.to or assumed.manager
    to = one.to.name if one.to is not None else place
    return Line(_local(one.at, reader), to, one.what, (Said(_post_text(one, played), title=one.about),))


def _post_text(one: Posted, played: Rehearsal) -> str:
    due = {str(request.pack["title"]): request.due_on for request in played.handoff.requests}
    by = due.get(one.about)
    accept_by = played.handoff.acceptance_due_on
    return {
        "card": "The card: who hands over to whom, what is missing, what is next",
        "checklist": f"Checklist of the stage {one.about}",
        "question": f"Questions of {one.about}" + (f", answers by {short(by)}" if by else ""),
        "gate": f"The stage {one.about} is complete",
        "acceptance": "The brief, to accept or return" + (f" by {short(accept_by)}" if accept_by else ""),
        "accepted": f"{one.about.capitalize()} accepts and is the owner of record from now on",
        "completed": "The card says that the handoff is complete",
    }[one.what]


def _reminder(one: Foreseen, played: Rehearsal) -> Line:
    says = tuple(_said(entry, played, local_date(one.to, one.at)) for entry in one.entries)
    return Line(_local(one.at, one.to), one.to.name, "digest" if one.digest else "reminder", says)


def _said(entry: Entry, played: Rehearsal, today: date) -> Said:
    debt, title = entry.owes.debt, _what(entry.owes, played)
    late = working_days_late(debt.owner, debt.due_on, today)
    whose = f"{debt.owner.name} has it" if entry.to_manager else ""
    text = f"{title}: {', '.join(filter(None, (_why(entry), _when(debt.due_on, late, today), whose)))}"
    return Said(text, title, entry.rung, entry.because.value, debt.owner.name, debt.due_on, late, entry.urgent)


def _what(owes: Owes, played: Rehearsal) -> str:
    if owes.kind == ACCEPTANCE:
        return "Accept or return the account"
    return f"Answer of {played.title(owes)}" if owes.kind == ANSWER else played.title(owes)


def _why(entry: Entry) -> str:
    number = entry.rung.rpartition(":")[2]
    return {
        Because.HEADS_UP: "heads-up",
        Because.DUE: "",
        Because.REPEAT: f"repeat {number}",
        Because.MANAGER: "told to the manager",
        Because.MANAGERS_MANAGER: "told to the manager’s manager",
    }.get(entry.because, entry.because.value)


def _when(due: date, late: int, today: date) -> str:
    if late > 0:
        return f"{late} working day{'s' if late > 1 else ''} late"
    if due == today:
        return "due today"
    return f"due {short(due)}" if due > today else f"was due {short(due)}"


def short(day: date) -> str:
    """Without the year: the month's heading has it."""
    return f"{day:%a} {day.day} {day:%b}"


def _local(at: datetime, person: Person) -> datetime:
    return at.astimezone(zone_or_utc(person.tz))


def holidays_on_the_way(played: Rehearsal, assumed: Assumptions) -> list[HolidayNote]:
    """The public holidays of everybody's countries between start and end that fall on a day of their work week."""
    until = local_date(assumed.manager, played.until or played.handoff.started_at)
    last = max([until, *(owes.debt.due_on for owes in _sent(played))])
    by_country = {person.country: person for person in assumed.people.values()}
    found = [
        _note(played, assumed, country, day, name)
        for country, person in sorted(by_country.items())
        for day, name in _holidays(country, assumed.start, last)
        if day.weekday() in worktime(person).week
    ]
    return sorted(found, key=lambda note: (note.day, note.country))


def _holidays(country: str, start: date, last: date) -> Iterator[tuple[date, str]]:
    try:
        known = country_holidays(country, years=range(start.year, last.year + 1), expand=False, language="en_US")
    except NotImplementedError:
        return
    yield from ((day, name) for day, name in sorted(known.items()) if start <= day <= last)


def _note(played: Rehearsal, assumed: Assumptions, country: str, day: date, name: str) -> HolidayNote:
    moved: list[tuple[str, date, date]] = []
    if assumed.manager.country == country:  # due dates are reckoned on the manager's calendar
        calendar = worktime(assumed.manager)
        without, having = played.due_dates(_without(calendar, day)), played.due_dates(calendar)
        moved = [(title, without[title], due) for title, due in having.items() if without[title] != due]
    dues = {title: due for title, due, _ in moved}
    return HolidayNote(day, name, country_name(country), tuple(moved), _reminders_moved(played, country, day, dues))


def _reminders_moved(played: Rehearsal, country: str, day: date, dues: dict[str, date]) -> int:
    """How many of the reminders would come on another day if that were a working day there; `dues` would be too."""
    begun, count = played.handoff.started_at, 0
    for owes, sent in _sent(played).items():
        due, debt = dues.get(played.title(owes), owes.plan.due), owes.debt
        places = {one.country for one in (debt.owner, debt.manager, debt.above) if one is not None}
        if due == owes.plan.due and country not in places:
            continue
        having, without = (_days(plan, begun, sent) for plan in (owes.plan, _plan_without(owes, country, day, due)))
        count += sum(without.get(rung) != at for rung, at in having.items())
    return count


def _days(plan: Plan, begun: datetime, sent: Collection[str]) -> dict[str, date]:
    """When these rungs come. They are the ladder's first; one that is missed at the start may come before them."""
    ahead = islice(rungs(plan, begun), len(sent) + len(plan.ladder.heads_up))
    return {rung.slot: rung.at.date() for rung in ahead if rung.slot in sent}


def _plan_without(owes: Owes, country: str, day: date, due: date) -> Plan:
    plan, debt = owes.plan, owes.debt

    def fitted(hours: WorkTime | None, who: Person | None) -> WorkTime | None:
        return _without(hours, day) if hours is not None and who is not None and who.country == country else hours

    manager, above = fitted(plan.manager, debt.manager), fitted(plan.managers_manager, debt.above)
    return Plan(plan.ladder, due, fitted(plan.owner, debt.owner) or plan.owner, manager, above)


def _without(hours: WorkTime, holiday: date) -> WorkTime:
    known = hours.holidays
    is_holiday = known if callable(known) else known.__contains__
    return replace(hours, holidays=lambda day: day != holiday and is_holiday(day))


def _sent(played: Rehearsal) -> dict[Owes, set[str]]:
    """The rungs that go out, by obligation."""
    found: dict[tuple[str, int], tuple[Owes, set[str]]] = {}
    for entry in (entry for one in played.reminders for entry in one.entries):
        found.setdefault(entry.owes.about, (entry.owes, set()))[1].add(entry.rung)
    return dict(found.values())
