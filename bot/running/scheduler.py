"""The two things that happen by themselves: nudges fall due, and letters go out.

APScheduler asks "what is due?" when the next nudge falls due, with a sweep as the safety net; the nudge table is the
schedule (DESIGN section 2), so nothing of it lives in memory. The courier has two threads that sleep until something
was written to the outbox or the next letter may go: one for first posts, so that never more than one is in flight, and
one for what does no harm when it is done twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.jobstores.base import JobLookupError  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.date import DateTrigger  # type: ignore[import-untyped]

from bot.clock import Clock, JumpingClock, SystemClock
from bot.errors import Unavailable
from bot.outbox.courier import Courier
from bot.store.database import Database
from bot.store.patience import hurried
from bot.store.wakeup import Work
from bot.usecases.handoffs.daybreak import Daybreak
from bot.usecases.nudges.due import BATCH, DueNudges

log = logging.getLogger(__name__)

SWEEP = timedelta(seconds=30)
"""However wrong the rest may go, what is due is looked for this often."""
DAYBREAK = timedelta(minutes=10)
"""How late a card may be in noticing a new day."""
IDLE = timedelta(seconds=5)
"""How long the courier sleeps at most; another process may have written to the outbox."""
AFTER_TROUBLE = 2.0
SOON = timedelta(milliseconds=100)
"""How long after something was planned the schedule is read: many plans in a row are one look."""
JOB = "nudges"
_COMPUTER = SystemClock()
"""APScheduler lives by the computer's clock, whatever ours says."""


