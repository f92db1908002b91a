"""Tables as CSV files that spreadsheets open as they are meant: as text, whatever somebody typed into a cell."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable

CSV = "text/csv; charset=utf-8"
"""The content type of such a file."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell must not begin with: a spreadsheet would take it for a formula and run it."""


def as_csv(header: Iterable[str], rows: Iterable[Iterable[object]], *, bom: bool = False) -> str:
    """Comma, CRLF, one header; to be written as UTF-8. `bom`: begin with the mark that tells spreadsheets so."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(header)
    for row in rows:
        out.writerow([_cell(value) for value in row])
    return ("\ufeff" if bom else "") + text.getvalue()


def marked(text: str) -> str:
    """A cell for a file that `unmarked` reads again: what would run is marked, also where a mark stands already."""
    bare = text.lstrip("'")
    return f"'{text}" if _cell(bare) != bare else text


def unmarked(cell: str) -> str:
    """What was marked, as it was."""
    return cell[1:] if cell.startswith("'") and _cell(cell.lstrip("'")) != cell.lstrip("'") else cell


def _cell(value: object) -> str:
    """As text, nothing for None, days in ISO form. What would run as a formula is marked, also behind unseen signs."""
    text = "" if value is None else str(value)
    seen = next((at for at, sign in enumerate(text) if not _unseen(sign)), len(text))
    return f"'{text}" if text.startswith(_FORMULA) or text[seen:].startswith(_FORMULA) else text


def _unseen(sign: str) -> bool:
    """Whether a spreadsheet may drop it when it reads a cell: blanks, controls, formats, marks without a letter."""
    return unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Cn", "Co", "Cs")
