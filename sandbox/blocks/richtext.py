"""rich_text: sections, lists, quotes, preformatted text and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.blocks.report import ID, TYPE, URL, Check, array, boolean, integer, one_of, record, string, tagged

_STYLE = {
    "style": record(
        {},
        dict.fromkeys(
            ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean
        ),
    )
}

INLINE: Mapping[str, Check] = {
    "text": record({**TYPE, "text": string()}, _STYLE),
    "link": record({**TYPE, "url": URL}, {"text": string(None, 0), "unsafe": boolean, **_STYLE}),
    "emoji": record({**TYPE, "name": string()}, {"unicode": string(), "skin_tone": integer(1, 6), **_STYLE}),
    "user": record({**TYPE, "user_id": string()}, _STYLE),
    "usergroup": record({**TYPE, "usergroup_id": string()}, _STYLE),
    "channel": record({**TYPE, "channel_id": string()}, _STYLE),
    "team": record({**TYPE, "team_id": string()}, _STYLE),
    "broadcast": record({**TYPE, "range": one_of("here", "channel", "everyone")}, _STYLE),
    "date": record({**TYPE, "timestamp": integer(0), "format": string()}, {"url": URL, "fallback": string(), **_STYLE}),
    "color": record({**TYPE, "value": string()}, _STYLE),
}
_LINE = array(tagged(INLINE))
_SECTION = record({**TYPE, "elements": _LINE})
_BORDER: Mapping[str, Check] = {"border": integer(0, 1)}

PARTS: Mapping[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_list": record(
        {**TYPE, "elements": array(tagged({"rich_text_section": _SECTION})), "style": one_of("bullet", "ordered")},
        {"indent": integer(0, 8), "offset": integer(0), **_BORDER},
    ),
    "rich_text_quote": record({**TYPE, "elements": _LINE}, _BORDER),
    "rich_text_preformatted": record({**TYPE, "elements": _LINE}, {"language": string(), **_BORDER}),
}
RICH_TEXT = record({**TYPE, "elements": array(tagged(PARTS))}, {"block_id": ID})
RICH_TEXT_VALUE = tagged({"rich_text": RICH_TEXT})
