"""Blocks: their fields, limits and surfaces (docs.slack.dev/reference/block-kit/blocks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.blocks import composition as c
from sandbox.blocks.elements import ACCESSORY, ACTIONS, CONTEXT_ACTIONS, INPUT, element
from sandbox.blocks.report import (
    HOME,
    ID,
    MESSAGE,
    MODAL,
    TYPE,
    URL,
    Check,
    Report,
    anything,
    array,
    at_least_one,
    boolean,
    exactly_one,
    integer,
    one_of,
    record,
    string,
    tagged,
)
from sandbox.blocks.richtext import RICH_TEXT, RICH_TEXT_VALUE

_BLOCK: Mapping[str, Check] = {"block_id": ID}
_IMAGE_FIELDS: Mapping[str, Check] = {"image_url": URL, "slack_file": c.SLACK_FILE}
_CONTEXT_ELEMENT = tagged(
    {
        "image": element({"image"}),
        "mrkdwn": c.text(3000),
        "plain_text": c.text(3000),
    }
)
_CELL = tagged(
    {
        "raw_text": record({**TYPE, "text": string(None, 0)}),
        "raw_number": record({**TYPE, "value": anything}, {"text": string()}),
        "rich_text": RICH_TEXT_VALUE,
    }
)
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})

BLOCKS: Mapping[str, Check] = {
    "section": record(
        TYPE,
        {
            **_BLOCK,
            "text": c.text(3000),
            "fields": array(c.text(2000), 1, 10),
            "accessory": element(ACCESSORY),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "header": record({**TYPE, "text": c.plain(150)}, {**_BLOCK, "level": integer(1, 4)}),
    "context": record({**TYPE, "elements": array(_CONTEXT_ELEMENT, 1, 10)}, _BLOCK),
    "divider": record(TYPE, _BLOCK),
    "image": record(
        {**TYPE, "alt_text": string(2000)},
        {**_BLOCK, **_IMAGE_FIELDS, "title": c.plain(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "actions": record({**TYPE, "elements": array(element(ACTIONS), 1, 25)}, _BLOCK),
    "input": record(
        {**TYPE, "label": c.plain(2000), "element": element(INPUT)},
        {**_BLOCK, "hint": c.plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "markdown": record({**TYPE, "text": string(12000)}, _BLOCK),
    "table": record(
        {**TYPE, "rows": array(array(_CELL, 1, 20), 1, 100)}, {**_BLOCK, "column_settings": array(_COLUMN, 0, 20)}
    ),
    "context_actions": record({**TYPE, "elements": array(element(CONTEXT_ACTIONS), 1, 5)}, _BLOCK),
    "alert": record(
        {**TYPE, "text": c.text(200)}, {**_BLOCK, "level": one_of("default", "info", "warning", "error", "success")}
    ),
    "video": record(
        {**TYPE, "alt_text": string(), "title": c.plain(199), "thumbnail_url": URL, "video_url": URL},
        {
            **_BLOCK,
            "author_name": string(49),
            "description": c.plain(200),
            "provider_icon_url": URL,
            "provider_name": string(),
            "title_url": URL,
        },
    ),
}

_EVERYWHERE = {MESSAGE, MODAL, HOME}
SURFACES: Mapping[str, set[str]] = {
    "markdown": {MESSAGE},
    "table": {MESSAGE, HOME},
    "context_actions": {MESSAGE},
    "alert": {MODAL},
}
"""Blocks that may not stand on every surface."""


def block(report: Report, at: str, value: Any) -> None:
    """One block on the report's surface."""
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and report.surface not in SURFACES.get(kind, _EVERYWHERE):
        report.say(f"{at}/type", f"block of type {kind} is not supported in a {report.surface}")
    else:
        tagged(BLOCKS)(report, at, value)
