"""Slack in: parse, acknowledge, call one use case. Filed by feature."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_bolt import Ack, App, BoltRequest, BoltResponse, Respond
from slack_bolt.middleware import Middleware

from bot.errors import BotError
from bot.usecases.desk import Elsewhere
from handlers import (
    account,
    account_dates,
    account_deals,
    away,
    bench,
    brief,
    capture,
    checklist,
    commands,
    commission,
    cover,
    crm,
    customers,
    editing,
    entries,
    events,
    feedback,
    forms,
    gate,
    history,
    home,
    importing,
    nudges,
    privacy,
    setup,
    special,
    start,
    support,
    territory,
    watch,
    workflow,
)
from handlers.answering import Answer, answering, apologise
from handlers.payloads import Body, team_of
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

log = logging.getLogger(__name__)


def register(app: App, bot: Bot) -> None:
    """Every listener. `events` answers whatever is left."""
    app.use(_OnlyOurs(bot))
    routes_of(app, bot)

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
        answer = Answer(bot, ack, respond, body)
        apologise(answer, error)
        answer.go_on()
        return ack.response or BoltResponse(status=200)


def routes_of(app: App, bot: Bot) -> Routes:
    """Who answers what; Bolt brings the requests."""
    routes = Routes(app)
    routes.listen()
    features = (
        commands, account, account_deals, start, gate, brief, editing, history, checklist, forms,
        customers, support, special, commission, crm,
        capture, entries, account_dates, feedback, nudges, away, cover, bench, watch, importing, territory, setup,
        privacy, home, workflow, events,
    )  # fmt: skip
    for feature in features:
        feature.register(routes, bot)
    return routes


class _OnlyOurs(Middleware):
    """There is one token, so one workspace: a request from another is answered politely, and no listener sees it.

    Not a function, because Bolt would put together all that a function may ask for.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse | None:
        """Bolt's, for each request."""
        try:
            self._bot.desk.require_workspace(team_of(req.body))
        except Elsewhere:
            respond = req.context.respond
            assert respond is not None, "Bolt makes one for every request"
            return _declined(self._bot, req.context.ack, respond, req.body)
        except BotError:  # not installed yet, or no database: whoever is asked says so
            log.debug("whose workspace it is cannot be found out now")
        return next()


def _declined(bot: Bot, ack: Ack, respond: Respond, body: Body) -> BoltResponse:
    log.info("a request for the workspace %s, which this installation does not serve", team_of(body)[:20])
    if body.get("type") == "event_callback":
        return BoltResponse(status=200)
    if body.get("type") == "block_suggestion":
        return BoltResponse(status=200, body={"options": []})
    with answering(bot, ack, respond, body):
        bot.desk.require_workspace(team_of(body))
    return ack.response or BoltResponse(status=200)
