"""Elements of Block Kit that one presses, to HTML; selects.py has those to choose from, fields.py those to type into.

Each element stands in a wrapper that carries its block_id, action_id and type; the page's script reads those, never
the looks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from sandbox.page.html import join, safe_link, safe_picture, tag
from sandbox.page.surface import Json, Place

Renderer = Callable[[Json, Place], Markup]


def wrapper(element: Json, place: Place, *content: str | Markup, class_: str = "") -> Markup:
    """The box around an element, with all that the script needs to send its action."""
    confirm = element.get("confirm")
    return tag(
        "span",
        *content,
        class_=f"element {class_}".strip(),
        id="w" + place.id_of(element),
        data_block_id=place.block_id,
        data_action_id=str(element.get("action_id", "")),
        data_type=str(element.get("type", "")),
        data_speaks=place.dispatches,
        data_confirm=confirmation(confirm, place) if confirm else None,
    )


def confirmation(confirm: Json, place: Place) -> str:
    """A confirm object as JSON for the script; its text is already HTML."""
    surface = place.surface
    return json.dumps(
        {
            "title": surface.words(confirm.get("title")),
            "html": surface.text(confirm.get("text")),
            "confirm": surface.words(confirm.get("confirm")) or "Yes",
            "deny": surface.words(confirm.get("deny")) or "No",
            "danger": confirm.get("style") == "danger",
        }
    )


def button(element: Json, place: Place) -> Markup:
    """A button; with a url it is a link that also tells the app."""
    text = place.surface.text(element.get("text"))
    style = {"primary": " primary", "danger": " danger"}.get(str(element.get("style")), "")
    common: dict[str, Any] = {
        "id": place.id_of(element),
        "class_": "button" + style,
        "aria_label": _spoken(element, place),
        "aria_describedby": place.context_id,
    }
    url = safe_link(str(element.get("url", "")))
    if url:
        content = tag(
            "a", text, href=url, target="_blank", rel="noopener noreferrer nofollow", data_press=True, **common
        )
    else:
        content = tag("button", text, type="button", data_press=True, **common)
    return wrapper(element, place, content)


def _spoken(element: Json, place: Place) -> str | None:
    """The accessibility label, led by the visible words when it does not hold them (so that voice control finds it)."""
    label = str(element.get("accessibility_label", ""))
    words = place.surface.words(element.get("text"))
    if not label:
        return None
    return label if words.lower() in label.lower() else f"{words}: {label}"


def overflow(element: Json, place: Place) -> Markup:
    """A button with three dots that opens a menu."""
    key = place.id_of(element)
    items = [_menu_item(option, place) for option in element.get("options", ())]
    opener = tag(
        "button",
        Markup('<span aria-hidden="true">⋯</span>'),
        tag("span", "More actions", class_="unseen"),
        type="button",
        id=key,
        class_="button dots",
        popovertarget=f"{key}menu",
        aria_haspopup="menu",
        aria_expanded="false",
        aria_describedby=place.context_id,
        data_keep="aria-expanded",
    )
    menu = tag("span", *items, id=f"{key}menu", class_="menu", role="menu", popover="auto", aria_labelledby=key)
    return wrapper(element, place, opener, menu)


def _menu_item(option: Json, place: Place) -> Markup:
    label = [place.surface.text(option.get("text"))]
    if option.get("description"):
        label.append(tag("span", place.surface.text(option["description"]), class_="hint"))
    url = safe_link(str(option.get("url", "")))
    common: dict[str, Any] = {
        "role": "menuitem",
        "tabindex": "-1",
        "data_option": str(option.get("value", "")),
        "data_press": True,
    }
    if url:
        return tag("a", *label, href=url, target="_blank", rel="noopener noreferrer nofollow", **common)
    return tag("button", *label, type="button", **common)


def image(element: Json, place: Place) -> Markup:
    """A small picture beside a text."""
    return picture(element, place.surface.file_url(element), "thumb")


def picture(element: Json, file_url: str | None, class_: str) -> Markup:
    """An image, or its words where the address is not one to load from."""
    url = safe_picture(file_url or str(element.get("image_url", "")))
    alt = str(element.get("alt_text", ""))
    if url is None:
        return tag("span", f"[{alt}]", class_="hint")
    return tag("img", src=url, alt=alt, class_=class_, referrerpolicy="no-referrer", loading="lazy")


def workflow_button(element: Json, place: Place) -> Markup:
    """Shown, and honest about not working here."""
    return tag(
        "span", place.surface.text(element.get("text")), " ", tag("span", "(starts a workflow in Slack)", class_="hint")
    )


def feedback_buttons(element: Json, place: Place) -> Markup:
    """The two buttons of a feedback element."""
    made = [element.get("positive_button"), element.get("negative_button")]
    shown = [
        tag("button", place.surface.text(one.get("text")), type="button", class_="button", data_press=True,
            data_option=str(one.get("value", "")), aria_label=one.get("accessibility_label"))
        for one in made if one
    ]  # fmt: skip
    return wrapper(element, place, join(shown))


def icon_button(element: Json, place: Place) -> Markup:
    """A button that Slack shows as an icon; here by its words."""
    return button(element, place)


def unknown(element: Json, place: Place) -> Markup:
    """An element that this page cannot draw says so instead of vanishing."""
    return tag("span", f"[{element.get('type', 'element')} cannot be shown here]", class_="hint")


def naming(element: Json, place: Place) -> dict[str, Any]:
    """The attributes that name a control: by its label, else by its placeholder and the section it stands in."""
    placeholder = place.surface.words(element.get("placeholder"))
    by = place.label_id or (place.context_id if not placeholder else None)
    return {
        "aria_labelledby": by,
        "aria_label": None if by else placeholder or "Choose",
        "aria_describedby": place.described_by or (place.context_id if not place.label_id else None),
        "aria_required": "true" if place.required else None,
        "aria_invalid": "true" if place.invalid else None,
        "data_autofocus": bool(element.get("focus_on_load")),
    }


ELEMENTS: dict[str, Renderer] = {
    "button": button,
    "overflow": overflow,
    "image": image,
    "workflow_button": workflow_button,
    "feedback_buttons": feedback_buttons,
    "icon_button": icon_button,
}
