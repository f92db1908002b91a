"""A CSV file as people have it: which encoding and separator, its header, and its rows by the line they begin on.

Pure: bytes come from `open`, which may be called several times. Nothing is kept but what is asked for, so a large file
costs no more memory than a small one.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from bot.domain.imports.report import FileRefused
from bot.domain.imports.signatures import refuse_what_is_no_text

MOST_BYTES = 50 * 1024**2
MOST_ROWS = 200_000
MOST_COLUMNS = 400
CHUNK = 1024**2
"""Bytes that are looked at together; a line that is longer is none of a table."""
SAMPLE = 64 * 1024
SEPARATORS = (",", ";", "\t", "|")
UTF_8, UTF_16_LE, UTF_16_BE, WINDOWS = "UTF-8", "UTF-16 LE", "UTF-16 BE", "Windows-1252"
_CODECS = {
    UTF_8: "utf-8",
    UTF_16_LE: "utf-16-le",
    UTF_16_BE: "utf-16-be",
    WINDOWS: "cp1252",
    "Latin-1": "latin-1",
    "Mac Roman": "mac-roman",
}
"""The encodings that there are, by how people call them. Only the first four are found out without being said."""
_MARKS = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, UTF_16_LE), (codecs.BOM_UTF16_BE, UTF_16_BE))
_NO_LETTERS_IN_WINDOWS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_UTF_8_LETTERS = re.compile(rb"\xc3[\x80-\xbf]")
"""An accented letter in UTF-8; in Windows-1252 it is two signs that stand side by side in no language."""
_SEP_LINE = re.compile(r"sep=(.)", re.IGNORECASE)

Open = Callable[[], BinaryIO]


class TooLarge(FileRefused):
    sentence = "The file has %(size)s MB; I read up to %(most)s MB. Split it, or leave columns out."


class EmptyFile(FileRefused):
    sentence = "The file is empty."


class TooManyRows(FileRefused):
    sentence = "The file has more than %(most)s rows. Split it."


class TooManyColumns(FileRefused):
    sentence = "The first line has %(columns)s columns; I read up to %(most)s. Is the separator right?"


class EndlessLine(FileRefused):
    sentence = "A line is longer than a megabyte: that is no table. Save it as CSV anew."


class UnknownEncoding(FileRefused):
    sentence = "I cannot tell in which encoding the file is. Save it as “CSV UTF-8”."


class NotInThatEncoding(FileRefused):
    sentence = "The file is not in %(encoding)s: it breaks off at byte %(byte)s. Save it as “CSV UTF-8”."


class NoSuchEncoding(FileRefused):
    sentence = "I do not know the encoding “%(encoding)s”. I read %(known)s."


@dataclass(frozen=True)
class Row:
    """One row: the physical line on which it begins, and its cells."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Broken:
    """A row that is none: its quotation marks do not fit. `last` is the line up to which was read."""

    line: int
    last: int


@dataclass(frozen=True)
class Table:
    """A file whose header is known. `names` are unique; `repeated` those that stand in the header more than once."""

    open: Open
    sha256: str
    encoding: str
    separator: str
    names: tuple[str, ...]
    repeated: tuple[str, ...]
    header: tuple[str, ...]
    header_line: int

    def rows(self) -> Iterator[Row | Broken]:
        """What stands under the header, without empty lines. Raises TooManyRows."""
        count = 0
        for one in records(self.open, self.encoding, self.separator):
            if one.line <= self.header_line:
                continue
            count += 1
            if count > MOST_ROWS:
                raise TooManyRows(most=f"{MOST_ROWS:,}")
            yield one


