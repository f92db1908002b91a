"""What a Web API method is: a name, the scopes it needs, its rate tier and a function from a Call to the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.blocks import complete
from sandbox.model import AppConfig, Channel, ChannelKind, Json, User
from sandbox.workspace import Workspace


class ApiError(Exception):
    """An answer with `ok: false`. `more` are further fields of it; `status` and `headers` belong to the HTTP answer."""

    def __init__(self, code: str, messages: Iterable[str] = (), status: int = 200, **more: Any) -> None:
        super().__init__(code)
        self.code, self.status, self.more = code, status, more
        self.headers: dict[str, str] = {}
        listed = list(messages)
        if listed:
            self.more = {**more, "response_metadata": {"messages": listed}}

    def body(self) -> Json:
        return {"ok": False, "error": self.code, **self.more}


def rate_limited(seconds: int) -> ApiError:
    """HTTP 429 with Retry-After."""
    error = ApiError("ratelimited", status=429)
    error.headers["Retry-After"] = str(seconds)
    return error


@dataclass(frozen=True)
class Call:
    """One authorised request: the arguments as sent (form values are text, JSON bodies keep their types)."""

    workspace: Workspace
    args: Json
    execution_id: str | None = None
    """The run of a workflow's step whose token was used; None: the app's own token."""

    @property
    def app(self) -> AppConfig:
        return self.workspace.app

    def text(self, name: str) -> str:
        """A required argument. Raises invalid_arguments when it is missing or empty."""
        value = self.optional(name)
        if value is None:
            raise ApiError("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def optional(self, name: str) -> str | None:
        """An argument as text; None when missing or empty."""
        value = self.args.get(name)
        return None if value in (None, "") else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name)
        if value is None or value == "":
            return default
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true")

    def words(self, name: str) -> list[str]:
        """A list: JSON array, or text with commas."""
        value = self.args.get(name)
        if isinstance(value, list):
            return [str(v) for v in value]
        return [part.strip() for part in str(value).split(",") if part.strip()] if value else []

    def parsed(self, name: str, error: str) -> Any:
        """An argument that is JSON (text or already parsed); None when missing. Raises `error` when it is no JSON."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except ValueError as problem:
            raise ApiError(error) from problem

    def need_any(self, *scopes: str) -> None:
        """Raises missing_scope unless the app was granted one of these."""
        if scopes and not set(scopes) & set(self.app.scopes):
            raise ApiError("missing_scope", needed=",".join(scopes), provided=",".join(self.app.scopes))

    def fresh(self, blocks: list[Json]) -> list[Json]:
        """The blocks as Slack keeps them."""
        return complete(blocks, self.workspace.next_id)

    def channel(self, name: str = "channel") -> Channel:
        """The conversation of an argument. Raises channel_not_found, also for one the bot must not know of."""
        found = self.workspace.channels.get(self.text(name))
        if found is None or not self.workspace.visible(found, self.app.bot_user_id):
            raise ApiError("channel_not_found")
        return found

    def user(self, name: str = "user") -> User:
        """The user of an argument. Raises user_not_found."""
        found = self.workspace.users.get(self.text(name))
        if found is None:
            raise ApiError("user_not_found")
        return found

    def page(self, items: list[Any], most: int = 1000) -> tuple[list[Any], str]:
        """The part of a list that `cursor` and `limit` ask for, and the next cursor ("" at the end)."""
        try:
            start = int(self.optional("cursor") or 0)
            size = min(int(self.optional("limit") or 0) or most, most)
        except ValueError as problem:
            raise ApiError("invalid_cursor") from problem
        end = start + size
        return items[start:end], str(end) if end < len(items) else ""


READ_SCOPES = {
    ChannelKind.PUBLIC: "channels:read",
    ChannelKind.PRIVATE: "groups:read",
    ChannelKind.IM: "im:read",
    ChannelKind.MPIM: "mpim:read",
}

Run = Callable[[Call], Json]


@dataclass(frozen=True)
class Method:
    """`scopes`: all of them are needed. `tier`: a key of `limits.TIERS`. `token`: which token may call it."""

    name: str
    run: Run
    scopes: tuple[str, ...] = ()
    tier: str = "3"
    token: str = "bot"  # "bot", "app", "bot or workflow" or "none"


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, tier: str = "3", token: str = "bot") -> Callable[[Run], Run]:
    """Put a function into the table of methods."""

    def register(run: Run) -> Run:
        METHODS[name] = Method(name, run, scopes, tier, token)
        return run

    return register
