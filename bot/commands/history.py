"""`baton history export`: the audit trail as a CSV file, for whoever runs Baton."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.environment import settings
from bot.commands.new_file import NotWritten
from bot.running.mending import in_words, stop

File = Annotated[Path, typer.Argument(help="The file to write; - for the terminal.")]
OfAccount = Annotated[str, typer.Option("--account", help="The account's name; only its handoffs.")]
Everything = Annotated[bool, typer.Option("--all", help="Every handoff.")]
Confidential = Annotated[
    bool, typer.Option("--confidential", help="Also what is confidential: commission, coaching, quiet handoffs.")
]


def export(
    file: File, account: OfAccount = "", everything: Everything = False, confidential: Confidential = False
) -> None:
    """Write who changed what, when, from what to what, as CSV; the oldest first. Works beside a running bot."""
    from bot.commands.database import opened
    from bot.usecases.views.history import Held
    from bot.usecases.views.history_csv import handoffs_for_export, history_csv, rows_for_export

    if bool(account) == everything:
        stop("Name an account with --account, or say --all.")
    with in_words(), opened(settings().database_url) as db, db.read() as session:
        numbers = handoffs_for_export(session, account or None, quiet=confidential)
        if account and not numbers:
            stop(f"There is no handoff of an account called {account}.")
        rows = rows_for_export(session, numbers, confidential=confidential)
        text = history_csv(session, rows, None if confidential else Held({}), bom=str(file) != "-")
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as problem:
        stop(str(NotWritten(file, problem)))
    typer.echo(f"{len(rows)} changes are in {file}.")
