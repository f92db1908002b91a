"""A CRM closes a deal while a handoff is prepared quietly: the account's history has it, and nothing of the handoff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import pytest

from bot.usecases.handoffs.start import AccountChoice
from bot.usecases.workspace.setup import SetupView
from tests.flows.test_crm import account, crm, deal
from tests.flows.test_history import file_of, told
from tests.town import Town

CLOSED = "The CRM closed the deal “Pumps”"
GRANTED = ("handoff of its own before", "never handed over before")


@pytest.fixture(params=GRANTED)
def closed(request: pytest.FixtureRequest, lite_town: Town) -> Town:
    """Mia and Cora are managers, Olaf has Acme, and Mia prepares quietly to hand it to Ines. The CRM wins a deal."""
    town = lite_town
    mia = town.actor("mia")
    town.bot.setup.save(mia, SetupView({}, (town.mia.id, town.cora.id), None))
    if request.param == GRANTED[0]:
        town.starts("Acme")
        town.settle()
        town.bot.handoffs.cancel(mia, 1, "Not now.")
    crm(town, account(owner={"slack_id": town.olaf.id}), deal(amount="12500", currency="EUR"))
    [acme] = town.rows("SELECT id FROM accounts")
    town.passes(hours=2)
    town.bot.start(mia, replace(town.form("Acme"), account=AccountChoice(id=acme.id), quiet=True))
    town.passes(hours=2)
    won(town, "2026-11-23T10:00:00Z", amount="12900")
    return town


def won(town: Town, at: str, **facts: Any) -> None:
    closing = {"id": "006", "outcome": "won", "closed_on": "2026-11-20", "currency": "EUR", **facts}
    assert crm(town, {"type": "deal.closed", "at": at, "deal": closing}).changed == 1


def lines_of(town: Town, who: str) -> list[str]:
    """What somebody reads of Acme's deals in its history."""
    return [line for line in told(town, who).text.splitlines() if "Pumps" in line]


def test_whoever_may_see_the_deals_finds_the_closing_and_nothing_of_what_is_prepared(closed: Town) -> None:
    for who in ("olaf", "cora"):
        said = told(closed, who).text
        [line] = [one for one in said.splitlines() if CLOSED in one]
        for fact in ("final amount: “12900.00”", "closed on: Fri 20 Nov", "from “open” to “won”"):
            assert fact in line, (who, line)
        assert "quiet" not in said.casefold()
        assert "@ines" not in "".join(one for one in said.splitlines() if "incoming" not in one)
        assert said.count("started the handoff") == len(closed.rows("SELECT id FROM handoffs WHERE NOT quiet"))
    assert not lines_of(closed, "carl")
    assert not lines_of(closed, "otto")
    with urlopen(file_of(closed, told(closed, "cora")), timeout=10) as answer:
        rows = answer.read().decode("utf-8-sig").splitlines()
    assert [row for row in rows if "deal.closed,Pumps" in row and "12900.00" in row]
    [quiet] = closed.rows("SELECT id FROM handoffs WHERE quiet")
    assert not [row for row in rows if f",Acme,{quiet.id}," in row]


def test_those_who_prepare_it_find_the_closing_once_before_it_is_opened_and_after(closed: Town) -> None:
    before = {who: lines_of(closed, who) for who in ("mia", "ines")}
    for who, lines in before.items():
        assert len([one for one in lines if CLOSED in one]) == 1, (who, lines)
    [quiet] = closed.rows("SELECT id FROM handoffs WHERE quiet")
    closed.bot.opening(closed.actor("mia"), quiet.id)
    closed.settle()
    for who in ("mia", "ines", "olaf", "cora"):
        assert len([one for one in lines_of(closed, who) if CLOSED in one]) == 1, who
        assert "opened the quiet handoff" in told(closed, who).text
    won(closed, "2026-11-23T11:00:00Z", amount="13000")  # an open handoff's own history has what comes now
    [row] = closed.rows("SELECT handoff_id FROM audit WHERE verb = 'deal.corrected'")
    assert row.handoff_id == quiet.id
    closed.passes(days=1)
    closed.bot.handoffs.cancel(closed.actor("mia"), quiet.id, "It is off.")
    assert [one for one in lines_of(closed, "ines") if CLOSED in one], "she took part in it when the deal was closed"
