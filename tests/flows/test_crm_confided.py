"""Whoever runs the link with a CRM cannot tell by its answers what two reps agreed, nor what is prepared quietly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.rules import PayMode
from bot.usecases.deals.commission import TermsForm
from tests.crm_steps import account, crm, deal
from tests.sharing import begun_sharing
from tests.town import Town

WORLDS = ("nothing agreed", "agreed", "agreed, and another handoff is prepared quietly")
KEPT = "this deal is kept in EUR: say in EUR for how much it was won"
SAY = "say for how much this deal was won"


def lived_in(town: Town, world: str) -> Town:
    """Acme has a deal with an estimate and one without, both of the CRM; two days have passed."""
    begun_sharing(town)
    bare = {"type": "deal.upsert", "deal": {"id": "007", "account_id": "001A", "name": "Valves"}}
    assert crm(town, account(), deal(amount="12500", currency="EUR"), bare).skipped == []
    if world != WORLDS[0]:
        for number in (1, 2):
            terms = TermsForm(PayMode.SHARED, "5", "30", "70", None)
            town.bot.deal_desk.terms.propose(town.actor("mia"), 1, number, terms, None)
            for who in ("olaf", "ines"):
                town.bot.deal_desk.terms.sign(town.actor(who), number, 0)
    town.passes(days=2)
    if world == WORLDS[2]:
        town.bot.handoffs.cancel(town.actor("mia"), 1, "Not now.")
        town.bot.start(town.actor("mia"), replace(town.form("Acme"), quiet=True))
    town.settle()
    return town


def won(town: Town, number: str, on: str, **facts: Any) -> list[str]:
    """The answer: why nothing came of it, or how many changed."""
    closing = {"id": number, "outcome": "won", "closed_on": on, **facts}
    receipt = crm(town, {"type": "deal.closed", "at": "2026-11-25T08:10:00Z", "deal": closing})
    return [one["reason"] for one in receipt.skipped] or [f"{receipt.changed} changed"]


@pytest.mark.parametrize("world", WORLDS)
def test_a_closing_is_answered_as_if_nothing_had_been_agreed(lite_town: Town, world: str) -> None:
    town = lived_in(lite_town, world)
    assert won(town, "006", "2026-11-24", amount="12500", currency="USD") == [KEPT]
    assert won(town, "007", "2026-11-24") == [SAY]
    assert won(town, "006", "2026-11-20", amount="12500", currency="EUR") == ["1 changed"]  # before any handoff
    assert won(town, "007", "2026-11-24", amount="900", currency="USD") == ["1 changed"]  # before the quiet one
    assert won(town, "007", "2026-11-24", amount="900", currency="EUR") == [KEPT.replace("EUR", "USD")]
    assert town.rows("SELECT state, closed_minor, currency FROM deals ORDER BY id") == [
        ("won", 1250000, "EUR"),
        ("won", 90000, "USD"),
    ]


def test_the_manager_hears_of_a_shared_deal_that_closed_before_its_handoff_began(lite_town: Town) -> None:
    town = lived_in(lite_town, WORLDS[1])
    won(town, "006", "2026-11-20")
    won(town, "007", "2026-11-24", amount="900", currency="EUR")
    [told] = [one for one in town.mia.dms("baton") if "before the handoff began" in one.text]
    assert "Pumps" in told.text
    for who in ("olaf", "ines"):
        assert not [one for one in town.sandbox.person(who).dms("baton") if "before the handoff began" in one.text]
    # nobody had written down any work by then, so both shares wait for the manager
    [settled] = town.rows("SELECT outgoing_minor, incoming_minor, held_minor FROM commissions WHERE deal_id = 1")
    assert tuple(settled) == (0, 0, 62500)


def test_of_a_deal_that_nobody_shares_the_manager_hears_nothing(lite_town: Town) -> None:
    town = lived_in(lite_town, WORLDS[0])
    won(town, "006", "2026-11-20")
    assert not [one for one in town.mia.dms("baton") if "before the handoff began" in one.text]
