"""A meeting as a file for calendars (RFC 5545), and as links that add it to calendars on the web.

METHOD:PUBLISH: an entry that somebody adds to their own calendar, without asking for answers. It names neither
ORGANIZER nor ATTENDEE, which want mail addresses: Baton knows nobody's (Slack gives them with a scope it does not ask
for), so the names stand in the description.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urlencode

from bot.domain.worktime import zone_or_utc

LASTS = timedelta(hours=1)
"""People know better; they change it in their calendar."""
URL_LONGEST = 2900
"""Characters; Slack takes 3,000 for a button's address."""
FIELD_LONGEST = 1000
"""Characters that a summary or a place may take in it, encoded: a letter of Chinese takes nine, a link of 300 fits."""


@dataclass(frozen=True)
class Entry:
    """`uid` stays the same for ever; `sequence` grows with each change, made at `changed`. `zone` is an IANA name."""

    uid: str
    sequence: int
    changed: datetime
    at: datetime
    zone: str
    summary: str
    description: str
    place: str

    @property
    def end(self) -> datetime:
        return self.at + LASTS


def calendar_file(entry: Entry) -> bytes:
    """The .ics file, with the rules of its time zone for the years around it."""
    from icalendar import Calendar, Event  # 80 modules and 4 MB that most processes never need

    start, end = _local(entry)
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed.astimezone(UTC))
    event.add("last-modified", entry.changed.astimezone(UTC))
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("status", "CONFIRMED")
    if entry.place:
        event.add("location", entry.place)
    calendar = Calendar()
    calendar.add("prodid", "-//Baton//Handoffs//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    year = entry.at.year
    calendar.add_missing_timezones(date(year - 1, 1, 1), date(year + 2, 1, 1))
    content: bytes = calendar.to_ical()
    return content


def _local(entry: Entry) -> tuple[datetime, datetime]:
    """Beginning and end in the entry's zone; in UTC, where clocks are set back and the hour is there a second time.

    A local time in a file means the first of the two (RFC 5545, 3.3.5).
    """
    zone = zone_or_utc(entry.zone)
    times = (entry.at.astimezone(zone), entry.end.astimezone(zone))
    if any(moment.fold for moment in times):
        return entry.at.astimezone(UTC), entry.end.astimezone(UTC)
    return times


def google_link(entry: Entry) -> str:
    """Google Calendar's page that adds an event, filled in."""
    times = "/".join(f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in (entry.at, entry.end))
    summary, place = _beginning(entry.summary, FIELD_LONGEST), _beginning(entry.place, FIELD_LONGEST)
    fields = {"action": "TEMPLATE", "text": summary, "dates": times, "ctz": entry.zone, "location": place}
    return _fitting("https://calendar.google.com/calendar/render?", fields, "details", entry.description)


def outlook_link(entry: Entry) -> str:
    """Outlook's page that adds an event, filled in."""
    fields = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "startdt": f"{entry.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{entry.end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "subject": _beginning(entry.summary, FIELD_LONGEST),
        "location": _beginning(entry.place, FIELD_LONGEST),
    }
    return _fitting("https://outlook.office.com/calendar/0/deeplink/compose?", fields, "body", entry.description)


def _fitting(base: str, fields: dict[str, str], last: str, text: str) -> str:
    """The address, its last field cut where it would be too long."""
    address = base + urlencode({name: value for name, value in fields.items() if value}, quote_via=quote)
    shown = _beginning(text, URL_LONGEST - len(address) - len(last) - 2)
    return f"{address}&{last}={quote(shown, safe='')}" if shown else address


def _beginning(text: str, room: int) -> str:
    """As much of it as fits, once it is encoded."""
    for at, letter in enumerate(text):
        room -= len(quote(letter, safe=""))
        if room < 0:
            return text[:at].rstrip()
    return text