def table(open_file: Open, size: int, known: Callable[[Sequence[str]], int], encoding: str = "") -> Table:
    """Find out how the file is written. `known` counts the column names that mean something.

    `encoding`: one of the names above where somebody said so. Raises FileRefused.
    """
    if size > MOST_BYTES:
        raise TooLarge(size=f"{size / 1024**2:,.0f}", most=MOST_BYTES // 1024**2)
    found, sha256 = _scanned(open_file, encoding)
    separator = _separator(open_file, found, known)
    for one in records(open_file, found, separator):
        if isinstance(one, Row):
            header = tuple(" ".join(cell.split()) for cell in _without_empty_end(one.cells))
            if len(header) > MOST_COLUMNS:
                raise TooManyColumns(columns=len(header), most=MOST_COLUMNS)
            names, repeated = _unique(header)
            return Table(open_file, sha256, found, separator, names, repeated, header, one.line)
    raise EmptyFile()


def records(open_file: Open, encoding: str, separator: str) -> Iterator[Row | Broken]:
    """All rows with something in them, from the first line on; a line `sep=;` is none."""
    with open_file() as file, io.TextIOWrapper(file, _CODECS[encoding], newline="") as text:
        reader = csv.reader(_unmarked(text), delimiter=separator, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Broken(line, reader.line_num)
                continue
            if line == 1 and cells and _SEP_LINE.fullmatch(separator.join(cells)):
                continue
            if any(cells) and not all(cell.isspace() or not cell for cell in cells):
                yield Row(line, cells)


def _unmarked(lines: Iterable[str]) -> Iterator[str]:
    """Without the mark of the encoding before a line: quotation marks may follow it, and files are put together."""
    for line in lines:
        yield line.removeprefix("\ufeff")


def _scanned(open_file: Open, said: str) -> tuple[str, str]:
    """The encoding and the checksum, from one look at all bytes. Raises FileRefused."""
    digest, windows, both, at, endless = hashlib.sha256(), True, False, 0, False
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    with open_file() as file:
        first = file.read(CHUNK)
        if not first:
            raise EmptyFile()
        refuse_what_is_no_text(first[: SAMPLE * 4])
        guess = _by_name(said) if said else _by_first_bytes(first)
        decoder = codecs.getincrementaldecoder(_CODECS[guess])() if guess else None
        chunk = first
        while chunk:
            digest.update(chunk)
            endless = endless or (len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk)
            if decoder is not None:
                _checked(decoder, chunk, guess, at)
            else:
                windows = windows and _NO_LETTERS_IN_WINDOWS.search(chunk) is None
                both = both or _UTF_8_LETTERS.search(chunk) is not None
                utf8 = _still(utf8, chunk)
            at += len(chunk)
            if endless:
                raise EndlessLine()
            chunk = file.read(CHUNK)
    if decoder is not None:
        _checked(decoder, b"", guess, at, final=True)
        return guess, digest.hexdigest()
    if utf8 is not None and _still(utf8, b"", final=True) is not None:
        return UTF_8, digest.hexdigest()
    if both or not windows:  # UTF-8 with a broken byte, or two files in one: every accent would come out wrong
        raise UnknownEncoding()
    return WINDOWS, digest.hexdigest()


def _by_name(said: str) -> str:
    wanted = re.sub(r"[^a-z0-9]", "", said.casefold())
    for name, codec in _CODECS.items():
        if wanted in (re.sub(r"[^a-z0-9]", "", name.casefold()), re.sub(r"[^a-z0-9]", "", codec)):
            return name
    if wanted == "iso88591":
        return "Latin-1"
    raise NoSuchEncoding(encoding=said[:40], known=", ".join(_CODECS))


def _by_first_bytes(first: bytes) -> str:
    """By its mark; without one, UTF-16 shows by every other byte being zero. Empty: look at the rest."""
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name
    sample = first[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = len(sample) // 2 * 0.4
    if odd > most and not even:
        return UTF_16_LE
    return UTF_16_BE if even > most and not odd else ""


def _checked(decoder: codecs.IncrementalDecoder, chunk: bytes, encoding: str, at: int, *, final: bool = False) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as problem:
        raise NotInThatEncoding(encoding=encoding, byte=f"{at + problem.start:,}") from None


def _still(
    decoder: codecs.IncrementalDecoder | None, chunk: bytes, *, final: bool = False
) -> codecs.IncrementalDecoder | None:
    """The decoder, as long as it understands the bytes."""
    try:
        if decoder is not None:
            decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return None
    return decoder


def _separator(open_file: Open, encoding: str, known: Callable[[Sequence[str]], int]) -> str:
    """As its first line says (sep=;), else the one that gives names we know, rows of one length, most columns."""
    with open_file() as file:
        sample = file.read(SAMPLE).decode(_CODECS[encoding], errors="ignore").removeprefix("\ufeff")
    lines = sample.splitlines(keepends=True)[:40]
    said = _SEP_LINE.fullmatch(lines[0].strip("\r\n")) if lines else None
    if said is not None:
        return said[1]
    best, chosen = (0, 0, 1), ","
    for separator in SEPARATORS:
        rows = _tried(lines, separator)
        if rows and len(rows[0]) > 1:
            score = (known(rows[0]), sum(len(row) == len(rows[0]) for row in rows), len(rows[0]))
            best, chosen = (score, separator) if score > best else (best, chosen)
    return chosen


def _tried(lines: list[str], separator: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(row for row in csv.reader(lines, delimiter=separator) if row)
    return rows


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _unique(header: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that differ from each other ("Phone", "Phone (2)"), and those that did not."""
    names: list[str] = []
    repeated: dict[str, None] = {}
    taken = {name.casefold() for name in header}
    seen: set[str] = set()
    for place, cell in enumerate(header, start=1):
        name, number = cell or f"Column {place}", 2
        if name.casefold() in seen:
            repeated[name] = None
            while f"{name} ({number})".casefold() in seen | taken:
                number += 1
            name = f"{name} ({number})"
        seen.add(name.casefold())
        names.append(name)
    return tuple(names), tuple(repeated)
