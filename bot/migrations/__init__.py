"""The history of the tables (Alembic). `upgrade` brings any database to this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine


def config(engine: Engine) -> Config:
    """Alembic's configuration for one database; there is no ini file to keep in step."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["engine"] = engine
    return settings


def upgrade(engine: Engine) -> None:
    """Bring the database to this version; nothing happens when it is there already."""
    command.upgrade(config(engine), "head")


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Back to an earlier version; data that it had no place for is lost."""
    command.downgrade(config(engine), revision)
