"""A workspace in the middle of its work, made by the real use cases: handoffs, checklists, questions, planned nudges.

Everything that would be in Slack by now is marked as delivered, and everybody has opened their Home once.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select, update

from bench.slack import BOT, DONE, TEAM
from bot.app import Bot, build
from bot.clock import Clock, SystemClock
from bot.domain.handoff import HandoffState
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.settings import SLACK_API, Settings
from bot.store import loading
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.store.queues import LetterState, NudgeState, audit, nudges, outbox
from bot.usecases.desk import Actor
from bot.usecases.handoffs.start import AccountChoice, Start, StartForm
from bot.usecases.views import reading
from bot.usecases.workspace.setup import SetupView, Stakeholder

TOKEN, SECRET = "xoxb-bench", "0123456789abcdef0123456789abcdef"
MANAGERS, REPS, CHANNELS = 40, 80, 40
SEED = 20


@dataclass(frozen=True)
class Still:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def settings(url: str, api_url: str = SLACK_API) -> Settings:
    return Settings(bot_token=TOKEN, signing_secret=SECRET, database_url=url, api_url=api_url, log_level="WARNING")


def environment(slack: str, url: str) -> dict[str, str]:
    """What a server of ours is told: the address of the Web API stand-in, and the database."""
    return {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack, "DATABASE_URL": url}


@contextmanager
def opened(url: str, clock: Clock | None = None) -> Iterator[Bot]:
    """The bot on that database, not serving."""
    bot = build(settings(url), clock or SystemClock())
    try:
        yield bot
    finally:
        bot.stop(1)


def prepare(url: str, handoffs: int) -> None:
    """Fill an empty database with that many handoffs, started today; each has about six open items."""
    with opened(url) as bot:
        bot.migrate()
        bot.setup.install(TEAM, "Bench", BOT)
        answering = {name: Stakeholder(person=f"U0F{place:03}") for place, name in enumerate(bot.setup.functions())}
        bot.setup.save(Actor(TEAM, "U0M000"), SetupView(answering, tuple(f"U0M{n:03}" for n in range(MANAGERS)), None))
        start = Start(bot.desk, lambda _channel: None)  # without asking Slack for the channel
        for number in range(handoffs):
            start(Actor(TEAM, f"U0M{number % MANAGERS:03}"), _form(number, bot.clock.now()))
        _deliver_everything(bot)


def _form(number: int, now: datetime) -> StartForm:
    return StartForm(
        account=AccountChoice(new_name=f"Account {number}"),
        reason=list(Reason)[number % len(Reason)],
        outgoing=f"U0O{number % REPS:03}",
        outgoing_name="",
        incoming=f"U0I{(number * 7) % REPS:03}",
        last_day=(now + timedelta(days=25)).date(),
        benefit="A rep who lives nearby and knows their plants.",
        sales_channel=list(SalesChannel)[number % len(SalesChannel)],
        tier=list(Tier)[number % len(Tier)],
        channel=f"C0{number % CHANNELS:03}",
    )


def _deliver_everything(bot: Bot) -> None:
    """As after the courier has been through. Homes are first made for everybody who has a role."""
    with bot.db.write() as session:
        workspace_id = session.scalars(select(t.workspaces.c.id)).one()
        everybody = session.scalars(select(t.people.c.id)).all()
        homes = [Letter(f"home:{number}", "home", number, priority=Priority.HOME) for number in everybody]
        freshen(session, workspace_id, bot.clock.now(), homes)
        session.execute(
            update(outbox).values(
                state=LetterState.SENT, shown=outbox.c.wanted, sent_at=bot.clock.now(), channel="C0BENCH", ts="1.000100"
            )
        )


def all_due(url: str) -> tuple[datetime, int]:
    """When the last planned nudge is due (a working hour), and how many are due by then."""
    with opened(url) as bot, bot.db.read() as session:
        planned = nudges.c.state == NudgeState.PLANNED
        found = session.execute(select(func.max(nudges.c.due_at), func.count()).where(planned)).one()
        return found[0], found[1]


def ticked(url: str) -> int:
    """How many items were ticked off, as the audit trail has it."""
    with opened(url) as bot, bot.db.read() as session:
        return session.scalar(select(func.count()).where(audit.c.verb == "item.completed")) or 0


def clicks(url: str, handoffs: int | None = None) -> list[str]:
    """One "Done" for every open item of every current stage that is a tick, as Slack would send it, in mixed order.

    Each click is that of the item's owner, in the message that Baton itself would have posted. `handoffs`: only in the
    first so many that are open.
    """
    with opened(url) as bot, bot.db.read() as session:
        now = bot.clock.now()
        bodies = []
        running = select(t.handoffs.c.id).where(t.handoffs.c.state == HandoffState.OPEN).order_by("id")
        for handoff in loading.whole_handoffs(session, session.scalars(running.limit(handoffs))):
            view = reading.stage(handoff, handoff.stage, now.date())
            message = bot.renderer.message("messages/stage", "en-US", now=now, stage=view)
            buttons = list(_buttons(message["blocks"]))
            owners = [line.owner or handoff.manager for line in view.lines if line.item.open]
            ticks = [line.item.form is None for line in view.lines if line.item.open]  # the others open a form
            for owner, (block_id, button) in compress(zip(owners, buttons, strict=True), ticks):
                assert owner is not None, "every handoff here has a manager"
                bodies.append(_body(owner.slack_id, handoff.channel_id, message, block_id, button))
    random.Random(SEED).shuffle(bodies)
    return bodies


def _buttons(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in blocks:
        for element in [*block.get("elements", ()), block.get("accessory") or {}]:
            if element.get("action_id") == DONE:
                yield block["block_id"], element


def _body(user: str, channel: str, message: dict[str, Any], block_id: str, button: dict[str, Any]) -> str:
    """docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": user, "username": "somebody", "name": "somebody", "team_id": TEAM},
        "api_app_id": "A0BATON",
        "token": "unused",
        "container": {
            "type": "message",
            "message_ts": "1800000001.000100",
            "channel_id": channel,
            "is_ephemeral": False,
            "thread_ts": "1800000000.000100",
        },
        "trigger_id": "1.2.3",
        "team": {"id": TEAM, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": channel, "name": "accounts"},
        "message": {
            "type": "message",
            "user": BOT,
            "bot_id": "B0BATON",
            "app_id": "A0BATON",
            "team": TEAM,
            "ts": "1800000001.000100",
            "thread_ts": "1800000000.000100",
            "parent_user_id": BOT,
            "text": message["text"],
            "blocks": message["blocks"],
        },
        "state": {"values": {}},
        "response_url": "http://127.0.0.1:9/actions",
        "actions": [{**button, "block_id": block_id, "action_ts": "1800000002.000100"}],
    }
    return urlencode({"payload": json.dumps(payload)})
