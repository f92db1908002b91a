"""Elements of Block Kit that one chooses from, to HTML.

One choice is a native select, several are a list to tick, and options that the app gives as one types are a combobox.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Sequence

from markupsafe import Markup

from sandbox.page.elements import Renderer, naming, wrapper
from sandbox.page.html import stable_id, tag
from sandbox.page.surface import Choice, Json, Place


def static_select(element: Json, place: Place) -> Markup:
    """One of the app's options, in a native select."""
    groups = element.get("option_groups")
    chosen = _value(element.get("initial_option"))
    if groups:
        choices = [
            tag(
                "optgroup",
                *_options(group.get("options", ()), chosen, place),
                label=place.surface.words(group.get("label")),
            )
            for group in groups
        ]
    else:
        choices = _options(element.get("options", ()), chosen, place)
    return wrapper(element, place, _native(element, place, choices))


def _options(options: Sequence[Json], chosen: str | None, place: Place) -> list[Markup]:
    shown = []
    for option in options:
        value = _value(option)
        words = place.surface.words(option.get("text"))
        if option.get("description"):
            words += f" – {place.surface.words(option['description'])}"
        shown.append(tag("option", words, value=value, selected=value == chosen))
    return shown


def _native(element: Json, place: Place, choices: Sequence[Markup]) -> Markup:
    placeholder = place.surface.words(element.get("placeholder")) or "Choose…"
    empty = tag("option", placeholder, value="")
    return tag("select", empty, *choices, id=place.id_of(element), **naming(element, place))


Offer = Callable[[Json, Place], Sequence[Choice]]


def _entity_select(kind: str, offer: Offer) -> Renderer:
    def render(element: Json, place: Place) -> Markup:
        chosen = element.get(f"initial_{kind}")
        if element.get("default_to_current_conversation") and not chosen:
            chosen = place.surface.here
        choices = [tag("option", one.label, value=one.id, selected=one.id == chosen) for one in offer(element, place)]
        return wrapper(element, place, _native(element, place, choices))

    return render


def _multi_entity_select(kind: str, offer: Offer) -> Renderer:
    def render(element: Json, place: Place) -> Markup:
        chosen = {str(one) for one in element.get(f"initial_{kind}s", ())}
        options = [{"value": one.id, "text": {"text": one.label}} for one in offer(element, place)]
        return wrapper(
            element, place, _group(element, place, _ticks("checkbox", element, place, options, chosen), "multi")
        )

    return render


def multi_static_select(element: Json, place: Place) -> Markup:
    """Several of the app's options, as a list to tick."""
    groups = element.get("option_groups") or [{"options": element.get("options", ())}]
    chosen = {_value(option) for option in element.get("initial_options", ())}
    rows: list[Markup] = []
    for group in groups:
        if group.get("label"):
            rows.append(tag("span", place.surface.text(group["label"]), class_="hint"))
        rows += _ticks("checkbox", element, place, group.get("options", ()), chosen)
    return wrapper(element, place, _group(element, place, rows, "multi"))


def checkboxes(element: Json, place: Place) -> Markup:
    """Options to tick."""
    chosen = {_value(option) for option in element.get("initial_options", ())}
    rows = _ticks("checkbox", element, place, element.get("options", ()), chosen)
    return wrapper(element, place, _group(element, place, rows))


def radio_buttons(element: Json, place: Place) -> Markup:
    """Options of which one holds."""
    rows = _ticks("radio", element, place, element.get("options", ()), {_value(element.get("initial_option"))})
    return wrapper(element, place, _group(element, place, rows, role="radiogroup"))


def _ticks(
    kind: str, element: Json, place: Place, options: Sequence[Json], chosen: Container[str | None]
) -> list[Markup]:
    return [_tick(kind, place.id_of(element), place, option, _value(option) in chosen) for option in options]


def _tick(kind: str, group_id: str, place: Place, option: Json, checked: bool) -> Markup:
    value = _value(option) or ""
    key = stable_id(group_id, value)
    description = place.surface.text(option.get("description"))
    described = f"{key}d" if description else None
    box = tag("input", type=kind, id=key, name=group_id, value=value, checked=checked, aria_describedby=described)
    words = [tag("label", place.surface.text(option.get("text")), for_=key)]
    if description:
        words.append(tag("span", description, class_="hint", id=described))
    return tag("span", box, tag("span", *words), class_="tick")


def _group(element: Json, place: Place, rows: Sequence[Markup], class_: str = "", role: str = "group") -> Markup:
    named = naming(element, place)
    if role == "group":  # a group of tick boxes can be neither required nor invalid in ARIA; its error text says it
        named = {key: value for key, value in named.items() if key not in ("aria_required", "aria_invalid")}
    return tag("span", *rows, id=place.id_of(element), role=role, class_=f"ticks {class_}".strip(), **named)


def external_select(element: Json, place: Place) -> Markup:
    """A combobox whose options the app gives while one types; several may be kept when it is a multi select."""
    key = place.id_of(element)
    multi = str(element.get("type", "")).startswith("multi_")
    initial = element.get("initial_options", ()) if multi else [one for one in [element.get("initial_option")] if one]
    box = tag(
        "input",
        type="text",
        id=key,
        role="combobox",
        autocomplete="off",
        spellcheck="false",
        aria_autocomplete="list",
        aria_expanded="false",
        aria_controls=f"{key}list",
        placeholder=place.surface.words(element.get("placeholder")) or "Type to search…",
        value="" if multi or not initial else place.surface.words(initial[0].get("text")),
        data_option=None if multi or not initial else json.dumps(initial[0]),
        data_min_query=int(element.get("min_query_length", 3)),
        data_keep="aria-expanded aria-activedescendant data-option",
        **naming(element, place),
    )
    options = tag(
        "span", id=f"{key}list", role="listbox", popover="manual", class_="menu", aria_label="Options", data_own=True
    )
    kept = tag("span", *(_kept(option, place) for option in initial), class_="kept", data_own=True) if multi else ""
    return wrapper(element, place, kept, box, options, class_="combo")


def _kept(option: Json, place: Place) -> Markup:
    words = place.surface.words(option.get("text"))
    return tag(
        "button", words, type="button", class_="token", data_option=json.dumps(option), aria_label=f"Remove {words}"
    )


def _value(option: Json | None) -> str | None:
    return None if option is None else str(option.get("value", ""))


def _people(element: Json, place: Place) -> Sequence[Choice]:
    return place.surface.people


def _channels(element: Json, place: Place) -> Sequence[Choice]:
    return place.surface.channels


def _conversations(element: Json, place: Place) -> Sequence[Choice]:
    wanted = (element.get("filter") or {}).get("include")
    return [one for one in place.surface.conversations if not wanted or one.kind in wanted]


SELECTS: dict[str, Renderer] = {
    "static_select": static_select,
    "multi_static_select": multi_static_select,
    "external_select": external_select,
    "multi_external_select": external_select,
    "users_select": _entity_select("user", _people),
    "multi_users_select": _multi_entity_select("user", _people),
    "channels_select": _entity_select("channel", _channels),
    "multi_channels_select": _multi_entity_select("channel", _channels),
    "conversations_select": _entity_select("conversation", _conversations),
    "multi_conversations_select": _multi_entity_select("conversation", _conversations),
    "checkboxes": checkboxes,
    "radio_buttons": radio_buttons,
}
