"""What Slack tells about people and the installation; and an answer to everything nobody else answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slack_bolt import Ack, App, Respond

from handlers.answering import answering
from handlers.payloads import Body, StaleButton

if TYPE_CHECKING:
    from bot.app import Bot

ANYTHING = re.compile(".*", re.DOTALL)


def register(app: App, bot: Bot) -> None:
    @app.event("user_change")
    def user_change(body: Body) -> None:
        bot.people.changed(str(body["team_id"]), body["event"]["user"])

    @app.event("app_uninstalled")
    def app_uninstalled(body: Body) -> None:
        bot.setup.uninstalled(str(body["team_id"]), "app_uninstalled")

    @app.event("tokens_revoked")
    def tokens_revoked(body: Body) -> None:
        if body["event"].get("tokens", {}).get("bot"):
            bot.setup.uninstalled(str(body["team_id"]), "tokens_revoked")

    @app.action(re.compile(r"open\.\w+"))
    def link_followed(ack: Ack) -> None:
        ack()  # a button that leads to a page tells us too

    _anything_else(app, bot)


def _anything_else(app: App, bot: Bot) -> None:
    """Unanswered, Slack would send events again, and show people a warning for everything else (SLACK.md 5)."""

    @app.event(ANYTHING)
    def event() -> None:
        """Acknowledged by Bolt; nothing to do."""

    def stale(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body):
            raise StaleButton()

    app.action(ANYTHING)(stale)
    app.view(ANYTHING)(stale)
    app.shortcut(ANYTHING)(stale)
    app.command(ANYTHING)(stale)

    @app.options(ANYTHING)
    def no_options(ack: Ack) -> None:
        ack(options=[])
