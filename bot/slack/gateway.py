"""The only caller of Slack's Web API. Every failure is a `SlackFailure`; nothing is repeated here.

The SDK's own retries are off, because its connection-error retry can post a message twice (slack_sdk
http_retry/builtin_handlers.py); the courier decides what to do again, by the failure's kind.
"""

import logging
import re
import ssl
from collections.abc import Mapping
from functools import cache
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.answers import ChannelInfo, DoNotDisturb, Identity, Posted, Shown, UserGroup, UserInfo
from bot.slack.failures import DEFAULT_WAIT, Kind, SlackFailure, kind_of, of_connection, of_status, settled
from bot.turns import waiting

log = logging.getLogger(__name__)

SLACK = "https://slack.com/api/"
COURIER_SECONDS = 10
"""How long connecting and each read may take where nobody waits."""
ACK_SECONDS = 2
"""The same inside a request that Slack wants answered in 3 seconds."""

_FORM_METHODS = [
    "users.info",
    "users.lookupByEmail",
    "conversations.info",
    "usergroups.list",
    "usergroups.users.list",
    "chat.getPermalink",
    "dnd.info",
    "files.info",
]
"""Slack's reading methods take form fields, no JSON bodies."""
_JSON_METHODS = ["auth.test", "chat.postMessage", "chat.update"]
_STEP_METHODS = ["functions.completeError", "functions.completeSuccess"]
_VIEW_METHODS = ["views.open", "views.publish", "views.push", "views.update"]
METHODS = frozenset([*_FORM_METHODS, *_JSON_METHODS, *_STEP_METHODS, *_VIEW_METHODS])
"""Every Web API method that Baton calls."""

_CODE = re.compile(r"[a-z0-9_:.-]{1,80}")
"""What an error code looks like; anything else is the SDK's own text about an answer that is not JSON."""
_sdk_log = logging.getLogger(f"{__name__}.sdk")
_sdk_log.setLevel(logging.CRITICAL)  # at lower levels the SDK logs bodies; what matters is in SlackFailure


