"""A CRM asks for a handoff: the development rep's side first, and the executive hears of it when the gate is passed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.crm.schema import NotRead, read_delivery
from bot.domain.commission import PassTheGateFirst
from bot.domain.rules import PayMode
from bot.usecases.crm.crm import AnotherContent
from bot.usecases.crm.work import Receipt
from bot.usecases.deals.commission import TermsForm
from bot.usecases.handoffs.editing import Edit
from bot.usecases.workspace.setup import SetupView
from tests.crm_steps import account, crm
from tests.town import Town

NINE = "2026-11-23T08:30:00Z"


def linked(town: Town, manager: str | None = None, channel: str | None = "C0ACCOUNTS0") -> Town:
    """Mia is the manager, and handoffs from the CRM stand in #accounts."""
    town.close_bot()
    town.settings = replace(town.settings, crm_manager=manager, crm_channel=channel)
    town.open_bot()
    mia = town.actor("mia")
    town.bot.setup.save(mia, SetupView({}, (mia.user_id,), None))
    return town


def requested(town: Town, **others: Any) -> dict[str, Any]:
    asked = {
        "type": "handoff.requested",
        "at": NINE,
        "account": {"id": "001A", "name": "Acme"},
        "outgoing": {"slack_id": town.olaf.id},
        "incoming": {"slack_id": town.ines.id},
        "benefit": "Somebody who can decide with them.",
        **others,
    }
    return {name: value for name, value in asked.items() if value is not None}


def reasons(receipt: Receipt) -> list[str]:
    return [one["reason"] for one in receipt.skipped]


def rung(town: Town, who: str) -> list[str]:
    """Every message that was ever posted to somebody, or that mentioned them when it was posted."""
    person = town.sandbox.person(who).id
    posted = [call.args for call in town.sandbox.workspace.weather.called("chat.postMessage")]
    return [str(one) for one in posted if one.get("channel") == person or f"<@{person}>" in str(one)]


def test_the_executive_hears_nothing_before_the_gate_and_everything_after(lite_town: Town) -> None:
    town = linked(lite_town)
    deal = {"id": "006", "name": "Pumps", "amount": "12500", "currency": "EUR", "expected_close": "2027-01-29"}
    receipt = crm(town, requested(town, deal=deal, last_day="2026-12-18"))
    assert receipt.handoffs == [{"handoff": 1, "account": "Acme"}]
    assert (receipt.changed, receipt.skipped, receipt.unknown_owners) == (1, [], [])
    mia, olaf = town.actor("mia"), town.actor("olaf")
    handoff = town.bot.overview.handoff(mia, 1)
    assert (handoff.reason, handoff.manager and handoff.manager.slack_id) == ("stage_move", town.mia.id)
    assert town.rows("SELECT p.key FROM playbooks p JOIN handoffs h ON h.playbook_id = p.id") == [("stage_move",)]
    assert town.rows("SELECT name, crm_id, state FROM deals") == [("Pumps", "006", "open")]
    assert town.rows("SELECT crm, crm_id FROM accounts") == [("salesforce", "001A")]

    # the development rep works, is reminded, and is late; the executive is named on the card and not rung
    town.passes(days=9)
    assert rung(town, "ines") == []
    assert "Ines" in town.card().text
    assert [one for one in town.olaf.dms("baton") if "Acme" in one.text]
    found = town.bot.accounts.owner(mia, "Acme")
    assert found.owner is None or found.owner.slack_id != town.ines.id
    assert town.rows("SELECT count(*) FROM nudges n JOIN people p ON p.id = n.person_id WHERE p.slack_id = :who",
                     who=town.ines.id) == [(0,)]  # fmt: skip
    for item in handoff.items_of(handoff.stages[0]):
        actor = mia if town.bot.checklist.item(mia, item.id).owner_role == "manager" else olaf
        if item.form is None:
            town.bot.checklist.complete(actor, item.id)
        else:
            town.bot.checklist.write_down(actor, item.id, item.form, {"note": "It is done."})
    town.settle()
    assert rung(town, "ines") == []

    town.bot.handoffs.override(mia, 1, "They are qualified.")
    town.settle()
    assert any("Read the brief, then accept or return it" in one for one in rung(town, "ines"))
    town.ines.dms("baton")[-1].click("Accept")
    town.settle()
    assert town.bot.overview.handoff(mia, 1).acceptance == "accepted"
    assert f"Owner of record: <@{town.ines.id}>" in str(town.card().blocks)
    before = len(rung(town, "ines"))
    town.passes(days=30)
    assert len(rung(town, "ines")) > before  # the steps of the next stage are due


