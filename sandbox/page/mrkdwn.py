"""Slack's mrkdwn to safe HTML (source: Slack, "Formatting text for app surfaces").

Every text is taken as hostile. What becomes a tag is decided here and nowhere else: control forms (``<@U1>``, links,
dates) and code are cut out first, the rest is escaped, and only then bold, italic and strike are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup, escape

from sandbox.page import dates
from sandbox.page.emoji import with_emoji
from sandbox.page.html import anchor, join, safe_link, tag
from sandbox.page.reader import Reader

# Noncharacters that no text may carry: they mark the places of pieces that are already HTML.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}\x00]")
_HELD = re.compile(f"{_OPEN}(\\d+){_CLOSE}")

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_CONTROL = re.compile(r"<([^<>\n]+)>")
_BARE_URL = re.compile(r"https?://[^\s<>|`\"]+", re.IGNORECASE)
_CHANNEL_NAME = re.compile(r"(?<![\w&#])#([a-z0-9][a-z0-9_-]{0,79})")
_QUOTED = re.compile(r"(?:&gt;|>) ?")
_ITEM = re.compile(r"(?:[•◦▪-]|\d{1,3}\.) ")
# One delimiter, no space inside its ends, no delimiter of the same kind in between: linear in the length of the text.
_STYLED = re.compile(r"(?<![\w])(?:\*(?=\S)([^*\n]*[^*\s])\*|_(?=\S)([^_\n]*[^_\s])_|~(?=\S)([^~\n]*[^~\s])~)(?![\w])")
_STYLES = {1: "strong", 2: "em", 3: "s"}
_SPECIAL = {"here", "channel", "everyone"}


def render(text: str, reader: Reader, *, verbatim: bool = False) -> Markup:
    """The HTML of a mrkdwn text. ``verbatim`` switches off the linking of bare addresses and #names."""
    return _Page(reader, verbatim).render(text)


def render_plain(text: str) -> Markup:
    """The HTML of a plain_text: escaped, emoji names replaced, line ends kept."""
    return _lines(escape(with_emoji(unescape(text))))


