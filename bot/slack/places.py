"""Whether Baton can write to a channel, asked before anything is promised."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.domain.refusals import Refusal
from bot.errors import BotError
from bot.slack.failures import Kind, SlackFailure
from bot.slack.gateway import Gateway

log = logging.getLogger(__name__)


class NotInvited(Refusal):
    sentence = "I am not in that channel: invite me with /invite @baton, then try again."


class Archived(Refusal):
    sentence = "That channel is archived. Choose another one."


@dataclass(frozen=True)
class Places:
    gateway: Gateway

    def problem_with(self, channel: str) -> BotError | None:
        """What to say under the channel field; None when the channel is fine, or Slack gives no answer in time."""
        try:
            info = self.gateway.channel_info(channel)
        except SlackFailure as failure:
            if failure.kind is Kind.PLACE:
                return NotInvited()
            log.warning("a channel could not be checked, and is taken as it is: %s", failure)
            return None
        if info.is_archived:
            return Archived()
        return None if info.is_member else NotInvited()
