"""What an operator's Prometheus reads: the queues, what all processes counted, and no secrets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot.app import build
from bot.running.exposition import Exposition
from bot.running.metrics import Ledger, Tally
from bot.running.web import create_app
from bot.settings import Role
from bot.store.database import Database
from bot.store.measures import measure
from tests.town import MONDAY, Still, Town


def shown(town: Town) -> dict[tuple[str, ...], float]:
    """`/metrics` as Prometheus reads it: name and label values to value."""
    return read(httpx.get(town.request_url.replace("/slack/events", "/metrics")))


def read(answer: httpx.Response) -> dict[tuple[str, ...], float]:
    assert answer.status_code == 200, answer.text
    samples = [s for family in text_string_to_metric_families(answer.text) for s in family.samples]
    return {(sample.name, *sample.labels.values()): sample.value for sample in samples}


def test_a_quiet_town_shows_what_was_sent_and_that_nothing_waits(town: Town) -> None:
    town.set_up()
    town.handoff("Acme")
    page = shown(town)

    posts = [call for call in town.sandbox.workspace.weather.calls if call.ok and call.method.startswith("chat.post")]
    assert page[("baton_letters_sent_total",)] >= len(posts) > 0
    assert page[("baton_database_up",)] == 1
    assert page[("baton_letters_by_state", "queued")] == page[("baton_letters_by_state", "failed")] == 0
    assert page[("baton_oldest_letter_seconds",)] == 0
    assert page[("baton_inbound_requests_total",)] >= 4
    assert page[("baton_workspaces_paused",)] == 0
    assert any(name[0] == "baton_build_info" for name in page)
    assert page[("process_resident_memory_bytes",)] > 0


def test_an_hour_without_slack_is_seen_in_the_queue_and_its_age(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    town.sandbox.workspace.weather.fail_all(status=503)
    town.checklist("olaf").click("Done", near="Send the org chart")
    town.clock.jump_to(town.clock.now() + timedelta(hours=1))
    page = shown(town)

    assert page[("baton_letters", "queued", "card")] >= 2
    assert page[("baton_letters_by_state", "queued")] >= page[("baton_letters", "queued", "card")]
    assert page[("baton_oldest_letter_seconds",)] > 0
    assert page[("baton_letters_retried_total",)] > 0
    assert page[("baton_seconds_since_inbound",)] == pytest.approx(3600, abs=600)


def test_nudges_that_nobody_decides_are_seen_with_their_age(lite_town: Town) -> None:
    """As when no worker runs."""
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    (first,) = town.rows("SELECT count(*) AS number, min(due_at) AS at FROM nudges WHERE state = 'planned'")
    town.clock.jump_to(town.clock.now() + timedelta(days=60))
    page = shown(town)

    assert page[("baton_nudges_due",)] == first.number > 0
    assert page[("baton_oldest_due_nudge_seconds",)] > timedelta(days=20).total_seconds()


def test_a_paused_workspace_and_given_up_letters_are_seen(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    with town.bot.db.write() as session:
        session.execute(text("UPDATE outbox SET state = 'failed' WHERE kind = 'card'"))
        session.execute(text("UPDATE workspaces SET active = false"))
    page = shown(town)

    assert page[("baton_letters_by_state", "failed")] == page[("baton_letters", "failed", "card")] == 1
    assert page[("baton_workspaces_paused",)] == 1


def test_what_workers_count_is_shown_by_every_web_process_and_outlives_both(database_url: str) -> None:
    clock = Standing()
    worker_db, web_db = Database(database_url), Database(database_url)
    worker = Ledger(worker_db, Tally(), clock)
    worker.start(Role.WORKER)
    worker.tally.add("sent", 40)
    worker.flush()
    worker.tally.add("sent", 2)
    worker.stop()
    web = Ledger(web_db, Tally(), clock)
    web.tally.add("inbound")

    assert web.totals() == {"sent": 42, "inbound": 1}
    again = Ledger(worker_db, Tally(), clock)
    again.start(Role.WORKER)
    again.tally.add("sent")
    again.stop()
    assert web.totals()["sent"] == 43
    with web_db.read() as session:
        assert session.execute(text("SELECT process, name, value FROM tallies")).all() == [("worker", "sent", 43)]
    worker_db.close()
    web_db.close()


def test_the_latest_of_all_moments_counts(database_url: str) -> None:
    clock, db = Standing(), Database(database_url)
    one, other = Ledger(db, Tally(), clock), Ledger(db, Tally(), clock)
    one.start(Role.WEB)
    other.start(Role.WEB)
    for ledger, moment in ((one, 2_000), (other, 1_000)):
        ledger.tally.note("inbound_at", moment)
        ledger.tally.note("inbound_at", moment - 10)
        ledger.flush()
    assert one.totals() == other.totals() == {"inbound_at": 2_000}
    one.stop()
    other.stop()
    db.close()


def test_counters_never_go_back_while_the_database_is_away(postgres_server: str, postgres_url: str) -> None:
    db = Database(postgres_url)
    ledger = Ledger(db, Tally(), Standing())
    ledger.tally.add("sent", 5)
    ledger.flush()
    before = ledger.totals()["sent"]
    ledger.tally.add("sent", 3)
    ledger.flush()
    with db.engine.connect() as connection:
        connection.execute(text("LOCK TABLE tallies IN ACCESS EXCLUSIVE MODE"))
        ledger.tally.add("sent", 1)
        page = _page(db, ledger)
    assert before == 5
    assert page[("baton_letters_sent_total",)] == 9
    assert ledger.totals()["sent"] == 9
    db.close()


def _page(db: Database, ledger: Ledger) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(Exposition(db, Standing(), ledger, None).page().decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_without_a_database_it_says_so_and_tells_what_it_knows() -> None:
    db = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    ledger = Ledger(db, Tally(), Standing())
    ledger.tally.add("inbound", 7)
    page = _page(db, ledger)

    assert page[("baton_database_up",)] == 0
    assert page[("baton_inbound_requests_total",)] == 7
    assert page[("baton_seconds_since_worker",)] == 0
    assert ("baton_nudges_due",) not in page
    db.close()


def test_a_database_without_tables_is_told_like_one_that_is_away(postgres_server: str, tmp_path: Path) -> None:
    for url in (f"{postgres_server}&options=-c%20search_path%3Dnowhere", f"sqlite:///{tmp_path / 'new.db'}"):
        db = Database(url)
        assert _page(db, Ledger(db, Tally(), Standing()))[("baton_database_up",)] == 0
        db.close()


@pytest.fixture
def guarded(sqlite_url: str) -> Iterator[Town]:
    town = Town(sqlite_url)
    town.set_up()
    town.handoff("Acme")
    yield town
    town.close()


def test_with_a_token_only_those_who_have_it_read(guarded: Town) -> None:
    ledger = guarded.bot.ledger
    metrics = Exposition(guarded.bot.db, Still(guarded.clock), ledger, "a-word-of-mine")
    web = create_app(guarded.bot.bolt, "secret", guarded.bot.ready, metrics).test_client()

    refused = web.get("/metrics")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    for wrong in ("a-word-of-mine", "Bearer a-word-of", "Bearer", "Basic a-word-of-mine", "Bearer ä"):
        assert web.get("/metrics", headers={"Authorization": wrong.encode().decode("latin-1")}).status_code == 401
    allowed = web.get("/metrics", headers={"Authorization": "Bearer a-word-of-mine"})
    assert allowed.status_code == 200
    assert b"baton_database_up 1.0" in allowed.data


def test_it_tells_nothing_of_people_accounts_or_secrets(guarded: Town) -> None:
    page = httpx.get(guarded.request_url.replace("/slack/events", "/metrics")).text
    people = [user.name for user in guarded.sandbox.workspace.users.values() if not user.is_bot]
    for word in (*guarded.settings.secrets, "Acme", "T0SANDBOX01", "C0ACCOUNTS0", *people):
        assert word not in page


def test_reading_it_is_cheap(guarded: Town) -> None:
    """It may be read every second."""
    guarded.bot.metrics.page()
    began = time.process_time()
    for _ in range(20):
        guarded.bot.metrics.page()
    assert (time.process_time() - began) / 20 < 0.05


def test_the_queues_are_measured_through_their_indexes(sqlite_url: str) -> None:
    db, plans = Database(sqlite_url), []
    with db.read() as session:
        measured: list[str] = []
        raw = session.connection().connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(measured.append)
        measure(session, MONDAY)
        raw.set_trace_callback(None)
        for query in measured:
            plans += [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]
    db.close()
    read_whole = [plan for plan in plans if plan.startswith("SCAN") and "INDEX" not in plan]
    assert [plan for plan in read_whole if "workspaces" not in plan] == []
    assert len([plan for plan in plans if "INDEX" in plan]) == len(measured) - 1


def test_the_real_bot_counts_as_what_it_is(town: Town) -> None:
    second = build(town.settings, Still(town.clock))
    second.count_as(Role.WORKER)
    second.ledger.tally.add("given_up", 3)
    second.stop(2)

    assert shown(town)[("baton_letters_given_up_total",)] == 3
    assert [row.process for row in town.rows("SELECT process FROM tallies")] == ["worker"]


class Standing:
    """A clock that stands still."""

    def now(self):  # type: ignore[no-untyped-def]
        return MONDAY
