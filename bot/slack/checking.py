"""Is this message or view one that Slack takes? Every problem, with a JSON pointer to its place.

Stricter than Slack in one point: nothing may ring a whole room. Slack's own answer to bad blocks names only the first.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.slack.fitting import total
from bot.slack.limits import (
    BLOCKS,
    BLOCKS_ON,
    CONFIRM,
    CONTEXT_TEXT,
    ELEMENTS,
    FALLBACK_MOST,
    FIELD,
    GROUP,
    MESSAGE_TOTAL,
    MRKDWN_IN,
    OPTION,
    VIEW,
    Shape,
    Surface,
)
from bot.slack.text import length, unringing

Problems = Iterator[str]

_PARTS = {"options": OPTION, "initial_option": OPTION, "initial_options": OPTION, "option_groups": GROUP}
_MODAL_ONLY = ("response_url_enabled",)


def problems(shown: Mapping[str, Any], surface: Surface) -> list[str]:
    """Everything that Slack would refuse (or show wrongly) in a message or view; empty when all is well."""
    outside = _message(shown) if surface is Surface.MESSAGE else _view(shown, surface)
    blocks = shown.get("blocks")
    if not isinstance(blocks, list):
        return [*outside, "/blocks: not a list"]
    return [*outside, *_blocks(blocks, surface)]


def _message(message: Mapping[str, Any]) -> Problems:
    text = message.get("text")
    if not isinstance(text, str) or not text.strip():
        yield "/text: missing; notifications and screen readers need it"
    elif length(text) > FALLBACK_MOST:
        yield f"/text: {length(text)} characters, at most {FALLBACK_MOST}"
    elif unringing(text) != text:
        yield "/text: rings everyone"


def _view(view: Mapping[str, Any], surface: Surface) -> Problems:
    if view.get("type") != surface.value:
        yield f"/type: {view.get('type')!r} where {surface.value!r} is needed"
    yield from _parts(view, VIEW, "", "view")
    inputs = [
        block for block in view.get("blocks") or [] if isinstance(block, Mapping) and block.get("type") == "input"
    ]
    if surface is Surface.MODAL:
        if "title" not in view:
            yield "/title: missing"
        if inputs and "submit" not in view:
            yield "/submit: missing, though there is something to fill in"
    else:
        yield from (f"/{name}: App Home takes none" for name in ("title", "submit", "close") if name in view)


def _blocks(blocks: Sequence[Any], surface: Surface) -> Problems:
    most = BLOCKS_ON[surface]
    if len(blocks) > most:
        yield f"/blocks: {len(blocks)} blocks, at most {most}"
    if surface is Surface.MESSAGE and total(blocks) > MESSAGE_TOTAL:
        yield f"/blocks: {total(blocks)} characters in all, at most about {MESSAGE_TOTAL}"
    for index, block in enumerate(blocks):
        yield from _block(block, surface, f"/blocks/{index}")
    ids = Counter(block["block_id"] for block in blocks if isinstance(block, Mapping) and "block_id" in block)
    yield from (f"/blocks: {number} blocks have the block_id {name!r}" for name, number in ids.items() if number > 1)
    focused = sum(1 for element in _all_elements(blocks) if element.get("focus_on_load"))
    if focused > 1:
        yield f"/blocks: {focused} elements want the focus, at most 1"


def _block(block: Any, surface: Surface, path: str) -> Problems:
    kind = block.get("type") if isinstance(block, Mapping) else None
    shape = BLOCKS.get(str(kind))
    if shape is None:
        yield f"{path}/type: no block is called {kind!r}"
        return
    if surface not in shape.surfaces:
        yield f"{path}/type: {kind} does not stand in a {surface.value}"
    if kind == "section" and not (block.get("text") or block.get("fields")):
        yield f"{path}: a section needs text or fields"
    yield from _parts(block, shape, path, str(kind))
    yield from _image(block, path)
    if kind == "section":
        for index, column in enumerate(block.get("fields") or []):
            yield from _text(column, FIELD, f"{path}/fields/{index}", "section")
    for where, element in _elements(block):
        yield from _element(element, str(kind), surface, f"{path}/{where}")
    ids = Counter(
        one.get("action_id") for _, one in _elements(block) if isinstance(one, Mapping) and "action_id" in one
    )
    yield from (f"{path}: {number} elements have the action_id {name!r}" for name, number in ids.items() if number > 1)


def _elements(block: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The interactive elements (and, in a context, the texts) of a block with their path."""
    found = [(name, block[name]) for name in ("accessory", "element") if name in block]
    if block.get("type") in ("actions", "context") and isinstance(block.get("elements"), list):
        found += [(f"elements/{index}", one) for index, one in enumerate(block["elements"])]
    return found