class Gateway:
    """Slack's Web API for one workspace. Safe to share between threads (each call is its own connection)."""

    def __init__(
        self, token: str, base_url: str = SLACK, timeout: int = COURIER_SECONDS, proxy: str | None = None
    ) -> None:
        self._client = WebClient(
            token=token,
            base_url=base_url,
            timeout=timeout,
            proxy=proxy,
            ssl=_certificates() if base_url.startswith("https:") else None,
            retry_handlers=[],
            logger=_sdk_log,
        )
        self._client.proxy = proxy  # else the SDK takes HTTPS_PROXY, and overlooks NO_PROXY, which urllib heeds
        self._given = (token, base_url, proxy)

    def within(self, seconds: int) -> "Gateway":
        """The same gateway with another time limit, such as `ACK_SECONDS`."""
        token, base_url, proxy = self._given
        return Gateway(token, base_url, seconds, proxy)

    def post_message(self, channel: str, message: Mapping[str, Any], thread_ts: str | None = None) -> Posted:
        """Post to a channel, or to a person by their id."""
        answer = self._call("chat.postMessage", channel, channel=channel, thread_ts=thread_ts, **message)
        return Posted(answer["channel"], answer["ts"])

    def probe_post(self, channel: str) -> None:
        """Ask whether posting works at all: a message without text, which Slack refuses without posting anything.

        Any refusal that is about the message or the channel is an answer (`no_text`, SLACK.md 4.2). Raises SlackFailure
        when there is none, when it is too early to ask, or when the token does not work.
        """
        try:
            self._ask("chat.postMessage", channel, channel=channel)
        except SlackFailure as failure:
            if failure.kind in (Kind.RETRY, Kind.UNSURE, Kind.WAIT, Kind.BROKEN):
                raise

    def update_message(self, channel: str, ts: str, message: Mapping[str, Any]) -> Posted:
        """Change one of the bot's own messages; what `message` leaves out is removed."""
        kept = {name: part for name, part in message.items() if not name.startswith("unfurl_")}
        answer = self._call("chat.update", channel, channel=channel, ts=ts, **{"blocks": [], **kept})
        return Posted(answer["channel"], answer["ts"])

    def permalink(self, channel: str, ts: str) -> str:
        """The web address of a message."""
        return str(self._call("chat.getPermalink", channel, channel=channel, message_ts=ts)["permalink"])

    def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> Shown:
        """Open a modal; the trigger lives for 3 seconds and works once."""
        return _shown(self._call("views.open", trigger_id=trigger_id, view=view))

    def push_view(self, trigger_id: str, view: Mapping[str, Any]) -> Shown:
        """Put a modal on top of the open one (at most three in all)."""
        return _shown(self._call("views.push", trigger_id=trigger_id, view=view))

    def update_view(self, view_id: str, view: Mapping[str, Any], hash: str | None = None) -> Shown:
        """Change an open view; with the `hash` of the state it was built from, a newer state is not overwritten."""
        return _shown(self._call("views.update", view_id=view_id, view=view, hash=hash))

    def publish_home(self, user: str, view: Mapping[str, Any], hash: str | None = None) -> Shown:
        """Put a view on a person's App Home, opened or not."""
        return _shown(self._call("views.publish", user, user_id=user, view=view, hash=hash))

    def end_step(
        self, execution_id: str, *, outputs: Mapping[str, Any] | None, error: str, token: str | None = None
    ) -> None:
        """End a step of a workflow, with what it gives or with what went wrong. `token`: the workflow's own."""
        if outputs is None:
            self._call("functions.completeError", function_execution_id=execution_id, error=error, token=token)
        else:
            self._call("functions.completeSuccess", function_execution_id=execution_id, outputs=outputs, token=token)

    def user_info(self, user: str) -> UserInfo:
        """One person, with zone and locale."""
        return UserInfo.read(self._call("users.info", user, user=user, include_locale=True)["user"])

    def user_by_mail(self, mail: str) -> UserInfo:
        """Whose address it is. Needs the scope users:read.email; raises SlackFailure `users_not_found` for nobody's."""
        return UserInfo.read(self._call("users.lookupByEmail", email=mail)["user"])

    def do_not_disturb(self, user: str) -> DoNotDisturb | None:
        """When somebody is next, or now, not to be disturbed. Needs the scope dnd:read."""
        return DoNotDisturb.read(self._call("dnd.info", user, user=user))

    def channel_info(self, channel: str) -> ChannelInfo:
        """One conversation; `Kind.PLACE` also when it is private and the bot is not in it."""
        return ChannelInfo.read(self._call("conversations.info", channel, channel=channel)["channel"])

    def file_info(self, file: str) -> Mapping[str, Any]:
        """A file object; `Kind.GONE` also for one that the bot may not see. Needs the scope files:read."""
        found: Mapping[str, Any] = self._call("files.info", file, file=file)["file"]
        return found

    def usergroups(self) -> tuple[UserGroup, ...]:
        """The active user groups of the workspace."""
        groups = self._call("usergroups.list")["usergroups"]
        return tuple(UserGroup(one["id"], one.get("handle") or "", one.get("name") or "") for one in groups)

    def usergroup_members(self, group: str) -> tuple[str, ...]:
        """The ids of a user group's members."""
        return tuple(self._call("usergroups.users.list", group, usergroup=group)["users"])

    def auth_test(self) -> Identity:
        """Who the token is, and what it may do."""
        answer = self._call("auth.test")
        scopes = _header(answer.headers, "x-oauth-scopes")
        return Identity(
            team_id=answer.get("team_id") or "",
            team=answer.get("team") or "",
            url=answer.get("url") or "",
            bot_user_id=answer.get("user_id") or "",
            bot_id=answer.get("bot_id") or "",
            enterprise_id=answer.get("enterprise_id") or "",
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        )

    def _call(self, method: str, target: str = "", /, **arguments: Any) -> Any:
        """The answer of a method. Raises `SlackFailure`; what is our own fault is logged."""
        try:
            return self._ask(method, target, **arguments)
        except SlackFailure as failure:
            if failure.kind is Kind.OURS:
                log.error("slack refused what baton sent: %s", failure)
            raise

    def _ask(self, method: str, target: str, /, **arguments: Any) -> Any:
        """The answer of a method. Raises `SlackFailure`, after the `except`, so that no trace keeps the request."""
        sent = {name: value for name, value in arguments.items() if value is not None}
        try:
            with waiting():
                if method in _FORM_METHODS:
                    return self._client.api_call(method, params=sent)
                return self._client.api_call(method, json=sent)
        except SlackApiError as error:
            failure = _refusal(method, target, error.response)
        except (OSError, HTTPException) as error:
            kind, name = of_connection(error)
            failure = SlackFailure(settled(kind, method), name, method=method)
        except (SlackClientError, ValueError):
            failure = SlackFailure(settled(Kind.UNSURE, method), "unreadable_answer", method=method)
        raise failure


@cache
def _certificates() -> ssl.SSLContext:
    """Whom this machine trusts. Python 3.11 would read all the certificates anew for each call."""
    return ssl.create_default_context()


def _shown(answer: Any) -> Shown:
    view = answer["view"]
    return Shown(view["id"], view.get("hash") or "")


def _refusal(method: str, target: str, response: Any) -> SlackFailure:
    """The failure that Slack's answer stands for; an answer without Slack's JSON is judged by its HTTP status."""
    data = response.data if isinstance(response.data, dict) else {}
    error = data.get("error")
    if response.status_code == 429 or error in ("ratelimited", "rate_limited"):
        return SlackFailure(Kind.WAIT, "ratelimited", method=method, retry_after=_retry_after(response.headers))
    if not isinstance(error, str) or not _CODE.fullmatch(error):
        status = response.status_code
        return SlackFailure(settled(of_status(status), method), f"http_{status}", method=method)
    needed, provided = str(data.get("needed") or ""), str(data.get("provided") or "")
    return SlackFailure(
        kind_of(error, method, target),
        error,
        method=method,
        detail=f"needs {needed}" if needed else _messages(data),
        needed=needed,
        provided=provided,
    )


def _retry_after(headers: Mapping[str, Any]) -> float:
    try:
        return max(0.0, float(_header(headers, "retry-after")))
    except ValueError:
        return DEFAULT_WAIT


def _header(headers: Mapping[str, Any], name: str) -> str:
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")


def _messages(data: Mapping[str, Any]) -> str:
    """What Slack says is wrong with the arguments: where and why, without the content."""
    metadata = data.get("response_metadata")
    found = metadata.get("messages") if isinstance(metadata, dict) else None
    wrong = [*(found or ()), *(data.get("errors") or ())]
    return "; ".join(str(one)[:200] for one in wrong[:5])
