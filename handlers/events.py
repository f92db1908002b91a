"""What Slack tells about people and the installation; and an answer to everything nobody else answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from handlers.answering import answering
from handlers.payloads import Body, StaleButton, team_of
from handlers.routes import ANYTHING, Routes

if TYPE_CHECKING:
    from bot.app import Bot


def heard(routes: Routes, event: str, work: Callable[[Body], None]) -> None:
    """Do the work of an event before it is acknowledged: what fails, or dies with us, Slack sends again.

    Bolt acknowledges an event before its listener runs, so the work stands in a middleware of the listener. The same
    event may come twice and late: each of these looks at the state, not at the event, so that a repeat changes nothing.
    """

    def first(body: Body, next: Callable[[], None]) -> None:
        work(body)
        next()

    routes.event(event, middleware=[first])(lambda: None)


def register(routes: Routes, bot: Bot) -> None:
    heard(routes, "user_change", lambda body: bot.people.changed(team_of(body), body["event"]["user"]))
    heard(routes, "app_uninstalled", lambda body: bot.trouble.uninstalled(team_of(body), "app_uninstalled"))
    heard(routes, "tokens_revoked", lambda body: _revoked(bot, body))
    heard(routes, "member_joined_channel", lambda body: _joined(bot, body))
    for event in ("channel_unarchive", "group_unarchive"):
        heard(routes, event, lambda body: bot.trouble.opened(team_of(body), str(body["event"]["channel"])))

    @routes.action(re.compile(r"open\.\w+"))
    def link_followed(ack: Ack) -> None:
        ack()  # a button that leads to a page tells us too

    _anything_else(routes, bot)


def _revoked(bot: Bot, body: Body) -> None:
    if body["event"].get("tokens", {}).get("bot"):
        bot.trouble.uninstalled(team_of(body), "tokens_revoked")


def _joined(bot: Bot, body: Body) -> None:
    """Somebody invited Baton back: what could not be written in that channel goes out."""
    bot.trouble.invited(team_of(body), body["event"]["user"], body["event"]["channel"])


def _anything_else(routes: Routes, bot: Bot) -> None:
    """Unanswered, Slack would send events again, and show people a warning for everything else (SLACK.md 5)."""

    @routes.event(ANYTHING)
    def event() -> None:
        """Acknowledged by Bolt; nothing to do."""

    def stale(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body):
            raise StaleButton()

    routes.action(ANYTHING)(stale)
    routes.view(ANYTHING)(stale)
    routes.view_closed(ANYTHING)(lambda ack: ack())
    routes.shortcut(ANYTHING)(stale)
    routes.command(ANYTHING)(stale)

    @routes.options(ANYTHING)
    def no_options(ack: Ack) -> None:
        ack(options=[])
