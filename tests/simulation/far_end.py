"""The far end of the network: a Slack that remembers what it was told, and has bad hours.

It has the public face of `bot.slack.gateway.Gateway`, and fails with the same `SlackFailure`s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bot.slack.answers import ChannelInfo, Identity, Posted, Shown, UserGroup, UserInfo
from bot.slack.failures import Kind, SlackFailure, of_status, settled
from tests.simulation.cast import TEAM, Citizen
from tests.simulation.virtual import VirtualClock

WEATHER = ("unavailable", "slow down", "cut", "no way", "fatal_error")
"""What an hour of trouble is made of: 503, 429, connections cut, connections refused, Slack's own confusion."""
RETRY_AFTER = 30.0


class Killed(BaseException):
    """The process ends here, in the middle of a call; nobody catches this but the simulation."""


@dataclass
class Message:
    """One message as Slack shows it now."""

    channel: str
    ts: str
    thread_ts: str | None
    content: Mapping[str, Any]


@dataclass
class FarEnd:
    """`say` hears of every call that was taken (method, where, ts, content); `kill` ends the process in its next call.

    `weather` is one of WEATHER, or empty.
    """

    clock: VirtualClock
    people: Mapping[str, Citizen]
    rng: Random
    say: Callable[[str, str, str, Mapping[str, Any]], None]
    weather: str = ""
    kill: bool = False
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    taken_in_doubt: set[tuple[str, str]] = field(default_factory=set)
    calls: int = 0

    def within(self, _seconds: int) -> FarEnd:
        return self

    def post_message(self, channel: str, message: Mapping[str, Any], thread_ts: str | None = None) -> Posted:
        doubt = self._trouble("chat.postMessage")
        if thread_ts is not None and (channel, thread_ts) not in self.messages:
            raise SlackFailure(Kind.GONE, "thread_not_found", method="chat.postMessage")
        where = f"D{channel[1:]}" if channel[0] == "U" else channel
        posted = Message(where, f"{len(self.messages) + 1}.000000", thread_ts, message)
        self.messages[where, posted.ts] = posted
        self.say("chat.postMessage", where, posted.ts, message)
        if doubt is not None:
            self.taken_in_doubt.add((where, posted.ts))
            raise doubt
        return Posted(where, posted.ts)

    def update_message(self, channel: str, ts: str, message: Mapping[str, Any]) -> Posted:
        self._trouble("chat.update")
        self.messages[channel, ts].content = message
        self.say("chat.update", channel, ts, message)
        return Posted(channel, ts)

    def permalink(self, channel: str, ts: str) -> str:
        self._trouble("chat.getPermalink")
        return f"https://sim.slack.com/archives/{channel}/p{ts}"

    def publish_home(self, user: str, view: Mapping[str, Any], hash: str | None = None) -> Shown:
        self._trouble("views.publish")
        self.say("views.publish", user, "", view)
        return Shown(f"V{user}", "")

    def user_info(self, user: str) -> UserInfo:
        self._trouble("users.info")
        return self.people[user].info()

    def channel_info(self, channel: str) -> ChannelInfo:
        return ChannelInfo(channel, channel.lower(), True, False, False, False, False)

    def usergroups(self) -> tuple[UserGroup, ...]:
        return ()

    def auth_test(self) -> Identity:
        return Identity(TEAM, "Simulation", "", "UBATON", "BBATON", "", frozenset())

    def probe_post(self, channel: str) -> None:
        """A post that Slack refuses without posting, whatever else it may take."""
        failure = self._failure("chat.postMessage")
        if failure is not None:
            raise failure

    def _trouble(self, method: str) -> SlackFailure | Killed | None:
        """Raise what the weather brings; or return what is to be raised once the post was taken all the same."""
        self.calls += 1
        trouble: SlackFailure | Killed | None = self._failure(method)
        if self.kill:
            trouble, self.kill = Killed(), False
        if trouble is None:
            return None
        in_doubt = isinstance(trouble, Killed) or trouble.kind is Kind.UNSURE
        if method == "chat.postMessage" and in_doubt and self.rng.random() < 0.5:
            return trouble
        raise trouble

    def _failure(self, method: str) -> SlackFailure | None:
        match self.weather:
            case "unavailable":
                return SlackFailure(settled(of_status(503), method), "http_503", method=method)
            case "slow down":
                return SlackFailure(Kind.WAIT, "ratelimited", method=method, retry_after=RETRY_AFTER)
            case "cut":
                return SlackFailure(settled(Kind.UNSURE, method), "connection_cut", method=method)
            case "no way":
                return SlackFailure(Kind.RETRY, "cannot_connect", method=method)
            case "fatal_error":
                return SlackFailure(settled(Kind.UNSURE, method), "fatal_error", method=method)
        return None