class Workers:
    """The background of one process. `start` once, `stop` once."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        due: DueNudges,
        daybreak: Daybreak,
        courier: Courier,
        advance: Callable[[], bool] = lambda: False,
        waits: Callable[[], bool] = lambda: False,
    ) -> None:
        """`advance` does a little of what has been begun (territory runs), and answers whether there is more; `waits`
        says whether there is any of it to do now."""
        self._db, self._clock, self._due, self._daybreak, self._courier = db, clock, due, daybreak, courier
        self._advance, self._waits = advance, waits
        self._days_looked_at: datetime | None = None
        self._stopping, self._looking = Event(), Event()
        self._planning, self._once_more = Lock(), False
        self._awake = {True: Event(), False: Event()}
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._threads = [
            Thread(target=self._deliver, args=(posting,), name=name, daemon=True)
            for posting, name in ((True, "courier"), (False, "courier-edits"))
        ]
        self._wakeup = db.wakeup(self.wake)
        db.on_spoken(self.wake)
        if isinstance(clock, JumpingClock):
            clock.subscribe(lambda _now: self.look_now())

    def start(self) -> None:
        self._courier.begin(alone=self._db.sqlite)
        self._plan_look(_COMPUTER.now())
        self._scheduler.start()
        for thread in self._threads:
            thread.start()
        if self._wakeup is not None:
            self._wakeup.start()

    def stop(self, timeout: float) -> None:
        """Finish what is in hand, start nothing else; what is not finished in time goes back to the queue."""
        until = time.monotonic() + timeout * 3 / 4
        self._stopping.set()
        self._rouse()
        if self._wakeup is not None:
            self._wakeup.stop(timeout / 4)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
        giving_back = Thread(target=self._give_back, args=(timeout / 4,), name="giving-back", daemon=True)
        giving_back.start()
        giving_back.join(timeout / 4)

    def _give_back(self, seconds: float) -> None:
        """What Slack has not answered, another process sends at once, instead of when its lease runs out."""
        try:
            with hurried(time.monotonic() + seconds):
                number = self._courier.give_back()
        except Unavailable:
            log.warning("the database is away: what is in hand goes out when its lease runs out")
            return
        if number:
            log.warning("%d letters were still on their way to Slack; they go again, as possible repeats", number)

    def wake(self, work: Work = Work.LETTERS | Work.PLAN) -> None:
        """Something was written, here or in another process: letters may go, or a nudge may fall due earlier."""
        if Work.LETTERS in work:
            self._rouse()
        if Work.PLAN in work and self._scheduler.running and not self._looking.is_set():
            self._looking.set()
            self._scheduler.add_job(self._look_ahead, DateTrigger(_COMPUTER.now() + SOON))

    def look_now(self) -> None:
        """Ask at once what is due (after a start, or when the clock was moved)."""
        if self._scheduler.running and not self._stopping.is_set():
            self._look_by(_COMPUTER.now())
        self._rouse()

    def tick(self) -> None:
        """Queue everything that is due, then sleep until the next nudge falls due."""
        self._once_more, due_at = False, None
        try:
            while self._due.queue_due() == BATCH:
                log.info("more than %d nudges are due; going on", BATCH)
            self._look_at_the_day()
            self._once_more = self._advance() or self._once_more
            due_at = self._due.next_due()
        except Exception:  # one bad batch must not end the schedule; the sweep tries again
            log.exception("looking for due nudges failed")
        with self._planning:
            following = _COMPUTER.now() if self._once_more else self._moment_of(due_at)
            if not self._stopping.is_set():
                self._plan_look(following)

    def _plan_look(self, moment: datetime) -> None:
        # two instances: the one that plans the next has not quite ended when that one is handed out
        self._scheduler.add_job(self.tick, DateTrigger(moment), id=JOB, max_instances=2, replace_existing=True)

    def _look_ahead(self) -> None:
        """Something was planned: it may fall due before what the schedule sleeps for."""
        self._looking.clear()
        try:
            self._look_by(_COMPUTER.now() if self._waits() else self._moment_of(self._due.next_due()))
        except Exception:  # the sweep looks again
            log.exception("looking ahead failed")

    def _look_by(self, moment: datetime) -> None:
        """Look then, unless it is sooner anyway. `moment` is the computer's.

        A look that is handed out or under way is no job any more: it plans the next one when it is done, and is told
        here to do so at once, because it may have asked already what is due.
        """
        with self._planning:
            job = self._scheduler.get_job(JOB)
            try:
                if job is None:
                    self._once_more = True
                elif moment < job.next_run_time:
                    job.modify(next_run_time=moment)
            except JobLookupError:  # handed out meanwhile
                self._once_more = True

    def _look_at_the_day(self) -> None:
        """Every few minutes: somewhere a new day may have begun."""
        now = self._clock.now()
        if self._days_looked_at is None or abs(now - self._days_looked_at) >= DAYBREAK:
            self._daybreak.look()
            self._courier.ask_again()
            self._days_looked_at = now

    def _moment_of(self, due_at: datetime | None) -> datetime:
        """When to look for what falls due then, on the computer's clock: soon, and after SWEEP at the latest."""
        # the scheduler lives by the computer's clock, nudges by ours: only the difference is the same in both
        wait = due_at - self._clock.now() if due_at is not None else SWEEP
        return _COMPUTER.now() + min(max(wait, timedelta(milliseconds=50)), SWEEP)

    def _rouse(self) -> None:
        for awake in self._awake.values():
            awake.set()

    def _deliver(self, posting: bool) -> None:
        awake = self._awake[posting]
        while not self._stopping.is_set():
            awake.clear()
            try:
                self._courier.take_up_orphans(alone=False)
                while not self._stopping.is_set() and self._courier.deliver_next(posting):
                    pass
                pause = self._pause(posting)
            except Exception:  # the courier must outlive whatever one letter or a lost database does to it
                log.exception("delivering failed; trying again")
                pause = AFTER_TROUBLE
                self._stopping.wait(pause)
            awake.wait(pause)

    def _pause(self, posting: bool) -> float:
        """Seconds to sleep: until the next letter may go, at most IDLE."""
        at = self._courier.next_wake(posting)
        if at is None:
            return IDLE.total_seconds()
        return min(max((at - self._clock.now()).total_seconds(), 0.02), IDLE.total_seconds())
