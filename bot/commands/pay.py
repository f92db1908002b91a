"""`baton commission export`: what was agreed and paid, written to a file that only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from bot.commands.database import opened
from bot.errors import BotError
from bot.usecases.deals.pay_file import everything


class NotWritten(BotError):
    """The file cannot be written."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__("%(file)s cannot be written: %(why)s.", file=file, why=why)


def export(url: str, file: Path, *, bom: bool) -> int:
    """Write the file, replacing what is there only once it is complete. Returns how many rows. Raises BotError."""
    with opened(url) as db, db.read() as session:
        content, count = everything(session, bom=bom)
    part = file.with_name(f".{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
        part.replace(file)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise NotWritten(file, problem.strerror or str(problem)) from None
    return count
