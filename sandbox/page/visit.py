"""One person looking at one place of the workspace: who, where, and what they may know by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.model import Channel, ChannelKind, Choices, User
from sandbox.page.reader import Reader
from sandbox.page.surface import Choice, Json, Surface
from sandbox.workspace import SLACKBOT, Workspace

HOME, ABOUT = "home", "about"


@dataclass(frozen=True)
class Visit:
    """A person on the page. ``at`` is a channel id, or HOME or ABOUT of the app; ``thread`` the ts of an open thread.

    Use it only while holding the workspace's lock.
    """

    workspace: Workspace
    user: User
    at: str
    thread: str = ""

    @property
    def channel(self) -> Channel | None:
        """The conversation that is open, if one is and the person may see it."""
        channel = self.workspace.channels.get(self.at)
        return channel if channel and self.workspace.visible(channel, self.user.id) else None

    @property
    def address(self) -> str:
        """The path of this person's page."""
        return f"/as/{self.user.name}"

    @cached_property
    def reader(self) -> Reader:
        """The person as the reader of texts."""
        workspace = self.workspace
        return Reader(
            user_id=self.user.id,
            zone=zone_of(self.user),
            now=workspace.now(),
            address=self.address,
            people={one.id: one.display_name or one.real_name or one.name for one in workspace.users.values()},
            channels={one.id: one.name for one in workspace.channels.values() if one.name and self._sees(one)},
            groups={group.id: group.handle for group in workspace.usergroups.values()},
        )

    def _sees(self, channel: Channel) -> bool:
        return self.workspace.visible(channel, self.user.id)

    def joined(self) -> list[Channel]:
        """Channels the person is a member of, by name."""
        return sorted((one for one in self._named() if self.user.id in one.members), key=lambda one: one.name)

    def joinable(self) -> list[Channel]:
        """Public channels the person is no member of, by name."""
        return sorted((one for one in self._named() if self.user.id not in one.members), key=lambda one: one.name)

    def _named(self) -> list[Channel]:
        kinds = (ChannelKind.PUBLIC, ChannelKind.PRIVATE)
        return [one for one in self.workspace.channels.values() if one.kind in kinds and self._sees(one)]

    def others(self) -> list[User]:
        """Everybody else whom one can write to: the team's people, without bots and those who left."""
        return [one for one in people_of(self.workspace) if one.id != self.user.id]

    def groups(self) -> list[Channel]:
        """The person's conversations of several people."""
        return [one for one in self.workspace.channels.values() if one.kind is ChannelKind.MPIM and self._sees(one)]

    def dm_with(self, user_id: str) -> Channel | None:
        """The direct conversation with somebody, if it was opened."""
        return self.workspace.dm_between(self.user.id, user_id)

    def title_of(self, channel: Channel) -> str:
        """What a conversation is called on this person's page: #accounts, Lee, or Lee, Ana."""
        if channel.kind in (ChannelKind.PUBLIC, ChannelKind.PRIVATE):
            return "#" + channel.name
        names = self.reader.people
        others = [names.get(one, one) for one in channel.members if one != self.user.id]
        return ", ".join(others) or names.get(self.user.id, "")

    def surface(self, container: str, choices: Choices | None = None, errors: dict[str, str] | None = None) -> Surface:
        """Where blocks are drawn for this person."""
        return replace(self._bare_surface, container=container, choices=choices or {}, errors=errors or {})

    @cached_property
    def _bare_surface(self) -> Surface:
        public = [one for one in self._named() if one.kind is ChannelKind.PUBLIC]
        talks = [one for one in self.workspace.channels.values() if self._sees(one)]
        return Surface(
            reader=self.reader,
            container="",
            people=[Choice(one.id, one.real_name or one.name) for one in people_of(self.workspace)],
            channels=[Choice(one.id, "#" + one.name) for one in public],
            conversations=[Choice(one.id, self.title_of(one), one.kind.value) for one in talks],
            here=self.at,
            file_url=_file_url,
        )


def people_of(workspace: Workspace) -> list[User]:
    """The team's people by name: no bots, nobody who left."""
    people = [one for one in workspace.users.values() if not one.is_bot and not one.deleted and one.id != SLACKBOT]
    return sorted(people, key=lambda one: one.real_name or one.name)


def zone_of(user: User) -> ZoneInfo:
    """The person's time zone; UTC when the name is unknown here."""
    try:
        return ZoneInfo(user.tz)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _file_url(element: Json) -> str | None:
    file = element.get("slack_file") or {}
    if file.get("url"):
        return str(file["url"])
    return f"/page/file/{file['id']}" if file.get("id") else None
