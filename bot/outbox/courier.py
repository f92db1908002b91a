"""Delivers letters: claims one, renders it, calls Slack, writes down what happened.

Nothing is dropped silently: a failure becomes another try, a word in the thread, a word to the manager, or a letter
that stays FAILED with its error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.outbox import queue
from bot.outbox.compose import Composed, Composer, HomeTab, Lookup, Message, NotYet
from bot.outbox.pacing import Pacing
from bot.outbox.queue import Claimed
from bot.slack.failures import Kind, SlackFailure
from bot.slack.gateway import Gateway
from bot.slack.render import TemplateFault
from bot.store.queues import NudgeState, nudges
from bot.usecases.desk import Desk
from bot.usecases.people import People
from bot.usecases.trouble import Trouble

log = logging.getLogger(__name__)

TRIES = 300
"""With LONGEST_WAIT between them, more than a day: an outage of Slack's loses nothing."""
REPOSTS = 5
DOUBTS = tuple(timedelta(seconds=seconds) for seconds in (2, 60, 300, 900, 3600, 3600))
"""How long to wait after each post of which nobody knows whether Slack took it."""
BARRED_WAIT, BARRED_TRIES = timedelta(minutes=10), 150
"""While a channel or a permission stands in the way: for a day, then it is given up until the next start."""
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
THREAD_WAIT = timedelta(seconds=1)


@dataclass(frozen=True)
class Delivered:
    """Where it stands in Slack now (nothing for Homes and look-ups)."""

    channel: str | None = None
    ts: str | None = None
    link: str = ""
    greeted: int | None = None


