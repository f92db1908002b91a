"""The calendar of a preview as people and machines read it: a table, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bot.commands.preview_assumptions import country_name, spoken
from bot.commands.preview_calendar import HolidayNote, Line, Said, holidays_on_the_way, lines, short
from bot.domain.playbook import Ladder
from bot.usecases.nudges.rehearsal import Assumptions, Rehearsal

NAMED_AT_MOST = 2
"""Due dates of one holiday that are told one by one."""


def as_table(played: Rehearsal, assumed: Assumptions) -> None:
    """Print it: what is assumed, one row for each message, then the holidays, the ladder and the counts."""
    console = Console(highlight=False, markup=False)
    calendar = lines(played, assumed)
    for sentence in _head(played, assumed):
        console.print(sentence)
    console.print(_table(calendar))
    notes = holidays_on_the_way(played, assumed)
    console.print(_holidays(notes) if notes else "No public holiday lies on the way.")
    console.print(_ladder(played.playbook.ladder))
    console.print(_counts(calendar))


def as_lines_of_csv(played: Rehearsal, assumed: Assumptions) -> str:
    """One line for each thing that a message says, with a heading."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = ("at", "weekday", "to", "kind", *Said.__dataclass_fields__)
    writer.writerow(columns)
    for line in lines(played, assumed):
        for said in line.says:
            values = ["" if value is None else value for value in asdict(said).values()]
            writer.writerow([line.at.isoformat(), f"{line.at:%A}", line.to, line.kind, *values])
    return text.getvalue()


def as_one_object(played: Rehearsal, assumed: Assumptions) -> str:
    """JSON: what is assumed, the messages, the holidays."""
    people = {name: {"country": one.country, "zone": one.tz} for name, one in assumed.people.items()}
    found = {
        "playbook": {"key": played.playbook.key, "title": played.playbook.title, "version": played.playbook.version},
        "assumed": {
            "start": assumed.start,
            "last_day": assumed.last_day,
            "reason": assumed.reason,
            "sales_channel": assumed.sales_channel,
            "tier": assumed.tier,
            "overseas": assumed.overseas,
            "cap": assumed.cap,
            "working_days_late": assumed.late,
            "people": people,
        },
        "messages": [{**asdict(line), "at": line.at.isoformat()} for line in lines(played, assumed)],
        "holidays": [asdict(note) for note in holidays_on_the_way(played, assumed)],
    }
    return json.dumps(found, indent=2, ensure_ascii=False, default=str)


def _head(played: Rehearsal, assumed: Assumptions) -> list[str]:
    places = dict.fromkeys(f"{country_name(one.country)} ({one.tz})" for one in assumed.people.values())
    last_day = f"; the outgoing rep’s last day is {spoken(assumed.last_day)}" if assumed.last_day else ""
    account = f"{assumed.sales_channel.value.replace('_', ' ')}, {assumed.tier.value}"
    account += ", overseas" if assumed.overseas else ""
    return [
        f"{played.playbook.title}: all that would be sent from {spoken(assumed.start)} on. Nothing is sent now.",
        f"Assumed: {_done(assumed)}{last_day}; the account is {account}; somebody holds every role.",
        f"Times are each reader’s own: {', '.join(places)}.",
    ]


def _done(assumed: Assumptions) -> str:
    if assumed.late is None:
        return "nobody ever does anything, so the first stage never ends"
    if assumed.late == 0:
        return "everything is done on the last possible day, after its reminder"
    return f"everything is done {assumed.late} working day{'s' if assumed.late > 1 else ''} late"


def _table(calendar: list[Line]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("When", "To"):
        table.add_column(name, no_wrap=True)
    table.add_column("What and why")
    month = ""
    for line in calendar:
        if month != f"{line.at:%B %Y}":
            month = f"{line.at:%B %Y}"
            table.add_section()
            table.add_row(month, style="bold")
        says = [f"{'Urgent: ' if one.urgent else ''}{one.text}" for one in line.says]
        what = "\n".join(["Digest:", *(f"- {text}" for text in says)]) if line.kind == "digest" else says[0]
        table.add_row(f"{line.at:%a} {line.at.day:2} {line.at:%b %H:%M}", line.to, what)
    return table


def _holidays(notes: list[HolidayNote]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Public holiday")
    table.add_column("What it moves: nobody there is written to on it")
    for note in notes:
        moved = [_counted(len(note.dates), "due date")] if note.dates else []
        moved += [_counted(note.reminders, "reminder")] if note.reminders else []
        told = [f"{title}: {short(now)} instead of {short(was)}" for title, was, now in note.dates[:NAMED_AT_MOST]]
        more = len(note.dates) - len(told)
        told += [f"and {more} more"] if more else []
        what = "\n".join([" and ".join(moved) or "nothing", *(f"- {line}" for line in told)])
        table.add_row(f"{spoken(note.day)}\n{note.name}\n{note.country}", what, end_section=True)
    return table


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _ladder(ladder: Ladder) -> str:
    every = max(ladder.repeat_every, 1)
    again = "every working day" if every == 1 else f"every {every} working days"
    manager = _counted(ladder.manager_after, "working day")
    return (
        f"What stays undone is repeated {again}, told to the manager after {manager} and to the manager’s manager after"
        f" {ladder.managers_manager_after}: --done 10 and --done never show that."
    )


def _counts(calendar: list[Line]) -> str:
    sent = [line for line in calendar if line.kind in ("reminder", "digest")]
    if not sent:
        return "Nobody would be reminded of anything."
    per_person = Counter(line.to for line in sent)
    per_day = Counter((line.to, line.at.date()) for line in sent)
    names = ", ".join(f"{name} {number}" for name, number in per_person.most_common())
    return f"Reminders in all: {names}. Never more than {max(per_day.values())} a day to one person."
