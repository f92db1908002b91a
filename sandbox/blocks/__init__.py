"""Block Kit as Slack checks it: limits, surfaces, unknown types and fields, duplicates; each fault has its JSON path.

Lengths are counted in code points; whether Slack counts UTF-16 units is not documented.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.blocks import composition as c
from sandbox.blocks.kinds import block
from sandbox.blocks.report import HOME, MESSAGE, MODAL, Report, array, boolean, one_of, record, string
from sandbox.choices import elements
from sandbox.model import Json

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
BLOCKS_CHARACTERS = 13_000
MARKDOWN_CHARACTERS = 12_000
VIEW_BYTES = 250_000

_META = {"private_metadata": string(3000, 0), "callback_id": string(255, 0), "external_id": string(255, 0)}
_TYPE = {"type": one_of("modal", "home")}


def check_message_blocks(blocks: Any) -> list[str]:
    """What Slack would refuse in the blocks of a message; empty when all is well."""
    report = Report(MESSAGE)
    array(block, 0, MESSAGE_BLOCKS)(report, "/blocks", blocks)
    if not report.problems:
        _duplicates(report, "/blocks", blocks)
        _message_totals(report, blocks)
    return report.problems


def check_view(view: Any, kind: str) -> list[str]:
    """What Slack would refuse in a modal or home view; `kind` is what the method takes."""
    report = Report(kind)
    if isinstance(view, dict) and view.get("type") != kind:
        report.say("/view/type", f"must be a valid enum value: {kind}")
        return report.problems
    (_MODAL if kind == MODAL else _HOME)(report, "/view", view)
    if not report.problems:
        _duplicates(report, "/view/blocks", view["blocks"])
        _inputs_need_submit(report, view)
    return report.problems


_BODY = {**_TYPE, "blocks": array(block, 0, VIEW_BLOCKS)}
_MODAL = record(
    {**_BODY, "title": c.plain(24)},
    {
        **_META,
        "submit": c.plain(24),
        "close": c.plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = record(_BODY, _META)


def view_size(view: Json) -> int:
    """The bytes of a view as JSON."""
    return len(json.dumps(view, ensure_ascii=False).encode())


def characters(blocks: Any) -> int:
    """The characters of every visible text in the blocks (what `msg_blocks_too_long` is about)."""
    return sum(len(text) for text in _texts(blocks))


def complete(blocks: list[Json], next_id: Callable[[str], str]) -> list[Json]:
    """A copy as Slack keeps it: fresh block_ids and action_ids where the app gave none, defaults of text objects."""
    copied: list[Json] = json.loads(json.dumps(blocks))
    for one in copied:
        one.setdefault("block_id", next_id("b"))
        _with_ids(one, next_id)
        _with_defaults(one)
    return copied


def _with_ids(one: Json, next_id: Callable[[str], str]) -> None:
    places = [one.get("accessory"), one.get("element")]
    places += one.get("elements", []) if one["type"] in ("actions", "context_actions") else []
    for element in places:
        if element and element["type"] != "image":
            element.setdefault("action_id", next_id("a"))


def _with_defaults(value: Any) -> None:
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _with_defaults(part)
    if isinstance(value, dict) and value.get("type") == "plain_text":
        value.setdefault("emoji", True)
    if isinstance(value, dict) and value.get("type") == "mrkdwn":
        value.setdefault("verbatim", False)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("text", "alt_text") and isinstance(part, str):
                yield part
            else:
                yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _duplicates(report: Report, at: str, blocks: list[Json]) -> None:
    seen: set[str] = set()
    for index, one in enumerate(blocks):
        name = one.get("block_id")
        if name in seen:
            report.say(f"{at}/{index}/block_id", f"block_id {name} already exists")
        seen |= {name} if name else set()
        actions: set[str] = set()
        for _, element in elements([one]):
            if element["action_id"] in actions:
                report.say(f"{at}/{index}", f"action_id {element['action_id']} already exists in this block")
            actions.add(element["action_id"])
    focused = [e for _, e in elements(blocks) if e.get("focus_on_load")]
    if len(focused) > 1:
        report.say(at, "only one element may have focus_on_load")


def _message_totals(report: Report, blocks: list[Json]) -> None:
    if sum(len(b["text"]) for b in blocks if b["type"] == "markdown") > MARKDOWN_CHARACTERS:
        report.say("/blocks", f"markdown blocks must be less than {MARKDOWN_CHARACTERS + 1} characters in total")
    if sum(b["type"] == "table" for b in blocks) > 1:
        report.say("/blocks", "only one table is allowed")


def _inputs_need_submit(report: Report, view: Json) -> None:
    if view["type"] == MODAL and not view.get("submit") and any(b["type"] == "input" for b in view["blocks"]):
        report.say("/view", "submit is required when a modal has an input block")


__all__ = ["HOME", "MESSAGE", "MODAL", "characters", "check_message_blocks", "check_view", "complete", "view_size"]
