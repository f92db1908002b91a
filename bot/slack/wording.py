"""Expected errors and short answers as sentences: mentions for people, a link for a link, everything typed escaped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from babel.lists import format_list

from bot.errors import BotError
from bot.slack.elements import option
from bot.slack.failures import Kind, SlackFailure
from bot.slack.filters import compact_json, day, mention, moment
from bot.slack.limits import OPTION_VALUE
from bot.slack.text import length, link, quiet, short
from bot.slack.words import gettext, locale_of

OPTION_TEXT = 75
NAMED_AT_MOST = 6
"""How many people a sentence names."""


class SlackTrouble(BotError):
    """Slack did not do what was asked; the sentence says what the person can do now."""


_BY_KIND: Mapping[Kind, str] = {
    Kind.RETRY: "Slack did not answer me. Try again in a moment.",
    Kind.UNSURE: "Slack did not answer me. Look whether it is done, and try again if not.",
    Kind.WAIT: "Slack asks me to slow down. Try again in a minute.",
    Kind.LATE: "That took too long, so Slack closed the door. Click once more.",
    Kind.GONE: "That window is closed already. Open it again.",
    Kind.CONFLICT: "That window has changed meanwhile. Try again.",
    Kind.FORBIDDEN: "This workspace does not let me do that (%(error)s). A Slack admin can mend it.",
    Kind.PLACE: "I cannot write in that channel. Invite me there with /invite, or choose another one.",
    Kind.UNREACHABLE: "Slack does not let me write to that person.",
    Kind.BROKEN: "Slack does not know me any more (%(error)s). Whoever runs me has to install me again.",
    Kind.OURS: "Slack refused what I wanted to show (%(error)s). Nothing is lost; whoever runs me sees it in my log.",
}


def trouble(failure: SlackFailure) -> SlackTrouble:
    """What a person reads about a failed call."""
    return SlackTrouble(_BY_KIND[failure.kind], error=failure.error)


def worded(error: BotError, translate: Callable[[str], str], locale: str = "en") -> str:
    """The sentence as mrkdwn: people are mentioned, links are links, and what people typed neither rings nor links."""
    spoken = locale if translate(error.message) != error.message else "en"  # names are joined as the sentence is
    shown = {name: _marked(name, value, translate, spoken) for name, value in error.values.items()}
    return BotError(error.message, **shown).worded(translate)


def plainly_worded(error: BotError, translate: Callable[[str], str]) -> str:
    """The sentence where Slack takes plain text only (under a field): no mention works there."""
    shown = {name: _unmarked(name, value, translate) for name, value in error.values.items()}
    sentence = BotError(error.message, **shown).worded(translate)
    return sentence[:1].upper() + sentence[1:]


def _marked(name: str, value: object, translate: Callable[[str], str], locale: str) -> object:
    if name == "people" and isinstance(value, list | tuple):
        return listed([mention(_word(one, translate)) for one in value], locale)
    if name == "person":
        return mention(str(value)) if value else translate("somebody")
    if name == "link":
        return link(value, translate("open it"))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return quiet(short(value, 300)) if isinstance(value, str) else value


def _unmarked(name: str, value: object, translate: Callable[[str], str]) -> object:
    if name == "person":
        return translate("this person")
    if name == "people" and isinstance(value, list | tuple):
        return translate("the people in charge")
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return day(value)
    return short(value, 300) if isinstance(value, str) else value


def _word(one: object, translate: Callable[[str], str]) -> str:
    """A Slack id as it is (a user group without its mark); words such as "a manager" in the reader's language."""
    text = str(one).removeprefix("!")
    return translate(text) if " " in text else text


def listed(names: Iterable[str], locale: str = "en") -> str:
    """ "A, B or C": the first few of them."""
    return format_list(list(names)[:NAMED_AT_MOST], style="or", locale=locale_of(locale))


def choices(options: Iterable[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Options for an external select: (text, data) pairs; texts are shortened, data never."""
    return [option(short(text, OPTION_TEXT) or "–", data) for text, data in options]


def offered(name: str) -> tuple[str, Mapping[str, Any]]:
    """The option that adds an account with a new name; a name too long for an option's data ends where it must."""
    kept = name
    while length(compact_json({"n": kept}, 10_000)) > OPTION_VALUE:
        kept = short(kept, max(length(kept) - 5, 2)).removesuffix("…")
    return gettext("New account: %(name)s", name=kept), {"n": kept}


def opened(text: str | None) -> Mapping[str, Any]:
    """The data of a button or an option, back from Slack; empty when it is not ours."""
    try:
        data = json.loads(text or "{}")
    except (TypeError, ValueError):
        return {}
    return data if isinstance(data, Mapping) else {}
