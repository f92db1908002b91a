"""Text, options, confirmation, filters (docs.slack.dev/reference/block-kit/composition-objects)."""

from __future__ import annotations

from typing import Any

from sandbox.blocks.report import (
    MODAL,
    TYPE,
    URL,
    Check,
    Report,
    array,
    at_least_one,
    boolean,
    one_of,
    record,
    string,
    tagged,
)


def plain(most: int = 3000, least: int = 1) -> Check:
    """A plain_text object."""
    return tagged({"plain_text": record({**TYPE, "text": string(most, least)}, {"emoji": boolean})})


def text(most: int = 3000, least: int = 1) -> Check:
    """A plain_text or mrkdwn object."""
    words = string(most, least)
    return tagged(
        {
            "plain_text": record({**TYPE, "text": words}, {"emoji": boolean}),
            "mrkdwn": record({**TYPE, "text": words}, {"verbatim": boolean}),
        }
    )


CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)

PLAIN_OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75)})
RICH_OPTION = record({"text": text(75), "value": string(150)}, {"description": text(75)})
OVERFLOW_OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": URL})
OPTION_GROUP = record({"label": plain(75), "options": array(PLAIN_OPTION, 1, 100)})

CONVERSATION_FILTER = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
DISPATCH = record({"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)})
SLACK_FILE = record({}, {"id": string(), "url": URL}, at_least_one("id", "url"))


def modal_only(report: Report, at: str, value: Any) -> None:
    """`response_url_enabled` has a meaning in modals only."""
    if value is True and report.surface != MODAL:
        report.say(at, "response_url_enabled is only allowed in modals")


def initial_among_options(report: Report, at: str, value: Any) -> None:
    """What is chosen from the start must be on offer, word for word."""
    offered = [o for o in value.get("options") or [] if isinstance(o, dict)]
    for group in value.get("option_groups") or []:
        offered += group.get("options", []) if isinstance(group, dict) else []
    chosen = [(f"{at}/initial_option", value["initial_option"])] if value.get("initial_option") else []
    chosen += [(f"{at}/initial_options/{i}", o) for i, o in enumerate(value.get("initial_options") or [])]
    for pointer, option in chosen:
        if offered and option not in offered:
            report.say(pointer, "initial option must be one of the options")


def distinct_values(report: Report, at: str, value: Any) -> None:
    """Two options of the same value cannot be told apart."""
    seen: set[str] = set()
    for index, option in enumerate(value.get("options") or []):
        given = option.get("value") if isinstance(option, dict) else None
        if isinstance(given, str) and given in seen:
            report.say(f"{at}/options/{index}/value", "option values must be unique")
        elif isinstance(given, str):
            seen.add(given)
