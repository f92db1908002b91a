"""Files that are no text, whatever they are called: told by their first bytes, and refused with what to do instead."""

from __future__ import annotations

from bot.domain.imports.report import FileRefused


class Workbook(FileRefused):
    sentence = "This is an Excel workbook. Open it and save the sheet as “CSV UTF-8”, then bring that."


class Spreadsheet(FileRefused):
    sentence = "This is an OpenDocument file. Open it and save the sheet as CSV (UTF-8), then bring that."


class Archive(FileRefused):
    sentence = "This is a compressed archive. Unpack it, and bring the CSV file that is in it."


class Pdf(FileRefused):
    sentence = "This is a PDF. Export the list as CSV from where it was made."


class Picture(FileRefused):
    sentence = "This is a picture. Bring the list as a CSV file."


class WebPage(FileRefused):
    sentence = "This is a web page, perhaps a sign-in page that was saved as CSV. Export the list again."


class Markup(FileRefused):
    sentence = "This is %(what)s. Export the list as CSV."


class NoText(FileRefused):
    sentence = "This is no text file. Save the list as “CSV UTF-8”, then bring that."


_FIRST: tuple[tuple[bytes, type[FileRefused]], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Workbook),
    (b"%PDF", Pdf),
    (b"\x89PNG", Picture),
    (b"\xff\xd8\xff", Picture),
    (b"GIF8", Picture),
    (b"II*\x00", Picture),
    (b"MM\x00*", Picture),
    (b"\x00\x00\x01\x00", Picture),
    (b"\x1f\x8b", Archive),
    (b"BZh", Archive),
    (b"7z\xbc\xaf\x27\x1c", Archive),
    (b"Rar!", Archive),
    (b"\xfd7zXZ\x00", Archive),
    (b"\x28\xb5\x2f\xfd", Archive),
    (b"SQLite format 3\x00", NoText),
    (b"\x7fELF", NoText),
    (b"PAR1", NoText),
    (b"{\\rtf", NoText),
)
_WEB = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<script")


def refuse_what_is_no_text(first: bytes) -> None:
    """Raise FileRefused for what is told by its first bytes (some ten thousand are enough)."""
    if first.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        raise _zipped(first)
    for mark, refusal in _FIRST:
        if first.startswith(mark):
            raise refusal()
    if first.startswith(b"RIFF") and first[8:12] == b"WEBP":
        raise Picture()
    text = first.replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    start = text.lstrip()[:200].lower()
    if start.startswith(b"<?xml") and b"spreadsheet" in text[:2000].lower():
        raise Workbook()
    if start.startswith(_WEB) or (start.startswith((b"<?xml", b"<!--")) and b"<html" in text[:2000].lower()):
        raise WebPage()
    if start.startswith(b"<?xml"):
        raise Markup(what="XML")
    if start.startswith((b'{"', b"[{", b"{\r", b"{\n")):
        raise Markup(what="JSON")


def _zipped(first: bytes) -> FileRefused:
    """A zip file by what is in it; nothing is unpacked."""
    if b"mimetypeapplication/vnd.oasis" in first[:200]:
        return Spreadsheet()
    if any(part in first for part in (b"xl/", b"[Content_Types].xml", b"xl\\")):
        return Workbook()
    return Archive()
