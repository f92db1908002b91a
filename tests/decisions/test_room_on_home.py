"""Lists that App Home has no room for are cut before they are drawn, and nobody sees a difference."""

from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.fitting import fit
from bot.slack.limits import Surface
from bot.slack.rendered import Block, Fold, Rendered
from bot.usecases.views.home import ROOM, Rows, share_of_room

LENGTHS = st.tuples(*[st.integers(0, 150)] * 4)


def _line(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _drawn(lengths: tuple[int, ...], before: int, between: tuple[int, ...]) -> list[Block]:
    """As the template does: some lines, then each list with its heading, where it has rows, and its fold.

    `between`: the lines that stand before each, whether or not it has rows.
    """
    blocks, folds = [_line(f"line {number}") for number in range(before)], []
    for place, (length, lines) in enumerate(zip(lengths, between, strict=True)):
        blocks += [_line(f"between {place}: {number}") for number in range(lines)]
        if length:
            blocks += [_line(f"list {place}"), *(_line(f"{place}: row {number}") for number in range(length))]
            folds.append(Fold(len(blocks), f"more of {place}"))
    return list(fit(Rendered({}, blocks, tuple(folds), "home"), Surface.HOME).blocks)


@given(lengths=LENGTHS, before=st.integers(2, 40), between=st.tuples(*[st.integers(0, 30)] * 4))
@example(lengths=(100, 100, 100, 100), before=2, between=(0, 0, 0, 0))
@example(lengths=(0, 0, 0, 101), before=2, between=(0, 0, 0, 0))
@example(lengths=(60, 0, 60, 0), before=40, between=(0, 0, 0, 0))
@example(lengths=(0, 60, 60, 0), before=2, between=(30, 0, 0, 5))
def test_what_is_cut_beforehand_would_have_been_folded(lengths, before, between):
    share = share_of_room(*(Rows(length, after=lines) for length, lines in zip(lengths, between, strict=True)))
    cut = tuple(min(length, most) for length, most in zip(lengths, share, strict=True))
    assert _drawn(cut, before, between) == _drawn(lengths, before, between)


def test_four_long_lists_share_the_room():
    assert sum(share_of_room(*[Rows(500)] * 4)) < ROOM + 10


def test_what_stands_before_a_list_leaves_it_less_room():
    crowded, other = share_of_room(Rows(200, after=30), Rows(200))
    assert (crowded, other) == (22, 52)
