"""Choosing a country: a field that is searched by name, in the person's own language or in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.calendars import countries
from bot.slack.wording import opened
from bot.slack.words import locale_of
from handlers.payloads import Body, Form, actor_of

if TYPE_CHECKING:
    from bot.app import Bot

AT_MOST = 50


def named(code: str, locale: str) -> str:
    """What a country is called; empty for none."""
    return countries(locale_of(locale)).get(code, "")


def offered(bot: Bot, body: Body) -> list[dict[str, Any]]:
    """Options for the countries whose name has what was typed in it; those that begin with it come first."""
    typed = str(body.get("value") or "").strip().casefold()
    names = countries(locale_of(bot.people.locale(actor_of(body))))
    english = countries(locale_of("en"))
    found = [code for code in names if any(typed in name.casefold() for name in (names[code], english[code], code))]
    found.sort(key=lambda code: (not names[code].casefold().startswith(typed), names[code]))
    return bot.screen.options([(names[code], {"country": code}) for code in found[:AT_MOST]])


def chosen(form: Form, field: str) -> str:
    """The code of the country in a field; empty for none."""
    return str(opened(form.chosen(field)).get("country") or "")
