"""The words templates are written in: blocks. Each is a function that returns the JSON object Slack expects.

Layout and wording stay in the templates; this module only spares them Block Kit's brackets. A part that is None is
left out. Texts are given as sentences: where Slack takes mrkdwn they may hold markup (so typed text passes ``|esc``),
where it takes plain_text (labels, titles, buttons) they are given as typed. Source: Slack's Block Kit reference.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.slack.elements import ELEMENTS, given, plainly
from bot.slack.filters import mrkdwn, plain
from bot.slack.rendered import Block, Unfit


def _mrkdwn(text: object) -> Any:
    return text if text is None or isinstance(text, Mapping) else mrkdwn(text)


def section(
    text: object = None, accessory: object = None, block_id: object = None, fields: Sequence[object] | None = None
) -> Block:
    """A paragraph of mrkdwn `text`, or two columns of `fields`, with one element beside it."""
    columns = [_mrkdwn(field) for field in fields] if fields else None
    return given(type="section", text=_mrkdwn(text), fields=columns, accessory=accessory, block_id=_id(block_id))


def header(text: object, block_id: object = None) -> Block:
    """A large line of plain text."""
    return given(type="header", text=plainly(text), block_id=_id(block_id))


def context(*texts: object, block_id: object = None) -> Block:
    """A small grey line of mrkdwn texts (or image elements)."""
    return given(type="context", elements=[_mrkdwn(text) for text in texts], block_id=_id(block_id))


def divider(block_id: object = None) -> Block:
    """A line across."""
    return given(type="divider", block_id=_id(block_id))


def actions(*elements: object, block_id: object = None) -> Block:
    """A row of buttons and menus; None is left out, so ``actions(a, b if x else none)`` works."""
    return given(type="actions", elements=[one for one in elements if one is not None], block_id=_id(block_id))


def picture(url: str, alt: str, title: object = None, block_id: object = None) -> Block:
    """An image block; `alt` is what a screen reader says."""
    return given(type="image", image_url=url, alt_text=alt, title=plainly(title), block_id=_id(block_id))


def field(
    label: object,
    element: object,
    block_id: object,
    hint: object = None,
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """An input block. `block_id` is where its error shows; `dispatch` sends block_actions at each change."""
    return given(
        type="input",
        label=plainly(label),
        element=element,
        block_id=_id(block_id),
        hint=plainly(hint),
        optional=optional or None,
        dispatch_action=dispatch or None,
    )


_STYLES = {"plain": "rich_text_section", "quote": "rich_text_quote", "pre": "rich_text_preformatted"}


def typed(text: object, style: str = "quote", block_id: object = None) -> Block:
    """What a person typed, exactly as typed (rich text: nothing formats, mentions or links). Never escape it first."""
    if style not in _STYLES:
        raise Unfit(f"typed() has no style {style!r}.", f"use one of {', '.join(_STYLES)}.")
    words = plain(text)["text"]
    inner = {"type": _STYLES[style], "elements": [{"type": "text", "text": words}]}
    return given(type="rich_text", elements=[inner], block_id=_id(block_id))


def fold(text: object) -> Block:
    """Not a block: marks where rows above may be cut when there are too many, and what people read instead of them."""
    return {"fold": plain(text)["text"]}


def _id(value: object) -> str | None:
    return None if value is None else str(value)


VOCABULARY: Mapping[str, Callable[..., Any]] = {
    "section": section,
    "header": header,
    "context": context,
    "divider": divider,
    "actions": actions,
    "picture": picture,
    "field": field,
    "input": field,
    "typed": typed,
    "fold": fold,
    **ELEMENTS,
}
