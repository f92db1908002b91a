"""The words of the `baton` command, which begins in bot/__main__.py.

Whatever its operator can mend is said in words, without a traceback, and ends with code 2.
"""

import logging
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import erase as erase_commands
from bot.commands import history as history_commands
from bot.commands import imports as import_commands
from bot.commands import playbooks as playbook_commands
from bot.commands.environment import settings_and_log
from bot.commands.preview import preview
from bot.hooks.commands import hooks
from bot.running.mending import CannotStart, in_words, stop
from bot.settings import Role

log = logging.getLogger(__name__)

app = typer.Typer(
    name="baton",
    help="Baton carries a sales account from one rep to another. Settings come from the environment: docs/running.md.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print local variables, and with them tokens
)
playbooks = typer.Typer(help="Work with playbooks.", no_args_is_help=True)
app.add_typer(playbooks, name="playbooks")
templates = typer.Typer(help="Work with templates of your own.", no_args_is_help=True)
app.add_typer(templates, name="templates")
history = typer.Typer(help="Who changed what.", no_args_is_help=True)
app.add_typer(history, name="history")
history.command("export")(history_commands.export)
erase = typer.Typer(help="Take out what is stored about somebody, or about a whole workspace.", no_args_is_help=True)
app.add_typer(erase, name="erase")
erase.command("person")(erase_commands.person)
erase.command("workspace")(erase_commands.workspace)
outbox = typer.Typer(help="What waits for Slack, and what could not be delivered.", invoke_without_command=True)
app.add_typer(outbox, name="outbox")
app.add_typer(hooks, name="hooks")

commission = typer.Typer(help="What was agreed and paid for shared deals.", no_args_is_help=True)
app.add_typer(commission, name="commission")

app.command("import")(import_commands.import_file)
app.command("export")(import_commands.export_file)


@app.command()
def run() -> None:
    """Run everything in one process: Slack's endpoint, reminders and deliveries. All a small team needs."""
    from bot.running.begin import begin

    begin(Role.RUN)


@app.command()
def web() -> None:
    """Answer Slack only. Run any number of these beside at least one `baton worker`, on PostgreSQL."""
    from bot.running.begin import begin

    begin(Role.WEB)


@app.command()
def worker() -> None:
    """Send reminders and deliver messages only."""
    from bot.running.begin import begin

    begin(Role.WORKER)


@app.command()
def migrate() -> None:
    """Bring the database to this version. Safe to repeat; `baton run` does it by itself."""
    from sqlalchemy.exc import DBAPIError

    from bot.clock import SystemClock
    from bot.running.server import built, the_bot

    with in_words():
        settings = settings_and_log()
        try:
            built(the_bot, settings, SystemClock()).migrate()
        except DBAPIError as problem:
            log.debug("the migration failed", exc_info=problem)
            raise CannotStart(f"The database refused: {problem.orig}. Check DATABASE_URL.") from None
        typer.echo("The database is up to date.")


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the bot listens.", min=1, max=65535)] = 3000,
    page_port: Annotated[int, typer.Option(help="Where the page is.", min=1, max=65535)] = 4000,
    folder: Annotated[Path | None, typer.Option(help="For its database and logs; var/demo by default.")] = None,
) -> None:
    """Try Baton in the browser, in a small Slack workspace of its own, with people to play with."""
    from bot.tryout import FOLDER, Tryout

    with in_words():
        raise typer.Exit(Tryout(port, page_port, folder or FOLDER, typer.echo).run())


@app.command()
def manifest(
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode: no public address is needed.")] = False,
    url: Annotated[str | None, typer.Option(help="Where Slack reaches Baton: https://your.host")] = None,
) -> None:
    """Print the Slack app manifest to make the app from."""
    from bot.manifest import FILE, for_http, for_socket_mode

    text = FILE.read_text(encoding="utf-8")
    typer.echo(for_socket_mode(text) if socket else for_http(text, url), nl=False)


@outbox.callback()
def show_outbox(
    context: typer.Context,
    failed: Annotated[bool, typer.Option("--failed", help="Only what was given up.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="What was delivered too.")] = False,
) -> None:
    """List what waits for Slack and what was given up, newest last, with the reasons. Works beside a running bot."""

    from bot.clock import SystemClock
    from bot.commands import outbox as outbox_table

    if context.invoked_subcommand is None:
        with in_words():
            wanted = outbox_table.states(failed=failed, everything=everything)
            outbox_table.show(settings_and_log().database_url, SystemClock(), wanted, outbox_table.console())


@outbox.command("retry")
def retry_letters(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers from `baton outbox`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Have letters sent again that were given up."""
    from bot.clock import SystemClock
    from bot.commands import outbox as outbox_table

    if bool(numbers) == everything:
        stop("Name the letters by their numbers, or say --all.")
    with in_words():
        url = settings_and_log().database_url
        found = outbox_table.retry(url, SystemClock(), None if everything else numbers)
        typer.echo(
            "Nothing was given up there." if not found else f"{found} go again." if found > 1 else "It goes again."
        )


@commission.command("export")
def export_commission(
    file: Annotated[Path, typer.Argument(help="Where to write the CSV file; what is there is replaced.")],
    bom: Annotated[bool, typer.Option("--bom", help="Begin it so that spreadsheets see it is UTF-8.")] = False,
) -> None:
    """Write what was agreed and paid as CSV, for finance. Left out: rehearsals, and handoffs that are still quiet."""
    from bot.commands.pay import export

    with in_words():
        count = export(settings_and_log().database_url, file, bom=bom)
        typer.echo(f"{count} {'agreement' if count == 1 else 'agreements'} written to {file}.")


@playbooks.command("check")
def check_playbooks(files: Annotated[list[Path], typer.Argument(help="Playbook files (YAML).")]) -> None:
    """Say what is wrong in playbook files, with file, line and how to mend it. Code 1 if anything is."""
    from rich.console import Console

    from bot.playbooks.files import check_files, format_problem

    console = Console(highlight=False, soft_wrap=True, markup=False)
    problems = check_files(files)
    for problem in problems:
        console.print(format_problem(problem))
    if problems:
        raise typer.Exit(1)
    console.print("The file is fine." if len(files) == 1 else f"All {len(files)} files are fine.")


playbooks.command("preview")(preview)
playbooks.command("reference")(playbook_commands.reference)
playbooks.command("diff")(playbook_commands.diff)


@templates.command("check")
def check_own_templates(folder: Annotated[Path, typer.Argument(help="The folder that BATON_TEMPLATES names.")]) -> None:
    """Say what is wrong in templates of your own, with file and line. Code 1 if anything cannot work."""
    from bot.playbooks.files import SHIPPED
    from bot.slack.template_check import check_templates

    if not folder.is_dir():
        stop(f"{folder} is no folder.")
    problems = check_templates(SHIPPED, [folder])
    for problem in problems:
        typer.echo(str(problem))
    if any(problem.certain for problem in problems):
        raise typer.Exit(1)
    typer.echo("These templates can be used.")
