"""`baton commission export`: what was agreed and paid, written to a file that only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

from bot.commands.database import opened
from bot.commands.new_file import replaced
from bot.usecases.deals.pay_file import everything


def export(url: str, file: Path, *, bom: bool) -> int:
    """Write the file, replacing what is there only once it is complete. Returns how many rows. Raises BotError."""
    with opened(url) as db, db.read() as session:
        content, count = everything(session, bom=bom)
    with replaced(file) as number, os.fdopen(number, "wb") as out:
        out.write(content)
    return count
