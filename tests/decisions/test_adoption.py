"""Between any two playbooks and for any account: taken over whole, nothing is left on offer; closed steps never are."""

from __future__ import annotations

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.adoption import OfferKind, adapt, mark, offers
from bot.domain.checklist import ItemState
from bot.domain.handoff import Handoff
from bot.domain.playbook import Playbook
from bot.domain.vocabulary import SalesChannel, Tier
from bot.domain.worktime import WorkTime
from bot.usecases.handoffs.adopting import added
from bot.usecases.workspace.playbooks import copy_items, copy_stages
from tests.decisions import samples as s

BOOKS = st.sampled_from(s.LIBRARY.playbooks)
ACCOUNTS = st.tuples(st.sampled_from(SalesChannel), st.sampled_from(Tier), st.booleans())


def begun(book: Playbook, account: tuple[SalesChannel, Tier, bool], stage: int) -> Handoff:
    """A handoff by that playbook, in one of its stages."""
    handoff = s.handoff("", 0)
    handoff.sales_channel, handoff.tier, handoff.overseas = account
    handoff.stages.clear()
    handoff.requests.clear()
    copy_stages(handoff, book)
    numbers = count(1)
    for run in handoff.stages:
        run.id = next(numbers)
    copy_items(handoff, book, WorkTime())
    handoff.stage_position = stage
    return handoff


@settings(deadline=None)
@given(old=BOOKS, new=BOOKS, before=ACCOUNTS, now=ACCOUNTS, stage=st.integers(0, 2), closed=st.sets(st.integers(0, 40)))
def test_taken_over_whole_nothing_is_left(old, new, before, now, stage, closed):
    handoff = begun(old, before, stage)
    for number in closed:
        if number < len(handoff.items):
            handoff.items[number].state = ItemState.DONE
    handoff.sales_channel, handoff.tier, handoff.overseas = now
    done = [item for item in handoff.items if not item.open]
    was = [(item.title, item.state, item.due_on, item.stage_id, item.version) for item in done]
    found = [one for one in offers(handoff, old, new) if one.kind not in (OfferKind.ASK, OfferKind.WITHDRAW)]
    assert len({one.ref for one in found}) == len(found)
    left_behind = {run.id for run in handoff.stages if run.position < stage}
    for one in found:
        if one.item is not None:
            assert one.item.open
            assert one.item.stage_id not in left_behind
        if one.kind is OfferKind.ADD:
            assert one.stage is not None
            assert one.stage.position >= stage
            added(handoff, new, one, WorkTime())
        elif one.kind is OfferKind.CHANGE:
            adapt(one.item, one)
        else:
            one.item.state = ItemState.SKIPPED
    again = offers(handoff, old, new)
    assert [one for one in again if one.kind not in (OfferKind.ASK, OfferKind.WITHDRAW)] == []
    assert [(item.title, item.state, item.due_on, item.stage_id, item.version) for item in done] == was


@given(book=BOOKS, account=ACCOUNTS, stage=st.integers(0, 2))
def test_the_same_playbook_has_nothing_to_offer(book, account, stage):
    handoff = begun(book, account, stage)
    steps = [one for one in offers(handoff, book, book) if one.kind is not OfferKind.ASK]
    assert steps == []


def test_the_mark_is_another_one_when_something_else_is_on_offer():
    old, new = s.LIBRARY.playbooks[:2]
    found = offers(begun(old, (SalesChannel.DIRECT, Tier.KEY, False), 0), old, new)
    assert mark(found, old, new) == mark(list(found), old, new)
    assert mark(found[1:], old, new) != mark(found, old, new)