def test_the_executive_finds_it_on_home_and_in_their_list_once_the_gate_is_passed(lite_town: Town) -> None:
    """Everybody else in it finds it from the start, and whoever looks at the whole team's list too."""
    town = linked(lite_town)
    crm(town, requested(town, last_day="2026-12-18"), requested(town, account={"id": "001B", "name": "Bolt"},
        incoming={"slack_id": town.ida.id}, outgoing={"slack_id": town.ines.id}))  # fmt: skip
    town.settle()
    mia = town.actor("mia")

    def listed(who: str, scope: str = "mine") -> list[str]:
        return sorted(row.handoff.account.name for row in town.bot.overview.list(town.actor(who), scope).rows)

    assert listed("ines") == ["Bolt"]  # in which she is the one who hands over
    assert town.bot.overview.list(town.actor("ines"), "mine").more == 0
    assert "Acme" not in town.ines.opens_home().text
    assert "Bolt" in town.ines.opens_home().text
    assert (listed("olaf"), listed("mia"), listed("ida")) == (["Acme"], ["Acme", "Bolt"], [])
    assert "Acme" in town.olaf.opens_home().text
    assert "Acme" in town.mia.opens_home().text
    assert listed("ines", "team") == ["Acme", "Bolt"]

    town.bot.handoffs.override(mia, 1, "They are qualified.")
    town.settle()
    assert listed("ines") == ["Acme", "Bolt"]
    assert "Acme" in town.ines.home.text
    # the executive who is named instead is not involved before the gate has asked them
    town.bot.editing(mia, 1, Edit({"incoming": town.ida.id}))
    town.settle()
    assert (listed("ines"), listed("ida")) == (["Bolt"], [])


def test_what_an_executive_has_returned_stays_with_them_whatever_becomes_of_it(lite_town: Town) -> None:
    """Whoever was asked once knows of it, and wants to see what becomes of what they asked for."""
    town = linked(lite_town)
    crm(town, requested(town), requested(town, account={"id": "001B", "name": "Bolt"}, reason="campaign_move"))
    mia, ines = town.actor("mia"), town.actor("ines")

    def listed(who: str) -> list[str]:
        return sorted(row.handoff.account.name for row in town.bot.overview.list(town.actor(who), "mine").rows)

    for number in (1, 2):
        town.bot.handoffs.override(mia, number, "They are qualified.")
        town.bot.handoffs.send_back(ines, number, [], "Who signs at the customer?")
    town.settle()
    assert town.bot.overview.handoff(mia, 1).acceptance == "not_asked"
    assert listed("ines") == ["Acme", "Bolt"]
    assert "Acme" in town.ines.opens_home().text
    assert f"<@{town.ines.id}>" in str(town.card().blocks)
    # what was no stage move when it was returned becomes one: it does not vanish either
    town.bot.editing(mia, 2, Edit({"reason": "stage_move"}))
    town.settle()
    assert listed("ines") == ["Acme", "Bolt"]
    assert "Bolt" in town.ines.opens_home().text
    # they are told when the customer asks for somebody else, as everybody who was brought in
    row = town.rows("SELECT incoming_id AS i FROM handoffs WHERE id = 2")[0]
    town.bot.rematch.declines(town.actor("olaf"), 2, row.i, "Too far away.")
    # whoever is named in their place was not asked
    town.bot.editing(mia, 1, Edit({"incoming": town.ida.id}))
    town.settle()
    assert [one for one in town.ines.dms("baton") if "Bolt" in one.text and "somebody else" in one.text]
    assert (listed("ines"), listed("ida")) == ([], [])
    assert "Acme" not in town.ida.opens_home().text
    town.passes(minutes=5)
    town.bot.handoffs.override(mia, 1, "They are qualified.")
    town.settle()
    assert listed("ida") == ["Acme"]
    assert any("Read the brief, then accept or return it" in one for one in rung(town, "ida"))


