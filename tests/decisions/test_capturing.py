"""What a line means: the account it begins with, the kind it tells of; the days on which somebody is reminded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.capturing import LONGEST, guess, inside, openings
from bot.domain.dossier import EntryKind, KeyDate
from bot.domain.occasions import EXPIRY_OFFSETS, ORDER_OFFSETS, date_offsets, is_raised, upcoming
from bot.domain.worktime import WorkTime
from bot.slack.kinds import kind_words
from bot.slack.unmarked import mentioned, unmarked

WEEK = WorkTime()
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "key", "rest"),
    [
        ("Acme called, wants a quote", "acme", "called, wants a quote"),
        ("Acme: called", "acme", "called"),
        ("ACME — called", "acme", "called"),
        ("Acme’s buyer left", "acme", "buyer left"),
        ("Dr. Oetker  called", "dr. oetker", "called"),
        ("“Straße 7” rief an", "strasse 7", "rief an"),
    ],
)
def test_what_a_line_begins_with_is_looked_for_without_what_surrounds_it(text, key, rest):
    found = [one for one in openings(text) if key in one.keys]
    assert rest in [one.rest for one in found]


def test_the_longest_beginning_comes_first_and_punctuation_alone_is_no_name():
    assert [one.keys[0] for one in openings("Acme Pumps Norway")] == ["acme pumps norway", "acme pumps", "acme"]
    assert openings("— … !") == ()
    assert openings("  ") == ()
    assert "acme pumps" in inside("Called Acme Pumps, twice")


@given(st.text(max_size=300))
def test_any_text_is_read_without_trouble(text):
    for one in openings(text):
        assert one.keys
        assert all(key.strip() for key in one.keys)
    assert len(openings(text)) <= LONGEST
    guess(text, kind_words())
    inside(text)
    unmarked(text, {})


@pytest.mark.parametrize(
    ("text", "kind", "because"),
    [
        ("called, wants a quote", EntryKind.CALL, "called"),
        ("We MET them; they mailed later", EntryKind.MEETING, "MET"),
        ("called to complain about rust", EntryKind.COMPLAINT, "complain"),
        ("E-mailed the price list", EntryKind.MAIL, "E-mailed"),
        ("the mailbox is full, recall it", EntryKind.NOTE, ""),
        ("", EntryKind.NOTE, ""),
    ],
)
def test_the_kind_is_guessed_from_a_word_that_is_named(text, kind, because):
    guessed = guess(text, kind_words())
    assert (guessed.kind, guessed.because) == (kind, because)


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("*Acme* _called_ ~twice~ `now`", "Acme called twice now"),
        ("<@U1AAAAAA> and <@U2BBBBBB|bo> in <#C1|general>", "@Ada and @bo in #general"),
        (
            "<https://x.example/a_b_c|their shop> <https://y.example>",
            "their shop (https://x.example/a_b_c) https://y.example",
        ),
        ("<mailto:a@b.example|a@b.example> &lt;tag&gt; &amp;", "a@b.example <tag> &"),
        ("<!here> <!date^1^{date}|1 Jan> <!subteam^S1|@sales>", "@here 1 Jan @sales"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("&gt; they said\n&gt; no", "they said\nno"),
        ("```\nx = *1*\n```", "x = *1*"),
    ],
)
def test_a_message_is_saved_as_people_read_it(marked, plain):
    assert unmarked(marked, {"U1AAAAAA": "Ada"}) == plain
    assert mentioned(marked) == ({"U1AAAAAA", "U2BBBBBB"} if "U1AAAAAA" in marked else frozenset())


def raised(occasion, offsets, first=date(2026, 1, 1), days=800, hours=WEEK):
    every = (first + timedelta(days=number) for number in range(days))
    return [day for day in every if is_raised(occasion, offsets, day, hours)]


def test_a_key_date_is_announced_once_and_said_once_when_it_is_there():
    assert raised(date(2026, 12, 3), date_offsets(7)) == [date(2026, 11, 26), date(2026, 12, 3)]
    # a Sunday: announced the Monday after its notice began, said on the Friday before
    assert raised(date(2026, 12, 6), date_offsets(7)) == [date(2026, 11, 30), date(2026, 12, 4)]
    assert raised(date(2026, 12, 6), date_offsets(0)) == [date(2026, 12, 4)]
    assert raised(date(2026, 12, 6), date_offsets(1)) == [date(2026, 12, 4)]


def test_an_order_and_an_expiry_come_back_few_times():
    assert raised(MONDAY, ORDER_OFFSETS) == [
        date(2026, 11, 20),
        date(2026, 11, 24),
        date(2026, 12, 1),
        date(2026, 12, 8),
    ]
    assert len(raised(MONDAY, EXPIRY_OFFSETS)) == 4


def test_whoever_is_away_when_it_begins_hears_when_they_are_back():
    away = WorkTime(away=((date(2026, 11, 25), date(2026, 11, 30)),))
    assert raised(date(2026, 12, 3), date_offsets(7), hours=away) == [date(2026, 12, 1), date(2026, 12, 3)]


@given(
    st.dates(date(2000, 1, 1), date(2050, 12, 31)), st.integers(0, 90), st.dates(date(2026, 1, 1), date(2034, 12, 31))
)
def test_a_yearly_date_comes_once_a_year_also_on_29_february(day, ahead, today):
    one = KeyDate(1, 1, "Founded", day, yearly=True, ahead_days=ahead)
    occasion = one.occasion(today)
    assert occasion is not None
    assert today <= occasion
    if day < today:
        assert occasion - today <= timedelta(days=366)
        assert (occasion.month, occasion.day) in {(day.month, day.day), (2, 28)}
    one.seen_on = occasion
    assert upcoming(one, today) is None
    after = one.occasion(occasion + timedelta(days=1))
    assert after is not None
    assert upcoming(one, after) == after
    assert upcoming(one, after - timedelta(days=ahead)) == after
