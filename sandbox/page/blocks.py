"""Block Kit to HTML (source: Slack, Block Kit reference). Its elements: elements.py, selects.py, fields.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup

from sandbox.page import markdown, rich_text
from sandbox.page.elements import ELEMENTS, picture, unknown
from sandbox.page.fields import FIELDS
from sandbox.page.html import anchor, join, stable_id, tag
from sandbox.page.selects import SELECTS
from sandbox.page.surface import Json, Place, Surface

_ALL = ELEMENTS | SELECTS | FIELDS
_GROUPS = {"checkboxes", "radio_buttons", "multi_static_select", "multi_users_select", "multi_channels_select",
           "multi_conversations_select"}  # fmt: skip
_CHOSEN = "selected_"


def render_blocks(blocks: Iterable[Json], surface: Surface) -> Markup:
    """The HTML of a message's, modal's or home's blocks, in order."""
    return join(_block(block, surface) for block in blocks)


def _block(block: Json, surface: Surface) -> Markup:
    draw = BLOCKS.get(str(block.get("type", "")), _unknown_block)
    return tag(
        "div",
        draw(block, surface),
        class_=f"block {block.get('type', '')}",
        id=_id(block, surface, "block"),
        data_block=str(block.get("block_id", "")),
    )


def _id(block: Json, surface: Surface, part: str) -> str:
    return stable_id(surface.container, str(block.get("block_id", "")), part)


def render_element(element: Json, place: Place) -> Markup:
    """One element, showing what the person chose before where they did."""
    draw = _ALL.get(str(element.get("type", "")), unknown)
    return draw(_with_choice(element, place), place)


def _with_choice(element: Json, place: Place) -> Json:
    chosen = place.surface.choices.get(place.block_id, {}).get(str(element.get("action_id", "")))
    if not chosen or chosen.get("type", element.get("type")) != element.get("type"):
        return element
    shown: dict[str, Any] = dict(element)
    for key, value in chosen.items():
        if key.startswith(_CHOSEN):
            shown["initial_" + key.removeprefix(_CHOSEN)] = value
        elif key in ("value", "rich_text_value"):
            shown["initial_value"] = value
    return shown


def _section(block: Json, surface: Surface) -> Markup:
    text_id = _id(block, surface, "text")
    body = [tag("div", surface.text(block.get("text")), class_="text")] if block.get("text") else []
    if block.get("fields"):
        body.append(
            tag("div", *(tag("div", surface.text(field), class_="text") for field in block["fields"]), class_="fields")
        )
    accessory = block.get("accessory")
    shown = tag("div", *body, class_="words", id=text_id)
    if not accessory:
        return shown
    place = Place(surface, str(block.get("block_id", "")), context_id=text_id)
    return tag("div", shown, tag("div", render_element(accessory, place), class_="accessory"), class_="row")


def _header(block: Json, surface: Surface) -> Markup:
    return tag("p", surface.text(block.get("text")), role="heading", aria_level=4)


def _context(block: Json, surface: Surface) -> Markup:
    shown = []
    for element in block.get("elements", ()):
        if element.get("type") == "image":
            shown.append(picture(element, surface.file_url(element), "tiny"))
        else:
            shown.append(tag("span", surface.text(element)))
    return join(shown)


def _divider(block: Json, surface: Surface) -> Markup:
    return tag("hr")


def _image(block: Json, surface: Surface) -> Markup:
    shown = picture(block, surface.file_url(block), "large")
    title = surface.text(block.get("title"))
    return tag("figure", tag("figcaption", title) if title else "", shown)


def _actions(block: Json, surface: Surface) -> Markup:
    place = Place(surface, str(block.get("block_id", "")))
    return join(render_element(element, place) for element in block.get("elements", ()))


