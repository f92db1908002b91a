"""Reminders, digests and what can be done with them, in every situation and for any text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.forecast import Because
from bot.domain.gate import Missing
from bot.domain.gate import missing as keeps_shut
from bot.domain.handoff import Handoff
from bot.domain.vocabulary import Role
from bot.usecases.nudges.asking_after import Asked, AskedView
from bot.usecases.nudges.explain import Sent, WhyView
from bot.usecases.nudges.forecast import ForecastLine, ForecastMessage, ForecastView
from bot.usecases.nudges.passing import Given
from bot.usecases.nudges.reminders import SHOWN, DigestView, NudgeView
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view

LINK = "https://town.slack.com/archives/C1/p1"
LADDER = s.LIBRARY.playbooks[0].ladder


def _nudge(handoff: Handoff, kind: str = "item") -> NudgeView:
    item, request = handoff.items[0], handoff.requests[0]
    title = {"item": item.title, "answer": "Credit", "acceptance": handoff.account.name}[kind]
    return NudgeView(
        7, kind, handoff, title, s.TODAY, 0, s.OLAF, False, False, None,
        item if kind == "item" else None, request if kind == "answer" else None, s.TODAY, LINK,
    )  # fmt: skip


def _situations(handoff: Handoff, kind: str) -> Iterator[NudgeView]:
    """The day itself, put off, late, above, standing in, asked for, settled, moved on, without a date."""
    plain = _nudge(handoff, kind)
    yield plain
    yield replace(plain, late_days=2, urgent=True, snoozed_until=s.NOW)
    yield replace(plain, late_days=9, urgent=True, to_manager=True)
    yield replace(plain, urgent=True, to_manager=True, acts=False, gives=False)
    yield replace(plain, stand_in=s.OLAF, away_until=s.TODAY, asked_by=s.INES)
    yield replace(plain, late_days=3, to_manager=True, stand_in=s.MIA, away_until=s.TODAY, acts=False, gives=False)
    yield replace(plain, late_days=-1, settled=True)
    yield replace(plain, settled=True, moved_to=s.MIA)
    yield replace(plain, due_on=None)


def of_reminders(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    every = [one for kind in ("item", "answer", "acceptance") for one in _situations(handoff, kind)]
    for one in every:
        yield message("nudge", nudge=one)
        yield from _why(one)
    yield view("snooze", nudge_id=7)
    yield from _digests(every)
    of_a_group = s.request(asked=None, asked_id=None, group_slack_id="S0CREDIT00")
    asked = replace(_nudge(handoff, "answer"), request=of_a_group)
    for one in (asked, replace(asked, acts=False), replace(asked, to_manager=True)):
        yield message("nudge", nudge=one)
        yield from _why(one)
    for kind in ("item", "answer"):
        for chief in (s.MIA, None):
            given = Given(s.OLAF, _nudge(handoff, kind), handoff, chief)
            yield view("nudge/reassign", given=given)
            yield view("nudge/cannot", given=given)
    yield from _asked(handoff)
    yield from _passed(handoff, words)
    yield from _coming(handoff)


def _coming(handoff: Handoff) -> Iterator[Case]:
    item, request = handoff.items[0], handoff.requests[0]
    plain = ForecastLine(
        handoff, "item", item.title, s.OLAF, s.TODAY, 0, Because.DUE, False, False, False, LINK, item=item
    )
    lines = [
        plain,
        replace(plain, late_days=3, because=Because.REPEAT, urgent=True),
        replace(plain, late_days=5, because=Because.MANAGER, urgent=True, to_manager=True),
        replace(plain, late_days=-1, due_on=s.TODAY + timedelta(days=9), because=Because.HEADS_UP, standing_in=True),
        replace(plain, because=Because.SNOOZED),
        replace(plain, because=Because.ASKED, kind="answer", item=None, request=request, title="Credit"),
        replace(plain, because=Because.DUE, kind="acceptance", item=None, title=handoff.account.name),
    ]
    few = (ForecastMessage(s.NOW, s.TODAY, True, tuple(lines)),)
    many = tuple(ForecastMessage(s.NOW, s.TODAY, False, tuple(lines) * 3) for _ in range(45))
    for messages, away in ((few, None), (many, None), ((), s.TODAY)):
        shown = ForecastView(s.MIA, s.TODAY, s.TODAY + timedelta(days=14), messages, 5, away)
        yield message("private/nudges", view=shown)
        yield view("nudge/coming", view=shown)


def _digests(every: list[NudgeView]) -> Iterator[Case]:
    every = [replace(one, nudge_id=number) for number, one in enumerate(every)]
    done = [one for one in every if one.settled]
    many = tuple(replace(every[0], nudge_id=number) for number in range(SHOWN))
    for entries, more, late in ((every[:SHOWN], 0, 3), (many, 1, 0), (many, 88, 50), (done, 0, 0)):
        still = sum(not one.settled for one in entries) + more
        for morning in (True, False):
            yield message("digest", digest=DigestView(3, tuple(entries), more, still, late, morning, s.TODAY))


def _why(one: NudgeView) -> Iterator[Case]:
    sent = (Sent(s.NOW, s.OLAF, None), Sent(s.NOW, None, s.INES))
    for role, named in ((Role.OUTGOING, False), (None, True), (None, False)):
        yield view("nudge/why", why=WhyView(one, role, named, named, True, LADDER, s.NOW, s.MIA, sent, 7))
    yield view("nudge/why", why=WhyView(one, None, False, False, False, LADDER, None, None, (), 0))
    yield view("nudge/why", why=WhyView(one, None, False, False, True, LADDER, s.NOW, None, (), 0))


def _asked(handoff: Handoff) -> Iterator[Case]:
    missing = [one for one in keeps_shut(handoff, ()) if one.owner is not None]
    acceptance = Missing("acceptance", handoff.account.name, handoff.id, s.INES, s.TODAY)
    later, again = s.NOW + timedelta(hours=5), s.NOW + timedelta(hours=20)
    some = [*(Asked(one, s.OLAF, at) for one in [*missing, acceptance] for at in (s.NOW, later, None))] * 3
    past = [*(Asked(one, s.OLAF, s.NOW, back) for one in missing for back in (again, None))]
    for reminded, already, own in ((some, past, 1), (some, [], 0), ([], past, 0), ([], [], 0), ([], [], 2)):
        asked = AskedView(handoff, tuple(reminded), tuple(already), own, s.NOW)
        yield message("private/asked", asked=asked)
        yield view("nudge/asked", asked=asked)


def _passed(handoff: Handoff, words: str) -> Iterator[Case]:
    olaf, mia = s.OLAF.slack_id, s.MIA.slack_id
    yield message("thread/group", handoff=handoff, request=handoff.requests[0].id)
    for why in ("", words or "On leave"):
        title = (words or "Warn the customer")[:150]
        yield message("thread/passed", handoff=handoff, by=olaf, to=mia, title=title, why=why[:300])
        yield message("thread/redirected", handoff=handoff, function="credit", by=olaf, to=mia, why=why[:300])
        for kind, name in (("item", title), ("answer", "credit")):
            told = {"handoff": handoff, "kind": kind, "ref": 3, "title": name, "by": olaf}
            told |= {"why": why[:300], "link": LINK}
            yield message("dm/passed", **told)
            yield message("dm/passed", **told, settled=True, moved_to=None)
            yield message("dm/passed", **told, settled=True, moved_to=handoff.manager)
