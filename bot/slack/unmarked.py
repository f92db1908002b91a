"""A message of Slack's as plain text: what people see, without markup. Source: "Formatting text for app surfaces"."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARKUP = re.compile(r"<([^<>]*)>")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_PAIR = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)([^\n]*?)(?<=\S)\1(?![\w*_~`])")


def mentioned(text: str) -> frozenset[str]:
    """The Slack ids of the people who are mentioned."""
    return frozenset(_PERSON.findall(text))


def unmarked(text: str, names: Mapping[str, str]) -> str:
    """`text` as people read it; `names`: what the people mentioned are called, by their Slack id."""
    shown = _MARKUP.sub(lambda found: _word(found[1], names), text)
    parts = _FENCE.split(shown)  # every second one is code, in which nothing is markup
    shown = "".join(part if number % 2 else _plain(part) for number, part in enumerate(parts))
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _plain(text: str) -> str:
    for _ in range(3):  # bold within italics within what was struck out
        text = _PAIR.sub(r"\2", text)
    return re.sub(r"^&gt; ?", "", text, flags=re.MULTILINE)


def _word(inside: str, names: Mapping[str, str]) -> str:
    address, bar, label = inside.partition("|")
    if address[:1] == "@":
        return "@" + (names.get(address[1:]) or label or address[1:])
    if address[:1] == "#":
        return "#" + (label or address[1:])
    if address[:1] == "!":
        return label if address.startswith(("!date^", "!subteam^")) and label else "@" + address[1:].split("^")[0]
    address = address.removeprefix("mailto:") if address.startswith("mailto:") else address
    return f"{label} ({address})" if bar and label and label != address else address
