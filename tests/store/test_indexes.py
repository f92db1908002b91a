"""What people and workers do most is found by indexes on both databases, however much lies in the past.

On a workspace of 1,000 handoffs with three years behind them; what the databases choose with 100,000 is part of
`python -m bench scale`. SQLite is asked with the statistics that ANALYZE collects, and without, as nobody may have run
it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, exists, func, inspect, select, text
from sqlalchemy.engine import make_url

from bench.crowd import MOMENT
from bench.fill import fill
from bench.paths import Paths
from bench.plans import BIG, plans, watched
from bench.sample import Still, opened
from bot.app import Bot
from bot.commands import outbox as outbox_table
from bot.domain.handoff import HandoffState
from bot.store.columns import metadata
from bot.store.queues import NudgeState, nudges
from bot.store.schema import handoffs
from bot.usecases.workspace import undelivered

HANDOFFS = 1000
UNWILLING = ("SET LOCAL enable_seqscan = off", "SET LOCAL enable_hashjoin = off", "SET LOCAL enable_mergejoin = off")
"""For so few rows PostgreSQL may find it cheaper to read all: here it does so only where no index helps."""


@pytest.fixture(scope="module")
def filled_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("large") / "large.db"
    shutil.copy(migrated_sqlite, path)
    fill(f"sqlite:///{path}", HANDOFFS)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def filled_postgres(postgres_server: str) -> Iterator[str]:
    admin = create_engine(make_url(postgres_server), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE large"))
    url = make_url(postgres_server).set(database="large").render_as_string(hide_password=False)
    fill(url, HANDOFFS)
    yield url
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE large"))
    admin.dispose()


@pytest.fixture(scope="module")
def unknown_sqlite(filled_sqlite: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("unknown") / "large.db"
    shutil.copy(make_url(filled_sqlite).database or "", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM sqlite_stat1")
        connection.commit()
    return f"sqlite:///{path}"


@pytest.fixture(params=["filled_sqlite", "unknown_sqlite", "filled_postgres"])
def large(request: pytest.FixtureRequest) -> Iterator[Bot]:
    """A bot in a large workspace, at nine on a Tuesday morning."""
    url = request.getfixturevalue(request.param)
    with opened(url, Still(MOMENT)) as bot:
        yield bot


def test_what_is_generated_fits_together(large):
    """Its rows were written without a look at foreign keys; and it is as large as it says.

    The first of these tests, because another decides what is due.
    """
    with large.db.read() as session:
        for table in metadata.sorted_tables:
            for key in table.foreign_keys:
                other = key.column.table.alias("other")
                found = exists().where(other.c[key.column.name] == key.parent)
                lost = select(func.count()).select_from(table).where(key.parent.is_not(None), ~found)
                assert session.scalar(lost) == 0, f"{table.name}.{key.parent.name}"
        count = {name: session.scalar(select(func.count()).select_from(metadata.tables[name])) for name in BIG}
        planned = (nudges.c.state == NudgeState.PLANNED, nudges.c.due_at <= MOMENT)
        due = session.scalar(select(func.count()).select_from(nudges).where(*planned))
        running = session.scalar(select(func.count()).where(handoffs.c.state == HandoffState.OPEN)) or 0
    assert (count["handoffs"], count["checklist_items"], count["nudges"]) == (HANDOFFS, 12_000, 10_000)
    assert due == 2 * running > HANDOFFS / 20


def test_every_statement_on_the_paths_that_matter_uses_an_index(large):
    problems = []
    for name, path in Paths(large).all().items():
        with watched() as asked:
            path()
        assert asked.statements, f"{name}: nothing was asked of the database"
        settings = () if large.db.sqlite else UNWILLING
        for plan in plans(large.db.engine, asked, settings):
            if plan.scans:
                problems.append(f"{name} reads all of {', '.join(plan.scans)}: {plan.steps}\n{plan.statement}")
    assert not problems, "\n\n".join(problems)


@pytest.mark.parametrize("options", [{}, {"failed": True}, {"everything": True}])
def test_listing_what_waits_reads_nothing_of_what_was_delivered(large, options):
    states = outbox_table.states(**{"failed": False, "everything": False, **options})
    with watched() as asked, large.db.read() as session:
        undelivered.listing(session, states, 20)
        undelivered.counts(session, MOMENT)
    for plan in plans(large.db.engine, asked, () if large.db.sqlite else UNWILLING):
        # backwards by number, and only so many
        latest = "everything" in options and "FROM outbox ORDER BY outbox.id DESC" in " ".join(plan.statement.split())
        assert latest or "outbox" not in plan.scans, plan.steps


def test_a_full_scan_would_be_noticed(large):
    """All ways of reading a table from end to end."""
    items, letters = metadata.tables["checklist_items"], metadata.tables["outbox"]
    for query, table in (
        (select(items).where(items.c.title == "x"), "checklist_items"),
        (select(items.c.id).order_by(items.c.id), "checklist_items"),
        (select(letters).where(letters.c.workspace_id == 1, letters.c.error == "x"), "outbox"),
    ):
        with watched() as asked, large.db.read() as session:
            session.execute(query)
        (plan,) = plans(large.db.engine, asked, () if large.db.sqlite else UNWILLING)
        assert plan.scans == (table,), plan.steps


def test_the_database_s_own_indexes_are_those_of_the_models(large):
    """They are dropped and made again while it is filled."""
    found = {index["name"] for name in BIG for index in inspect(large.db.engine).get_indexes(name)}
    assert {index.name for name in BIG for index in metadata.tables[name].indexes} <= found