def _all_elements(blocks: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for block in blocks:
        for _, element in _elements(block) if isinstance(block, Mapping) else ():
            if isinstance(element, Mapping):
                yield element


def _element(element: Any, container: str, surface: Surface, path: str) -> Problems:
    kind = element.get("type") if isinstance(element, Mapping) else None
    if container == "context" and kind in ("plain_text", "mrkdwn"):
        yield from _text(element, CONTEXT_TEXT, path, container)
        return
    shape = ELEMENTS.get(str(kind))
    if shape is None:
        yield f"{path}/type: no element is called {kind!r}"
        return
    if container not in shape.within:
        yield f"{path}/type: {kind} does not stand in {container}"
    if surface not in shape.surfaces:
        yield f"{path}/type: {kind} does not stand in a {surface.value}"
    if surface is not Surface.MODAL:
        yield from (f"{path}/{name}: modals only" for name in _MODAL_ONLY if name in element)
    if element.get("style") not in (None, "primary", "danger"):
        yield f"{path}/style: {element['style']!r} is neither primary nor danger"
    yield from _parts(element, shape, path, str(kind))
    yield from _image(element, path)
    yield from _choices(element, shape, path)


def _parts(value: Mapping[str, Any], shape: Shape, path: str, kind: str) -> Problems:
    """Missing, unknown, too long and too many: what the shape of an object says."""
    yield from (f"{path}/{name}: missing" for name in sorted(shape.needs) if name not in value)
    unknown = sorted(set(value) - shape.names - {"type", "blocks"})
    yield from (f"{path}/{name}: Slack knows no such part of {kind}" for name in unknown)
    for name, most in shape.texts.items():
        if name in value:
            yield from _text(value[name], most, f"{path}/{name}", kind)
    for name, most in shape.fixed.items():
        part = value.get(name)
        if part is not None and not isinstance(part, str):
            yield f"{path}/{name}: not a text"
        elif part is not None and length(part) > most:
            yield f"{path}/{name}: {length(part)} characters, at most {most}"
    for name, (least, most) in shape.lists.items():
        part = value.get(name)
        if part is not None and not (isinstance(part, list) and least <= len(part) <= most):
            yield f"{path}/{name}: {len(part) if isinstance(part, list) else 'no'} items, {least} to {most} are allowed"
    if isinstance(value.get("confirm"), Mapping) and shape is not CONFIRM:
        yield from _parts(value["confirm"], CONFIRM, f"{path}/confirm", "confirm")
    for name, inner in _PARTS.items():
        if name in value and name in shape.names:
            yield from _inner(value[name], inner, f"{path}/{name}", kind)


def _inner(value: Any, shape: Shape, path: str, kind: str) -> Problems:
    """Options and groups; texts of options follow the rules of their element."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from _inner(one, shape, f"{path}/{index}", kind)
    elif isinstance(value, Mapping):
        yield from _parts(value, shape, path, kind)
    else:
        yield f"{path}: not an object"


_BARE_TEXTS = ("alt_text", "accessibility_label", "markdown.text")


def _text(value: Any, most: int, path: str, kind: str) -> Problems:
    name = path.rsplit("/", 1)[-1]
    if name in _BARE_TEXTS or f"{kind}.{name}" in _BARE_TEXTS:
        words, formats = value, False
    else:
        words = value.get("text") if isinstance(value, Mapping) else None
        formats = isinstance(value, Mapping) and value.get("type") == "mrkdwn"
        if not isinstance(value, Mapping) or value.get("type") not in ("plain_text", "mrkdwn"):
            yield f"{path}: not a text object"
            return
        if formats and not {kind, f"{kind}.{name}"} & MRKDWN_IN:
            yield f"{path}: mrkdwn where Slack wants plain_text"
    if not isinstance(words, str) or not words.strip():
        yield f"{path}: empty"
    elif length(words) > most:
        yield f"{path}: {length(words)} characters, at most {most}"
    elif formats and unringing(words) != words:
        yield f"{path}: rings everyone"


def _image(value: Mapping[str, Any], path: str) -> Problems:
    if value.get("type") == "image" and not (value.get("image_url") or value.get("slack_file")):
        yield f"{path}: an image needs image_url or slack_file"


def _choices(element: Mapping[str, Any], shape: Shape, path: str) -> Problems:
    """Options: one way to give them, no two with the same value, and a first choice that is among them."""
    if "options" not in shape.lists:
        return
    if ("options" in element) == ("option_groups" in element):
        yield f"{path}: needs options" + (" or option_groups, one of them" if "option_groups" in shape.lists else "")
        return
    groups = element.get("option_groups") or [element]
    options = [one for group in groups if isinstance(group, Mapping) for one in group.get("options") or []]
    values = Counter(one.get("value") for one in options if isinstance(one, Mapping))
    yield from (f"{path}: {number} options have the value {name!r}" for name, number in values.items() if number > 1)
    if "initial_option" in element and element["initial_option"] not in options:
        yield f"{path}/initial_option: not one of the options"
    if any(one not in options for one in element.get("initial_options") or []):
        yield f"{path}/initial_options: not all of them are options"
