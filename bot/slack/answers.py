"""What Slack answers, as values. Missing fields read as the harmless case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Posted:
    """A message that stands in a channel; `ts` names it there."""

    channel: str
    ts: str


@dataclass(frozen=True)
class Shown:
    """A view that is open; `hash` names its current state."""

    view_id: str
    hash: str


@dataclass(frozen=True)
class UserInfo:
    """A member as Slack knows them. `tz` is an IANA zone, `locale` such as ``en-US``; both may be empty."""

    id: str
    name: str
    real_name: str
    display_name: str
    title: str
    tz: str
    locale: str
    team_id: str
    deleted: bool
    is_bot: bool
    is_admin: bool
    is_owner: bool
    is_guest: bool
    is_stranger: bool

    @property
    def shown_name(self) -> str:
        """The name that people see in Slack."""
        return self.display_name or self.real_name or self.name

    @classmethod
    def read(cls, user: Mapping[str, Any]) -> "UserInfo":
        """From a user object of users.info or of the user_change event."""
        profile = user.get("profile") or {}
        if not isinstance(user["id"], str):
            raise TypeError("a user's id is a text")
        return cls(
            id=user["id"],
            name=_text(user.get("name")),
            real_name=_text(user.get("real_name") or profile.get("real_name")),
            display_name=_text(profile.get("display_name")),
            title=_text(profile.get("title")),
            tz=_text(user.get("tz"))[:64],
            locale=_text(user.get("locale"))[:32],
            team_id=_text(user.get("team_id")),
            deleted=bool(user.get("deleted")),
            is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",  # Slackbot says it is no bot
            is_admin=bool(user.get("is_admin")),
            is_owner=bool(user.get("is_owner")),
            is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            is_stranger=bool(user.get("is_stranger")),
        )


@dataclass(frozen=True)
class ChannelInfo:
    """A conversation that the bot can see. `is_direct`: a direct message, with one person or several."""

    id: str
    name: str
    is_member: bool
    is_archived: bool
    is_private: bool
    is_direct: bool
    is_shared: bool

    @classmethod
    def read(cls, channel: Mapping[str, Any]) -> "ChannelInfo":
        """From a channel object of conversations.info."""
        return cls(
            id=channel["id"],
            name=channel.get("name") or "",
            is_member=bool(channel.get("is_member", True)),
            is_archived=bool(channel.get("is_archived")),
            is_private=bool(channel.get("is_private")),
            is_direct=bool(channel.get("is_im") or channel.get("is_mpim")),
            is_shared=bool(channel.get("is_ext_shared") or channel.get("is_org_shared") or channel.get("is_shared")),
        )


@dataclass(frozen=True)
class DoNotDisturb:
    """The next, or current, time in which somebody does not want to be disturbed: pause or schedule, Slack says one."""

    begins: datetime
    ends: datetime

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> "DoNotDisturb | None":
        """From dnd.info. None: never. A pause of one's own (`snooze_…`) Slack tells nobody else by that name."""
        times = (answer.get("next_dnd_start_ts"), answer.get("next_dnd_end_ts"))
        begins, ends = (one if isinstance(one, int | float) else 0 for one in times)
        if not answer.get("dnd_enabled") or ends <= begins:
            return None
        return cls(datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC))


@dataclass(frozen=True)
class UserGroup:
    """A user group: `handle` is what people type after the @."""

    id: str
    handle: str
    name: str


@dataclass(frozen=True)
class Identity:
    """Who the token is. `scopes` are those granted, from the answer's header; empty when Slack sends none."""

    team_id: str
    team: str
    url: str
    bot_user_id: str
    bot_id: str
    enterprise_id: str
    scopes: frozenset[str]