def test_of_a_step_that_an_executive_was_given_they_read_as_of_any_other(lite_town: Town) -> None:
    town = linked(lite_town)
    crm(town, requested(town))
    step = town.bot.overview.handoff(town.actor("mia"), 1).items[0]
    town.bot.checklist.assign(town.actor("mia"), step.id, town.ines.id)
    town.settle()
    assert step.title in town.ines.opens_home().text
    assert town.bot.overview.menu(town.actor("ines")).items == 1


def test_commissions_are_agreed_with_an_executive_once_the_gate_is_passed(lite_town: Town) -> None:
    town = linked(lite_town)
    crm(town, requested(town, deal={"id": "006", "name": "Pumps", "amount": "12500", "currency": "EUR"}))
    mia, form = town.actor("mia"), TermsForm(PayMode.SHARED, "10", "50", "50", None)
    with pytest.raises(PassTheGateFirst):
        town.bot.deal_desk.terms.draft(mia, 1, 1)
    with pytest.raises(PassTheGateFirst):
        town.bot.deal_desk.terms.propose(mia, 1, 1, form, None)
    town.settle()
    assert rung(town, "ines") == []
    town.bot.handoffs.override(mia, 1, "They are qualified.")
    town.bot.deal_desk.terms.propose(mia, 1, 1, form, None)
    town.settle()
    assert any("Pumps" in one for one in rung(town, "ines"))


def test_an_executive_who_was_not_brought_in_yet_hears_nothing_when_the_customer_asks_for_another(
    lite_town: Town,
) -> None:
    town = linked(lite_town)
    crm(town, requested(town))
    row = town.rows("SELECT incoming_id AS i FROM handoffs")[0]
    town.bot.rematch.declines(town.actor("olaf"), 1, row.i, "Too far away.")
    town.settle()
    assert town.ines.dms("baton") == []
    assert [one for one in town.mia.dms("baton") if "Too far away" in one.text]


def test_the_same_twice_starts_one_and_one_under_way_is_named_but_never_a_quiet_one(lite_town: Town) -> None:
    town = linked(lite_town)
    assert crm(town, requested(town)).handoffs
    again = crm(town, requested(town), requested(town, account={"name": "ACME"}))
    assert again.handoffs == []
    assert all(one.startswith("a handoff of this account is under way: http") for one in reasons(again))
    for number, name in (("001B", "Bolt"), ("001C", "Crane")):
        town.bot.start(town.actor("mia"), replace(town.form(name), quiet=True))
        for meant in ({"id": number, "name": name}, {"name": name}):
            quiet = crm(town, requested(town, account=meant))
            assert (quiet.handoffs, reasons(quiet)) == ([], ["no handoff of this account can be started now"])
    assert town.rows("SELECT count(*) FROM handoffs") == [(3,)]


def test_whom_nobody_knows_is_said(lite_town: Town) -> None:
    town = linked(lite_town)
    nobody = crm(town, requested(town, outgoing={"name": "Jane Roe"}))
    assert (nobody.handoffs, reasons(nobody)) == ([], ["nobody here is known as the outgoing rep"])
    assert nobody.unknown_owners == ["Jane Roe"]
    boss = crm(town, requested(town, manager={"name": "Jane Roe"}))
    assert reasons(boss) == ["nobody here is known as the manager"]
    assert reasons(crm(town, requested(town, manager={"slack_id": town.olaf.id}))) == [
        "the manager named may not start handoffs"
    ]
    assert reasons(crm(town, requested(town, account={"id": "001X"})))[0].startswith("no account with this id is known")
    assert reasons(crm(town, requested(town, incoming={"slack_id": town.olaf.id})))[0].startswith("incoming: ")
    assert reasons(crm(town, requested(town, last_day="2026-11-20")))[0].startswith("last_day: That day has passed")
    town.sandbox.actions.deactivate(town.olaf.id)
    assert reasons(crm(town, requested(town))) == ["nobody here is known as the outgoing rep"]
    assert town.rows("SELECT count(*) FROM handoffs") == [(0,)]
    # an executive who is not known yet can be named later, on the card
    later = crm(town, requested(town, outgoing={"slack_id": town.ida.id}, incoming={"name": "Jane Roe"}))
    assert (later.handoffs, later.unknown_owners) == ([{"handoff": 1, "account": "Acme"}], ["Jane Roe"])


