"""`baton erase`: take a person, or a whole workspace, out of the database, and print the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.environment import settings
from bot.running.mending import in_words

if TYPE_CHECKING:
    from bot.store.database import Database

Person = Annotated[str, typer.Argument(help="Their Slack id, as in U012ABCDEF.")]
Workspace = Annotated[str, typer.Argument(help="The workspace's id, as in T012ABCDEF.")]
Sure = Annotated[bool, typer.Option("--yes", help="Do it. Without this, only what would go is said.")]


def person(
    slack_id: Person, workspace: Annotated[str, typer.Option(help="Of which workspace.")] = "", yes: Sure = False
) -> None:
    """Take somebody out of every table. What they did stays, as done by somebody who was erased."""
    from bot.clock import SystemClock
    from bot.commands.database import opened
    from bot.playbooks.files import SHIPPED, load_library
    from bot.store import personal
    from bot.usecases.desk import Desk
    from bot.usecases.workspace.privacy import erase, found, operator

    with in_words(), opened(settings().database_url) as db:
        desk = Desk(db, SystemClock(), load_library([SHIPPED]))
        with db.write() as session:
            somebody = found(session, slack_id, workspace)
            if not yes:
                rows = {table.name: len(personal.rows_naming(session, somebody, table)) for table in personal.tables()}
                _table({name: count for name, count in rows.items() if count})
                typer.echo("Nothing was changed. Say --yes to erase them.")
                return
            proof = erase(desk, session, somebody, operator(somebody.workspace_id))
        _compacted(db)
        _table({one.table: one.rows for one in proof.rows})
        typer.echo(f"They are erased. The audit trail has it as person {proof.number}.")


def workspace(team: Workspace, yes: Sure = False) -> None:
    """Take out everything of a workspace. Stop Baton first; backups and logs are yours to see to."""
    from bot.clock import SystemClock
    from bot.commands.database import opened
    from bot.store import personal

    with in_words(), opened(settings().database_url) as db:
        with db.write() as session:
            rows = personal.erase_workspace(session, team, SystemClock().now(), really=yes)
        if yes:
            _compacted(db)
        _table(rows)
        typer.echo("The workspace is erased." if yes else "Nothing was changed. Say --yes to erase it.")


def _compacted(db: Database) -> None:
    if not db.compact():
        typer.echo("The file keeps traces of it while Baton uses it. Stop Baton, then run: sqlite3 FILE VACUUM")


def _table(rows: dict[str, int]) -> None:
    for name, count in sorted(rows.items()):
        typer.echo(f"{count:>9,}  {name}")
