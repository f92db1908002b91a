"""`baton playbooks reference` and `baton playbooks diff`: what a playbook may say, and what changed between two."""

from __future__ import annotations

import typer


def reference() -> None:
    """Print every word of a playbook and a feedback pack, in Markdown."""
    from bot.playbook_reference import reference

    typer.echo(reference(), nl=False)
