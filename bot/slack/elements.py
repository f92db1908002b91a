"""The words templates are written in: interactive elements and what they are made of.

An `action_id` is a constant ``noun.verb``; data travels in `value`, which may be a text, a number or a small dict
(written as compact JSON). Where an element starts with a choice, `initial` is the value (or the values) of the option.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bot.slack.filters import compact_json, mrkdwn, plain
from bot.slack.limits import BUTTON_VALUE, OPTION_VALUE
from bot.slack.rendered import Block, Unfit
from bot.slack.text import length


def given(**parts: Any) -> Block:
    """The parts that are not None."""
    return {name: part for name, part in parts.items() if part is not None}


def plainly(text: object) -> Any:
    """A plain_text object for a sentence; None and ready text objects as they are."""
    return text if text is None or isinstance(text, Mapping) else plain(text)


def _data(value: object, limit: int) -> str | None:
    if value is None:
        return None
    text = compact_json(value, limit) if isinstance(value, Mapping | list | tuple) else str(value)
    if length(text) > limit:
        raise Unfit(f"{length(text)} characters of data, Slack takes {limit}.", "put ids only, and look up the rest.")
    return text


def button(
    text: object,
    action_id: str,
    value: object = None,
    style: str | None = None,
    label: str | None = None,
    confirm: object = None,
    url: str | None = None,
) -> Block:
    """A button. `style`: primary or danger. `label`: what a screen reader says, where the text alone is ambiguous."""
    return given(
        type="button",
        text=plainly(text),
        action_id=action_id,
        value=_data(value, BUTTON_VALUE),
        style=style,
        accessibility_label=label,
        confirm=confirm,
        url=url,
    )


def option(text: object, value: object, description: object = None, url: str | None = None) -> Block:
    """One choice of a menu, a select, checkboxes or radio buttons."""
    return given(text=plainly(text), value=_data(value, OPTION_VALUE), description=plainly(description), url=url)


def group(label: object, options: Sequence[object]) -> Block:
    """Options of a select under a heading."""
    return {"label": plainly(label), "options": _options(options)}


def confirm(title: object, text: object, yes: object, no: object, style: str | None = None) -> Block:
    """The "are you sure?" of a button; `text` is plain, `style` is primary or danger."""
    return given(title=plainly(title), text=plainly(text), confirm=plainly(yes), deny=plainly(no), style=style)


def overflow(action_id: str, options: Sequence[object], confirm: object = None) -> Block:
    """The "..." menu with one to five options; None options are left out."""
    return given(type="overflow", action_id=action_id, options=_options(options), confirm=confirm)


def _options(options: Iterable[object]) -> list[Any]:
    """Ready options, or ``(text, value)`` pairs; None is left out."""
    shown = [one for one in options if one is not None]
    return [one if isinstance(one, Mapping) else option(*_pair(one)) for one in shown]


def _pair(one: object) -> tuple[Any, ...]:
    if isinstance(one, tuple | list) and len(one) in (2, 3):
        return tuple(one)
    raise Unfit("an option is neither option(text, value) nor a pair of text and value.")


def _chosen(options: Sequence[Any], value: object) -> Any:
    """The option with this value; None when there is none."""
    if value is None:
        return None
    wanted = _data(value, OPTION_VALUE)
    flat = [one for each in options for one in each.get("options", [each])]
    return next((one for one in flat if one["value"] == wanted), None)


def _all_chosen(options: Sequence[Any], values: Iterable[object] | None) -> list[Any] | None:
    found = [_chosen(options, value) for value in values or ()]
    return [one for one in found if one is not None] or None


def _grouped(options: Sequence[Any]) -> dict[str, Any]:
    """`options` under the key that Slack wants: groups have a label."""
    grouped = bool(options) and isinstance(options[0], Mapping) and "label" in options[0]
    return {"option_groups": [*options]} if grouped else {"options": _options(options)}


def select(
    action_id: str,
    options: Sequence[Any],
    placeholder: object = None,
    initial: object = None,
    confirm: object = None,
    focus: bool = False,
) -> Block:
    """A menu of known options (or of groups)."""
    choices = _grouped(options)
    chosen = _chosen(next(iter(choices.values())), initial)
    return given(
        type="static_select",
        action_id=action_id,
        **choices,
        placeholder=plainly(placeholder),
        initial_option=chosen,
        confirm=confirm,
        focus_on_load=focus or None,
    )


def multi_select(
    action_id: str,
    options: Sequence[Any],
    placeholder: object = None,
    initial: Iterable[object] | None = None,
    most: int | None = None,
) -> Block:
    """A menu of known options from which several may be chosen, at most `most`."""
    choices = _grouped(options)
    chosen = _all_chosen(next(iter(choices.values())), initial)
    return given(
        type="multi_static_select",
        action_id=action_id,
        **choices,
        placeholder=plainly(placeholder),
        initial_options=chosen,
        max_selected_items=most,
    )


def search_select(
    action_id: str, placeholder: object = None, initial: object = None, least: int = 1, focus: bool = False
) -> Block:
    """An external select: options come from the bot as the person types `least` letters. `initial` is an option."""
    return given(
        type="external_select",
        action_id=action_id,
        placeholder=plainly(placeholder),
        initial_option=initial,
        min_query_length=least,
        focus_on_load=focus or None,
    )


def _ticks(kind: str) -> Callable[..., Block]:
    many = kind == "checkboxes"

    def element(action_id: str, options: Sequence[Any], initial: Any = None, confirm: object = None) -> Block:
        """One to ten options that are all visible. `initial`: a value, or for checkboxes a list of values."""
        choices = _options(options)
        return given(
            type=kind,
            action_id=action_id,
            options=choices,
            initial_options=_all_chosen(choices, initial) if many else None,
            initial_option=None if many else _chosen(choices, initial),
            confirm=confirm,
        )

    return element


def _picker(kind: str, initial_key: str) -> Callable[..., Block]:
    def element(
        action_id: str, initial: Any = None, placeholder: object = None, confirm: object = None, **more: object
    ) -> Block:
        """A picker of Slack's own; `initial` is an id (or ids), a date or a time; `more` goes into the element."""
        parts = {initial_key: _written(initial, kind), **more}
        return given(type=kind, action_id=action_id, placeholder=plainly(placeholder), confirm=confirm, **parts)

    return element


