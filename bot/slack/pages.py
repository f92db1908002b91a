"""Templates that are pages of a browser or files: HTML and Markdown, from the same words as in Slack.

The filters have the same names as for Slack and write plain text; what becomes bold or a link is marked with signs of
Unicode's private use, which no typed text keeps. Only `|rich`, the last filter, turns text into markup and escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_datetime
from jinja2 import pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from bot.domain.people import ERASED
from bot.slack.render import ENDING, environment_of
from bot.slack.text import NOTHING, clean
from bot.slack.words import Catalogues, Reading, gettext, locale_of, read_by, reading

BOLD, BOLD_END, LINK, LINK_TEXT, LINK_END = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
_MARKS = re.compile("[\ue000-\ue004]")
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_WEB = re.compile(r"https?://[^\s\"'<>\\^`{|}\x00-\x20\x7f]+", re.IGNORECASE)
_LINK = re.compile(f"{LINK}([^{LINK_TEXT}]*){LINK_TEXT}([^{LINK_END}]*){LINK_END}")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


class Pages:
    """Renders templates such as ``brief/page.html`` of `folders`; a file in a later folder wins over earlier ones."""

    def __init__(self, folders: Sequence[Path]) -> None:
        resolved = tuple(Path(folder).resolve() for folder in folders)
        self._catalogues = Catalogues(resolved)
        base = environment_of(resolved)
        self._environments = {ending: environment_for(ending, base) for ending in (".html", ".md")}

    def __call__(self, name: str, /, locale: str, zone: str, names: Mapping[str, str], **values: Any) -> str:
        """The template `name` with its ending (.html or .md), for a reader in that zone; `names` by Slack ids."""
        locale = self._catalogues.spoken(locale)
        reader = Reading(locale_of(locale), self._catalogues.get(locale), values["today"])
        environment = self._environments[name[name.rindex(".") :]]
        with read_by(reader):
            shown = {
                **values,
                "zone": _zone(zone),
                "people_names": names,
                "language": locale.replace("_", "-").split("-")[0],
            }
            return environment.get_template(name + ENDING).render(shown)


def environment_for(name: str, base: ImmutableSandboxedEnvironment) -> ImmutableSandboxedEnvironment:
    """In which a template of that name is compiled: pages and files have filters of their own."""
    if name.endswith(".html"):
        return _environment(base, True, _html)
    return _environment(base, False, _markdown) if name.endswith(".md") else base


def _environment(base: Any, autoescape: bool, rich: Callable[[object], str]) -> ImmutableSandboxedEnvironment:
    made: Any = base.overlay(autoescape=autoescape, finalize=None)
    made.filters = {**base.filters, **_FILTERS, "rich": rich}
    return made  # type: ignore[no-any-return]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _typed(value: object) -> str:
    """What somebody typed, without signs that nobody sees but that turn or mark what stands around them."""
    return _MARKS.sub("", _DIRECTION.sub("", clean(NOTHING if value is None else str(value))))


@pass_context
def _mention(context: Context, who: object, name: object = None) -> str:
    """The name of somebody; their Slack id where no name is known."""
    slack_id = str(getattr(who, "slack_id", who) or "")
    if slack_id.startswith(ERASED):
        return gettext("somebody who was erased")
    known = name or getattr(who, "name", "") or context["people_names"].get(slack_id) or slack_id
    return _typed(known) if known else gettext("nobody yet")


@pass_context
def _moment(context: Context, value: object, form: str = "") -> str:
    """A moment in the reader's zone, which the page names once."""
    if not isinstance(value, datetime):
        return NOTHING
    pattern = "EEE d MMM y" if "{time}" not in (form or "{time}") else "EEE d MMM y, HH:mm"
    return format_datetime(value.astimezone(context["zone"]), pattern, locale=reading().locale)


def _strong(text: object) -> str:
    return f"{BOLD}{text}{BOLD_END}"


def _link(url: object, text: object) -> str:
    address = _typed(url).strip()
    return f"{LINK}{address}{LINK_TEXT}{_typed(text)}{LINK_END}" if _WEB.fullmatch(address) else _typed(text)


def _html(text: object) -> Markup:
    """Text as HTML: everything escaped, then the marks of ours turned into tags."""
    told = str(escape(str(text)))
    told = _LINK.sub(r'<a href="\1" rel="noopener noreferrer nofollow">\2</a>', told)
    return Markup(told.replace(BOLD, "<strong>").replace(BOLD_END, "</strong>"))


def _markdown(text: object) -> str:
    """Text in one line as Markdown, in which only our own marks format."""
    line, told, end = " ".join(str(text).split()), "", 0
    for found in _LINK.finditer(line):
        told += f"{_plainly(line[end : found.start()])}[{_plainly(found[2])}](<{found[1]}>)"
        end = found.end()
    return (told + _plainly(line[end:])).replace(BOLD, "**").replace(BOLD_END, "**")


def _plainly(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "esc": _typed,
    "quiet": _typed,
    "mention": _mention,
    "moment": _moment,
    "strong": _strong,
    "link": _link,
}
