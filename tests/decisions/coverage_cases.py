"""What people see about who looks after an account, for any text that people may type."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.accounts import Account
from bot.domain.suggesting import Suggestion
from bot.domain.vocabulary import Tier
from bot.slack.limits import Surface
from bot.usecases.coverage.bench import Entry
from bot.usecases.coverage.cover_views import AccountCover, CoverForm, CoverList, Named, Suggested
from bot.usecases.nudges.alarms import AlarmsView, Line
from bot.usecases.views.home import HomeView
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view

LATER = s.TODAY + timedelta(days=30)


def of_alarms(words: str) -> Iterator[Case]:
    name = (words or "Acme Corp")[:120]
    about = {"account": name, "account_id": 1, "tier": Tier.KEY}
    vacant = Line("vacant", {**about, "since": s.TODAY, "days": 4, "offers": None})
    offered = Line("vacant", {**about, "account_id": 2, "since": s.TODAY, "days": 1, "offers": s.INES})
    ends = Line("cover_ends", {**about, "account_id": 3, "who": s.OLAF, "last": s.TODAY})
    many = [replace(vacant, about={**about, **vacant.about, "account_id": number}) for number in range(40)]
    for lines in ((), (vacant, offered, ends), tuple(many)):
        yield message("alarms", alarms=AlarmsView(s.MIA, lines, s.TODAY))


def situations(words: str) -> Iterator[AccountCover]:
    """An account in each of its situations."""
    account = s.numbered(Account(1, (words or "Acme Corp")[:120], tier=Tier.STRATEGIC))
    now, coming = Named(s.OLAF, s.TODAY, LATER), Named(s.INES, LATER, LATER)
    for owner, cover, offer in itertools.product((s.MIA, None), (now, coming, None), (coming, None)):
        since = s.TODAY if owner else None
        for vacant, needed in ((s.TODAY, s.TODAY), (None, LATER), (None, None)):
            one = AccountCover(account, owner, since, cover, offer, vacant, 3 if vacant else 0, needed, s.TODAY)
            yield replace(one, account=s.numbered(Account(1, account.name, tier=account.tier)))


def of_covers(words: str) -> Iterator[Case]:
    all_of_them = tuple(situations(words))
    for manages, shown in itertools.product((True, False), ((), all_of_them[:20])):
        covers = CoverList(shown, shown, manages, len(shown), s.TODAY)
        yield message("private/covers", covers=covers)
        yield view("covers", covers=covers)
    bench = tuple(entries(words))
    ideas = tuple(Suggested(s.OLAF, Suggestion(s.OLAF.id, 3, 5, here, True)) for here in (True, False, True))
    for number, one in enumerate(all_of_them):
        yield message("private/cover", cover=one)
        item, some = (7, ideas) if number % 2 else (None, ())
        who = s.INES if number % 3 else None
        shown_bench = bench if number % 2 else ()
        yield view(
            "cover", form=CoverForm(one, who, s.TODAY, LATER, some, shown_bench, item, bool(item), not item, bool(item))
        )
    empty = HomeView(s.MIA, (), (), (), (), (), False, False, s.TODAY)
    yield Case(
        "views/home", Surface.HOME, {"home": replace(empty, covers=all_of_them, holes=all_of_them[:10], manages=True)}
    )
    yield message("private/offered")
    handoff = s.handoff(words)
    days = {"first": s.TODAY.isoformat(), "last": LATER.isoformat(), "account_id": 1, "person_id": 2}
    for by in (s.MIA.slack_id, s.OLAF.slack_id):
        told = {"handoff": handoff, "person": s.OLAF.slack_id, "by": by, **days}
        yield message("thread/covered", **told)
        for template, one in itertools.product(("cover_offered", "cover_needed"), all_of_them):
            yield message(f"thread/{template}", **told, cover=one)


def entries(words: str) -> Iterator[Entry]:
    text = words[:150]
    for number in range(60):
        inside = number % 2 == 0
        who, name = (s.OLAF, "") if inside else (None, (words or "Nadia")[:120])
        yield Entry(number + 1, name, who, not inside, text, text, text, text, words[:3000], 0)


def of_the_bench(words: str) -> Iterator[Case]:
    bench = tuple(entries(words))
    for shown in ((), bench):
        yield view("bench", entries=shown)
    for one in (None, *bench[:2]):
        yield view("bench_entry", entry=one)
