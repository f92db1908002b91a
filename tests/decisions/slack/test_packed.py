"""Long lines in as many texts as they need: nothing is left out, nothing is cut apart."""

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.text import length, packed, quiet

WORDS = st.lists(st.text(alphabet="ab *<&\U0001f331é_\n", max_size=120), max_size=8)


@given(WORDS)
def test_nothing_is_left_out_and_every_text_fits(lines):
    texts = packed([quiet(line) for line in lines], 40)
    assert all(length(text) <= 40 for text in texts)
    assert "".join("".join(texts).split()) == "".join("".join(map(quiet, lines)).split())


def test_a_line_is_cut_between_words_and_never_inside_an_entity():
    assert packed(["one two three"], 8) == ["one two", "three"]
    assert packed(["a", "b", "c" * 9], 8) == ["a\nb", "cccccccc", "c"]
    assert packed(["aaaaaa&amp;b"], 8) == ["aaaaaa", "&amp;b"]