def _written(initial: Any, kind: str) -> Any:
    if kind == "datetimepicker" and isinstance(initial, datetime):
        return int(initial.timestamp())
    if isinstance(initial, time):
        return initial.strftime("%H:%M")
    if isinstance(initial, date) and not isinstance(initial, datetime):
        return initial.isoformat()
    return (list(initial) or None) if isinstance(initial, tuple | list | set | frozenset) else initial


def _typed_into(kind: str) -> Callable[..., Block]:
    def element(action_id: str, initial: object = None, placeholder: object = None, **more: object) -> Block:
        """A field to type into; `initial` as typed; `more`: multiline, max_length, min_length, focus_on_load, ..."""
        written = None if initial is None or initial == "" else str(initial)
        return given(type=kind, action_id=action_id, initial_value=written, placeholder=plainly(placeholder), **more)

    return element


def number_input(
    action_id: str, initial: object = None, placeholder: object = None, decimals: bool = False, **more: object
) -> Block:
    """A field for a number, whole unless `decimals`; `more`: min_value and max_value, as texts."""
    return _typed_into("number_input")(
        action_id, initial, placeholder, is_decimal_allowed=decimals, **{key: str(value) for key, value in more.items()}
    )


def image(url: str, alt: str) -> Block:
    """A small image beside a section or in a context."""
    return {"type": "image", "image_url": url, "alt_text": alt}


def file_input(action_id: str, filetypes: Sequence[str] | None = None, most: int = 1) -> Block:
    """A field for files (modals only); `filetypes` such as ``["csv"]``."""
    return given(type="file_input", action_id=action_id, filetypes=filetypes, max_files=most)


ELEMENTS: Mapping[str, Callable[..., Any]] = {
    "button": button,
    "option": option,
    "group": group,
    "confirm": confirm,
    "overflow": overflow,
    "select": select,
    "multi_select": multi_select,
    "search_select": search_select,
    "checkboxes": _ticks("checkboxes"),
    "radio": _ticks("radio_buttons"),
    "date_picker": _picker("datepicker", "initial_date"),
    "time_picker": _picker("timepicker", "initial_time"),
    "moment_picker": _picker("datetimepicker", "initial_date_time"),
    "person_select": _picker("users_select", "initial_user"),
    "people_select": _picker("multi_users_select", "initial_users"),
    "channel_select": _picker("channels_select", "initial_channel"),
    "conversation_select": _picker("conversations_select", "initial_conversation"),
    "text_input": _typed_into("plain_text_input"),
    "email_input": _typed_into("email_text_input"),
    "url_input": _typed_into("url_text_input"),
    "number_input": number_input,
    "file_input": file_input,
    "image": image,
    "plain": plain,
    "mrkdwn": mrkdwn,
}
