"""What people see about being away and about their hours, for any text that people may type."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.domain.people import Absence, Person
from bot.slack.limits import Surface
from bot.usecases.nudges.hours import HoursView
from bot.usecases.nudges.leaves import AwayView, Leave
from bot.usecases.views.home import HomeView
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view


def of_being_away(words: str) -> Iterator[Case]:
    ines = Person(1, "U0INES0000", words or "Ines")
    olaf = Person(1, "U0OLAF0000", words or "Olaf", tz=words[:64] or "Europe/Oslo")
    one_day, long = Absence(s.TODAY, s.TODAY, 2), Absence(s.TODAY, s.TODAY + timedelta(days=400))
    leaves = (Leave(olaf, one_day, ines, True), *[Leave(olaf, long, None, False)] * 19)
    empty = HomeView(s.MIA, (), (), (), (), (), False, False, s.TODAY)
    for own, here, planned in itertools.product((True, False), (True, False), (leaves, leaves[::-1])):
        now = replace(planned[0], running=True)
        shown = (() if here else (now, *planned[1:]), leaves[:1] * 30, s.TODAY, None if here else long.last)
        yield view("away", view=AwayView(olaf, own, *shown))
        yield Case("views/home", Surface.HOME, {"home": replace(empty, away=AwayView(olaf, own, *shown))})
        yield view("away_saved", leave=now, own=own)
    days = [(s.TODAY, s.TODAY), (s.TODAY, long.last)] * 10
    for begins, ends, over in ((days, [], False), ([], days, True), (days, days, True)):
        yield message("dm/stand_in", absent=olaf, own=False, begins=begins, ends=ends, over=over)
    for own, left in itertools.product((True, False), repeat=2):
        yield message("dm/lost", absent=olaf, own=own, who=ines.slack_id, left=left, lost=days)
    for chief, country in ((None, ""), (s.MIA.slack_id, words or "Norway")):
        yield view("hours", hours=HoursView(olaf, (0, 6), 540, 1440, "NO", chief), country=country)
