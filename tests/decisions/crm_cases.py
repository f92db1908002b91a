"""An owner changed in the CRM: the suggestion, how it was settled, and the form of no handoff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.usecases.crm.owner_changes import DECLINED, OPEN, OVERTAKEN, REPLACED, STARTED, OwnerChangeView
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view


def of_the_crm(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    account = handoff.account
    yield message("dm/closed_before", handoff=handoff, deal=words or "Pumps", day="2026-11-20")
    people: list[dict[str, Any]] = [
        {"outgoing": s.OLAF, "incoming": s.INES},
        {"outgoing": None, "incoming": None},
        {"outgoing": None, "incoming": s.INES, "outgoing_name": ""},
    ]
    for who in people:
        named = {"outgoing_name": words or "Jo", "incoming_name": words or "Jane Roe", **who}
        for state, reason in ((OPEN, ""), (STARTED, ""), (DECLINED, words), (REPLACED, ""), (OVERTAKEN, "")):
            by = s.MIA if state in (STARTED, DECLINED) else None
            facts: dict[str, Any] = {"crm": "salesforce", "at": s.NOW, "state": state, "by": by, "reason": reason}
            change = OwnerChangeView(id=7, account=account, **named, **facts)
            yield message("owner_change", change=change)
            if state == OPEN:
                yield view("form/owner_change", change=change)
