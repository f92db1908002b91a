"""The filters of the templates beyond Jinja's own. Each takes a value and returns a plain `str` or a dict."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time, get_day_names
from babel.numbers import format_percent, parse_pattern
from jinja2 import Undefined

from bot.domain.money import Money, exponent
from bot.domain.people import ERASED
from bot.slack.limits import PRIVATE_METADATA
from bot.slack.rendered import Unfit
from bot.slack.text import NOTHING, clean, esc, length, link, packed, quiet, short
from bot.slack.words import gettext, reading

_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")
_PLACE = re.compile(r"[CG][A-Z0-9]{2,}")


def mention(who: object, name: object = None) -> str:
    """A mention of a Slack id (person, user group or channel), or the escaped `name` when there is no id.

    `who` is an id, None, or anything with `slack_id` and `name`. Without either, people read "nobody yet".
    """
    slack_id = getattr(who, "slack_id", who)
    shown = name if name is not None else getattr(who, "name", None)
    if isinstance(slack_id, str):
        if _PERSON.fullmatch(slack_id):
            return f"<@{slack_id}>"
        if _GROUP.fullmatch(slack_id):
            return f"<!subteam^{slack_id}>"
        if _PLACE.fullmatch(slack_id):
            return f"<#{slack_id}>"
        if slack_id.startswith(ERASED):
            return gettext("somebody who was erased")
        shown = shown if shown is not None else slack_id
    return esc(shown) if shown else gettext("nobody yet")


def day(value: object) -> str:
    """A date as the reader writes it, always with weekday, day and month; with the year unless it is this year's.

    English reads "Wed 3 Dec" in every country, because 12/3 and 3/12 are two days.
    """
    if value is None:
        return NOTHING
    if isinstance(value, datetime) or not isinstance(value, date):
        raise Unfit(f"|day takes a date, not {_kind(value)}.", "use |moment for a date with a time.")
    reader = reading()
    this_year = reader.today is not None and reader.today.year == value.year
    return _date(value, reader.locale, this_year)


@lru_cache(maxsize=1024)  # a card shows few dates many times, and Babel takes its time
def _date(value: date, locale: Locale, this_year: bool) -> str:
    if locale.language == "en":
        return format_date(value, "EEE d MMM" if this_year else "EEE d MMM y", locale=locale)
    return format_skeleton("MMMEd" if this_year else "yMMMEd", value, locale=locale)


def from_iso(value: object) -> date:
    """The date that a message keeps in ISO form, for |day."""
    if not isinstance(value, str):
        raise Unfit(f"|from_iso takes a date in ISO form, not {_kind(value)}.", "use |day for a date.")
    return date.fromisoformat(value)


def weekday(value: object) -> str:
    """The name of a day of the week, Monday = 0, as the reader calls it."""
    if not isinstance(value, int) or not 0 <= value <= 6:
        raise Unfit(f"|weekday takes a number from 0 (Monday) to 6, not {_kind(value)}.", "use |day for a date.")
    return str(get_day_names("wide", "stand-alone", reading().locale)[value]).capitalize()


def clock(value: object) -> str:
    """Minutes after midnight as the reader writes the time of day; a whole day's minutes are midnight."""
    if not isinstance(value, int) or not 0 <= value <= 24 * 60:
        raise Unfit(f"|clock takes minutes after midnight, not {_kind(value)}.", "use |moment for a date with a time.")
    return format_time(time(value // 60 % 24, value % 60), "short", locale=reading().locale)


def money(value: object) -> str:
    """Money as the reader writes it, with all of the currency's decimals and no more."""
    if value is None:
        return NOTHING
    if not isinstance(value, Money):
        raise Unfit(f"|money takes Money, not {_kind(value)}.", "pass the amount as it is.")
    locale, digits = reading().locale, exponent(value.currency)
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return str(pattern.apply(value.amount, locale, currency=value.currency, currency_digits=False))


def percent(value: object) -> str:
    """Hundredths of a percent as the reader writes a percentage: 1250 is "12.5%"."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(f"|percent takes hundredths of a percent, not {_kind(value)}.", "5000 is 50 %.")
    return str(format_percent(Decimal(value) / 10_000, locale=reading().locale, decimal_quantization=False))


def moment(value: object, form: str = "{date_short_pretty} {time}") -> str:
    """An aware datetime as Slack's date markup (mrkdwn only): shown in the time zone of the reader's device.

    `form` is Slack's token string. Clients that know no dates show it in UTC.
    """
    if value is None:
        return NOTHING
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Unfit(f"|moment takes an aware datetime, not {_kind(value)}.", "use |day for a date.")
    shown = format_datetime(value.astimezone(UTC), "EEE d MMM y, HH:mm", locale=reading().locale)
    return f"<!date^{int(value.timestamp())}^{form}|{esc(shown).replace('|', ' ')} UTC>"


def plain(text: object) -> dict[str, Any]:
    """A plain_text object: nothing in it formats, mentions or links. Takes the text as typed, not escaped."""
    return {"type": "plain_text", "text": clean(_worded(text)), "emoji": False}


def mrkdwn(text: object) -> dict[str, Any]:
    """A mrkdwn text object. `verbatim` keeps Slack from linking names and addresses on its own."""
    return {"type": "mrkdwn", "text": clean(_worded(text)), "verbatim": True}


def _worded(text: object) -> str:
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise Unfit(f"a text is needed, not {_kind(text)}.", "pass a sentence: _('…', name=value).")
    return str(text)


def _kind(value: object) -> str:
    """What `value` is, for a fault; an undefined value raises and says itself what is missing."""
    if isinstance(value, Undefined):
        str(value)
    return type(value).__name__


def compact_json(value: object, limit: int = PRIVATE_METADATA) -> str:
    """`value` as short JSON text for private_metadata or a button's value; at most `limit` characters, never cut."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Unfit(f"this cannot be stored as JSON ({error}).", "put ids and plain words only.") from None
    if length(text) > limit:
        raise Unfit(f"{length(text)} characters of data, Slack takes {limit}.", "put ids only, and look up the rest.")
    return text


def strong(text: object) -> str:
    """Escaped text in bold, in one line: Slack formats none that goes over several."""
    words = " ".join(str(text).split())
    return f"*{words}*" if words else ""


FILTERS: Mapping[str, Callable[..., Any]] = {
    "esc": esc,
    "quiet": quiet,
    "short": short,
    "strong": strong,
    "packed": packed,
    "link": link,
    "mention": mention,
    "day": day,
    "from_iso": from_iso,
    "weekday": weekday,
    "clock": clock,
    "moment": moment,
    "money": money,
    "percent": percent,
    "plain": plain,
    "mrkdwn": mrkdwn,
    "compact_json": compact_json,
}
