"""The history of the tables (Alembic). `upgrade` brings any database to this version.

Alembic is imported only when there is something to do: it costs a tenth of a second and eleven megabytes, and a process
that starts on an up-to-date database needs neither.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
NEWEST = max(path.name.split("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
"""The revision that this version of the code expects: files are numbered in order."""


def config(engine: Engine) -> Config:
    """Alembic's configuration for one database; there is no ini file to keep in step."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["engine"] = engine
    return settings


def upgrade(engine: Engine) -> None:
    """Bring the database to this version; nothing happens when it is there already."""
    if current(engine) == NEWEST:
        return
    from alembic import command

    command.upgrade(config(engine), "head")


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None for one without tables."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Back to an earlier version; data that it had no place for is lost."""
    from alembic import command

    command.downgrade(config(engine), revision)
