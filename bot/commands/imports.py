"""`baton import` and `baton export`: accounts, contacts and deals in and out, beside a running bot.

Only what these commands are told; what they do is imported when it is wanted, because every `baton` begins here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.domain.imports.report import Choices, DateOrder, ImportKind
from bot.running.mending import stop

Kind = Annotated[ImportKind, typer.Argument(help="What one row is.", show_choices=True)]
Workspace = Annotated[
    str, typer.Option("--workspace", help="Slack's id of the workspace (T…), where there are several.")
]
As = Annotated[str, typer.Option("--as-person", help="The Slack id (U…) of whoever imports; it stands in the history.")]


def import_file(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="A CSV file; docs/import.md says what may be in it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help='"Column=field"; "Column=" leaves one alone. May be repeated.')
    ] = None,
    dates: Annotated[
        DateOrder | None, typer.Option(help="How 1/2/2026 is meant, where the file does not show.")
    ] = None,
    decimal: Annotated[str, typer.Option(help="The sign before the decimals: . or ,")] = "",
    currency: Annotated[str, typer.Option(help="Of amounts that do not say theirs: EUR, USD …")] = "",
    encoding: Annotated[str, typer.Option(help="Where it is not found out: latin-1, utf-16-le, mac-roman …")] = "",
    person: Annotated[
        list[str] | None,
        typer.Option(help='"Name in the file=U0123": who is meant. "Name=" is nobody. May be repeated.'),
    ] = None,
    leave_out_bad: Annotated[
        bool, typer.Option("--leave-out-bad", help="Import the rest of a file with bad rows.")
    ] = False,
    bad_rows: Annotated[Path | None, typer.Option("--bad-rows", help="Write all bad rows to this file (CSV).")] = None,
    as_person: As = "",
    workspace: Workspace = "",
) -> None:
    """Bring accounts, contacts or deals from a CSV file: all of it or nothing. The same file again changes nothing."""
    from bot.commands.import_running import run_import

    if decimal not in ("", ".", ","):
        stop("--decimal is . or ,")
    choices = Choices(dates, decimal, currency.upper(), encoding, _pairs(person, "--person"), leave_out_bad)
    raise typer.Exit(
        run_import(kind, file, _pairs(mapping, "--map"), choices, bad_rows, as_person, workspace, dry_run=dry_run)
    )


def export_file(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="Where to write the CSV file; - for the terminal.")],
    confidential: Annotated[bool, typer.Option("--confidential", help="Also which contacts make trouble.")] = False,
    workspace: Workspace = "",
) -> None:
    """Write accounts, contacts or deals as CSV. Left out: what is known through quiet handoffs only."""
    from bot.commands.import_running import run_export

    run_export(kind, file, workspace, confidential=confidential)


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """What stands before and after the last "=" of each."""
    for one in given or ():
        if "=" not in one:
            stop(f'{option} wants "this=that", not “{one}”.')
    parts = (one.rpartition("=") for one in given or ())
    return {name.strip(): value.strip() for name, _, value in parts}
