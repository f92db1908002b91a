"""Delivers letters: claims one, renders it, calls Slack, writes down what happened.

Nothing is dropped silently: a failure becomes another try, a word in the thread, a word to the manager, or a letter
that stays FAILED with its error (outcomes.py).
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Lock
from uuid import uuid4

from sqlalchemy.orm import Session

from bot.errors import Unavailable
from bot.outbox import pace, queue
from bot.outbox.claiming import Search, claim, next_waiting
from bot.outbox.compose import Composer
from bot.outbox.composed import Composed, HomeTab, Lookup, Message, NoThread, PutOff, StepEnd, Unreached, Wait
from bot.outbox.outcomes import Outcomes
from bot.outbox.pace import Chance
from bot.outbox.queue import Claimed
from bot.outbox.quiet import Quiet
from bot.outbox.sending import Delivered, Sendable, Sender
from bot.running.metrics import Tally
from bot.slack.failures import SlackFailure
from bot.slack.gateway import Gateway
from bot.slack.render import TemplateFault
from bot.store import executions, reminded
from bot.usecases.desk import Desk
from bot.usecases.workspace.people import People
from bot.usecases.workspace.trouble import Trouble

log = logging.getLogger(__name__)

WRITE_DOWN_AFTER = (0.1, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to write down what Slack did, while the database is away: unwritten, it would be repeated."""
CLOCK_STEP = timedelta(seconds=30)
"""A clock that goes back by more was set back; less is somebody else's clock being a little ahead."""
TIDY = timedelta(minutes=30)
LOOK_UP_AGAIN = timedelta(seconds=1)
GIVE_BACK_SECONDS = 1.0
"""How long to wait for a claim under way; a database that does not answer must not hold up the end of a process."""


