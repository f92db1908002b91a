"""How a step of Workflow Builder ends: with the handoff it started, or with what was wrong."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.outbox.composed import Composed, Nothing, StepEnd, Wait
from bot.outbox.queue import Claimed
from bot.slack.failures import Kind, SlackFailure
from bot.slack.gateway import Gateway
from bot.slack.render import Renderer
from bot.store import executions, loading
from bot.store.queues import LetterState, outbox
from bot.usecases.desk import Desk
from bot.usecases.handoffs.links import card_link

log = logging.getLogger(__name__)

TOKEN_LIFE = timedelta(minutes=15)
"""A workflow token ends then, or with its step (SLACK.md 6.6)."""
CARD_WITHIN, LOOK_AGAIN = timedelta(minutes=1), timedelta(seconds=1)
"""How long the workflow waits for the link of the card; then it gets that of the channel."""
OVER = frozenset({"function_execution_not_found", "execution_not_in_running_state", "access_denied"})
"""Slack's words for a step that nobody waits for any more."""
LONGEST = 1000
"""Characters of a refusal."""


@dataclass(frozen=True)
class Steps:
    desk: Desk
    renderer: Renderer

    def compose(self, session: Session, letter: Claimed) -> Composed:
        """What Slack is told of this step now."""
        row, now = executions.waiting(session, letter.workspace_id, letter.subject_id), self.desk.now()
        if row is None:
            return Nothing()
        token = row.token if now - row.at < TOKEN_LIFE else None
        detail = row.detail or {}
        if row.state == executions.REFUSED:
            said = self.renderer.render(
                "messages/step_refused", detail.get("locale", "en"), problems=detail["problems"]
            )
            return StepEnd(row.execution_id, token, error=str(said.envelope["text"])[:LONGEST])
        if row.handoff_id is None:  # the handoff was erased meanwhile
            return Nothing()
        if now - row.at < CARD_WITHIN and not _card_settled(session, letter.workspace_id, row.handoff_id):
            return Wait(now + LOOK_AGAIN)
        handoff = loading.handoff(session, letter.workspace_id, row.handoff_id)
        account = loading.account(session, letter.workspace_id, handoff.account_id)
        outputs = {"handoff": handoff.id, "account": account.name, "link": card_link(session, handoff)}
        return StepEnd(row.execution_id, token, outputs=outputs)


def _card_settled(session: Session, workspace_id: int, handoff_id: int) -> bool:
    """Whether the card has its link, or will have none for now."""
    c = outbox.c
    mine = (c.workspace_id == workspace_id, c.key == f"card:{handoff_id}")
    card = session.execute(select(c.link, c.state, c.error).where(*mine)).one_or_none()
    return card is None or bool(card.link) or card.state in (LetterState.MOOT, LetterState.FAILED)


def end(gateway: Gateway, step: StepEnd) -> None:
    """Tell Slack, with the workflow's own token while there is one, else with the bot's. Raises SlackFailure.

    A step that is over for Slack is over: nobody waits for it.
    """
    if step.token is not None:
        try:
            _told(gateway, step)
        except SlackFailure as failure:  # of a token that ended, nothing follows about the bot's
            if failure.kind not in (Kind.BROKEN, Kind.FORBIDDEN):
                raise
            log.info("the token of a workflow is over: %s", failure)
        else:
            return
    _told(gateway, StepEnd(step.execution_id, None, step.outputs, step.error))


def _told(gateway: Gateway, step: StepEnd) -> None:
    try:
        gateway.end_step(step.execution_id, outputs=step.outputs, error=step.error, token=step.token)
    except SlackFailure as failure:
        if failure.error not in OVER or (step.token is not None and failure.kind is Kind.FORBIDDEN):
            raise
        log.info("a step of a workflow was over before it could be ended: %s", failure)
