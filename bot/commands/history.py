"""`baton history export`: the audit trail as a CSV file, for whoever runs Baton."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.errors import BotError
from bot.settings import Settings, SettingsError

WRONG = 2
"""The exit code for what cannot be exported."""

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
        _stop("Name an account with --account, or say --all.")
    try:
        url = Settings.from_env(os.environ, talks_to_slack=False).database_url
        with opened(url) as db, db.read() as session:
            numbers = handoffs_for_export(session, account or None, quiet=confidential)
            if account and not numbers:
                _stop(f"There is no handoff of an account called {account}.")
            rows = rows_for_export(session, numbers, confidential=confidential)
            text = history_csv(session, rows, None if confidential else Held({}), bom=str(file) != "-")
    except (SettingsError, BotError) as problem:
        _stop(str(problem))
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as problem:
        _stop(f"{file} cannot be written: {problem.strerror}.")
    typer.echo(f"{len(rows)} changes are in {file}.")


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(WRONG)
