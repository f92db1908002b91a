"""Town files and app manifests (YAML) to plain data; every mistake is named with its file and place."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sandbox.function_manifest import read_functions, refused_functions
from sandbox.model import AppConfig, Channel, ChannelKind, Json, Shortcut, SlashCommand, Town, User, UserGroup

EVENT_SCOPES = {
    "app_home_opened": (),
    "app_uninstalled": (),
    "tokens_revoked": (),
    "function_executed": (),
    "team_access_granted": (),
    "team_access_revoked": (),
    "app_rate_limited": (),
    "grid_migration_started": (),
    "grid_migration_finished": (),
    "user_change": ("users:read",),
    "team_join": ("users:read",),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_left": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_left": ("groups:read",),
    "channel_id_changed": ("channels:read", "groups:read"),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unshared": ("channels:read", "groups:read"),
    "dnd_updated_user": ("dnd:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "file_shared": ("files:read",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
}
"""Event -> the scopes of which one is needed to subscribe to it."""


_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class ConfigError(ValueError):
    """A town file or manifest that cannot be used; the text names the file, the place and the fix."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Team(_Strict):
    id: str = "T0SANDBOX01"
    name: str = "Sandbox"
    domain: str = "sandbox"


class _User(_Strict):
    name: str = Field(pattern=r"^[a-z0-9._-]+$")
    real_name: str = ""
    display_name: str = ""
    title: str = ""
    tz: str = "Europe/Berlin"
    locale: str = "en-US"
    is_admin: bool = False
    is_bot: bool = False
    deleted: bool = False
    home_team: str = ""

    @field_validator("tz")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, OSError, ValueError) as problem:
            raise ValueError(f"{value!r} is no time zone; write one such as Europe/Berlin") from problem


class _Channel(_Strict):
    name: str = Field(pattern=r"^[a-z0-9_-]{1,80}$")
    private: bool = False
    members: list[str] = []
    topic: str = ""
    with_app: bool = False


class _UserGroup(_Strict):
    handle: str
    name: str
    members: list[str]


class _Said(_Strict):
    channel: str
    user: str
    text: str


class _TownFile(_Strict):
    team: _Team = _Team()
    users: list[_User]
    channels: list[_Channel]
    usergroups: list[_UserGroup] = []
    messages: list[_Said] = []


def load_town(path: Path | str, manifest: Path | str | None = None) -> Town:
    """A town file, with the app of the manifest installed. Raises ConfigError."""
    app = load_manifest(manifest) if manifest else AppConfig()
    try:
        described = _TownFile.model_validate(_yaml(Path(path)))
    except ValidationError as problem:
        raise ConfigError(f"{path}: {_first(problem)}") from problem
    return _build(described, app, path)


def _first(problem: ValidationError) -> str:
    error = problem.errors()[0]
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}"


def _build(described: _TownFile, app: AppConfig, path: Path | str) -> Town:
    users = [
        User(_id("U", u.name), **{**u.model_dump(), "real_name": u.real_name or u.name.title()})
        for u in described.users
    ]
    ids = {u.name: u.id for u in users}

    def members(names: list[str], of: str) -> list[str]:
        unknown = [n for n in names if n not in ids]
        if unknown:
            raise ConfigError(f"{path}: {of}: nobody is called {', '.join(unknown)}; the users are {', '.join(ids)}")
        return [ids[n] for n in names]

    channels = [_channel(c, members(c.members, f"channel {c.name}"), app) for c in described.channels]
    groups = [
        UserGroup(_id("S", g.handle), g.handle, g.name, members(g.members, f"group {g.handle}"))
        for g in described.usergroups
    ]
    by_name = {c.name: c.id for c in channels}
    said = [(by_name[m.channel], members([m.user], "messages")[0], m.text) for m in described.messages]
    team = described.team
    return Town(team.id, team.name, team.domain, users, channels, groups, app, said)


