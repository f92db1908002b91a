"""The tables that migrations make are the tables the code expects, on both databases, up and down."""

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.migrations import config, downgrade, upgrade
from bot.store.columns import metadata
from bot.store.database import Database


def test_an_empty_sqlite_file_gets_every_table_and_can_go_back(tmp_path):
    _up_and_down(Database(f"sqlite:///{tmp_path / 'new.db'}"))


@pytest.fixture
def empty(postgres_server) -> Database:
    """A database of the server, without tables."""
    url = make_url(postgres_server)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS updown"))
        connection.execute(text("CREATE DATABASE updown"))
    admin.dispose()
    return Database(url.set(database="updown").render_as_string(hide_password=False))


def test_an_empty_postgresql_database_gets_every_table_and_can_go_back(empty):
    _up_and_down(empty)


ENDS_IT = """
    CREATE FUNCTION gone() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END $$;
    CREATE EVENT TRIGGER gone ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION gone()
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("CREATE TABLE accounts (id integer)", "DROP TABLE accounts", id="somebody else's table"),
        pytest.param(ENDS_IT, "DROP EVENT TRIGGER gone", id="the server ends the connection"),
    ],
)
def test_what_fails_in_the_middle_leaves_nothing_and_can_be_tried_again(empty, before, after):
    _told(empty, before)
    with pytest.raises(DBAPIError):
        upgrade(empty.engine)
    assert set(inspect(empty.engine).get_table_names()) <= {"accounts"}
    _told(empty, after)
    upgrade(empty.engine)
    assert set(metadata.tables) <= set(inspect(empty.engine).get_table_names())
    empty.close()


def _told(database: Database, statements: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(statements)


def _up_and_down(database: Database) -> None:
    upgrade(database.engine)
    upgrade(database.engine)  # a second start changes nothing
    command.check(config(database.engine))  # raises when models and tables differ
    assert set(metadata.tables) <= set(inspect(database.engine).get_table_names())
    downgrade(database.engine)
    assert not set(metadata.tables) & set(inspect(database.engine).get_table_names())
    upgrade(database.engine)
    database.close()
