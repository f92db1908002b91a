"""Sends webhooks: one thread for each far end, apart from the courier's, so that a slow far end delays nothing else."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event, Lock, Thread

from bot.clock import Clock
from bot.errors import Unavailable
from bot.hooks import queue
from bot.hooks.calling import Caller
from bot.hooks.far_ends import FarEnd
from bot.hooks.queue import Claimed
from bot.store.database import Database
from bot.store.patience import hurried

log = logging.getLogger(__name__)

IDLE = 5.0
"""Seconds that a thread sleeps at most: another process may have left something, or may have died."""
TIDY = timedelta(hours=1)
WRITE_DOWN_AFTER = (0.1, 0.5, 1.0, 2.0)
"""Seconds between tries to write down what a far end said, while the database is away."""


class Post:
    """What goes to one far end. `send_next` is called by its thread (or by a test) until nothing can go now."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        far_end: FarEnd,
        caller: Caller,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._db, self._clock, self._caller, self._chance = db, clock, caller, chance
        self.far_end = far_end
        self._in_hand: Claimed | None = None
        self._closed = Event()
        self._lock = Lock()

    def send_next(self) -> bool:
        """Send one that may go now; False when there is none."""
        if self._closed.is_set():
            return False
        with self._db.read() as session:
            ready = queue.ready(session, self.far_end.name, self._clock.now())
        one = self._claimed() if ready else None
        if one is None:
            return False
        with self._lock:
            self._in_hand = one
        outcome = self._caller(one.event, one.body, self._clock.now().timestamp())
        with self._lock:
            mine, self._in_hand = self._in_hand is one, None
        if not mine:
            return True  # given back by whoever stops the process
        self._write_down(one, outcome.error, outcome.wait)
        return True

    def _claimed(self) -> Claimed | None:
        with self._db.write() as session:
            return queue.claim(session, self.far_end.name, self._clock.now())

    def next_at(self) -> datetime | None:
        """When the next may go; None when none waits."""
        with self._db.read() as session:
            return queue.next_at(session, self.far_end.name)

    def close(self) -> None:
        """Claim nothing more."""
        self._closed.set()

    def cut(self) -> None:
        """End the call under way; what was in hand goes again, perhaps a second time."""
        with self._lock:  # first, so that a call that is cut off is no failure of the far end
            one, self._in_hand = self._in_hand, None
        self._caller.cut()
        if one is not None:
            with self._db.write() as session:
                queue.given_back(session, one, self._clock.now())

    def _write_down(self, one: Claimed, error: str, wait: timedelta | None) -> None:
        for pause in WRITE_DOWN_AFTER:
            try:
                self._write(one, error, wait)
                return
            except Unavailable:
                log.warning("the database does not take what became of a webhook; trying again")
                self._closed.wait(pause)
        self._write(one, error, wait)

    def _write(self, one: Claimed, error: str, wait: timedelta | None) -> None:
        now = self._clock.now()
        with self._db.write() as session:
            if not error:
                queue.sent(session, one, now)
                return
            given_up = queue.failed(session, one, now, error, wait, self._chance)
        words = "given up" if given_up else f"try {one.attempts} of {queue.TRIES}"
        level = logging.ERROR if given_up else logging.WARNING
        log.log(level, "webhook %d (%s) to %s, %s: %s", one.id, one.event, self.far_end.name, words, error)


class Sending:
    """The threads of one process. `start` and `stop` once; without far ends there is nothing to do."""

    def __init__(self, db: Database, clock: Clock, posts: Sequence[Post]) -> None:
        self._db, self._clock = db, clock
        self.posts = tuple(posts)
        self._stopping = Event()
        self._awake = [Event() for _ in self.posts]
        self._tidied: datetime | None = None
        self._threads = [
            Thread(target=self._run, args=(post, awake), name="hooks", daemon=True)
            for post, awake in zip(self.posts, self._awake, strict=True)
        ]

    def start(self) -> None:
        if self.posts:
            self._db.on_spoken(lambda _work: self.wake())
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Something was written: it may be for a far end."""
        for awake in self._awake:
            awake.set()

    def stop(self, timeout: float) -> None:
        """Let calls under way end, cut those that last, and give back what they had in hand."""
        until = time.monotonic() + timeout / 2
        self._stopping.set()
        for post in self.posts:
            post.close()
        self.wake()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
        for post in self.posts:
            try:
                with hurried(time.monotonic() + timeout / 2):
                    post.cut()
            except Unavailable:
                log.warning("the database is away: a webhook in hand goes again when its lease runs out")

    def look_after(self) -> None:
        """What a dead process had in hand goes again; what was sent long ago is forgotten."""
        now = self._clock.now()
        with self._db.read() as session:
            if queue.nothing_to_mend(session, now, [post.far_end.name for post in self.posts]) and not self._untidy(
                now
            ):
                return
        with self._db.write() as session:
            number = queue.take_up_orphans(session, now, [post.far_end.name for post in self.posts])
            if self._untidy(now):
                queue.tidy(session, now)
                self._tidied = now
        if number:
            log.warning("%d webhooks were on their way when a process died; they go again", number)

    def _untidy(self, now: datetime) -> bool:
        return self._tidied is None or abs(now - self._tidied) >= TIDY

    def _run(self, post: Post, awake: Event) -> None:
        while not self._stopping.is_set():
            awake.clear()
            try:
                if post is self.posts[0]:
                    self.look_after()
                while not self._stopping.is_set() and post.send_next():
                    pass
                pause = self._pause(post)
            except Exception:  # this thread must outlive a lost database, and whatever a far end does
                log.exception("sending webhooks failed; trying again")
                pause = IDLE
                self._stopping.wait(1.0)
            awake.wait(pause)

    def _pause(self, post: Post) -> float:
        at = post.next_at()
        if at is None:
            return IDLE
        return min(max((at - self._clock.now()).total_seconds(), 0.05), IDLE)
