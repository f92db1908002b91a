"""What people see of phases and of quiet handoffs, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.gate import missing as keeps_shut
from bot.domain.handoff import Handoff
from bot.domain.phases import PhaseDays, Stay
from bot.domain.rules import CustomerRule
from bot.domain.vocabulary import Phase, Role
from bot.slack.limits import Surface
from bot.store.glance import Stage
from bot.usecases.handoffs.opening import Opened
from bot.usecases.handoffs.phases import BoardRow
from bot.usecases.handoffs.start import Started
from bot.usecases.views.home import HomeView
from bot.usecases.views.lists import Row
from bot.usecases.views.overview import ListView, MenuView, ShowView
from bot.usecases.views.reading import CardView
from handlers.start_form import ANOTHER, Draft, account_option
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view


def of_phases(words: str) -> Iterator[Case]:
    handoff = s.handoff(words, quiet=True, helper=s.CARL, helper_id=s.CARL.id)
    many = tuple(s.handoff(words, 0, quiet=True) for _ in range(60))
    days = tuple(PhaseDays(phase, 400, 30) for phase in Phase)
    for phase in Phase:
        for stay in (Stay(phase, 1, 30), Stay(phase, 400, 30)):
            card = _card(handoff, stay)
            yield message("card", card=card)
            for opens in (True, False):
                yield message("private/show", view=ShowView(card, "", (), days, opens), card=card)
            row = Row(handoff, Stage(1, handoff.stage.title, True), 2, 6, 1, "", stay)
            yield message("private/list", view=ListView("mine", (row,) * 40, 0, s.TODAY))
            board = tuple(BoardRow(one, 1200, 40, ((words[:300] or "Prepare", 900),) * 12) for one in Phase)
            home = HomeView(s.MIA, (), (), (), (), (row,) * 40, True, False, s.TODAY)
            shown = {"home": replace(home, board=board, quiet=many)}
            yield Case("views/home", Surface.HOME, shown)
    yield message("private/menu", menu=MenuView(s.MIA, True, False, 3, s.TODAY, (handoff,) * 9))
    yield message("private/opened", opened=Opened(handoff.account.name, "C0ACCOUNTS0"))
    yield message("dm/unreached", handoff=handoff, who=s.CARL.slack_id)
    for roles in ([Role.OUTGOING.value], [role.value for role in Role]):
        yield message("dm/opened", handoff=handoff, by=s.MIA.slack_id, roles=roles)
    yield view("running", account=handoff.account.name, link="")
    picked = account_option(handoff.account)
    bare = {"choice": None, "link": "", "another": ANOTHER, "moves": 0, "rule": CustomerRule(), "declined": True}
    yield view("start", draft=Draft(picked), **bare)
    yield view("started", started=Started(1, handoff.account.name, "C0ACCOUNTS0", quiet=True))


def _card(handoff: Handoff, stay: Stay) -> CardView:
    missing = tuple(keeps_shut(handoff, ()))
    return CardView(handoff, s.TODAY, stay.phase, None, 2, 6, s.TODAY, missing, missing[0], (), 1, 2, stay=stay)
