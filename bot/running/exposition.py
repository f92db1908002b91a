"""What an operator's Prometheus reads at `/metrics`. No name, no text and no token of anybody is part of it.

prometheus_client is imported with the first request: it costs a start a tenth of a second that nobody may need.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING

from sqlalchemy.exc import ProgrammingError

from bot.clock import Clock
from bot.errors import Unavailable
from bot.hooks import queue as hooks
from bot.running.metrics import INBOUND, INBOUND_AT, WORKER_AT, Ledger
from bot.store.database import Database
from bot.store.measures import SHOWN, Measures, measure
from bot.store.patience import hurried

if TYPE_CHECKING:
    from prometheus_client.core import Metric

COUNTERS = {
    "sent": ("baton_letters_sent", "Messages, changes of messages and Homes that Slack took."),
    "retried": ("baton_letters_retried", "Deliveries that failed and are tried again."),
    "suspected_repeats": ("baton_letters_suspected_repeats", "First posts that Slack may have shown twice."),
    "given_up": ("baton_letters_given_up", "Letters that were given up; baton outbox names them."),
    "deferred": ("baton_letters_deferred", "Times that a letter was put off to keep Slack's pace."),
    INBOUND: ("baton_inbound_requests", "Signed requests from Slack."),
}


class Exposition:
    """The page of one process; it speaks for all of them. `token`: what a reader must show, None for everybody."""

    def __init__(self, db: Database, clock: Clock, ledger: Ledger, token: str | None) -> None:
        self._db, self._clock, self._ledger, self._token = db, clock, ledger, token

    def request_came(self) -> None:
        """Slack has sent something."""
        self._ledger.tally.add(INBOUND)
        self._ledger.tally.note(INBOUND_AT, self._clock.now().timestamp())

    def allows(self, authorization: str) -> bool:
        """Whether the value of an Authorization header opens the page."""
        if self._token is None:
            return True
        return hmac.compare_digest(authorization.encode(), f"Bearer {self._token}".encode())

    def page(self) -> bytes:
        """Everything as text, as Prometheus reads it; without the queues while the database is away."""
        from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment (what prometheus_client calls a collector)."""
        with hurried():
            measures, waiting = self._measures(), self._hooks()
            totals = self._ledger.totals()
        yield from _build()
        yield _gauge("baton_database_up", "1 when the database answers, with its tables.", float(measures is not None))
        if measures is not None:
            yield from _queues(measures)
            yield from waiting
        yield from self._moments(totals)
        yield from _counters(totals)

    def _measures(self) -> Measures | None:
        try:
            with self._db.read() as session:
                return measure(session, self._clock.now())
        except (Unavailable, ProgrammingError):  # the latter: tables that nobody has made yet
            return None

    def _hooks(self) -> list[Metric]:
        """What is to be told to other systems; nothing while the database is away."""
        from prometheus_client.core import GaugeMetricFamily

        try:
            with self._db.read() as session:
                counts, since = hooks.counts(session), hooks.oldest(session)
        except (Unavailable, ProgrammingError):
            return []
        by_state = GaugeMetricFamily("baton_hooks", "Webhooks that wait or were given up.", labels=["state"])
        for state, number in counts.items():
            by_state.add_metric([state], number)
        age = (self._clock.now() - since).total_seconds() if since is not None else 0.0
        return [by_state, _gauge("baton_oldest_hook_seconds", "How long the oldest waiting webhook has waited.", age)]

    def _moments(self, totals: dict[str, int]) -> Iterator[Metric]:
        """Since a process without requests began, when there was none: silence from the start is silence too."""
        now = self._clock.now().timestamp()
        for name, shown, words in (
            (INBOUND_AT, "baton_seconds_since_inbound", "Seconds since Slack's last signed request to any process."),
            (
                WORKER_AT,
                "baton_seconds_since_worker",
                "Seconds since the last sign of life of a worker.",
            ),
        ):
            since = totals.get(name, self._ledger.began_at)
            yield _gauge(shown, words, max(now - since, 0.0))


def _build() -> Iterator[Metric]:
    from prometheus_client.core import InfoMetricFamily

    facts = {"version": version("baton"), "python": python_version()}
    yield InfoMetricFamily("baton_build", "Which Baton this is.", value=facts)


def _queues(measures: Measures) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    letters = GaugeMetricFamily("baton_letters", "Letters in the outbox.", labels=["state", "urgency"])
    for (state, urgency), number in sorted(measures.letters.items()):
        letters.add_metric([state, urgency], number)
    yield letters
    by_state = GaugeMetricFamily("baton_letters_by_state", "The same, also where there is none.", labels=["state"])
    for state in SHOWN:
        by_state.add_metric([state], sum(n for (of, _), n in measures.letters.items() if of == state))
    yield by_state
    yield _gauge("baton_oldest_letter_seconds", "How long the oldest queued letter has waited.", measures.oldest_letter)
    yield _gauge("baton_nudges_due", "Nudges that are due and not decided yet.", measures.nudges_due)
    yield _gauge("baton_oldest_due_nudge_seconds", "How long the oldest of them is overdue.", measures.oldest_nudge)
    yield _gauge("baton_workspaces_paused", "Workspaces that get nothing until the token is mended.", measures.paused)


def _counters(totals: dict[str, int]) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily

    for name, (shown, words) in COUNTERS.items():
        yield CounterMetricFamily(shown, words, value=totals.get(name, 0))


def _gauge(name: str, words: str, value: float) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(name, words, value=value)
