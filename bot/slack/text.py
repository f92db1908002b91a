"""Text that people typed, made safe for Slack: escaping, quieting, shortening, counting.

Sources: Slack's "Formatting message text" (escape exactly ``& < >``); lengths are counted in UTF-16 units, the larger
of the two ways in which Slack may count, because its documentation does not say which one it uses.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

ELLIPSIS = "…"
NOTHING = "–"
"""What people see where a value is not known (None)."""

WORD_JOINER = "\u2060"
_ZERO_WIDTH_JOINER = "\u200d"

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile(r"([*_~`])")
_QUOTE = re.compile(r"^(?=&gt;)", re.MULTILINE)
_RINGING = re.compile(r"<(?=!(?:channel|here|everyone)\b)", re.IGNORECASE)
_WHOLE = re.compile(
    r"<[@#!][^<>\s][^<>]*>"  # a person, a channel, a group, a date
    r"|<(?:https?:|mailto:)[^<>]*>"
    r"|&(?:amp|lt|gt);"
    r"|:[a-z0-9_+'-]{1,60}:"  # an emoji by name
    "|\u2060[*_~`]\u2060"  # a mark kept from formatting
)
_DIVISIBLE = re.compile("(?<!\u200d)[\\w\x00-\x7f]+(?=[\\w\x00-\x7f]|\\Z)")
"""ASCII characters and letters of any script of which none belongs to a sign before or after it: most of all text."""
_URL = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_URL_ESCAPES = str.maketrans({"<": "%3C", ">": "%3E", "|": "%7C", '"': "%22"})


def esc(value: object) -> str:
    """`value` as mrkdwn text in which nothing rings, mentions or links; ``*_~`` may still format. None reads "–".

    Returns a plain `str`, never markup: the environment's finalize still has to write it as JSON.
    """
    if value is None:
        return NOTHING
    text = _DIRECTION.sub("", clean(str(value)))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quiet(value: object) -> str:
    """Like `esc`, and shows the text as it was typed: a word joiner beside each mark keeps it from formatting."""
    marked = _MARKS.sub(rf"{WORD_JOINER}\1{WORD_JOINER}", esc(value))
    return _QUOTE.sub(WORD_JOINER, marked)


def clean(text: str) -> str:
    """`text` without control characters (tabs and line ends stay) and without halves of surrogate pairs."""
    return _UNWANTED.sub("", text)


def unringing(text: str) -> str:
    """`text` in which ``<!channel>``, ``<!here>`` and ``<!everyone>`` are only words: Baton never rings a room."""
    return _RINGING.sub("&lt;", text)


def link(url: object, text: object) -> str:
    """``<url|text>`` for a web or mail address, only the escaped `text` for anything else."""
    address = clean(str(url)).strip() if url is not None else ""
    shown = " ".join(esc(text).split())
    if not _URL.fullmatch(address):
        return shown
    return f"<{address.replace('&', '&amp;').translate(_URL_ESCAPES)}|{shown.replace('|', '¦')}>"


def length(text: str) -> int:
    """How long `text` is, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def short(text: object, limit: int) -> str:
    """`text` in at most `limit` UTF-16 units, with an ellipsis where it was cut.

    Works on plain and on escaped text: never cuts inside a character that people see as one, an ``&amp;``, a mention,
    a link, a date or an emoji's name.
    """
    whole = NOTHING if text is None else str(text)
    if length(whole) <= limit:
        return whole
    kept: list[str] = []
    room = limit - length(ELLIPSIS)
    for run, divisible in _runs(whole):
        size = length(run)
        if size > room:
            kept.append(run[: max(room, 0)] if divisible else "")
            break
        kept.append(run)
        room -= size
    return "".join(kept).rstrip() + ELLIPSIS


def packed(lines: Iterable[str], limit: int) -> list[str]:
    """Escaped `lines` as texts of at most `limit` UTF-16 units each, with nothing left out.

    A line stays in one text where it can; a longer one is cut between words.
    """
    texts: list[str] = []
    for line in lines:
        for piece in _pieces(line, limit):
            if texts and length(texts[-1]) + 1 + length(piece) <= limit:
                texts[-1] = f"{texts[-1]}\n{piece}"
            else:
                texts.append(piece)
    return texts


def _pieces(line: str, limit: int) -> Iterator[str]:
    """`line` in pieces of at most `limit`, cut after a blank where there is one."""
    if length(line) <= limit:
        yield from [line] if line else []
        return
    atoms: list[tuple[str, int]] = []
    size, blank = 0, 0  # how long `atoms` are; how many of them end with the last blank
    for atom in _atoms(line):
        long = length(atom)
        while atoms and size + long > limit:
            cut = blank or len(atoms)
            yield "".join(one for one, _ in atoms[:cut]).rstrip()
            atoms, blank = atoms[cut:], 0
            size = sum(each for _, each in atoms)
        atoms.append((atom, long))
        size += long
        blank = len(atoms) if atom.isspace() else blank
    if atoms:
        yield "".join(one for one, _ in atoms)


def _atoms(text: str) -> Iterator[str]:
    """The pieces of `text` that must not be cut."""
    for run, divisible in _runs(text):
        yield from run if divisible else (run,)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """`text` in order: runs that may be cut anywhere (True), and pieces that must not be cut."""
    position = 0
    for match in _WHOLE.finditer(text):
        yield from _signs(text[position : match.start()])
        yield match.group(), False
        position = match.end()
    yield from _signs(text[position:])


def _signs(text: str) -> Iterator[tuple[str, bool]]:
    position = 0
    for match in _DIVISIBLE.finditer(text):
        yield from ((sign, False) for sign in _characters(text[position : match.start()]))
        run = match.group()
        yield from [(run, True)] if length(run) == len(run) else ((sign, False) for sign in run)
        position = match.end()
    yield from ((sign, False) for sign in _characters(text[position:]))


def _characters(text: str) -> Iterator[str]:
    """The characters of `text` as people see them (an approximation of Unicode's grapheme clusters, UAX 29)."""
    cluster = ""
    for sign in text:
        if cluster and _belongs(cluster, sign):
            cluster += sign
            continue
        if cluster:
            yield cluster
        cluster = sign
    if cluster:
        yield cluster


def _belongs(cluster: str, sign: str) -> bool:
    if sign.isascii():
        return cluster[-1] == _ZERO_WIDTH_JOINER
    return (
        cluster[-1] == _ZERO_WIDTH_JOINER
        or _follows(sign)
        or (len(cluster) == 1 and _is_flag_letter(cluster) and _is_flag_letter(sign))
    )


@lru_cache(maxsize=4096)
def _follows(sign: str) -> bool:
    """Whether `sign` belongs to whatever stands before it."""
    return (
        sign == _ZERO_WIDTH_JOINER
        or unicodedata.category(sign) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= sign <= "\U0001f3ff"  # skin tones
    )


def _is_flag_letter(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"
