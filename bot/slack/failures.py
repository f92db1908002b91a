"""Every way in which a call to Slack can fail, as one value that says what to do next.

The table is SLACK.md's sections 4.1 and 4.2, which read Slack's method pages (docs.slack.dev/reference/methods) and the
machine copy of their error lists. Connection trouble is sorted by one question: can Slack have done it?
"""

import http.client
import socket
import ssl
from collections.abc import Iterable, Mapping
from enum import StrEnum
from urllib.error import URLError

DEFAULT_WAIT = 30.0
"""Seconds to wait after a 429 that names no time."""


class Kind(StrEnum):
    """What to do about a failure."""

    RETRY = "retry"
    """Slack's trouble, and nothing was done: again later, with backoff."""
    WAIT = "wait"
    """Too fast (429): not before `retry_after` seconds, for this method and workspace."""
    UNSURE = "unsure"
    """It may have been done: look before repeating, or repeat once and say so."""
    GONE = "gone"
    """The message, view or group is no longer there, or can no longer be changed."""
    CONFLICT = "conflict"
    """The view has changed since (its hash is older): build it again from the current state."""
    LATE = "late"
    """The trigger is older than 3 seconds or used: the person has to click again."""
    UNREACHABLE = "unreachable"
    """This person cannot be written to: use the thread."""
    PLACE = "place"
    """This channel cannot be written to: archived, without the bot, restricted, or not visible."""
    FORBIDDEN = "forbidden"
    """A scope is missing or the workspace forbids it: an admin can mend it; do not repeat."""
    BROKEN = "broken"
    """The token does not work (uninstalled, revoked, frozen): stop this workspace, tell the operator."""
    OURS = "ours"
    """Slack refused what we sent: a fault of Baton; log it with a reference."""


class SlackFailure(Exception):
    """A call that did not succeed. Holds neither the token nor what was sent; safe to log and to show an operator.

    `retry_after`: seconds (only for `Kind.WAIT`). `detail`: what else Slack said: the scope needed, where a block is
    wrong. `needed`, `provided`: scopes (only for a missing scope).
    """

    def __init__(
        self,
        kind: Kind,
        error: str,
        *,
        method: str = "",
        retry_after: float | None = None,
        detail: str = "",
        needed: str = "",
        provided: str = "",
    ) -> None:
        super().__init__(f"{method}: {error} ({kind})" + (f": {detail}" if detail else ""))
        self.kind, self.error, self.method = kind, error, method
        self.retry_after, self.detail = retry_after, detail
        self.needed, self.provided = needed, provided


def _table(kinds: Mapping[Kind, Iterable[str]]) -> dict[str, Kind]:
    return {error: kind for kind, errors in kinds.items() for error in errors}


_KINDS = _table(
    {
        Kind.RETRY: [
            *("service_unavailable", "request_timeout", "update_failed"),
        ],
        Kind.WAIT: ["ratelimited", "rate_limited"],
        # of both Slack says that some aspect of the operation may have succeeded
        Kind.UNSURE: ["fatal_error", "internal_error"],
        Kind.GONE: [
            *("message_not_found", "cant_update_message", "cant_delete_message"),
            *("not_found", "view_not_found", "thread_not_found", "no_such_subteam"),
            *("file_not_found", "file_deleted", "not_visible"),
            *("function_execution_not_found", "execution_not_in_running_state"),
        ],
        Kind.CONFLICT: ["hash_conflict"],
        Kind.LATE: [
            *("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"),
            *("trigger_expired", "trigger_exchanged"),
        ],
        Kind.UNREACHABLE: [
            *("user_disabled", "user_not_found", "users_not_found", "user_not_visible", "user_not_in_channel"),
            *("messages_tab_disabled", "cannot_dm_bot", "invalid_user_combination"),
        ],
        Kind.PLACE: [
            *("channel_not_found", "not_in_channel", "is_archived", "is_inactive", "posting_to_channel_denied"),
            *("cannot_reply_to_message", "thread_locked", "method_not_supported_for_channel_type"),
            "external_channel_migrating",
        ],
        Kind.FORBIDDEN: [
            *("missing_scope", "no_permission", "access_denied", "not_allowed_token_type", "app_access_restricted"),
            *("message_limit_exceeded", "plan_upgrade_required", "paid_teams_only", "not_enabled"),
            "edit_window_closed",  # posting anew instead would fill the channel with cards
            *("two_factor_setup_required", "accesslimited", "enterprise_is_restricted"),
        ],
        Kind.BROKEN: [
            *("invalid_auth", "not_authed", "token_revoked", "account_inactive", "token_expired"),
            *("team_access_not_granted", "org_login_required", "team_added_to_org", "ekm_access_denied"),
        ],
    }
)
_PREFIXES = (
    ("restricted_action_", Kind.PLACE),  # read-only, thread-only, non-threadable, locked thread: one channel
    ("restricted_action", Kind.FORBIDDEN),  # a preference of the whole workspace
    ("slack_connect_", Kind.PLACE),
)
_OF_A_PERSON = frozenset({"channel_not_found", "not_in_channel", "is_archived", "is_inactive", "restricted_action"})
"""Errors about a channel that mean the person, when the channel is a person or a direct message."""

_READING = [
    *("users.info", "users.lookupByEmail", "conversations.info", "auth.test", "files.info"),
    *("usergroups.list", "usergroups.users.list"),
]
_WRITING = ["chat.update", "views.update", "views.publish", "functions.completeSuccess", "functions.completeError"]
_REPEATABLE = frozenset([*_READING, "chat.getPermalink", *_WRITING])
"""Methods that do no harm when done twice."""


def kind_of(error: str, method: str = "", target: str = "") -> Kind:
    """The kind of a Slack error code, for a `method` (such as ``chat.postMessage``) and the id it was meant for."""
    if error in _OF_A_PERSON and target[:1] in ("U", "W", "D"):
        return Kind.UNREACHABLE
    kind = _KINDS.get(error)
    if kind is None:
        kind = next((found for prefix, found in _PREFIXES if error.startswith(prefix)), Kind.OURS)
    return settled(kind, method)


def settled(kind: Kind, method: str) -> Kind:
    """What is unsure may simply be done again, when doing it twice does no harm."""
    return Kind.RETRY if kind is Kind.UNSURE and method in _REPEATABLE else kind


def of_status(status: int) -> Kind:
    """The kind of an answer that is not Slack's JSON, by its HTTP status.

    500, 502 and 503 come from servers that did not do it; a gateway's 504 says only that the answer was too late.
    """
    if status == 429:
        return Kind.WAIT
    if status in (500, 502, 503):
        return Kind.RETRY
    return Kind.UNSURE if status >= 500 or status < 300 else Kind.OURS


def of_connection(error: BaseException) -> tuple[Kind, str]:
    """The kind and a name for connection trouble; RETRY only where the request cannot have reached Slack.

    urllib wraps what happens while it connects and sends in URLError, and lets what happens afterwards through.
    """
    if not isinstance(error, URLError):
        return Kind.UNSURE, "no_answer" if isinstance(error, TimeoutError) else "connection_cut"
    reason = error.reason
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Kind.RETRY, "certificate_refused"
    if isinstance(reason, TimeoutError | ConnectionRefusedError | socket.gaierror):
        return Kind.RETRY, "cannot_connect"  # a request fits into one buffer: what times out here is the connecting
    if isinstance(reason, ConnectionError | ssl.SSLError | http.client.HTTPException):
        return Kind.UNSURE, "connection_cut"
    return Kind.RETRY, "cannot_connect"
