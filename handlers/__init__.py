"""Slack in: parse, acknowledge, call one use case. Filed by feature."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_bolt import Ack, App, BoltResponse, Respond

from handlers import away, checklist, commands, events, feedback, gate, home, nudges, setup, start
from handlers.answering import Answer, apologise
from handlers.payloads import Body

if TYPE_CHECKING:
    from bot.app import Bot

log = logging.getLogger(__name__)


def register(app: App, bot: Bot) -> None:
    """Every listener. The first that matches answers, so `events`, which answers whatever is left, comes last."""
    for feature in (commands, start, gate, checklist, feedback, nudges, away, setup, home, events):
        feature.register(app, bot)

    @app.error
    def failed(error: Exception, respond: Respond, body: Body) -> BoltResponse:
        if body.get("type") == "event_callback":
            malformed = isinstance(error, AttributeError | KeyError | TypeError | ValueError)
            log.error("an event could not be worked off; Slack sends it again", exc_info=error)
            return BoltResponse(status=400 if malformed else 503)
        if body.get("type") == "block_suggestion":
            log.error("nothing could be offered", exc_info=error)
            return BoltResponse(status=200, body={"options": []})
        # an acknowledgement of its own: Bolt would answer with its 500 as soon as the request's own one is used here
        ack = Ack()  # type: ignore[no-untyped-call]
        apologise(Answer(bot, ack, respond, body), error)
        return ack.response or BoltResponse(status=200)
