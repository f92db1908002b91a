"""What Slack tells about people and the installation; and an answer to everything nobody else answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_bolt import Ack, App, Respond

from handlers.answering import answering
from handlers.payloads import Body, StaleButton, team_of

if TYPE_CHECKING:
    from bot.app import Bot

ANYTHING = re.compile(".*", re.DOTALL)


def heard(app: App, event: str, work: Callable[[Body], None]) -> None:
    """Do the work of an event before it is acknowledged: what fails, or dies with us, Slack sends again.

    Bolt acknowledges an event before its listener runs, so the work stands in a middleware of the listener. The same
    event may come twice and late: each of these looks at the state, not at the event, so that a repeat changes nothing.
    """

    def first(body: Body, next: Callable[[], None]) -> None:
        work(body)
        next()

    app.event(event, middleware=[first])(lambda: None)


def register(app: App, bot: Bot) -> None:
    heard(app, "user_change", lambda body: bot.people.changed(team_of(body), body["event"]["user"]))
    heard(app, "app_uninstalled", lambda body: bot.trouble.uninstalled(team_of(body), "app_uninstalled"))
    heard(app, "tokens_revoked", lambda body: _revoked(bot, body))
    heard(app, "member_joined_channel", lambda body: _joined(bot, body))
    for event in ("channel_unarchive", "group_unarchive"):
        heard(app, event, lambda body: bot.trouble.opened(team_of(body), str(body["event"]["channel"])))

    @app.action(re.compile(r"open\.\w+"))
    def link_followed(ack: Ack) -> None:
        ack()  # a button that leads to a page tells us too

    _anything_else(app, bot)


def _revoked(bot: Bot, body: Body) -> None:
    if body["event"].get("tokens", {}).get("bot"):
        bot.trouble.uninstalled(team_of(body), "tokens_revoked")


def _joined(bot: Bot, body: Body) -> None:
    """Somebody invited Baton back: what could not be written in that channel goes out."""
    bot.trouble.invited(team_of(body), body["event"]["user"], body["event"]["channel"])


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
    app.view_closed(ANYTHING)(lambda ack: ack())
    app.shortcut(ANYTHING)(stale)
    app.command(ANYTHING)(stale)

    @app.options(ANYTHING)
    def no_options(ack: Ack) -> None:
        ack(options=[])
