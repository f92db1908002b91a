"""Lists that App Home has no room for are cut before they are drawn, and nobody sees a difference."""

from hypothesis import example, given
from hypothesis import strategies as st

from bot.slack.fitting import fit
from bot.slack.limits import Surface
from bot.slack.rendered import Block, Fold, Rendered
from bot.usecases.views.home import ROOM, share_of_room

LENGTHS = st.tuples(*[st.integers(0, 150)] * 4)


def _line(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _drawn(lengths: tuple[int, ...], before: int) -> list[Block]:
    """As the template does: some lines, then each list with its heading, where it has rows, and its fold."""
    blocks, folds = [_line(f"line {number}") for number in range(before)], []
    for place, length in enumerate(lengths):
        if length:
            blocks += [_line(f"list {place}"), *(_line(f"{place}: row {number}") for number in range(length))]
            folds.append(Fold(len(blocks), f"more of {place}"))
    return list(fit(Rendered({}, blocks, tuple(folds), "home"), Surface.HOME).blocks)


@given(lengths=LENGTHS, before=st.integers(2, 40))
@example(lengths=(100, 100, 100, 100), before=2)
@example(lengths=(0, 0, 0, 101), before=2)
@example(lengths=(60, 0, 60, 0), before=40)
def test_what_is_cut_beforehand_would_have_been_folded(lengths, before):
    share = share_of_room(*lengths)
    assert _drawn(tuple(min(length, share) for length in lengths), before) == _drawn(lengths, before)


def test_four_long_lists_share_the_room():
    assert 4 * share_of_room(500, 500, 500, 500) < ROOM + 10
