"""Bolt as it comes: `python -m bench.stock` serves a listener that only acknowledges, the way Bolt's manual shows it.

Flask, Bolt's own adapter with its own signature check, under the same gunicorn as Baton. Only what would be unfair is
set as in Baton: who the token is (Bolt would ask Slack at every click) and the number of threads (Bolt has five).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from flask import Flask, Response, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

from bench.bare import acknowledge
from bench.load import PATH
from bench.slack import DONE, TEAM
from bot.running.logs import configure
from bot.running.server import bound_socket
from bot.running.serving import THREADS, Serving
from bot.settings import Settings


def web(settings: Settings) -> Flask:
    """The application of Bolt's manual."""
    bolt = App(
        signing_secret=settings.signing_secret,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token=settings.bot_token),
        listener_executor=ThreadPoolExecutor(THREADS),
    )
    bolt.action(DONE)(acknowledge)
    handler, app = SlackRequestHandler(bolt), Flask(__name__, static_folder=None)
    app.add_url_rule(PATH, "slack", lambda: handler.handle(request), methods=["POST"])
    app.add_url_rule("/healthz", "health", lambda: Response("ok"))
    return app


def nothing() -> None:
    """There is nothing to begin, and nothing to end."""


if __name__ == "__main__":
    from_environment = Settings.from_env(os.environ)
    configure(from_environment)
    listening = bound_socket(from_environment.host, from_environment.port)
    Serving(listening, web(from_environment), begin=nothing, ending=nothing).run_until_told()
