"""Block elements: their fields, limits and where each may stand (docs.slack.dev/reference/block-kit/block-elements)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.blocks import composition as c
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
    boolean,
    exactly_one,
    integer,
    one_of,
    record,
    string,
)
from sandbox.blocks.richtext import RICH_TEXT_VALUE

DATE = string(form=r"\d{4}-\d{2}-\d{2}")
_BASE: Mapping[str, Check] = {"action_id": ID}
_FOCUS: Mapping[str, Check] = {**_BASE, "focus_on_load": boolean}
_CONFIRM: Mapping[str, Check] = {**_FOCUS, "confirm": c.CONFIRM}
_SELECT: Mapping[str, Check] = {**_CONFIRM, "placeholder": c.plain(150)}
_MULTI: Mapping[str, Check] = {**_SELECT, "max_selected_items": integer(1)}
_STATIC: Mapping[str, Check] = {
    "options": array(c.PLAIN_OPTION, 1, 100),
    "option_groups": array(c.OPTION_GROUP, 1, 100),
}
_MIN_QUERY: Mapping[str, Check] = {"min_query_length": integer(0)}
_TYPED: Mapping[str, Check] = {
    **_FOCUS,
    "placeholder": c.plain(150),
    "dispatch_action_config": c.DISPATCH,
}
_IMAGE: Mapping[str, Check] = {"image_url": URL, "slack_file": c.SLACK_FILE}


def _lengths(report: Report, at: str, value: Any) -> None:
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        report.say(f"{at}/min_length", "min_length must not be greater than max_length")


def _ten_digits(report: Report, at: str, value: Any) -> None:
    if not isinstance(value, int) or len(str(value)) != 10:
        report.say(at, "must be a unix timestamp of 10 digits")


def _static(more: Mapping[str, Check]) -> Check:
    return record(
        TYPE, {**more, **_STATIC}, exactly_one("options", "option_groups"), c.initial_among_options, c.distinct_values
    )


def _choices(more: Mapping[str, Check]) -> Check:
    options: Mapping[str, Check] = {"options": array(c.RICH_OPTION, 1, 10)}
    return record({**TYPE, **options}, {**_CONFIRM, **more}, c.initial_among_options, c.distinct_values)


BUTTON = record(
    {**TYPE, "text": c.plain(75)},
    {
        **_BASE,
        "url": URL,
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "confirm": c.CONFIRM,
        "accessibility_label": string(75),
        "visible_to_user_ids": array(string()),
        "agent_prompt": string(4000),
    },
)
_IDS: Mapping[str, Check] = {"visible_to_user_ids": array(string(), 0, 10)}

ELEMENTS: Mapping[str, Check] = {
    "button": BUTTON,
    "checkboxes": _choices({"initial_options": array(c.RICH_OPTION, 1, 10)}),
    "radio_buttons": _choices({"initial_option": c.RICH_OPTION}),
    "overflow": record(
        {**TYPE, "options": array(c.OVERFLOW_OPTION, 1, 5)}, {**_BASE, "confirm": c.CONFIRM}, c.distinct_values
    ),
    "static_select": _static({**_SELECT, "initial_option": c.PLAIN_OPTION}),
    "multi_static_select": _static({**_MULTI, "initial_options": array(c.PLAIN_OPTION, 1, 100)}),
    "external_select": record(TYPE, {**_SELECT, **_MIN_QUERY, "initial_option": c.PLAIN_OPTION}),
    "multi_external_select": record(TYPE, {**_MULTI, **_MIN_QUERY, "initial_options": array(c.PLAIN_OPTION, 1, 100)}),
    "users_select": record(TYPE, {**_SELECT, "initial_user": string()}),
    "multi_users_select": record(TYPE, {**_MULTI, "initial_users": array(string())}),
    "conversations_select": record(
        TYPE,
        {
            **_SELECT,
            "initial_conversation": string(),
            "default_to_current_conversation": boolean,
            "response_url_enabled": c.modal_only,
            "filter": c.CONVERSATION_FILTER,
        },
    ),
    "multi_conversations_select": record(
        TYPE,
        {
            **_MULTI,
            "initial_conversations": array(string()),
            "default_to_current_conversation": boolean,
            "filter": c.CONVERSATION_FILTER,
        },
    ),
    "channels_select": record(TYPE, {**_SELECT, "initial_channel": string(), "response_url_enabled": c.modal_only}),
    "multi_channels_select": record(TYPE, {**_MULTI, "initial_channels": array(string())}),
    "datepicker": record(TYPE, {**_SELECT, "initial_date": DATE}),
    "timepicker": record(
        TYPE, {**_SELECT, "initial_time": string(form=r"([01]\d|2[0-3]):[0-5]\d"), "timezone": string()}
    ),
    "datetimepicker": record(TYPE, {**_CONFIRM, "initial_date_time": _ten_digits}),
    "plain_text_input": record(
        TYPE,
        {
            **_TYPED,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _lengths,
    ),
    "number_input": record(
        {**TYPE, "is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": string(form=r"-?\d+(\.\d+)?"), "min_value": string(), "max_value": string()},
    ),
    "email_text_input": record(TYPE, {**_TYPED, "initial_value": string()}),
    "url_text_input": record(TYPE, {**_TYPED, "initial_value": URL}),
    "rich_text_input": record(TYPE, {**_TYPED, "initial_value": RICH_TEXT_VALUE}),
    "file_input": record(TYPE, {**_BASE, "filetypes": array(string()), "max_files": integer(1, 10)}),
    "image": record({**TYPE, "alt_text": string(2000)}, _IMAGE, exactly_one("image_url", "slack_file")),
    "workflow_button": record(
        {**TYPE, "text": c.plain(75), "workflow": anything},
        {**_BASE, "style": one_of("primary", "danger"), "accessibility_label": string(75)},
    ),
    "feedback_buttons": record({**TYPE, "positive_button": anything, "negative_button": anything}, _BASE),
    "icon_button": record(
        {**TYPE, "icon": string(), "text": c.plain(75)},
        {**_BASE, **_IDS, "value": string(2000), "confirm": c.CONFIRM, "accessibility_label": string(75)},
    ),
}

_EVERYWHERE = {MESSAGE, MODAL, HOME}
SURFACES: Mapping[str, set[str]] = {
    "datetimepicker": {MESSAGE, MODAL},
    "number_input": {MODAL},
    "email_text_input": {MODAL},
    "url_text_input": {MODAL},
    "rich_text_input": {MODAL, HOME},
    "file_input": {MODAL},
    "workflow_button": {MESSAGE},
    "feedback_buttons": {MESSAGE},
    "icon_button": {MESSAGE},
}
"""Elements that may not stand on every surface."""

_MULTIS = {name for name in ELEMENTS if name.startswith("multi_")}
_ONLY_INPUT = {name for name in ELEMENTS if name.endswith("_input")}
_ONLY_CONTEXT = {"feedback_buttons", "icon_button"}
_PLACED = set(ELEMENTS) - _ONLY_INPUT - _ONLY_CONTEXT
ACCESSORY = _PLACED - {"datetimepicker"}
ACTIONS = (_PLACED - _MULTIS - {"image"}) | {"rich_text_input"}
INPUT = set(ELEMENTS) - _ONLY_CONTEXT - {"button", "overflow", "image", "workflow_button"}
CONTEXT_ACTIONS = _ONLY_CONTEXT


def element(allowed: set[str]) -> Check:
    """An element of one of these types, on a surface where it may stand."""

    def check(report: Report, at: str, value: Any) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(value, dict):
            report.say(at, "must provide an object")
        elif kind is None:
            report.say(at, "missing required field: type")
        elif not isinstance(kind, str) or kind not in ELEMENTS:
            report.say(f"{at}/type", f"unsupported type: {kind}")
        elif kind not in allowed:
            report.say(f"{at}/type", f"element of type {kind} is not allowed here")
        elif report.surface not in SURFACES.get(kind, _EVERYWHERE):
            report.say(f"{at}/type", f"element of type {kind} is not supported in a {report.surface}")
        else:
            ELEMENTS[kind](report, at, value)

    return check