class Held(Exception):
    """It may not go before `until`: the pace of its channel or method."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class Courier:
    """`deliver_next` is called by the worker thread (or by a test) until it says that nothing can go now."""

    def __init__(self, desk: Desk, composer: Composer, gateway: Gateway, people: People, trouble: Trouble) -> None:
        self._desk, self._composer, self._gateway = desk, composer, gateway
        self._people, self._trouble = people, trouble
        self._pacing = Pacing()
        self._after: dict[Kind, Callable[[Session, Claimed, SlackFailure, Composed], None]] = {
            Kind.RETRY: self._later,
            Kind.CONFLICT: self._later,
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

    def deliver_next(self) -> bool:
        """Deliver one letter that may go now. False when there is none."""
        now = self._desk.now()
        with self._desk.db.write() as session:
            letter = queue.claim(session, now)
        if letter is None:
            return False
        self._deliver(letter)
        return True

    def next_wake(self) -> datetime | None:
        """When to look again; None when nothing waits."""
        with self._desk.db.read() as session:
            return queue.next_waiting(session)

    def begin(self, *, alone: bool) -> None:
        """At the start of a process: what was given up is tried again, and what a courier left behind."""
        with self._desk.db.write() as session:
            queue.revive(session, self._desk.now())
        self.take_up_orphans(alone=alone)

    def take_up_orphans(self, *, alone: bool) -> None:
        """Letters of a courier that died go out again."""
        with self._desk.db.write() as session:
            found = queue.take_up_orphans(session, self._desk.now(), all_of_them=alone)
        if found:
            log.warning("%d letters were in flight when a courier died; they go again, as possible repeats", found)

    def _deliver(self, letter: Claimed) -> None:
        composed: Composed | None = None
        try:
            composed = self._composer.compose(letter)
            done = self._send(letter, composed)
        except Held as held:
            until = held.until
            self._record(lambda s: queue.again(s, letter, until, "", counts=False))
        except SlackFailure as failure:
            assert composed is not None
            self._failed(letter, failure, composed)
        except TemplateFault as fault:
            why = f"template: {fault}"
            log.error("letter %s cannot be rendered: %s", letter.key, why)
            self._record(lambda s: queue.failed(s, letter, why))
        else:
            self._record(lambda s: self._sent(s, letter, done))

    def _send(self, letter: Claimed, composed: Composed) -> Delivered | None:
        """Call Slack. None: there is nothing to say any more."""
        now = self._desk.now()
        if isinstance(composed, NotYet):
            raise Held(max(now + THREAD_WAIT, composed.until))
        if isinstance(composed, Message):
            return self._send_message(letter, composed)
        if isinstance(composed, HomeTab):
            self._pace("views.publish", None)
            self._gateway.publish_home(composed.user, composed.content)
            return Delivered()
        if isinstance(composed, Lookup):
            self._look_up(letter, composed)
            return Delivered()
        return None

    def _send_message(self, letter: Claimed, message: Message) -> Delivered:
        if letter.channel and letter.ts:
            self._pace("chat.update", None)
            self._gateway.update_message(letter.channel, letter.ts, message.content)
            return Delivered(letter.channel, letter.ts)
        self._pace("chat.postMessage", message.to)
        posted = self._gateway.post_message(message.to, message.content, message.thread_ts)
        link = self._permalink(posted.channel, posted.ts) if message.keeps_link else ""
        return Delivered(posted.channel, posted.ts, link, message.greets)

    def _permalink(self, channel: str, ts: str) -> str:
        """Worth having, not worth failing for: without it, links lead to the channel."""
        try:
            return self._gateway.permalink(channel, ts)
        except SlackFailure as failure:
            log.info("no permalink: %s", failure)
            return ""

    def _look_up(self, letter: Claimed, lookup: Lookup) -> None:
        if lookup.kind == "person":
            self._pace("users.info", None)
            self._people.learned(letter.workspace_id, self._gateway.user_info(lookup.slack_id))
        else:
            self._pace("usergroups.users.list", None)
            members = self._gateway.usergroup_members(lookup.slack_id)
            self._people.group_learned(letter.workspace_id, lookup.slack_id, members)

    def _pace(self, method: str, channel: str | None) -> None:
        now = self._desk.now()
        at = self._pacing.wait_until(method, channel, now)
        if at > now:
            raise Held(at)
        self._pacing.made(method, channel, now)

    def _sent(self, session: Session, letter: Claimed, done: Delivered | None) -> None:
        if done is None:
            queue.moot(session, letter)
            return
        now = self._desk.now()
        queue.sent(session, letter, now, done.channel or letter.channel, done.ts or letter.ts, done.link)
        if done.greeted is not None:
            self._people.greeted(session, done.greeted)
        if letter.kind == "nudge" and not letter.posted:
            mine = (nudges.c.id == letter.subject_id, nudges.c.state == NudgeState.QUEUED)
            session.execute(update(nudges).where(*mine).values(state=NudgeState.SENT, sent_at=now))

    def _record(self, change: Callable[[Session], None]) -> None:
        with self._desk.db.write() as session:
            change(session)
            session.info["spoke"] = False

    def _failed(self, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        log.info("letter %s: %s", letter.key, failure)
        with self._desk.db.write() as session:
            self._after[failure.kind](session, letter, failure, composed)

    def _later(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        if letter.attempts >= TRIES:
            self._give_up(session, letter, failure, composed)
            return
        wait = min(FIRST_WAIT * 2 ** min(letter.attempts - 1, 10), LONGEST_WAIT)
        queue.again(session, letter, self._desk.now() + wait, failure.error)

    def _wait(self, session: Session, letter: Claimed, failure: SlackFailure, _: Composed) -> None:
        now, seconds = self._desk.now(), failure.retry_after or 1.0
        self._pacing.told_to_wait(failure.method, seconds, now)
        queue.again(session, letter, now + timedelta(seconds=seconds), failure.error, counts=False)

    def _unsure(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """Slack may have posted it. Losing it is worse than saying it twice: it goes again, ever more slowly."""
        if letter.attempts > len(DOUBTS):
            self._give_up(session, letter, failure, composed)
            return
        wait = DOUBTS[letter.attempts - 1]
        queue.again(session, letter, self._desk.now() + wait, failure.error, unsure=True)

    def _gone(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """Somebody deleted our message: the card comes back, anything else stays away."""
        if letter.kind in ("card", "stage") and letter.posted and letter.attempts < REPOSTS:
            queue.forget_place(session, letter, self._desk.now() + FIRST_WAIT)
        elif letter.posted:
            queue.moot(session, letter)
        else:
            self._give_up(session, letter, failure, composed)

    def _unreachable(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """A direct message cannot be delivered: the thread mentions the person instead."""
        self._fail(session, letter, failure.error)
        instead = composed.fallback if isinstance(composed, Message) and not letter.posted else ()
        for place in instead:
            self._trouble.cannot_reach(session, letter.workspace_id, letter.key, place.handoff_id, place.person)

    def _barred(self, session: Session, letter: Claimed, failure: SlackFailure, composed: Composed) -> None:
        """A channel or a permission stands in the way: the manager is told once, and it is tried until it is mended."""
        if letter.attempts >= BARRED_TRIES:
            self._give_up(session, letter, failure, composed)
            return
        queue.again(session, letter, self._desk.now() + BARRED_WAIT, failure.error)
        self._tell(session, letter, failure)

    def _give_up(self, session: Session, letter: Claimed, failure: SlackFailure, _: Composed) -> None:
        log.error("letter %s is given up: %s", letter.key, failure)
        self._fail(session, letter, str(failure))
        self._tell(session, letter, failure)

    def _tell(self, session: Session, letter: Claimed, failure: SlackFailure) -> None:
        if letter.handoff_id is not None and letter.kind != "dm":
            self._trouble.cannot_post(session, letter.workspace_id, letter.handoff_id, failure.error)

    def _fail(self, session: Session, letter: Claimed, error: str) -> None:
        queue.failed(session, letter, error)
        if letter.kind == "person":
            self._people.unknown(session, letter.subject_id)

    def _broken(self, session: Session, letter: Claimed, failure: SlackFailure, _: Composed) -> None:
        """The token does not work: nothing of this workspace goes out until it is installed again; all is kept."""
        log.critical("the workspace is paused: Slack says %s. Check SLACK_BOT_TOKEN, then restart.", failure.error)
        queue.again(session, letter, self._desk.now(), failure.error, counts=False)
        self._trouble.pause(session, letter.workspace_id, failure.error)
