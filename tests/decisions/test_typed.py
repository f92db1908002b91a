"""What cannot be seen is not an answer."""

import pytest

from bot.domain.typed import trimmed


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u200b", "\u200b \u2060", "\u00ad", "\u202e", None])
def test_text_without_a_mark_is_empty(text):
    assert trimmed(text) == ""


@pytest.mark.parametrize("text", ["a", " שלום ", "👍🏽", "\u200bx"])
def test_text_with_a_mark_stays(text):
    assert trimmed(text) == text.strip()