def unescape(text: str) -> str:
    """Undo the three escapes of Slack; nothing else is an entity there."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class _Page:
    """One rendering: the pieces that are HTML already wait in ``held`` while the text around them is worked on."""

    def __init__(self, reader: Reader, verbatim: bool) -> None:
        self.reader, self.verbatim = reader, verbatim
        self.held: list[Markup] = []

    def render(self, text: str) -> Markup:
        text = _MARKS.sub("", text)
        text = _FENCE.sub(lambda match: self.hold(tag("pre", unescape(match[1]))), text)
        text = _CODE.sub(lambda match: self.hold(tag("code", unescape(match[1]))), text)
        text = _CONTROL.sub(lambda match: self.hold(self.control(match[1])), text)
        if not self.verbatim:
            text = _BARE_URL.sub(self.bare_url, text)
            text = _CHANNEL_NAME.sub(self.channel_name, text)
        return self.release(self.paragraphs(text))

    def hold(self, piece: Markup) -> str:
        self.held.append(piece)
        return f"{_OPEN}{len(self.held) - 1}{_CLOSE}"

    def release(self, html: Markup) -> Markup:
        # A link's label may hold code, hence pieces inside pieces; each round only reaches earlier ones, so it ends.
        while _HELD.search(html):
            html = Markup(_HELD.sub(lambda match: str(self.held[int(match[1])]), html))
        return html

    def paragraphs(self, text: str) -> Markup:
        """Quotes and hanging items by line; everything else keeps its line ends."""
        out: list[Markup] = []
        lines = text.split("\n")
        while lines:
            if lines[0].startswith(("&gt;&gt;&gt;", ">>>")):
                rest = "\n".join(lines)
                out.append(
                    tag("blockquote", self.inline(rest.removeprefix("&gt;&gt;&gt;").removeprefix(">>>").lstrip()))
                )
                break
            if _QUOTED.match(lines[0]):
                quote = _take(lines, lambda line: bool(_QUOTED.match(line)))
                out.append(tag("blockquote", self.inline("\n".join(_QUOTED.sub("", line, count=1) for line in quote))))
            elif _ITEM.match(lines[0]):
                out.append(tag("div", self.inline(lines.pop(0)), class_="hanging"))
            else:
                plain = _take(lines, lambda line: not _QUOTED.match(line) and not _ITEM.match(line))
                out.append(self.inline("\n".join(plain)))
        return join(out)

    def inline(self, text: str) -> Markup:
        """Bold, italic and strike around escaped text, each inside the other at most once."""
        out: list[Markup] = []
        start = 0
        for match in _STYLED.finditer(text):
            out.append(self.words(text[start : match.start()]))
            kind = match.lastindex or 1
            out.append(tag(_STYLES[kind], self.inline(match[kind])))
            start = match.end()
        return join([*out, self.words(text[start:])])

    def words(self, text: str) -> Markup:
        return _lines(escape(with_emoji(unescape(text))))

    def bare_url(self, match: re.Match[str]) -> str:
        url = re.split("&[lg]t;", match[0])[0].rstrip(".,;:!?'*_~)")
        return self.hold(anchor(unescape(url), unescape(url))) + match[0][len(url) :]

    def channel_name(self, match: re.Match[str]) -> str:
        for channel_id, name in self.reader.channels.items():
            if name == match[1]:
                return self.hold(self.channel(channel_id, ""))
        return match[0]

    def control(self, inside: str) -> Markup:
        body, _, label = inside.partition("|")
        if body.startswith(("@", "#")):
            return self.mention(body[1:]) if body[0] == "@" else self.channel(body[1:], label)
        if body.startswith("!"):
            return self.command(body[1:], label)
        url = unescape(body)
        if safe_link(url) is None:
            return escape(unescape(f"<{inside}>"))
        return anchor(url, self.inline(label) if label else url)

    def mention(self, user_id: str) -> Markup:
        mine = " me" if user_id == self.reader.user_id else ""
        return tag("span", tag("bdi", "@" + self.reader.person(user_id)), class_="mention" + mine)

    def channel(self, channel_id: str, label: str) -> Markup:
        name = self.reader.channels.get(channel_id)
        if name is None:
            return tag("span", "private channel", class_="mention")
        return tag("a", tag("bdi", "#" + name), href=self.reader.link_to(channel_id), class_="mention", data_nav=True)

    def command(self, body: str, label: str) -> Markup:
        if body.startswith("date^"):
            return self.date(body, label)
        if body.startswith("subteam^"):
            handle = self.reader.groups.get(body.removeprefix("subteam^"), label.removeprefix("@") or "group")
            return tag("span", tag("bdi", "@" + unescape(handle)), class_="mention")
        if body in _SPECIAL:
            return tag("span", "@" + body, class_="mention me")
        return escape(unescape(label or body))

    def date(self, body: str, fallback: str) -> Markup:
        parts = body.split("^")
        if len(parts) < 3 or not re.fullmatch(r"-?\d{1,11}", parts[1]):
            return escape(unescape(fallback))
        moment = dates.from_ts(parts[1])
        words = dates.fill(unescape(parts[2]), dates.local(moment, self.reader.zone), self.reader.here)
        shown = tag("time", words, datetime=moment.isoformat(), title=f"{dates.local(moment, self.reader.zone):%c %Z}")
        return anchor(unescape(parts[3]), shown) if len(parts) > 3 else shown


def _take(lines: list[str], wanted: Callable[[str], bool]) -> list[str]:
    taken = []
    while lines and wanted(lines[0]):
        taken.append(lines.pop(0))
    return taken


def _lines(escaped: Markup) -> Markup:
    return Markup(str(escaped).replace("\n", "<br>"))
