"""The settings as most commands read them."""

import os

from bot.settings import Settings


def settings() -> Settings:
    """Of the environment, without what only Slack asks for."""
    return Settings.from_env(os.environ, talks_to_slack=False)


def settings_and_log() -> Settings:
    """The same for a command that logs as the processes do."""
    from bot.running.logs import configure

    found = settings()
    configure(found)
    return found
