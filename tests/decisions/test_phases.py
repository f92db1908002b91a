"""The ledger of phases: whatever happens to a handoff, its spans neither overlap nor leave a gap while it is open."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.handoff import Acceptance, HandoffState
from bot.domain.phases import PhaseSpan, follow, spent, stay
from bot.domain.rules import PhaseTargets
from bot.domain.vocabulary import Phase
from tests.decisions import samples as s

DAY = timedelta(days=1)
START = s.TODAY
W, N, R = Phase.WITHDRAWAL, Phase.WITHOUT, Phase.WITHIN_REACH


def ledger(spans: list[PhaseSpan]) -> list[tuple[Phase, int, int | None]]:
    """Each span with its days counted from the start."""
    return [(x.phase, (x.from_on - START).days, (x.until_on - START).days if x.until_on else None) for x in spans]


@pytest.fixture
def handoff():
    """The rep leaves on the fifth day, and nobody is named yet."""
    return s.handoff(incoming=None, incoming_id=None, last_day=START + 4 * DAY)


def test_from_the_start_through_the_last_day_to_the_next_rep(handoff):
    spans = follow([], handoff, START)
    assert ledger(spans) == [(W, 0, None)]
    spans = follow(spans, handoff, START + 4 * DAY)
    assert ledger(spans) == [(W, 0, None)]
    spans = follow(spans, handoff, START + 5 * DAY)
    assert ledger(spans) == [(W, 0, 5), (N, 5, None)]
    handoff.incoming = s.INES
    spans = follow(spans, handoff, START + 9 * DAY)
    assert ledger(spans) == [(W, 0, 5), (N, 5, 9), (R, 9, None)]
    handoff.state = HandoffState.COMPLETED
    spans = follow(spans, handoff, START + 30 * DAY)
    assert ledger(spans) == [(W, 0, 5), (N, 5, 9), (R, 9, 30)]
    assert [(one.phase, one.days) for one in spent(spans, PhaseTargets(), START + 99 * DAY)] == [
        (W, 5),
        (N, 4),
        (R, 21),
    ]


def test_what_nobody_was_there_to_write_down_is_put_to_its_own_day(handoff):
    spans = follow(follow([], handoff, START), handoff, START + 8 * DAY)
    assert ledger(spans) == [(W, 0, 5), (N, 5, None)]


def test_accepted_while_the_outgoing_rep_is_still_here(handoff):
    spans = follow([], handoff, START)
    handoff.incoming, handoff.acceptance = s.INES, Acceptance.ACCEPTED
    assert ledger(follow(spans, handoff, START + 2 * DAY)) == [(W, 0, 2), (R, 2, None)]


def test_a_last_day_that_moves_brings_the_rep_back(handoff):
    spans = follow(follow([], handoff, START), handoff, START + 6 * DAY)
    handoff.last_day = START + 20 * DAY
    assert ledger(follow(spans, handoff, START + 6 * DAY)) == [(W, 0, 5), (N, 5, 6), (W, 6, None)]


def test_a_change_of_mind_on_one_day_leaves_no_trace(handoff):
    spans = follow([], handoff, START)
    handoff.last_day = None
    handoff.outgoing = None
    spans = follow(spans, handoff, START + 2 * DAY)
    assert ledger(spans) == [(W, 0, 2), (N, 2, None)]
    handoff.outgoing = s.OLAF
    assert ledger(follow(spans, handoff, START + 2 * DAY)) == [(W, 0, None)]


def test_cancelled_and_reopened(handoff):
    spans = follow([], handoff, START)
    handoff.state = HandoffState.CANCELLED
    spans = follow(spans, handoff, START + 3 * DAY)
    assert ledger(spans) == [(W, 0, 3)]
    assert ledger(follow(spans, handoff, START + 5 * DAY)) == [(W, 0, 3)]
    handoff.state = HandoffState.OPEN
    assert ledger(follow(spans, handoff, START + 10 * DAY)) == [(W, 0, 3), (N, 10, None)]


def test_returned_to_be_completed_it_stays_where_it_was(handoff):
    handoff.incoming, handoff.incoming_id = s.INES, s.INES.id
    spans = follow([], handoff, START)
    s.asked(handoff)
    spans = follow(spans, handoff, START + DAY)
    handoff.send_back([handoff.items[0]], [])
    assert ledger(follow(spans, handoff, START + 2 * DAY)) == [(W, 0, None)]


def test_the_new_rep_leaves_slack_after_accepting(handoff):
    ines = s.person("gone")
    handoff.incoming, handoff.acceptance, handoff.transfer_on = ines, Acceptance.ACCEPTED, START + 6 * DAY
    spans = follow(follow([], handoff, START), handoff, START + 6 * DAY)
    ines.deactivated = True
    assert ledger(follow(spans, handoff, START + 9 * DAY))[-1] == (N, 9, None)


def test_a_handoff_of_an_older_version_gets_the_ledger_its_dates_tell(handoff):
    handoff.incoming, handoff.acceptance, handoff.transfer_on = s.INES, Acceptance.ACCEPTED, START + 8 * DAY
    handoff.start_on = START
    assert ledger(follow([], handoff, START + 20 * DAY)) == [(W, 0, 5), (R, 5, None)]
    handoff.incoming = None
    assert ledger(follow([], handoff, START + 20 * DAY)) == [(W, 0, 5), (N, 5, None)]


def test_the_day_and_the_target(handoff):
    spans, targets = follow([], handoff, START), PhaseTargets(withdrawal_days=3, without_days=2)
    first = stay(spans[-1], handoff, targets, START)
    assert (first.phase, first.day, first.target, first.over) == (W, 1, 3, 0)
    assert stay(spans[-1], handoff, targets, START + 4 * DAY).over == 2
    late = stay(spans[-1], handoff, targets, START + 7 * DAY)
    assert (late.phase, late.day, late.over) == (N, 3, 1), "the ledger has not heard of the last day yet"


DEEDS = st.sampled_from(["last day", "no last day", "incoming", "no incoming", "outgoing", "no outgoing", "accept",
                         "give back", "close", "reopen", "nothing"])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 6), DEEDS, st.integers(0, 12)), max_size=25))
def test_no_gap_and_no_overlap_whatever_happens(story):
    handoff, today, spans = s.handoff(last_day=START + 4 * DAY), START, []
    spans = follow(spans, handoff, today)
    closed: list[tuple[date, date]] = []
    for passes, deed, days in story:
        today = max(today + passes * DAY, START)  # a manager in an earlier zone takes over: a day back
        _do(handoff, deed, today + days * DAY)
        spans = follow(spans, handoff, today)
        for one, other in itertools.pairwise(spans):
            assert one.until_on is not None
            assert one.from_on < one.until_on <= other.from_on
            if one.until_on < other.from_on:
                closed.append((one.until_on, other.from_on))
        if handoff.state is HandoffState.OPEN:
            assert spans[-1].until_on is None
            assert spans[-1].phase is handoff.phase(max(today, spans[-1].from_on))
        else:
            assert all(one.until_on is not None for one in spans)
    if "close" not in [deed for _, deed, _ in story]:
        assert not closed


def _do(handoff, deed, day):
    match deed:
        case "last day":
            handoff.last_day = day
        case "no last day":
            handoff.last_day = None
        case "incoming":
            handoff.incoming = s.INES
        case "no incoming":
            handoff.incoming = None
        case "outgoing":
            handoff.outgoing = s.OLAF
        case "no outgoing":
            handoff.outgoing = None
        case "accept":
            handoff.acceptance = Acceptance.ACCEPTED
        case "give back":
            handoff.acceptance = Acceptance.NOT_ASKED
        case "close":
            handoff.state = HandoffState.CANCELLED
        case "reopen":
            handoff.state = HandoffState.OPEN