def test_the_channel_and_the_manager_come_from_the_settings(lite_town: Town) -> None:
    town = linked(lite_town, channel=None)
    assert "BATON_CRM_CHANNEL" in reasons(crm(town, requested(town)))[0]
    linked(town, channel="C0GENERAL00")
    assert reasons(crm(town, requested(town)))[0].startswith("channel: I am not in that channel")
    linked(town, manager=town.olaf.id)
    assert reasons(crm(town, requested(town))) == ["the manager named may not start handoffs"]
    linked(town, manager=town.mia.id)
    crm(town, account(tier="key"))
    assert crm(town, requested(town, account={"id": "001A"}, reason="campaign_move")).handoffs
    assert town.rows("SELECT reason, tier FROM handoffs") == [("campaign_move", "key")]


def test_a_deal_that_cannot_come_along_keeps_no_handoff_from_starting(lite_town: Town) -> None:
    town = linked(lite_town)
    pumps = {"id": "006", "account_id": "001B", "name": "Pumps"}
    crm(town, account("Bolt", "001B"), {"type": "deal.upsert", "deal": pumps})
    receipt = crm(town, requested(town, deal={"id": "006", "name": "Pumps"}))
    assert receipt.handoffs == [{"handoff": 1, "account": "Acme"}]
    assert reasons(receipt) == ["the handoff has begun without it: this deal is known as one of another account"]


def test_of_other_handoffs_the_incoming_rep_is_rung_by_the_card_as_before(lite_town: Town) -> None:
    town = lite_town.begun()
    assert f"<@{town.ines.id}>" in str(town.card().blocks)
    assert f"<@{town.olaf.id}>" in str(town.card().blocks)


def test_a_delivery_that_comes_again_is_answered_as_before_and_starts_nothing(lite_town: Town) -> None:
    town = linked(lite_town)
    body = {"id": "d-1", "system": "salesforce", "events": [requested(town)]}
    first, again = (town.bot.crm.inbound.take(read_delivery(json.dumps(body).encode()), "digest") for _ in range(2))
    assert (first.repeated, again.repeated) == (False, True)
    assert first.handoffs == again.handoffs == [{"handoff": 1, "account": "Acme"}]
    with pytest.raises(AnotherContent):
        town.bot.crm.inbound.take(read_delivery(json.dumps(body).encode()), "another digest")
    assert town.rows("SELECT count(*) FROM handoffs") == [(1,)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"benefit": None}, "events[0].benefit"),
        ({"benefit": " \u200b "}, "events[0].benefit"),
        ({"benefit": "x" * 10_000}, "events[0].benefit"),
        ({"benefit": ["x"]}, "events[0].benefit"),
        ({"account": {}}, "events[0].account"),
        ({"account": {"name": "x" * 10_000}}, "events[0].account.name"),
        ({"account": "Acme"}, "events[0].account"),
        ({"outgoing": None}, "events[0].outgoing"),
        ({"outgoing": {"mail": "olaf@example.com"}}, "events[0].outgoing.mail"),
        ({"incoming": {"slack_id": "<!channel>"}}, "events[0].incoming.slack_id"),
        ({"reason": "boredom"}, "events[0].reason"),
        ({"last_day": "9999-12-31"}, "events[0].last_day"),
        ({"last_day": "18.12.2026"}, "events[0].last_day"),
        ({"quiet": True}, "events[0].quiet"),
        ({"account": {"name": "Acme"}, "deal": {"id": "006", "name": "Pumps"}}, "events[0]"),
        ({"deal": {"id": "006", "name": "Pumps", "amount": "1.00"}}, "events[0].deal"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_named_by_its_field(wrong: dict[str, Any], field: str) -> None:
    asked = {
        "type": "handoff.requested",
        "at": NINE,
        "account": {"id": "001A", "name": "Acme"},
        "outgoing": {"name": "Olaf"},
        "benefit": "Somebody who can decide with them.",
        **wrong,
    }
    event = {name: value for name, value in asked.items() if value is not None}
    with pytest.raises(NotRead) as caught:
        read_delivery(json.dumps({"id": "d-1", "system": "salesforce", "events": [event]}).encode())
    assert caught.value.problems[0][0] == field
