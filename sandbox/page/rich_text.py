"""The rich_text block to HTML (source: Slack, "Rich text block")."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup

from sandbox.page import dates
from sandbox.page.emoji import emoji
from sandbox.page.html import anchor, join, tag
from sandbox.page.reader import Reader
from sandbox.page.surface import Json

_STYLES = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s"), ("underline", "u"))


def render(block: Json, reader: Reader) -> Markup:
    """The HTML of all parts of a rich_text block."""
    return join(_part(part, reader) for part in block.get("elements", ()))


def _part(part: Json, reader: Reader) -> Markup:
    inside = part.get("elements", ())
    match part.get("type"):
        case "rich_text_list":
            return _list(part, reader)
        case "rich_text_preformatted":
            return tag("pre", _inline(inside, reader))
        case "rich_text_quote":
            return tag("blockquote", _inline(inside, reader))
    return tag("div", _inline(inside, reader), class_="line")


def _list(part: Json, reader: Reader) -> Markup:
    items = [tag("li", _inline(item.get("elements", ()), reader)) for item in part.get("elements", ())]
    depth = min(int(part.get("indent", 0) or 0), 8)
    if part.get("style") == "ordered":
        return tag("ol", *items, start=int(part.get("offset", 0) or 0) + 1, class_=f"indent{depth}")
    return tag("ul", *items, class_=f"indent{depth}")


def _inline(elements: list[Json], reader: Reader) -> Markup:
    return join(_styled(_element(element, reader), element.get("style")) for element in elements)


def _styled(html: Markup, style: object) -> Markup:
    if isinstance(style, dict):
        for name, tag_name in _STYLES:
            if style.get(name):
                html = tag(tag_name, html)
    return html


def _element(element: Json, reader: Reader) -> Markup:
    match element.get("type"):
        case "text":
            return Markup(str(Markup.escape(str(element.get("text", "")))).replace("\n", "<br>"))
        case "link":
            url = str(element.get("url", ""))
            return anchor(url, str(element.get("text") or url))
        case "emoji":
            name = str(element.get("name", ""))
            return Markup.escape(emoji(name, str(element.get("skin_tone", ""))) or f":{name}:")
        case "user":
            return _mention(
                "@" + reader.person(str(element.get("user_id", ""))), str(element.get("user_id", "")) == reader.user_id
            )
        case "usergroup":
            return _mention("@" + reader.groups.get(str(element.get("usergroup_id", "")), "group"), False)
        case "broadcast":
            return _mention("@" + str(element.get("range", "here")), True)
        case "channel":
            return _channel(str(element.get("channel_id", "")), reader)
        case "date":
            return _date(element, reader)
        case "color":
            return tag("code", str(element.get("value", "")))
    # Sections may stand inside lists of lists; anything unknown shows its words, if it has any.
    return _inline(element.get("elements", []), reader) + Markup.escape(str(element.get("text", "")))


def _mention(words: str, mine: bool) -> Markup:
    return tag("span", tag("bdi", words), class_="mention me" if mine else "mention")


def _channel(channel_id: str, reader: Reader) -> Markup:
    name = reader.channels.get(channel_id)
    if name is None:
        return _mention("private channel", False)
    return tag("a", tag("bdi", "#" + name), href=reader.link_to(channel_id), class_="mention", data_nav=True)


def _date(element: Json, reader: Reader) -> Markup:
    moment: datetime = dates.from_ts(str(element.get("timestamp", 0)))
    words = dates.fill(str(element.get("format", "{date} {time}")), dates.local(moment, reader.zone), reader.here)
    shown = tag("time", words, datetime=moment.isoformat())
    return anchor(str(element["url"]), shown) if element.get("url") else shown
