"""The brief as data: what it says has a digest, two of them are compared, and what is confidential is taken out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.briefing import (
    HEADING,
    READ,
    TO_READ,
    Audience,
    Brief,
    Change,
    Line,
    Section,
    change,
    day,
    differs,
    line,
    moment,
    money,
    person,
    read_up,
    text,
    word,
)
from bot.domain.money import Money
from bot.domain.people import Person
from bot.usecases.brief.sections import Known, made
from tests.decisions import samples as s
from tests.decisions.brief_cases import bare, dossier_of

WORDS = st.lists(st.sampled_from("abcd"), max_size=8)


def _section(said: list[str]) -> Section:
    return Section("history", tuple(line("entry", text(one)) for one in said))


def test_every_part_comes_back_from_json_as_it_went():
    ada = Person(1, "U0ADA00000", "Ada")
    one = line(
        "deal",
        text("Packing \u202eline"),
        day(date(2026, 12, 3), "expected"),
        moment(datetime(2026, 12, 3, 10, tzinfo=UTC)),
        money(Money(1250, "EUR")),
        person(ada),
        person(None, "outgoing", "Otto"),
        word("tiers", "key"),
        only=Audience.DEALS,
    )
    brief = Brief((Section("deals", (one,)),))
    again = Brief.read(json.loads(json.dumps(brief.to_dict())))
    assert again == brief
    shown = [part.shown for part in again.sections[0].lines[0].parts]
    assert shown[1:4] == [date(2026, 12, 3), datetime(2026, 12, 3, 10, tzinfo=UTC), Money(1250, "EUR")]
    assert (shown[4], again.sections[0].lines[0].parts[5].called) == ("U0ADA00000", "Otto")
    assert "Ada" not in json.dumps(brief.to_dict()), "a version keeps no names"


def test_nothing_typed_is_no_part():
    assert line("contact", text(""), text("  \n"), day(None), person(None)).parts == ()


@given(WORDS, WORDS)
def test_what_is_new_and_what_is_gone_make_the_one_out_of_the_other(before: list[str], after: list[str]):
    was, now = _section(before), _section(after)
    found = change(was, now)
    kept = [one for number, one in enumerate(now.lines) if number not in found.new]
    assert sorted(x.essence for x in (*kept, *found.gone)) == sorted(x.essence for x in was.lines)
    assert bool(found) == (sorted(before) != sorted(after)), "lines that only moved are no change"
    assert (was.digest == now.digest) == (before == after)


def test_a_section_without_change_is_falsy():
    assert not Change()
    assert not change(_section(["a"]), _section(["a"]))


def test_a_digest_is_of_what_its_reader_sees():
    whole = Section("people", (line("contact", text("Ada")), line("trouble", text("Rolf"), only=Audience.TROUBLE)))
    fewer = replace(whole, lines=(*whole.lines, line("trouble", text("Otto"), only=Audience.TROUBLE)))
    assert whole.seen_with(()).digest == fewer.seen_with(()).digest
    assert whole.seen_with({Audience.TROUBLE}).digest != fewer.seen_with({Audience.TROUBLE}).digest
    assert whole.seen_with(()).hidden == 1


def test_a_heading_goes_with_all_that_stood_under_it():
    secret = line("answer", text("q"), text("a"), only=Audience.REPS)
    credit, marketing = (line(HEADING, word("functions", one)) for one in ("credit", "marketing"))
    whole = Section("answers", (credit, secret, marketing, line("nothing")))
    assert whole.seen_with(()).lines == (marketing, line("nothing"))
    assert whole.seen_with(set(Audience)).lines == whole.lines


def test_two_briefs_differ_where_a_section_came_went_or_says_something_else():
    one = Brief((_section(["a"]),))
    assert not differs(one, Brief.read(one.to_dict()))
    assert differs(one, Brief(()))
    assert differs(Brief(()), one)
    assert differs(one, Brief((_section(["b"]),)))


def test_the_step_before_the_first_visit_is_read_section_by_section():
    keys = {key for keys in TO_READ.values() for key in keys}
    assert keys <= set(READ)
    brief = Brief(tuple(Section(key, (line("note", text(key)),)) for key in sorted(keys - {"deals"})))
    digests = {one.key: one.digest for one in brief.sections}
    assert read_up({}, brief) == {"pipeline"}, "there are no deals to read about"
    assert read_up(digests, brief) == set(TO_READ)
    assert read_up({**digests, "history": "of something else"}, brief) == {"history", "pipeline"}


def test_who_makes_trouble_is_a_contact_to_those_who_may_not_know_it():
    handoff = s.handoff()
    brief = made(Known(dossier_of(handoff, "Rolf"), handoff, today=s.TODAY))
    for sight, trouble in ((set(), 0), ({Audience.TROUBLE}, 5)):
        lines = brief.seen_with(sight).section("people").lines
        assert sum(one.kind == "contact" for one in lines) == 5
        assert sum("trouble_maker" in one.essence for one in lines) == trouble


def test_the_day_changes_nothing_that_people_read():
    """What somebody read on Monday still counts on Tuesday."""
    handoff = s.handoff()
    first, next_day = (made(Known(dossier_of(handoff, "x"), handoff, today=on)) for on in (s.TODAY, date(2026, 12, 4)))
    for key in READ:
        assert first.section(key).digest == next_day.section(key).digest, key


def test_of_an_account_of_which_nothing_is_known_the_brief_says_what_is_missing():
    handoff = s.handoff()
    brief = made(Known(bare(handoff), handoff, today=s.TODAY))
    lacks: list[Line] = [one for one in brief.section("missing").lines if one.kind == "nice"]
    assert "decision_maker" in lacks[0].essence
