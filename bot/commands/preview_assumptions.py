"""What `baton playbooks preview` is told in words, as a handoff that could be: people, places, dates. Pure.

Whatever cannot be is told in one sentence with the way out (`CannotPreview`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar
from zoneinfo import available_timezones

from babel.core import Locale, get_global

from bot.domain.calendars import countries
from bot.domain.people import Person
from bot.domain.playbook import Anchor, Playbook
from bot.domain.reminding import DAILY_CAP
from bot.domain.vocabulary import INSIDE_SALES, Reason, Role, SalesChannel, Tier
from bot.domain.worktime import WorkTime
from bot.usecases.desk import worktime
from bot.usecases.nudges.rehearsal import ABOVE, Assumptions

E = TypeVar("E", bound=StrEnum)
EVERYBODY = ""
ON_TIME, NEVER = "on-time", "never"
YEARS = (1990, 2100)
ROLES = (Role.OUTGOING.value, Role.INCOMING.value, Role.MANAGER.value, ABOVE, Role.COVER.value, Role.HELPER.value)
MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}
"""Where most people of a country with several time zones live."""


class CannotPreview(ValueError):
    """What was asked for cannot be; the text says why and what would do."""


@dataclass(frozen=True)
class Words:
    """The options as they were typed. `country` and `zone` hold "US" for everybody or "incoming=JP" for one."""

    start: str
    country: Sequence[str]
    zone: Sequence[str] = ()
    last_day: str = ""
    reason: str = ""
    channel: str = ""
    tier: str = ""
    overseas: bool = False
    cap: int = DAILY_CAP
    done: str = ON_TIME


def assumptions(playbook: Playbook, words: Words) -> Assumptions:
    """A handoff by this playbook as the words describe it. Raises CannotPreview."""
    start = _day(words.start, "start")
    people = _people(playbook, words)
    hours = worktime(people[Role.MANAGER.value])
    _require_working_day(start, hours, people[Role.MANAGER.value])
    last_day = _day(words.last_day, "last day") if words.last_day else expected_last_day(playbook, start, hours)
    if last_day is not None and last_day < start:
        raise CannotPreview(f"The last day, {spoken(last_day)}, is before the start, {spoken(start)}.")
    if words.cap < 1:
        raise CannotPreview("The cap is a number of messages a day, 1 or more.")
    return Assumptions(
        start=start,
        reason=_choice(Reason, words.reason, playbook.match.reasons, "reason"),
        sales_channel=_choice(SalesChannel, words.channel, playbook.match.sales_channels, "sales channel"),
        tier=_choice(Tier, words.tier, playbook.match.tiers, "tier"),
        people=people,
        overseas=words.overseas,
        last_day=last_day,
        cap=words.cap,
        late=_late(words.done),
    )


def expected_last_day(playbook: Playbook, start: date, hours: WorkTime) -> date | None:
    """When the outgoing rep goes if nobody says so; None where the playbook has no date that hangs on it."""
    dues = [stage.due for stage in playbook.stages] + [step.due for stage in playbook.stages for step in stage.steps]
    if not any(due.anchor is Anchor.LAST_DAY for due in dues):
        return None
    return hours.add_working_days(start, playbook.transfer_after)


def until(words: str, manager: Person, start: date) -> datetime | None:
    """The end of the day up to which is looked; None when nobody said. Raises CannotPreview."""
    if not words:
        return None
    end = _day(words, "end")
    if end < start:
        raise CannotPreview(f"The end, {spoken(end)}, is before the start, {spoken(start)}.")
    return worktime(manager).closing(end)


def country_name(code: str) -> str:
    return countries(Locale("en")).get(code, code)


def spoken(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def _people(playbook: Playbook, words: Words) -> dict[str, Person]:
    """One person for each role and function, in the country and zone said for them or for everybody."""
    names = [*ROLES, *dict.fromkeys([*(ask.function for ask in playbook.feedback), INSIDE_SALES])]
    said_countries = {who: _country(word) for who, word in _by_name(words.country, names, "country").items()}
    said_zones = {who: _zone(word) for who, word in _by_name(words.zone, names, "zone").items()}
    if EVERYBODY not in said_countries:
        raise CannotPreview("Say a country for everybody, as in --country US.")
    people: dict[str, Person] = {}
    for number, name in enumerate(names, 1):
        country = said_countries.get(name, said_countries[EVERYBODY])
        own = None if name in said_countries else said_zones.get(EVERYBODY)
        zone = said_zones.get(name) or own or _main_zone(country)
        person = Person(0, name, name.replace("managers_manager", "manager’s manager").replace("_", " "), tz=zone)
        person.id, person.country, person.country_own = number, country, True
        person.refreshed_at = datetime.min.replace(tzinfo=UTC)
        people[name] = person
    people[Role.MANAGER.value].manager_id = people[ABOVE].id
    return people


def _by_name(words: Iterable[str], names: Collection[str], what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        who, equals, value = word.rpartition("=")
        if equals and who not in names:
            raise CannotPreview(f"Nobody is called {who!r} here; a {what} can be said for {', '.join(names)}.")
        found[who] = value.strip()
    return found


def _country(word: str) -> str:
    known = countries(Locale("en"))
    code = next(iter(get_global("territory_aliases").get(word.upper(), [])), word.upper())
    if code in known:
        return code
    by_name = {name.casefold(): code for code, name in known.items()}
    if word.casefold() in by_name:
        return by_name[word.casefold()]
    near = get_close_matches(word.casefold(), by_name, 1)
    hint = f"; did you mean {by_name[near[0]]}, {known[by_name[near[0]]]}?" if near else ""
    raise CannotPreview(f"{word!r} is no country. Say its two letters, as in US, DE or JP{hint or '.'}")


def _zone(word: str) -> str:
    zones = available_timezones()
    if word in zones:
        return word
    near = get_close_matches(word, zones, 1) or [zone for zone in sorted(zones) if zone.endswith(f"/{word}")]
    hint = f"; did you mean {near[0]}?" if near else "."
    raise CannotPreview(f"{word!r} is no time zone. Say it as in Europe/Berlin{hint}")


def _main_zone(country: str) -> str:
    if country in MAIN_ZONES:
        return MAIN_ZONES[country]
    old = get_global("zone_aliases")
    zones = [zone for zone, at in get_global("zone_territories").items() if at == country and zone not in old]
    if len(zones) != 1:
        raise CannotPreview(
            f"Which time zone of {country_name(country)}? Say it with --zone, as in --zone Europe/Paris."
        )
    return zones[0]


def _day(word: str, what: str) -> date:
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise CannotPreview(f"{word!r} is no date for the {what}. Write it as in 2026-11-23.") from None
    if not YEARS[0] <= day.year <= YEARS[1]:
        raise CannotPreview(f"{day} for the {what} is out of sight; from {YEARS[0]} to {YEARS[1]} holidays are known.")
    return day


def _require_working_day(start: date, hours: WorkTime, manager: Person) -> None:
    if hours.working_day(start):
        return
    following = hours.add_working_days(start, 0)
    place = country_name(manager.country)
    raise CannotPreview(
        f"Nobody works on {spoken(start)} in {place}, so nobody starts a handoff then; the next working day is"
        f" {spoken(following)}: --start {following}."
    )


def _choice(kind: type[E], word: str, fitting: Collection[E], what: str) -> E:
    """The value said; without one, the first that the playbook is for."""
    values = {one.value: one for one in kind}
    if word and word not in values:
        near = get_close_matches(word, values, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise CannotPreview(f"{word!r} is no {what}.{hint} There are: {', '.join(values)}.")
    chosen = values[word] if word else next(one for one in _usual(kind) if not fitting or one in fitting)
    if fitting and chosen not in fitting:
        names = ", ".join(sorted(one.value for one in fitting))
        raise CannotPreview(f"This playbook is not for the {what} {chosen.value!r}, but for: {names}.")
    return chosen


def _usual(kind: type[E]) -> Sequence[E]:
    """In order of what is meant when nothing is said."""
    return sorted(kind, key=lambda one: one.value not in (SalesChannel.DIRECT.value, Tier.STANDARD.value))


def _late(word: str) -> int | None:
    if word in (ON_TIME, NEVER):
        return None if word == NEVER else 0
    if word.isdigit() and len(word) <= 3:
        return int(word)
    raise CannotPreview(f"{word!r} does not say when things get done: {ON_TIME}, {NEVER}, or working days late, as 3.")
