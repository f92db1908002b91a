"""A file closes deals, of which one pays two reps: whoever may not know of that is not told."""

from __future__ import annotations

import pytest

from bot.domain.imports.report import ImportKind
from bot.usecases.deals.deals import DealForm
from bot.usecases.desk import Actor
from bot.usecases.imports.importing import Importing, Request
from bot.usecases.workspace.setup import SetupView
from tests.flows.test_import import brings, told
from tests.sharing import agreed, begun_sharing
from tests.town import Town

WON = b"Account,Deal,Amount,Currency,State,Closed on\nAcme,%s,12500,EUR,won,2026-11-20\n"
BOTH = WON % b"Packing line" + b"Acme,Valves,900,EUR,won,2026-11-20\n"
PAYS, STAYS = "a commission was agreed for it", "The deal stays open here."


@pytest.fixture
def shared(lite_town: Town) -> Town:
    """Mia hands Acme from Olaf to Ines, who share a deal and not another; Cora is a manager as well."""
    town = begun_sharing(lite_town)
    town.bot.setup.save(town.actor("mia"), SetupView({}, (town.mia.id, town.cora.id), None))
    agreed(town)
    town.bot.deal_desk.deals.save(town.actor("mia"), 1, DealForm("Valves", "900", "EUR", None))
    return town


def noted(town: Town, who: str) -> str:
    assert brings(town, BOTH, "won.csv", "Deals", who).ok
    return told(town, who).text


def test_a_manager_without_a_part_in_it_reads_that_it_stays_open_and_not_why(shared: Town) -> None:
    said = noted(shared, "cora")
    assert STAYS in said
    assert told(shared, "cora").click("Import 1 row").ok
    said += told(shared, "cora").text
    for word in ("commission", "agreed", "pays", "share", "handoff"):
        assert word not in said.casefold(), word
    assert shared.rows("SELECT name, state FROM deals ORDER BY id") == [("Packing line", "open"), ("Valves", "won")]


def test_the_manager_of_the_handoff_and_the_operator_are_told_why(shared: Town) -> None:
    said = noted(shared, "mia")
    assert PAYS in said
    assert STAYS not in said
    operator = Importing(shared.bot.desk, operator=True)
    looked = operator.prepare(Actor(shared.actor("mia").team_id, ""), Request(ImportKind.DEALS, "won.csv", BOTH))
    assert [PAYS in str(one.problem) for one in looked.notes] == [True]


def test_what_is_closed_stays_as_it_is_and_where_it_is_corrected_is_said(shared: Town) -> None:
    assert noted(shared, "cora")
    assert told(shared, "cora").click("Import 1 row").ok
    assert brings(shared, BOTH.replace(b"won", b"lost"), "lost.csv", "Deals", "cora").ok
    assert (
        "is closed here and stays as it is. Correct the closing in the view of its account."
        in told(shared, "cora").text
    )
