"""The calls to Slack that deliver what was composed."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.outbox import steps
from bot.outbox.composed import HomeTab, Lookup, Message, StepEnd
from bot.outbox.queue import Claimed
from bot.slack.failures import SlackFailure
from bot.slack.gateway import Gateway
from bot.usecases.workspace.people import People

log = logging.getLogger(__name__)

Sendable = Message | HomeTab | Lookup | StepEnd


@dataclass(frozen=True)
class Delivered:
    """Where it stands in Slack now (nothing for Homes and look-ups)."""

    channel: str | None = None
    ts: str | None = None


@dataclass(frozen=True)
class Sender:
    """Every method raises SlackFailure."""

    gateway: Gateway
    people: People

    def send(self, letter: Claimed, content: Sendable) -> Delivered:
        """Post it, or edit it where it stands; publish it; or ask what is to be asked."""
        if isinstance(content, Message):
            return self._message(letter, content)
        if isinstance(content, HomeTab):
            self.gateway.publish_home(content.user, content.content)
        elif isinstance(content, StepEnd):
            steps.end(self.gateway, content)
        elif content.kind == "person":
            self.people.learned(letter.workspace_id, self.gateway.user_info(content.slack_id))
        else:
            members = self.gateway.usergroup_members(content.slack_id)
            self.people.group_learned(letter.workspace_id, content.slack_id, members)
        return Delivered()

    def probe(self, content: Message) -> None:
        """Ask Slack whether it answers at all. Raises SlackFailure when it does not."""
        self.gateway.probe_post(content.to)

    def answers(self) -> bool:
        """Whether the token works."""
        try:
            self.gateway.auth_test()
        except SlackFailure as failure:
            log.info("the workspace is still shut: %s", failure)
            return False
        return True

    def link(self, done: Delivered) -> str:
        """Worth having, not worth failing for: without it, links lead to the channel."""
        try:
            return self.gateway.permalink(done.channel or "", done.ts or "")
        except SlackFailure as failure:
            log.info("no permalink: %s", failure)
            return ""

    def _message(self, letter: Claimed, message: Message) -> Delivered:
        if letter.channel and letter.ts:
            self.gateway.update_message(letter.channel, letter.ts, message.content)
            return Delivered(letter.channel, letter.ts)
        posted = self.gateway.post_message(message.to, message.content, message.thread_ts)
        return Delivered(posted.channel, posted.ts)
