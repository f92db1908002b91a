"""The tables that migrations make are the tables the code expects, on both databases, up and down."""

from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from bot.migrations import config, downgrade, upgrade
from bot.store.columns import metadata
from bot.store.database import Database


def test_an_empty_sqlite_file_gets_every_table_and_can_go_back(tmp_path):
    _up_and_down(Database(f"sqlite:///{tmp_path / 'new.db'}"))


def test_an_empty_postgresql_database_gets_every_table_and_can_go_back(postgres_server):
    url = make_url(postgres_server)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS updown"))
        connection.execute(text("CREATE DATABASE updown"))
    admin.dispose()
    _up_and_down(Database(url.set(database="updown").render_as_string(hide_password=False)))


def _up_and_down(database: Database) -> None:
    upgrade(database.engine)
    upgrade(database.engine)  # a second start changes nothing
    command.check(config(database.engine))  # raises when models and tables differ
    assert set(metadata.tables) <= set(inspect(database.engine).get_table_names())
    downgrade(database.engine)
    assert not set(metadata.tables) & set(inspect(database.engine).get_table_names())
    upgrade(database.engine)
    database.close()