def _channel(c: _Channel, members: list[str], app: AppConfig) -> Channel:
    kind = ChannelKind.PRIVATE if c.private else ChannelKind.PUBLIC
    joined = [*members, app.bot_user_id] if c.with_app else members
    return Channel(_id("C", c.name), c.name, kind, joined, c.topic, creator_id=members[0] if members else "")


def _id(prefix: str, name: str) -> str:
    """An id that can be recognised: U0MIA000000."""
    letters = re.sub(r"[^A-Z0-9]", "", name.upper())
    return f"{prefix}0{letters}".ljust(11, "0")


def load_manifest(path: Path | str) -> AppConfig:
    """The app as its manifest describes it. Raises ConfigError for what Slack would not install."""
    manifest = _yaml(Path(path))
    try:
        app = _app(manifest)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ConfigError(f"{path}: the manifest lacks or misplaces {problem}") from problem
    problems = list(_refusals(app, manifest))
    if problems:
        raise ConfigError(f"{path}: " + "; ".join(problems))
    return app


def _app(manifest: Json) -> AppConfig:
    features, settings = manifest.get("features", {}), manifest.get("settings", {})
    home, interactivity = features.get("app_home", {}), settings.get("interactivity", {})
    name = manifest["display_information"]["name"]
    commands = [
        SlashCommand(c["command"], c.get("description", ""), c.get("usage_hint", ""), c.get("should_escape", False))
        for c in features.get("slash_commands", [])
    ]
    shortcuts = [
        Shortcut(s["name"], s["callback_id"], s["type"], s.get("description", ""))
        for s in features.get("shortcuts", [])
    ]
    socket_mode = settings.get("socket_mode_enabled", False)
    return replace(
        AppConfig(),
        name=name,
        bot_name=features.get("bot_user", {}).get("display_name", name).lower(),
        scopes=tuple(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        commands=tuple(commands),
        shortcuts=tuple(shortcuts),
        functions=read_functions(manifest),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        home_tab=home.get("home_tab_enabled", False),
        messages_tab=home.get("messages_tab_enabled", False),
        interactivity=interactivity.get("is_enabled", False),
        options_load=socket_mode or bool(interactivity.get("message_menu_options_url")),
        socket_mode=socket_mode,
    )


def _refusals(app: AppConfig, manifest: Json) -> list[str]:
    problems = []
    if len(app.name) > 35:
        problems.append("display_information.name is longer than 35 characters")
    for command in app.commands:
        if not re.fullmatch(r"/[a-z0-9_-]{1,31}", command.command):
            problems.append(f"the slash command {command.command!r} is malformed")
    for shortcut in app.shortcuts:
        if len(shortcut.name) > 24 or shortcut.kind not in ("global", "message"):
            problems.append(f"the shortcut {shortcut.name!r} is too long (24) or neither global nor message")
    if (app.commands or app.shortcuts) and "commands" not in app.scopes:
        problems.append("slash commands and shortcuts need the scope commands")
    optional = manifest.get("oauth_config", {}).get("scopes", {}).get("bot_optional", [])
    if not set(optional) <= set(app.scopes):
        problems.append("oauth_config.scopes.bot_optional names scopes that bot does not have")
    problems += refused_functions(app, manifest)
    return problems + [p for event in sorted(app.events) if (p := _event_refusal(event, app.scopes))]


def _event_refusal(event: str, scopes: tuple[str, ...]) -> str:
    if event not in EVENT_SCOPES:
        return f"bot_events: {event} is not an event this sandbox knows ({', '.join(sorted(EVENT_SCOPES))})"
    needed = EVENT_SCOPES[event]
    if needed and not set(needed) & set(scopes):
        return f"bot_events: {event} needs the scope {' or '.join(needed)}"
    return ""


def _yaml(path: Path) -> Any:
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except OSError as problem:
        raise ConfigError(f"{path}: cannot be read: {problem.strerror}") from problem
    except yaml.YAMLError as problem:
        raise ConfigError(f"{path}: is not YAML: {problem}") from problem
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path}: must hold a mapping")
    return loaded
