"""Making what a template wrote fit into Slack's limits, whatever people typed: shorten texts, fold long lists.

Works on a copy. Ids, values and addresses are never shortened (that would change what they mean): `checking` finds
them when they are too long.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bot.slack.limits import (
    BLOCKS,
    BLOCKS_ON,
    CONFIRM,
    CONTEXT_TEXT,
    ELEMENTS,
    FALLBACK,
    FIELD,
    GROUP,
    OPTION,
    RICH_TEXT,
    TITLE,
    TOTAL_ON,
    Shape,
    Surface,
)
from bot.slack.rendered import Block, Fold, Rendered
from bot.slack.text import ELLIPSIS, NOTHING, clean, length, short, unringing

log = logging.getLogger(__name__)

_CAPS = (2000, 1500, 1000, 700, 500)
"""What long texts are shortened to, one after the other, before rows of a list are folded."""
_BOUND_TO_WHAT_FOLLOWS = ("divider", "header")


def fit(rendered: Rendered, surface: Surface, more: str = ELLIPSIS) -> Rendered:
    """`rendered` within the limits of `surface`: shorter texts with an ellipsis, and no more blocks than it takes.

    Where there are too many blocks, rows go from the end of the longest list that a fold marks, and the fold's words
    take their place; without folds the last blocks go, and `more` takes their place.
    """
    fitted = _fitted(rendered, None)
    budget, characters = TOTAL_ON[surface], total(fitted)
    if characters > budget:
        lengths = _lengths(fitted, [])
        small = (cap for cap in _CAPS if sum(min(one, cap) for one in lengths) <= budget)
        fitted = _fitted(rendered, next(small, _CAPS[-1]))
        characters = total(fitted)
    folds = rendered.folds or (Fold(len(fitted), more),)
    blocks = _folded(fitted, folds, BLOCKS_ON[surface], characters, budget)
    return Rendered(_envelope(rendered.envelope), blocks, (), rendered.name)


def total(blocks: Sequence[Block]) -> int:
    """The characters of all texts in `blocks`."""
    return sum(sum(_lengths(block, [])) for block in blocks)


def _lengths(value: Any, found: list[int]) -> list[int]:
    """`found`, and how long each text in a part of a block is."""
    if isinstance(value, dict):
        for name, part in value.items():
            if not isinstance(part, str):
                _lengths(part, found)
            elif name in ("text", "alt_text"):
                found.append(length(part))
    elif isinstance(value, list | tuple):
        for part in value:
            _lengths(part, found)
    return found


def _envelope(envelope: Mapping[str, Any]) -> dict[str, Any]:
    limits = {"text": FALLBACK, "title": TITLE, "submit": TITLE, "close": TITLE}
    return {
        name: _text(part, limits[name], formats=name == "text") if name in limits else part
        for name, part in envelope.items()
    }


def _text(value: Any, limit: int, formats: bool = False) -> Any:
    """A text, or an object with a text, in at most `limit` characters and never empty.

    Where it `formats` (mrkdwn), it never rings a room; elsewhere ``<!here>`` is only what somebody typed.
    """
    if isinstance(value, Mapping):
        return {**value, "text": _text(value.get("text"), limit, value.get("type") == "mrkdwn")}
    if not isinstance(value, str):
        return value
    words = unringing(clean(value)) if formats else clean(value)
    return short(words, limit) if words.strip() else NOTHING


def _fitted(rendered: Rendered, cap: int | None) -> list[Block]:
    shortener = _Shortener(rendered.name, cap)
    return [shortener.block(block) for block in rendered.blocks]


@dataclass(frozen=True)
class _Shortener:
    """Shortens objects by their shape; long texts further, to `cap`, when all together are too long."""

    name: str
    cap: int | None

    def block(self, block: Block) -> Block:
        kind = block.get("type")
        shape = BLOCKS.get(str(kind))
        if kind == "rich_text":
            return {**block, "elements": [self._rich(one) for one in block.get("elements", [])]}
        return self._object(block, shape) if shape else dict(block)

    def _object(self, value: Mapping[str, Any], shape: Shape) -> Block:
        fitted: Block = {}
        for name, part in value.items():
            if name in shape.texts:
                fitted[name] = _text(part, self._capped(shape.texts[name]), formats=name == "text")
            elif name in shape.lists and isinstance(part, list):
                fitted[name] = [self._inner(name, one) for one in self._cut(name, part, shape.lists[name][1])]
            else:
                fitted[name] = self._inner(name, part)
        return _without_lost_choice(fitted)

    def _capped(self, limit: int) -> int:
        return limit if self.cap is None else min(limit, self.cap)

    def _cut(self, name: str, items: list[Any], most: int) -> list[Any]:
        if len(items) > most:
            log.warning("%s: %d %s, Slack shows %d", self.name, len(items), name, most)
        return items[:most]

    def _inner(self, name: str, value: Any) -> Any:
        """An object inside another one, shortened by what it is."""
        if isinstance(value, list):
            return [self._inner(name, one) for one in value]
        if not isinstance(value, Mapping):
            return value
        kind = value.get("type")
        if kind in ("plain_text", "mrkdwn"):
            return _text(value, self._capped(FIELD if name == "fields" else CONTEXT_TEXT))
        shape = ELEMENTS.get(str(kind)) or _PARTS.get(name)
        return self._object(value, shape) if shape else value

    def _rich(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        if value.get("type") == "text":
            return _text(value, self._capped(RICH_TEXT))
        return {**value, "elements": [self._rich(one) for one in value["elements"]]} if "elements" in value else value


_PARTS = {
    "options": OPTION,
    "initial_option": OPTION,
    "initial_options": OPTION,
    "option_groups": GROUP,
    "confirm": CONFIRM,
}


def _without_lost_choice(element: Block) -> Block:
    """An element whose first choice is still among its options (Slack refuses any other)."""
    groups = element.get("option_groups") or [element]
    options = [one for group in groups for one in group.get("options", [])]
    if not options:
        return element
    if "initial_option" in element and element["initial_option"] not in options:
        del element["initial_option"]
    if "initial_options" in element:
        element["initial_options"] = [one for one in element["initial_options"] if one in options]
        if not element["initial_options"]:
            del element["initial_options"]
    return element


def _folded(blocks: Sequence[Block], folds: Sequence[Fold], most: int, characters: int, budget: int) -> list[Block]:
    """At most `most` blocks with at most `budget` characters: rows go from the end of the list that has most.

    `characters` is how many they have.
    """
    count = len(blocks)
    if count <= most and characters <= budget:
        return list(blocks)
    starts = [0, *(fold.index for fold in folds)]
    lists = [list(blocks[start:end]) for start, end in pairwise(starts)]
    rest = list(blocks[starts[-1] :])
    told: list[list[Block]] = [[] for _ in lists]
    while count > most or (characters > budget and count > 1):
        longest = max(range(len(lists)), key=lambda index: len(lists[index]))
        if lists[longest] and not told[longest]:
            told[longest] = [_told(folds[longest].text)]
            count, characters = count + 1, characters + total(told[longest])
        gone = _without_last(lists[longest] or rest)
        count, characters = count - len(gone), characters - total(gone)
    return [block for rows, line in zip(lists, told, strict=True) for block in (*rows, *line)] + rest


def _without_last(rows: list[Block]) -> list[Block]:
    """Takes the last row away, and the lines and headings that would then lead to nothing."""
    gone = [rows.pop()]
    while rows and rows[-1].get("type") in _BOUND_TO_WHAT_FOLLOWS:
        gone.append(rows.pop())
    return gone


def _told(text: str) -> Block:
    words = _text(text, CONTEXT_TEXT)
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": words, "verbatim": True}]}
