"""`baton playbooks preview`: the whole calendar of what a playbook would send, to whom, when and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.domain.reminding import DAILY_CAP
from bot.running.mending import in_words

File = Annotated[Path, typer.Argument(help="A playbook file (YAML).")]
Start = Annotated[str, typer.Option(help="The day on which it starts, as in 2026-11-23.")]
Country = Annotated[list[str], typer.Option(help="Where everybody is: US. Repeat for one of them: incoming=JP.")]
Zone = Annotated[
    list[str] | None, typer.Option(help="Their time zone; the country's main one by default. Also incoming=Asia/Tokyo.")
]
LastDay = Annotated[str, typer.Option(help="The outgoing rep's last day; reckoned from the playbook by default.")]
Done = Annotated[
    str, typer.Option(help="When things get done: on-time (when they are due), never, or working days late: 3.")
]
Reason = Annotated[str, typer.Option(help="One of the playbook's reasons; its first by default.")]
Channel = Annotated[str, typer.Option(help="Sales channel of the account: direct, partner, …")]
Tier = Annotated[str, typer.Option(help="Tier of the account: strategic, key or standard.")]
Overseas = Annotated[bool, typer.Option("--overseas", help="The account is overseas.")]
Cap = Annotated[int, typer.Option(help="Reminder messages per person and day at most.")]
Until = Annotated[str, typer.Option(help="Look ahead up to this day only.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="For machines: one line for each thing that a message says.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines: one object with everything.")]


def preview(
    file: File,
    start: Start,
    country: Country,
    zone: Zone = None,
    last_day: LastDay = "",
    done: Done = "on-time",
    reason: Reason = "",
    channel: Channel = "",
    tier: Tier = "",
    overseas: Overseas = False,
    cap: Cap = DAILY_CAP,
    until: Until = "",
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Print everything that a handoff by this playbook would send: to whom, when and why. Nothing is sent."""
    from bot.commands import preview_assumptions as words
    from bot.commands.preview_output import as_lines_of_csv, as_one_object, as_table
    from bot.playbooks.files import PlaybookError, load_file
    from bot.usecases.nudges.rehearsal import rehearse

    with in_words(PlaybookError, words.CannotPreview):
        playbook, packs = load_file(file)
        said = words.Words(start, country, zone or (), last_day, reason, channel, tier, overseas, cap, done)
        assumed = words.assumptions(playbook, said)
        played = rehearse(playbook, packs, assumed, words.until(until, assumed.manager, assumed.start))
    if as_json:
        typer.echo(as_one_object(played, assumed))
    elif as_csv:
        typer.echo(as_lines_of_csv(played, assumed), nl=False)
    else:
        as_table(played, assumed)