class Courier:
    """`deliver_next` is called by the worker threads (or by a test) until it says that nothing can go now.

    One thread delivers first posts, another what may be repeated; so a process that is killed leaves at most one post
    of which nobody knows whether Slack took it. `chance` makes the jitter of pauses.
    """

    def __init__(
        self,
        desk: Desk,
        composer: Composer,
        gateway: Gateway,
        people: People,
        trouble: Trouble,
        tally: Tally | None = None,
        chance: Chance = random.random,
        quiet: Quiet | None = None,
    ) -> None:
        self._desk, self._composer = desk, composer
        self._sender = Sender(gateway, people)
        self._people, self._trouble, self._tally = people, trouble, tally or Tally()
        self._outcomes = Outcomes(desk, people, trouble, self._tally, chance)
        self._quiet = quiet
        self._in_hand: dict[int, Claimed] = {}
        self._claiming, self._closed = Lock(), Event()
        self._latest: datetime | None = None
        self._tidied: datetime | None = None

    def deliver_next(self, posting: bool | None = None) -> bool:
        """Deliver one letter that may go now; False when there is none.

        `posting`: only first posts; False: only what may be repeated; None: either.
        """
        search = Search(again=True)
        while search.again and not self._closed.is_set():
            search = self._claim(posting)
            if search.put_off:
                self._tally.add("deferred", search.put_off)
        if search.letter is None:
            return False
        try:
            self._deliver(search.letter)
        finally:
            with self._claiming:
                self._in_hand.pop(search.letter.id, None)
        return True

    def next_wake(self, posting: bool | None = None) -> datetime | None:
        """When to look again; None when nothing waits."""
        with self._desk.db.read() as session:
            return next_waiting(session, self._desk.now(), posting)

    def begin(self, *, alone: bool) -> None:
        """At the start of a process: what was given up is tried again, and what a courier left behind."""
        with self._desk.db.write() as session:
            queue.revive(session, self._desk.now())
        self.take_up_orphans(alone=alone)

    def take_up_orphans(self, *, alone: bool) -> None:
        """Letters of a courier that died go out again; and the table of paces is kept small."""
        now = self._desk.now()
        with self._claiming, self._desk.db.write() as session:
            mine = list(self._in_hand)
            found = queue.take_up_orphans(session, now, all_of_them=alone and not mine, but=mine)
            if self._tidied is None or abs(now - self._tidied) >= TIDY:
                pace.tidy(session, now)
                self._tidied = now
        if found:
            log.warning("%d letters were in flight when a courier died; they go again, as possible repeats", found)

    def ask_again(self) -> None:
        """See whether a workspace that Slack has shut for a while is open again. Now and then is often enough."""
        with self._desk.db.read() as session:
            shut = self._trouble.shut_for_now(session)
        if shut and self._sender.answers():
            with self._desk.db.write() as session:
                self._trouble.resume(session, shut)
            log.info("the workspace is open again; what waited goes out")

    def give_back(self) -> int:
        """Time is up for this process: nothing more is begun, and what is in hand goes back to the queue.

        Returns how many letters that were. First posts go again as possible repeats.
        """
        self._closed.set()
        locked = self._claiming.acquire(timeout=GIVE_BACK_SECONDS)
        try:
            mine = list(self._in_hand)
            if not mine:
                return 0
            with self._desk.db.write() as session:
                return queue.take_up_orphans(session, self._desk.now(), only=mine)
        except Unavailable:
            return 0  # their leases run out
        finally:
            if locked:
                self._claiming.release()

    def _claim(self, posting: bool | None) -> Search:
        now = self._desk.now()
        with self._claiming, self._desk.db.write() as session:
            if self._closed.is_set():
                return Search()
            if self._latest is not None and now < self._latest - CLOCK_STEP:
                log.warning("the clock was set back; what waits for a moment of before goes now")
                queue.clock_set_back(session, now)
                pace.clock_set_back(session, now)
            self._latest = now
            search = claim(session, now, posting)
            if search.letter is not None:
                self._in_hand[search.letter.id] = search.letter
        return search

    def _deliver(self, letter: Claimed) -> None:
        until = self._quiet_until(letter)
        if until is not None:
            self._write_down(lambda session: self._hold(session, letter, until))
            return
        composed = self._composed(letter)
        if isinstance(composed, Message) and letter.posted and composed.fingerprint == letter.fingerprint:
            same = composed
            self._write_down(lambda session: self._unchanged(session, letter, same))
        elif isinstance(composed, Message | HomeTab | Lookup | StepEnd):
            self._call(letter, composed)
        elif isinstance(composed, Wait):
            later = composed.until
            self._write_down(lambda session: self._hold(session, letter, later))
        elif composed is not None:
            self._write_down(lambda session: self._unsaid(session, letter, composed))

    def _quiet_until(self, letter: Claimed) -> datetime | None:
        try:
            return self._quiet.until(letter) if self._quiet is not None else None
        except Unavailable:
            self._write_down(lambda session: self._unsent(session, letter))
            raise

    def _composed(self, letter: Claimed) -> Composed | None:
        """What to send. None: it could not be made, which is written down already."""
        try:
            return self._composer.compose(letter)
        except Unavailable:
            self._write_down(lambda session: self._unsent(session, letter))
            raise
        except TemplateFault as fault:
            why = f"template: {fault}"
            log.error("letter %s cannot be rendered: %s", letter.key, why)
        except Exception:  # one letter that cannot be made must not keep the others from going
            why = f"fault {uuid4().hex[:8]}"
            log.exception("letter %s cannot be made (%s)", letter.key, why)
        self._write_down(lambda session: self._hopeless(session, letter, why))
        return None

    def _call(self, letter: Claimed, content: Sendable) -> None:
        if letter.turn.doubtful and isinstance(content, Message):
            known = self._cleared(letter, content)
            if known is None:
                return
            letter = known
        try:
            done = self._sender.send(letter, content)
        except SlackFailure as failure:
            log.info("letter %s: %s", letter.key, failure)
            trouble = failure
            self._write_down(lambda session: self._outcomes.failed(session, letter, trouble, content))
            return
        except Unavailable:  # what was looked up could not be written down
            until = self._desk.now() + LOOK_UP_AGAIN
            self._write_down(lambda session: self._hold(session, letter, until))
            return
        self._tally.add("sent")
        if letter.maybe_repeat and not letter.posted:
            self._tally.add("suspected_repeats")
        self._write_down(lambda session: self._sent(session, letter, content, done))
        if (
            isinstance(content, Message)
            and content.keeps_link
            and not letter.link
            and (link := self._sender.link(done))
        ):
            self._write_down(lambda session: queue.linked(session, letter, self._desk.now(), link))

    def _cleared(self, letter: Claimed, content: Message) -> Claimed | None:
        """After a post of which nobody knows whether Slack took it: look first whether Slack answers."""
        try:
            self._sender.probe(content)
        except SlackFailure as failure:
            trouble = failure
            self._write_down(lambda session: self._outcomes.no_answer(session, letter, trouble))
            return None
        now = self._desk.now()
        with self._desk.db.write() as session:
            pace.answered(session, letter.turn, now)
            held = queue.extend(session, letter, now)
        return replace(held, turn=replace(letter.turn, trial=False, doubtful=False)) if held is not None else None

    def _sent(self, session: Session, letter: Claimed, content: Sendable, done: Delivered) -> None:
        now = self._desk.now()
        if isinstance(content, Message):  # before the letter, as clicks do
            reminded.told(session, content.nudges, now, posted=letter.posted)
        if isinstance(content, Message) and content.greets is not None:
            self._people.greeted(session, content.greets)
        if isinstance(content, StepEnd):
            executions.ended(session, letter.subject_id, now)
        known = content.fingerprint if isinstance(content, Message) else None
        queue.sent(session, letter, now, done.channel or letter.channel, done.ts or letter.ts, known)
        pace.answered(session, letter.turn, now)
        if letter.kind == "card" and not letter.posted:
            queue.thread_begun(session, letter, now)

    def _unsaid(self, session: Session, letter: Claimed, composed: Composed) -> None:
        """There is nothing to say, or nowhere to say it: Slack was not called, and somebody else may."""
        if isinstance(composed, NoThread):
            self._outcomes.given_up(session, letter, queue.NO_THREAD)
        elif isinstance(composed, Unreached):
            self._outcomes.given_up(session, letter, "user_disabled")
            self._outcomes.unreached(session, letter, composed.fallback)
        else:
            if isinstance(composed, PutOff):
                composed.change(session)
            queue.moot(session, letter)
        pace.give_back(session, letter.turn, self._desk.now())

    def _unchanged(self, session: Session, letter: Claimed, content: Message) -> None:
        now = self._desk.now()
        reminded.told(session, content.nudges, now, posted=True)
        queue.unchanged(session, letter, now)
        pace.give_back(session, letter.turn, now)

    def _hold(self, session: Session, letter: Claimed, until: datetime) -> None:
        queue.held(session, letter, until)
        pace.give_back(session, letter.turn, self._desk.now())

    def _unsent(self, session: Session, letter: Claimed) -> None:
        queue.untried(session, letter)
        pace.give_back(session, letter.turn, self._desk.now())

    def _hopeless(self, session: Session, letter: Claimed, why: str) -> None:
        self._outcomes.given_up(session, letter, why)
        pace.give_back(session, letter.turn, self._desk.now())

    def _write_down(self, change: Callable[[Session], None]) -> None:
        """In one transaction, however often the database has to be asked. Raises Unavailable in the end."""
        for pause in WRITE_DOWN_AFTER:
            try:
                with self._desk.db.write() as session:
                    change(session)
                return
            except Unavailable:
                log.warning("the database does not take what became of a letter; trying again")
                self._closed.wait(pause)
        with self._desk.db.write() as session:
            change(session)
