"""Reading what Slack sends: who acts, what was clicked, what stands in a form. Shapes: docs.slack.dev/reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bot.domain.typed import TooFarOffDay, require_near
from bot.errors import BotError, FieldErrors
from bot.slack.wording import opened
from bot.usecases.desk import Actor

Body = dict[str, Any]
LARGEST = 2**63
"""No id is larger: what both databases can hold."""
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


class StaleButton(BotError):
    """A button of an older version, or one that is not ours."""

    def __init__(self) -> None:
        super().__init__("That button is from an older message. Use the newest one, or `/handoff show`.")


def actor_of(body: Body) -> Actor:
    """Who acts. A command names ids at the top, everything else in objects; an event in its `event`."""
    event = body.get("event") or {}
    user = body.get("user_id") or (body.get("user") or {}).get("id") or event.get("user") or ""
    return Actor(team_of(body), str(user))


def team_of(body: Body) -> str:
    """The workspace of the installation that a request is meant for (SLACK.md 6.4); empty when it names none."""
    installed = (body.get("view") or {}).get("app_installed_team_id")
    heard = (body.get("authorizations") or [{}])[0].get("team_id")
    named = body.get("team_id") or (body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id")
    return str(installed or heard or named or "")


def clicked(body: Body) -> Mapping[str, Any]:
    """The data of what was clicked: a button's, or that of the option chosen in a menu. Empty when it is not ours."""
    action = (body.get("actions") or [{}])[0]
    return opened(action.get("value") or (action.get("selected_option") or {}).get("value"))


def mentioned(typed: str) -> str | None:
    """The Slack id of the person who is mentioned at the front of what was typed after a command."""
    found = _MENTION.match(typed)
    return found[1] if found else None


def day_of(text: str) -> date:
    """The day that a button of ours carries. Raises StaleButton for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise StaleButton() from None


def number(data: Mapping[str, Any], name: str) -> int:
    """An id from a button's or a form's data. Raises StaleButton when it is not there."""
    found = data.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < LARGEST:
        raise StaleButton()
    return found


def word(data: Mapping[str, Any], name: str) -> str:
    """A word from a button's data. Raises StaleButton when it is not there."""
    found = data.get(name)
    if not isinstance(found, str):
        raise StaleButton()
    return found


def channel_of(body: Body) -> str | None:
    """The conversation in which somebody typed or clicked; None in modals and on Home."""
    found = body.get("channel_id") or (body.get("channel") or {}).get("id")
    return str(found) if found else None


def typed_after(body: Body) -> str:
    """What stands after a slash command, as it was typed (Slack escapes exactly these three)."""
    text = str(body.get("text") or "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(text.split())


@dataclass(frozen=True)
class Form:
    """What stands in a modal. A field's name is its action_id; its block_id, where errors show, may have a version.

    `blocks`: where the errors of a field show, by its name, and by its block_id where that is another one.
    """

    values: Mapping[str, Mapping[str, Any]]
    blocks: Mapping[str, str]
    data: Mapping[str, Any]

    @classmethod
    def of(cls, body: Body) -> Form:
        view = body.get("view") or {}
        values, blocks = {}, {}
        for block_id, fields in ((view.get("state") or {}).get("values") or {}).items():
            for name, value in fields.items():
                values[name], blocks[name] = value, block_id
                blocks.setdefault(block_id, block_id)
        return cls(values, blocks, opened(view.get("private_metadata")))

    def text(self, name: str) -> str:
        """What was typed; empty when nothing was."""
        return str(self._field(name).get("value") or "")

    def chosen(self, name: str) -> str | None:
        """The value of the option chosen."""
        option = self._field(name).get("selected_option")
        return str(option["value"]) if option else None

    def all_chosen(self, name: str) -> list[str]:
        """The values of the options chosen, of checkboxes or a menu for several."""
        return [str(option["value"]) for option in self._field(name).get("selected_options") or ()]

    def number(self, name: str) -> int | None:
        """The number that the option chosen stands for. Raises StaleButton for what is none: no form of ours."""
        found = self.chosen(name)
        return _whole(found) if found else None

    def numbers(self, name: str) -> list[int]:
        """The same of several options."""
        return [_whole(found) for found in self.all_chosen(name)]

    def person(self, name: str) -> str | None:
        return self._field(name).get("selected_user") or None

    def people(self, name: str) -> list[str]:
        return list(self._field(name).get("selected_users") or ())

    def place(self, name: str) -> str | None:
        field = self._field(name)
        return field.get("selected_conversation") or field.get("selected_channel") or None

    def day(self, name: str) -> date | None:
        """The date chosen. Raises StaleButton for what is no date: Slack's own picker sends none such.

        FieldErrors for one at an end of the calendar, which the picker does send.
        """
        found = self._field(name).get("selected_date")
        try:
            day = date.fromisoformat(found) if found else None
        except (TypeError, ValueError):
            raise StaleButton() from None
        try:
            return require_near(day) if day is not None else None
        except TooFarOffDay as problem:
            raise FieldErrors({name: problem}) from problem

    def moment(self, name: str) -> datetime | None:
        """The moment chosen (aware UTC). Raises StaleButton for what is none."""
        found = self._field(name).get("selected_date_time")
        if found is None:
            return None
        if not isinstance(found, int) or not 0 < found < 10**11:
            raise StaleButton()
        return datetime.fromtimestamp(found, UTC)

    def _field(self, name: str) -> Mapping[str, Any]:
        return self.values.get(name) or {}


def _whole(text: str) -> int:
    if len(text) > 10 or not text.removeprefix("-").isdecimal():
        raise StaleButton()
    return int(text)
