"""Special relationships: their forms, the list, the word about what expires."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.domain.special import Special, SpecialKind
from bot.usecases.coverage.special import OverForm, SpecialForm, SpecialsView
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view


def special(words: str, kind: SpecialKind) -> Special:
    one: Special = s.numbered(Special(1, 1, kind, words[:120] or "Garden tools under their name", words[:2000]))
    one.owner, one.owner_id, one.expires_on, one.transfer_on = s.OLAF, s.OLAF.id, s.TODAY + timedelta(days=9), s.TODAY
    return one


def of_special(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    item = s.item(handoff.stage, words[:150] or "Hand the special relationship over")
    some = tuple(special(words, kind) for kind in SpecialKind)
    account = handoff.account
    yield view("form/special", form=SpecialForm(account, None, some, s.MIA, item))
    yield view("form/special", form=SpecialForm(account, some[0], some, s.OLAF, None))
    yield view("form/special_over", form=OverForm(account, some, s.INES, item))
    yield view("form/special_over", form=OverForm(account, (), None, item))
    planned = {"title": words[:120], "who": s.MIA.slack_id, "handoff": handoff, "person": s.OLAF}
    yield message("dm/special_changed", owner=None, expires_on=None, transfer_on=None, **planned)
    days = {"expires_on": "2027-01-04", "transfer_on": "2026-12-10"}
    yield message("dm/special_changed", owner=s.INES.slack_id, **days, **planned)
    yield message("private/specials", view=SpecialsView(account, some, True, s.TODAY))
    yield message("private/specials", view=SpecialsView(account, (), False, s.TODAY))
