"""Where somebody works, and what that says: public holidays and the days of the week (U10, U11). Pure.

Countries are ISO 3166 codes of two letters. What nobody knows never stands in the way: an unknown country has no
holidays and works Monday to Friday; of a country that is only half known, what is known counts. Holidays are those of
the whole country, not of its states or of one religion; whoever wants others sets their own days away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from babel.core import Locale, get_global, parse_locale
from babel.languages import get_territory_language_info
from holidays.holiday_base import HolidayBase
from holidays.utils import country_holidays

_COUNTRIES, _YEARS = 512, 4096
_NO_COUNTRY = frozenset({"", "ZZ", "001"})
_ALL_WEEK, _SATURDAY_SUNDAY = frozenset(range(7)), frozenset({5, 6})
_WEEKENDS = {"LY": frozenset({4, 5})}
"""What CLDR knows where the holidays package says nothing of its own; everywhere else it is Saturday and Sunday.

Babel would load a language of each country to answer that, for good: a megabyte each. A test asks it.
"""


@lru_cache(maxsize=_COUNTRIES)
def holidays_of(country: str) -> Callable[[date], bool]:
    """Whether a date is a public holiday of the country. The same function for the same country, for any year."""

    def is_holiday(day: date) -> bool:
        return day in _holidays_in(country, day.year)

    return is_holiday


@lru_cache(maxsize=_COUNTRIES)
def week_of(country: str) -> frozenset[int]:
    """The weekdays (Monday = 0) on which offices are open there.

    Where the law knows a single day of rest (Hong Kong's Sunday, Iran's Friday), offices have the day before it free
    as well; whoever works on it can say so, while somebody rung at on a free day cannot take that back.
    """
    calendar = _calendar(country)
    known = calendar is not None and calendar.weekend is not HolidayBase.weekend
    free = frozenset(calendar.weekend) if calendar is not None and known else _WEEKENDS.get(country, _SATURDAY_SUNDAY)
    return _ALL_WEEK - (free if len(free) > 1 else free | {(day - 1) % 7 for day in free})


def country_of(tz: str, locale: str, default: str = "") -> str:
    """The country that a person's zone (IANA) and locale ("de-AT") tell; `default` is the workspace's. "": none.

    The zone goes first, because it says where the person is, while the locale is the language of their screen: Slack
    has few of them, "en-US" is what people far from the United States read, and "de-DE" is all that Austrians get.
    Only where the zone names no country (UTC) do the workspace's country and then the locale decide.
    """
    return _country_of_zone(tz) or default or _territory(locale)


def is_country(code: str) -> bool:
    """Whether a country has this code."""
    return code in get_global("territory_zones") and code not in _NO_COUNTRY


def countries(locale: Locale) -> dict[str, str]:
    """Every country by code, named in the reader's language."""
    names = locale.territories
    return {code: names.get(code) or code for code in sorted(get_global("territory_zones")) if is_country(code)}


@lru_cache(maxsize=_YEARS)
def _holidays_in(country: str, year: int) -> frozenset[date]:
    """A year is worked out once; two threads that ask at once get equal answers."""
    calendar = _calendar(country, year)
    return frozenset(calendar) if calendar is not None else frozenset()


def _calendar(country: str, year: int | None = None) -> HolidayBase | None:
    if len(country) != 2 or not country.isupper():  # the package would look up any name it has, not only countries
        return None
    try:
        return country_holidays(country, years=year, expand=False)
    except NotImplementedError:  # the package does not know that country
        return None


@lru_cache(maxsize=1024)
def _country_of_zone(tz: str) -> str:
    """CLDR knows one country for each zone (Oslo's is Norway, whatever zone it is a link to); none for UTC."""
    zone = get_global("zone_aliases").get(tz, tz)
    found: str = get_global("zone_territories").get(zone, "")
    return "" if found in _NO_COUNTRY else found


@lru_cache(maxsize=1024)
def _territory(locale: str) -> str:
    """The country in a locale, where its language is spoken: Slack's "es-LA" means Latin America, not Laos."""
    try:
        language, country, *_ = parse_locale(locale.replace("-", "_"))
    except ValueError:
        return ""
    spoken = {known.split("_")[0] for known in get_territory_language_info(country)} if country else set()
    return country or "" if language in spoken else ""
