"""Bolt, the way Baton uses it: its listeners answer requests that `bot/running/inbound.py` has checked."""

from __future__ import annotations

import logging
from collections.abc import Callable

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.running.listeners import AtOnce
from bot.settings import Settings


def bolt_app(settings: Settings) -> App:
    """Bolt with our settings and no listeners yet."""
    logging.getLogger("slack_bolt.App").addFilter(_about_the_token)
    client = WebClient(token=settings.bot_token, base_url=settings.api_url, retry_handlers=[])
    return App(
        name="baton",  # else Bolt reads the sources of all its callers to find one
        client=client,
        signing_secret=settings.signing_secret,
        authorize=_authorize(settings),
        listener_executor=AtOnce(),
        request_verification_enabled=False,  # bot/running/inbound.py has checked the signature, and answers better
        token_verification_enabled=False,
    )


def _about_the_token(record: logging.LogRecord) -> bool:
    """Bolt warns that it leaves SLACK_BOT_TOKEN in the environment unused; our own parts use it."""
    words = record.getMessage()
    return not ("token" in words and ("will be unused" in words or "will be ignored" in words))


def _authorize(settings: Settings) -> Callable[..., AuthorizeResult]:
    """Bolt's own way asks Slack on every request, before the acknowledgement (SLACK.md 6.4); ours knows the token."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=settings.bot_token)

    return authorize
