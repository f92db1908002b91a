"""What people chose or typed in the elements of a surface, in the form of Slack's `state.values`.

A client keeps a choice as long as its block_id, action_id and element type stay (docs.slack.dev, section block: "use a
new block_id when the message is updated"; for modals docs.slack.dev/surfaces/modals).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sandbox.model import ActionValue, Channel, Choices, Json

FIELDS = {
    "plain_text_input": "value",
    "number_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}
"""Element type -> the field of its state that holds the value. Buttons and overflow menus have no state."""

LISTS = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}


class NotPossible(ValueError):
    """A person tried what the client would not let them do; the text says what."""


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) for everything that can be clicked, chosen or typed into, in reading order."""
    for block in blocks:
        found = [block.get("accessory"), block.get("element"), *(block.get("actions") or [])]
        if block.get("type") in ("actions", "context_actions"):
            found += block.get("elements", [])
        for element in found:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element
        for child in [*block.get("child_blocks", []), *_cards(block)]:
            yield from elements([child])


def _cards(block: Json) -> list[Json]:
    return list(block.get("elements", [])) if block.get("type") == "carousel" else []


def find_element(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    """The element with these ids and its block. Raises NotPossible when it is not there (any more)."""
    for block, element in elements(blocks):
        if block.get("block_id") == block_id and element["action_id"] == action_id:
            return block, element
    raise NotPossible(f"no element {action_id!r} in block {block_id!r}: the message or view has changed")


def initial(element: Json) -> Json:
    """The state of an element nobody touched yet."""
    field = FIELDS[element["type"]]
    given = element.get("initial_" + field.removeprefix("selected_"))
    if field == "rich_text_value":
        given = element.get("initial_value")
    return {"type": element["type"], field: given if given is not None else ([] if field in LISTS else None)}


def state_values(blocks: list[Json], choices: Choices) -> Choices:
    """Every stateful element of the surface with its present value: `state.values` as Slack sends it."""
    values: Choices = {}
    for block, element in elements(blocks):
        if element["type"] in FIELDS:
            chosen = choices.get(block["block_id"], {}).get(element["action_id"])
            state = chosen if chosen and chosen["type"] == element["type"] else initial(element)
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def kept(choices: Choices, blocks: list[Json]) -> Choices:
    """The choices that survive a change of the surface to these blocks."""
    survivors: Choices = {}
    for block, element in elements(blocks):
        state = choices.get(block["block_id"], {}).get(element["action_id"])
        if state is not None and state["type"] == element["type"]:
            survivors.setdefault(block["block_id"], {})[element["action_id"]] = state
    return survivors


def remember(choices: Choices, block: Json, element: Json, value: ActionValue, offered: list[Json]) -> Json:
    """Store what a person put into a stateful element; returns its state. `offered`: options an app gave for it."""
    state = {"type": element["type"], FIELDS[element["type"]]: _accepted(element, value, offered)}
    choices.setdefault(block["block_id"], {})[element["action_id"]] = state
    return state


def options_of(element: Json) -> list[Json]:
    """The options of a static element, those of its groups included."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def is_empty(state: Json) -> bool:
    """Whether a state holds nothing (a required input would be refused)."""
    value = state[FIELDS[state["type"]]]
    return value in (None, "", []) or (isinstance(value, str) and not value.strip())


def _accepted(element: Json, value: ActionValue, offered: list[Json]) -> Any:
    field = FIELDS[element["type"]]
    if value is None or value == "":
        return [] if field in LISTS else None
    if field in ("selected_option", "selected_options"):
        choices = options_of(element) or offered
        wanted = value if isinstance(value, list) else [value]
        found = [pick(choices, w) for w in wanted]
        _at_most(element, found)
        return found if field == "selected_options" else found[0]
    if field in LISTS:
        listed = value if isinstance(value, list) else [value]
        _at_most(element, listed)
        return listed
    if field == "selected_date_time":
        return int(value)  # type: ignore[arg-type]
    return _formed(field, value)


def _formed(field: str, value: Any) -> Any:
    forms = {"selected_date": r"\d{4}-\d\d-\d\d", "selected_time": r"\d\d:\d\d"}
    if field in forms and not re.fullmatch(forms[field], str(value)):
        raise NotPossible(f"{value!r} is not a {field.removeprefix('selected_')}")
    return value if field == "rich_text_value" else str(value)


def _at_most(element: Json, values: list[Any]) -> None:
    limit = element.get("max_selected_items") or element.get("max_files")
    if limit and len(values) > limit:
        raise NotPossible(f"at most {limit} can be chosen here")


def fits_filter(element: Json, channel: Channel | None) -> bool:
    """Whether a conversations select may offer this conversation (`filter.include`)."""
    kinds = (element.get("filter") or {}).get("include")
    return channel is not None and (not kinds or channel.kind.value in kinds)


def pick(options: list[Json], wanted: Any) -> Json:
    """The option with this value (or equal to this option). Raises NotPossible when it is not offered."""
    value = wanted.get("value") if isinstance(wanted, dict) else wanted
    for option in options:
        if option.get("value") == value:
            return option
    raise NotPossible(f"the option {value!r} is not among those offered: {[o.get('value') for o in options]}")
