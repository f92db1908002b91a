"""`baton hooks`: webhooks that wait and those that were given up, with the reason; and how to have them sent again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.environment import settings_and_log
from bot.running.mending import in_words, stop
from bot.settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

LINES = 200

hooks = typer.Typer(help="What other systems are told of handoffs.", invoke_without_command=True)

Failed = Annotated[bool, typer.Option("--failed", help="Only what was given up.")]
Everything = Annotated[bool, typer.Option("--all", help="What was sent in the last 30 days too.")]
Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers from `baton hooks`.")]
AllOfThem = Annotated[bool, typer.Option("--all", help="All that were given up.")]


@hooks.callback()
def show(context: typer.Context, failed: Failed = False, everything: Everything = False) -> None:
    """List webhooks that wait and that were given up, newest last, with the reasons. Works beside a running bot."""
    if context.invoked_subcommand is not None:
        return
    from bot.clock import SystemClock
    from bot.commands.database import opened
    from bot.commands.outbox import console
    from bot.hooks import queue

    out = console()
    with in_words():
        settings = settings_and_log()
        with opened(settings.database_url) as db, db.read() as session:
            states = queue.ALL if everything else (queue.FAILED,) if failed else queue.LEFT
            rows, counted = queue.listing(session, states, LINES), queue.counts(session)
    if not settings.hook_urls:
        out.print("Nobody is told of handoffs: BATON_HOOK_URL is not set.")
    if not rows:
        out.print("Nothing was given up." if failed else "Everything was sent.")
        return
    out.print(_table(rows, SystemClock().now()))
    if len(rows) == LINES:
        out.print(f"These are the latest {LINES}. {counted[queue.FAILED]} were given up in all.")
    if counted[queue.FAILED]:
        out.print("`baton hooks retry NUMBER` sends one again that was given up, `baton hooks retry --all` all.")


@hooks.command("retry")
def retry(numbers: Numbers = None, everything: AllOfThem = False) -> None:
    """Have webhooks sent again that were given up. The far end may hear of things in another order then."""
    from bot.clock import SystemClock
    from bot.commands.database import opened
    from bot.hooks import queue

    if bool(numbers) == everything:
        stop("Name the webhooks by their numbers, or say --all.")
    with in_words():
        settings = settings_and_log()
        with opened(settings.database_url) as db, db.write() as session:
            wanted = None if everything else numbers
            found = queue.again(session, SystemClock().now(), wanted, _names(settings))
    if not found:
        typer.echo("Nothing that can be sent was given up there.")
    else:
        typer.echo(f"{found} go again." if found > 1 else "It goes again.")


@hooks.command("ping")
def ping_them() -> None:
    """Have every far end told that it can be reached; `baton hooks` says whether it could be."""
    from bot.clock import SystemClock
    from bot.commands.database import opened
    from bot.hooks.events import ping
    from bot.store.loading import served

    with in_words():
        settings = settings_and_log()
        if not settings.hook_urls:
            stop("Nobody is told of handoffs: set BATON_HOOK_URL.")
        with opened(settings.database_url) as db, db.write() as session:
            number = served(session)
            if number is None:
                stop("Baton is not installed in Slack yet: start it once.")
            ping(session, _names(settings), number, SystemClock().now())
    count = len(settings.hook_urls)
    typer.echo("One ping waits to be sent." if count == 1 else f"{count} pings wait to be sent.")


def _names(settings: Settings) -> Collection[str]:
    from bot.hooks.far_ends import FarEnd

    return [FarEnd.read(url, private=settings.hook_private).name for url in settings.hook_urls]


def _table(rows: Sequence[Any], now: datetime) -> Table:
    from rich.table import Table

    from bot.commands.outbox import ago
    from bot.hooks import queue

    found = Table("No.", "State", "Event", "Account", "To", "Since", "Tries", "Next", box=None, pad_edge=False)
    found.add_column("Why", overflow="fold", min_width=24)
    for one in rows:
        waits = one.state == queue.QUEUED and one.not_before > now
        found.add_row(
            str(one.id),
            one.state,
            one.event,
            str((one.body.get("account") or {}).get("name", "")),
            one.far_end,
            ago(now - one.created_at),
            str(one.attempts),
            f"{one.not_before:%Y-%m-%d %H:%M:%S}Z" if waits else "now" if one.state == queue.QUEUED else "",
            one.error,
        )
    return found
