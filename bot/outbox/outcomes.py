"""What becomes of a letter that Slack did not take: another try, a word to somebody who can mend it, or given up.

The table is SLACK.md's section 4, by the kinds of `bot/slack/failures.py`. A letter that is given up stays FAILED with
its reason, for `baton outbox` and the managers' App Home.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.outbox import pace, queue
from bot.outbox.composed import Composed, Fallback, Message, Unreached
from bot.outbox.pace import Chance
from bot.outbox.queue import Claimed
from bot.running.metrics import Tally
from bot.slack.failures import Kind, SlackFailure
from bot.store import executions
from bot.store.queues import ERRANDS, IN_A_THREAD, MOVED
from bot.usecases.desk import Desk
from bot.usecases.workspace.people import People
from bot.usecases.workspace.trouble import Trouble

log = logging.getLogger(__name__)

TRIES = 300
"""With LONGEST_WAIT between them, more than a day: an outage of Slack's loses nothing."""
REPOSTS = 5
REPEATS = 6
"""A post of which so often nobody knew whether Slack took it is given up, before it fills somebody's screen."""
BARRED_WAIT, BARRED_TRIES = timedelta(minutes=10), 150
"""While a channel or a permission stands in the way: for a day, then it is given up until the next start."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=5)

_TROUBLE = (Kind.RETRY, Kind.WAIT, Kind.UNSURE)
"""Failures that are about Slack and not about the letter."""

_ITS_PLACE = (Kind.PLACE, Kind.FORBIDDEN, Kind.LATE)
"""Failures that are about the channel, or about the age of the message."""


class Outcomes:
    """Writes down, in one transaction of the courier's, how a failed delivery goes on."""

    def __init__(self, desk: Desk, people: People, trouble: Trouble, tally: Tally, chance: Chance) -> None:
        self._desk, self._people, self._trouble = desk, people, trouble
        self._tally, self._chance = tally, chance
        self._after: dict[Kind, Callable[[Session, Claimed, SlackFailure, Composed], None]] = {
            Kind.RETRY: self._later,
            Kind.CONFLICT: self._conflict,
            Kind.WAIT: self._wait,
            Kind.UNSURE: self._unsure,
            Kind.GONE: self._gone,
            Kind.UNREACHABLE: self._unreachable,
            Kind.PLACE: self._barred,
            Kind.FORBIDDEN: self._barred,
            Kind.LATE: self._give_up,
            Kind.OURS: self._give_up,
            Kind.BROKEN: self._broken,
        }

    def failed(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """The call for this letter failed."""
        if letter.kind == MOVED and failure.kind in _ITS_PLACE:
            queue.moot(session, letter)  # nobody needs it any more where it cannot be written
        else:
            self._after[failure.kind](session, letter, failure, composed)
        if failure.kind not in _TROUBLE:
            pace.answered(session, letter.turn, self._desk.now())

    def no_answer(self, session: Session, letter: Claimed, failure: SlackFailure) -> None:
        """Slack did not answer the question that goes before a doubtful post: nothing was posted, all wait."""
        now = self._desk.now()
        if failure.kind is Kind.WAIT:
            pace.told_to_wait(session, letter.turn, failure.retry_after or 1.0, now)
        elif failure.kind is Kind.BROKEN:
            self._broken(session, letter, failure, None)
            return
        else:
            pace.failed(session, letter.turn, now, self._chance, doubtful=True)
        queue.untried(session, letter, failure.error)
        self._tally.add("deferred")

    def unreached(self, session: Session, letter: Claimed, where: tuple[Fallback, ...]) -> None:
        """A direct message cannot be delivered: the thread mentions the person instead."""
        for place in where:
            self._trouble.cannot_reach(session, letter.workspace_id, letter.key, place.handoff_id, place.person)

    def given_up(self, session: Session, letter: Claimed, why: str) -> None:
        """It stays where operators and managers find it."""
        queue.failed(session, letter, why)
        self._tally.add("given_up")
        if letter.kind == "person":
            self._people.unknown(session, letter.subject_id)
        if letter.kind == "step":
            executions.ended(session, letter.subject_id, self._desk.now())
        if letter.kind not in ERRANDS:
            self._trouble.undelivered(session, letter.workspace_id, letter.handoff_id)

    def _later(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        at = pace.failed(session, letter.turn, self._desk.now(), self._chance)
        # later than the method itself, so that the next try is another letter's: this one may be the trouble
        self._again(session, letter, failure, composed, at + FIRST_WAIT / 2)

    def _conflict(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        self._again(session, letter, failure, composed, self._desk.now())

    def _again(
        self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed, earliest: datetime
    ) -> None:
        if letter.attempts >= TRIES:
            self._give_up(session, letter, failure, composed)
            return
        at = self._desk.now() + self._backoff(letter.attempts)
        queue.again(session, letter, max(at, earliest), failure.error)
        self._tally.add("retried")

    def _backoff(self, attempts: int) -> timedelta:
        longest = min(FIRST_WAIT.total_seconds() * 2 ** min(attempts, 10), LONGEST_WAIT.total_seconds())
        return timedelta(seconds=longest * (0.5 + self._chance() / 2))

    def _wait(self, session: Session, letter: Claimed, failure: SlackFailure, _: Composed) -> None:
        pace.told_to_wait(session, letter.turn, failure.retry_after or 1.0, self._desk.now())
        queue.untried(session, letter, failure.error)
        self._tally.add("deferred")

    def _unsure(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """Slack may have posted it. Losing it is worse than saying it twice: it goes again, once Slack answers."""
        now = self._desk.now()
        at = pace.failed(session, letter.turn, now, self._chance, doubtful=True)
        if letter.doubts + 1 >= REPEATS:
            self._give_up(session, letter, failure, composed)
            return
        queue.unsure(session, letter, max(now + self._backoff(letter.doubts), at), failure.error)
        self._tally.add("retried")

    def _gone(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """Somebody deleted our message: the card comes back, anything else stays away."""
        if letter.kind in ("card", "stage") and letter.posted and letter.attempts < REPOSTS:
            queue.forget_place(session, letter, self._desk.now() + FIRST_WAIT)
        elif letter.posted:
            queue.moot(session, letter)
        else:
            self._give_up(session, letter, failure, composed)

    def _unreachable(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        self.given_up(session, letter, failure.error)
        if isinstance(composed, Message | Unreached) and not letter.posted:
            self.unreached(session, letter, composed.fallback)

    def _barred(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """A channel or a permission stands in the way: the manager is told once, and it is tried until it is mended."""
        if letter.attempts >= BARRED_TRIES:
            self._give_up(session, letter, failure, composed)
            return
        queue.again(session, letter, self._desk.now() + BARRED_WAIT, failure.error)
        self._tell(session, letter, failure)

    def _give_up(self, session: Session, letter: Claimed, failure: SlackFailure, _: Composed) -> None:
        log.error("letter %s is given up: %s", letter.key, failure)
        self.given_up(session, letter, failure.error + (f": {failure.detail}" if failure.detail else ""))
        self._tell(session, letter, failure)

    def _tell(self, session: Session, letter: Claimed, failure: SlackFailure) -> None:
        if letter.handoff_id is not None and letter.kind in IN_A_THREAD:
            self._trouble.cannot_post(session, letter.workspace_id, letter.handoff_id, failure.error)

    def _broken(self, session: Session, letter: Claimed, failure: SlackFailure, _: Composed | None) -> None:
        """The token does not work: nothing of this workspace goes out until it is installed again; all is kept."""
        log.critical("the workspace is paused: Slack says %s. Check SLACK_BOT_TOKEN, then restart.", failure.error)
        queue.untried(session, letter, failure.error)
        self._trouble.pause(session, letter.workspace_id, failure.error)
