"""Reading what a template wrote: a stream of JSON objects, one after the other, without commas between them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.slack.rendered import Block, Fold

_AROUND_A_VIEW = ["title", "submit", "close", "callback_id", "private_metadata", "external_id"]
ENVELOPE = frozenset(["text", *_AROUND_A_VIEW, "notify_on_close", "clear_on_close"])
"""What an object without a type may say about the message or view around the blocks."""

_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()


class StreamFault(ValueError):
    """The stream is not what it should be at `position` (characters from its start)."""

    def __init__(self, position: int, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.position, self.reason, self.fix = position, reason, fix


def read_stream(text: str) -> tuple[dict[str, Any], list[Block], tuple[Fold, ...]]:
    """Envelope, blocks and folds of a rendered template. Raises `StreamFault`."""
    envelope: dict[str, Any] = {}
    blocks: list[Block] = []
    folds: list[Fold] = []
    for position, part in _objects(text):
        if "type" in part:
            blocks.append(part)
        elif "fold" in part:
            folds.append(Fold(len(blocks), str(part["fold"])))
        else:
            _check_envelope(part, position)
            envelope.update(part)
    return envelope, blocks, tuple(folds)


def _objects(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each object with its position; lists are opened, null is passed over."""
    position = _after_space(text, 0)
    while position < len(text):
        try:
            value, end = _DECODER.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise _fault(text, position, error) from None
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield position, part
            elif part is not None:
                raise StreamFault(position, f"a {type(part).__name__} stands where a block is expected.", _LOOSE)
        position = _after_space(text, end)


_LOOSE = "put the expression into a block: {{ section(…) }} or {{ context(…) }}."


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _fault(text: str, start: int, error: json.JSONDecodeError) -> StreamFault:
    sign = text[error.pos : error.pos + 1]
    if error.pos == start:
        if sign == ",":
            return StreamFault(error.pos, "a comma between two blocks.", "remove it: blocks follow each other.")
        return StreamFault(error.pos, "words outside of a block.", _LOOSE)
    reason = f"this is not JSON ({error.msg.lower()})."
    if text[error.pos - 1] in '"' and sign.strip() and sign not in ",:}]":
        return StreamFault(
            error.pos, reason, "an expression brings its own quotes: write {{ _('…', x=x) }}, not \"… {{ x }}\"."
        )
    if "property name" in error.msg or (sign in "]}" and "value" in error.msg.lower()):
        return StreamFault(error.pos, reason, "remove the comma before the closing bracket, and quote each name.")
    if not sign:
        return StreamFault(error.pos, reason, "close the bracket or the quote that is still open.")
    return StreamFault(error.pos, reason, "put a comma between the parts of an object, and none after the last.")


def _check_envelope(part: dict[str, Any], position: int) -> None:
    unknown = sorted(set(part) - ENVELOPE)
    if unknown:
        raise StreamFault(
            position, f"an object without a type names {', '.join(unknown)}.", f"use {', '.join(sorted(ENVELOPE))}."
        )
