"""The words a person reads: messages, blocks and views without markup, mentions as names, dates as their wall clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.choices import FIELDS, elements, options_of, state_values
from sandbox.model import Choices, Json, View
from sandbox.page import dates
from sandbox.workspace import Workspace

_CONTROL = re.compile(r"<([^<>]+)>")
_MARKUP = re.compile(r"(?<![\w*_~`])([*_~`]|```)(?=\S)(.+?)(?<=\S)\1(?![\w*_~`])", re.DOTALL)


class Eyes:
    """How one person reads: mentions become `@name`, private channels they are not in stay unnamed."""

    def __init__(self, workspace: Workspace, user_id: str) -> None:
        self.workspace, self.user_id = workspace, user_id

    # -- text --------------------------------------------------------------------------------------------------------

    def mrkdwn(self, text: str) -> str:
        """The visible words of mrkdwn text."""
        plain = _CONTROL.sub(lambda match: self._control(match.group(1)), text)
        previous = None
        while previous != plain:
            previous, plain = plain, _MARKUP.sub(r"\2", plain)
        return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def _control(self, inside: str) -> str:
        body, _, label = inside.partition("|")
        if body.startswith("@"):
            return self.mention(body[1:])
        if body.startswith("#"):
            return self.channel(body[1:])
        if body.startswith("!subteam^"):
            return self.group(body.removeprefix("!subteam^"))
        if body.startswith("!date^"):
            return self._date(body, label)
        if body.startswith("!"):
            return f"@{body[1:]}"
        return label or body.removeprefix("mailto:")

    def mention(self, user_id: str) -> str:
        user = self.workspace.users.get(user_id)
        return f"@{user.name}" if user else "@unknown"

    def channel(self, channel_id: str) -> str:
        found = self.workspace.channels.get(channel_id)
        return f"#{found.name}" if found and self.workspace.visible(found, self.user_id) else "private channel"

    def group(self, group_id: str) -> str:
        found = self.workspace.usergroups.get(group_id)
        return f"@{found.handle}" if found else "@unknown-group"

    def _date(self, body: str, fallback: str) -> str:
        parts = body.split("^")
        if len(parts) < 3 or not parts[1].isdigit():
            return fallback
        return self.moment(int(parts[1]), parts[2])

    def moment(self, timestamp: int, form: str) -> str:
        """Unix seconds in one of Slack's date formats, on this person's wall clock."""
        zone = ZoneInfo(self.workspace.users[self.user_id].tz)
        there = datetime.fromtimestamp(timestamp, UTC).astimezone(zone)
        return dates.fill(form, there, self.workspace.now().astimezone(zone))

    def text(self, value: Json | None) -> str:
        """A text object."""
        if not value:
            return ""
        return self.mrkdwn(value["text"]) if value["type"] == "mrkdwn" else str(value["text"])

    # -- blocks ------------------------------------------------------------------------------------------------------

    def words(self, block: Json) -> str:
        """A block's own words, without those of buttons and menus."""
        match block["type"]:
            case "rich_text":
                return self.rich(block)
            case "markdown":
                return _MARKUP.sub(r"\2", str(block["text"]))
            case "table":
                return "\n".join(" | ".join(self._cell(c) for c in row) for row in block["rows"])
            case "input":
                return "\n".join(filter(None, [self.text(block["label"]), self.text(block.get("hint"))]))
            case "image" | "video":
                return "\n".join(filter(None, [self.text(block.get("title")), block["alt_text"]]))
        parts = [self.text(block.get("text")), *(self.text(f) for f in block.get("fields", []))]
        if block["type"] == "context":
            parts += [e["alt_text"] if e["type"] == "image" else self.text(e) for e in block["elements"]]
        return "\n".join(p for p in parts if p)

    def _cell(self, cell: Json) -> str:
        return self.rich(cell) if cell["type"] == "rich_text" else str(cell.get("text", cell.get("value", "")))

    def rich(self, value: Any) -> str:
        """The words of rich text: parts on lines of their own."""
        if "elements" not in value:
            return self._inline(value)
        block_like = value["type"] in ("rich_text", "rich_text_list")
        return ("\n" if block_like else "").join(self.rich(e) for e in value["elements"])

    def _inline(self, element: Json) -> str:
        match element["type"]:
            case "user":
                return self.mention(element["user_id"])
            case "usergroup":
                return self.group(element["usergroup_id"])
            case "channel":
                return self.channel(element["channel_id"])
            case "broadcast":
                return f"@{element['range']}"
            case "emoji":
                return f":{element['name']}:"
            case "date":
                return self.moment(element["timestamp"], element["format"])
        return str(element.get("text") or element.get("url") or element.get("value") or "")

    def everything(self, blocks: list[Json], choices: Choices) -> str:
        """All visible words of blocks: their own, then in brackets what can be clicked or is chosen."""
        values = state_values(blocks, choices)
        lines = []
        for block in blocks:
            spots = [self.label(e) or self.shown(values, block, e) for e in elements_of(block)]
            lines.append(" ".join(filter(None, [self.words(block), *(f"[{s}]" for s in spots if s)])))
        return "\n".join(line for line in lines if line)

    def label(self, element: Json) -> str:
        """The words on a button; "" for elements without any."""
        return self.text(element.get("text")) if element["type"].endswith("button") else ""

    def shown(self, values: Choices, block: Json, element: Json) -> str:
        """What a stateful element shows: options of open lists, the chosen value, or the placeholder."""
        if element["type"] in ("checkboxes", "radio_buttons"):
            return " / ".join(self.text(o["text"]) for o in options_of(element))
        if element["type"] not in FIELDS:
            return ""
        value = values[block["block_id"]][element["action_id"]][FIELDS[element["type"]]]
        return self.value(value) or self.text(element.get("placeholder"))

    def value(self, value: Any) -> str:
        """A chosen or typed value as the client shows it."""
        if isinstance(value, list):
            return ", ".join(self.value(v) for v in value)
        if isinstance(value, dict):
            return self.rich(value) if value.get("type") == "rich_text" else self.text(value.get("text"))
        if isinstance(value, str) and value in self.workspace.users:
            return self.mention(value)
        if isinstance(value, str) and value in self.workspace.channels:
            return self.channel(value)
        if isinstance(value, str) and value in self.workspace.files:
            return self.workspace.files[value].name
        return "" if value is None else str(value)

    def view(self, view: View) -> str:
        """All visible words of a modal or Home, errors under the fields included."""
        buttons = [f"[{view.plain(part)}]" for part in ("submit", "close") if view.plain(part)]
        blocks = self.everything(view.blocks, view.choices)
        return "\n".join(p for p in [view.plain("title"), blocks, *view.errors.values(), *buttons] if p)


def elements_of(block: Json) -> list[Json]:
    """The elements of one block that people can use, in order."""
    return [element for _, element in elements([block])]
