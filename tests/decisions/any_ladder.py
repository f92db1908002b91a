"""Every ladder that a playbook may have, for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.domain.playbook import Ladder

ladders = st.builds(
    Ladder,
    heads_up=st.lists(st.integers(1, 10), max_size=3).map(tuple),
    on_day=st.booleans(),
    repeat_every=st.integers(1, 5),
    manager_after=st.integers(1, 6),
    managers_manager_after=st.integers(7, 15),
)