def _input(block: Json, surface: Surface) -> Markup:
    element: Json = block.get("element") or {}
    block_id = str(block.get("block_id", ""))
    error, hint = surface.errors.get(block_id), surface.text(block.get("hint"))
    label_id, hint_id, error_id = (_id(block, surface, part) for part in ("label", "hint", "error"))
    described = " ".join(one for one, there in ((error_id, error), (hint_id, hint)) if there)
    place = Place(
        surface, block_id,
        label_id=label_id, described_by=described or None, dispatches=bool(block.get("dispatch_action")),
        required=not block.get("optional"), invalid=bool(error),
    )  # fmt: skip
    return join(
        [
            _label(block, surface, place.id_of(element), label_id, element),
            render_element(element, place),
            tag("p", error, class_="error", id=error_id) if error else "",
            tag("p", hint, class_="hint", id=hint_id) if hint else "",
        ]
    )


def _label(block: Json, surface: Surface, control_id: str, label_id: str, element: Json) -> Markup:
    words = [tag("span", surface.text(block.get("label")), id=label_id)]
    if block.get("optional"):
        words.append(tag("span", " (optional)", class_="hint"))
    if element.get("type") in _GROUPS:
        return tag("span", *words, class_="label")
    return tag("label", *words, class_="label", for_=control_id)


def _rich_text(block: Json, surface: Surface) -> Markup:
    return rich_text.render(block, surface.reader)


def _markdown(block: Json, surface: Surface) -> Markup:
    return markdown.render(str(block.get("text", "")))


def _table(block: Json, surface: Surface) -> Markup:
    rows = block.get("rows") or []
    settings = block.get("column_settings") or []

    def cell(name: str, at: int, content: Json) -> Markup:
        align = (settings[at] or {}).get("align", "left") if at < len(settings) else "left"
        return tag(name, _cell(content, surface), class_=f"{align}", scope="col" if name == "th" else None)

    head = tag("thead", tag("tr", *(cell("th", at, one) for at, one in enumerate(rows[0])))) if rows else ""
    body = tag("tbody", *(tag("tr", *(cell("td", at, one) for at, one in enumerate(row))) for row in rows[1:]))
    caption = tag("caption", surface.text(block.get("caption"))) if isinstance(block.get("caption"), Mapping) else ""
    # A region that can be focused, so that a wide table scrolls by keyboard.
    return tag(
        "div", tag("table", caption, head, body), class_="scroll", tabindex="0", role="region", aria_label="Table"
    )


def _cell(content: Json, surface: Surface) -> Markup:
    if content.get("type") == "rich_text":
        return rich_text.render(content, surface.reader)
    return Markup.escape(str(content.get("text", content.get("value", ""))))


def _alert(block: Json, surface: Surface) -> Markup:
    level = str(block.get("level", "default"))
    return tag("p", surface.text(block.get("text")), class_=f"alert {level}", role="note")


def _video(block: Json, surface: Surface) -> Markup:
    return anchor(str(block.get("title_url") or block.get("video_url", "")), surface.text(block.get("title")))


def _card(block: Json, surface: Surface) -> Markup:
    place = Place(surface, str(block.get("block_id", "")))
    parts = [
        tag("div", surface.text(block[part]), class_=part) for part in ("title", "subtitle", "body") if block.get(part)
    ]
    actions = [render_element(element, place) for element in block.get("actions", ())]
    return join([*parts, tag("div", *actions, class_="actions") if actions else ""])


def _container(block: Json, surface: Surface) -> Markup:
    inside = [_block(child, surface) for child in block.get("child_blocks", ())]
    titles = [tag("div", surface.text(block[part]), class_=part) for part in ("title", "subtitle") if block.get(part)]
    return join([*titles, *inside])


def _carousel(block: Json, surface: Surface) -> Markup:
    return join(_block(card, surface) for card in block.get("elements", ()))


def _unknown_block(block: Json, surface: Surface) -> Markup:
    return tag("p", f"[{block.get('type', 'block')} block: this page cannot show it]", class_="hint")


BLOCKS: dict[str, Callable[[Json, Surface], Markup]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "actions": _actions,
    "context_actions": _actions,
    "input": _input,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": _table,
    "data_table": _table,
    "alert": _alert,
    "video": _video,
    "card": _card,
    "container": _container,
    "carousel": _carousel,
}
