"""A CRM is linked: what it sends becomes accounts, deals and contacts, and a new owner a question to the manager."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import Refused
from bot.usecases.crm.crm import crm_fields
from bot.usecases.handoffs.start import AccountChoice
from sandbox.seen import Seen
from tests.crm_steps import EIGHT, account, crm, deal
from tests.sharing import agreed, begun_sharing, open_deals, works
from tests.town import Town


def owner(town: Town, who: str, at: str = EIGHT, number: str = "001A", **more: Any) -> dict[str, Any]:
    named = {"slack_id": town.sandbox.person(who).id} if not who[0].isupper() else {"name": who}
    return {"type": "account.owner_changed", "at": at, "account": {"id": number}, "owner": named, **more}


def stored(town: Town, columns: str, table: str = "accounts") -> list[tuple[Any, ...]]:
    return [tuple(row) for row in town.rows(f"SELECT {columns} FROM {table} ORDER BY id")]


def states(town: Town) -> list[str]:
    return [row[0] for row in stored(town, "state", "owner_changes")]


def asked(town: Town, who: str = "mia") -> list[Seen]:
    """The messages about owners, in the order in which they came."""
    return [one for one in town.sandbox.person(who).dms("baton") if "in the CRM" in one.text]


def owned(town: Town, by: str = "olaf") -> Town:
    """The managers are named, and the account is known with its owner."""
    town.set_up()
    crm(town, account(owner={"slack_id": town.sandbox.person(by).id}))
    return town


def test_accounts_come_and_change_and_what_is_older_is_ignored(lite_town: Town) -> None:
    town = lite_town
    first = crm(town, account(region="North", link="https://crm.example/001A"), account("Bolt", "001B"))
    assert (first.changed, first.unchanged, first.older) == (2, 0, 0)
    same = crm(town, account(region="North"))
    assert (same.changed, same.unchanged) == (0, 1)
    late = crm(town, account("Acme Ltd", at="2026-11-23T07:59:59Z"))
    assert (late.changed, late.older) == (0, 1)
    renamed = crm(town, account("ACME  Ltd", at="2026-11-23T08:30:00Z"))
    assert renamed.changed == 1
    assert stored(town, "name, region, crm, crm_id") == [
        ("ACME Ltd", "North", "salesforce", "001A"), ("Bolt", "", "salesforce", "001B"),
    ]  # fmt: skip
    taken = crm(town, account("Bolt", at="2026-11-23T08:40:00Z"))
    assert stored(town, "name")[0] == ("ACME Ltd",)  # another account has that name: ours keeps its own
    assert taken.skipped == []


def test_the_crm_is_the_record_of_its_own_fields(lite_town: Town) -> None:
    town = lite_town.begun()
    handoff = town.bot.overview.handoff(town.actor("mia"), 1)
    assert crm_fields(handoff.account) == frozenset()
    crm(town, account())
    linked = town.bot.overview.handoff(town.actor("mia"), 1).account
    assert {"name", "crm_link", "region"} <= crm_fields(linked)
    assert linked.crm_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert stored(town, "name, crm_id") == [("Acme", "001A")]  # linked by its name


def test_a_new_owner_is_a_question_to_the_manager_who_starts_a_handoff(lite_town: Town) -> None:
    town = owned(lite_town)
    receipt = crm(town, owner(town, "ines", before={"slack_id": town.olaf.id}))
    assert receipt.changed == 1
    (question,) = asked(town)
    assert "Is that a handoff?" in question.text
    question.click("Start a handoff")
    form = town.mia.modal
    assert form is not None
    assert form.value("Account") == "Acme"
    assert form.value("Outgoing rep") == "@olaf"
    assert form.value("Incoming rep") == "@ines"
    town.fill(form, "Acme", "Territory change")
    assert form.submit().ok
    town.settle()
    (settled,) = asked(town)
    assert "started a handoff" in settled.text
    assert not settled.buttons
    assert states(town) == ["started"]

    # the CRM says again what Baton is about to do: nothing to ask
    assert crm(town, owner(town, "ines", at="2026-11-23T08:30:00Z")).unchanged == 1
    assert states(town) == ["started"]


def test_no_handoff_needed_gives_the_account_to_whom_the_crm_names(lite_town: Town) -> None:
    town = owned(lite_town)
    crm(town, owner(town, "ines"))
    asked(town)[0].click("No handoff needed")
    form = town.mia.modal
    assert form is not None
    form.fill("Why?", "Only a new name.")
    assert form.submit().ok
    town.settle()
    (settled,) = asked(town)
    assert "no handoff needed" in settled.text
    assert "Only a new name." in settled.text
    assert not settled.buttons
    found = town.bot.accounts.owner(town.actor("mia"), "Acme")
    assert found.owner is not None
    assert found.owner.slack_id == town.ines.id


def test_a_newer_change_replaces_the_question_and_a_change_back_settles_it(lite_town: Town) -> None:
    town = owned(lite_town)
    crm(town, owner(town, "ines"))
    crm(town, owner(town, "ines", at="2026-11-23T08:10:00Z"))  # said again
    crm(town, owner(town, "ida", at="2026-11-23T08:20:00Z"))
    assert states(town) == ["replaced", "open"]
    first, second = asked(town)
    assert not first.buttons
    assert second.buttons
    crm(town, owner(town, "olaf", at="2026-11-23T08:30:00Z"))
    assert states(town) == ["replaced", "overtaken"]
    assert not asked(town)[-1].buttons


def test_whom_nobody_knows_is_listed_and_the_form_asks(lite_town: Town) -> None:
    town = owned(lite_town)
    receipt = crm(town, owner(town, "Jane Roe"))
    assert receipt.unknown_owners == ["Jane Roe"]
    assert "I know nobody here by the name “Jane Roe”" in asked(town)[0].text
    new = crm(town, account("Bolt", "001B", owner={"name": "Jane Roe"}))
    assert (new.changed, new.unknown_owners) == (1, ["Jane Roe"])
    assert len(states(town)) == 1  # of an account that nobody had, there is nothing to hand over


def test_a_slack_id_that_slack_does_not_know_is_listed_once_slack_has_said_so(lite_town: Town) -> None:
    town = owned(lite_town)
    typo = {"slack_id": "U0TYPO00000"}
    crm(town, account("Bolt", "001B", owner=typo))  # Slack is asked who that is
    again = crm(town, account("Cork", "001C", owner=typo))
    assert again.unknown_owners == ["U0TYPO00000"]
    assert town.bot.accounts.owner(town.actor("mia"), "Cork").owner is None


def test_a_quiet_handoff_leaks_into_no_answer_and_no_question(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    mia = town.actor("mia")
    town.bot.start(mia, replace(town.form("Acme"), quiet=True))
    fresh, quiet = crm(town, account("Bolt", "001B")), crm(town, account())
    assert fresh == quiet
    crm(town, owner(town, "ines", at="2026-11-23T08:30:00Z"))  # the incoming rep of the quiet handoff
    assert states(town) == ["unasked"]
    assert asked(town) == []
    no_account = crm(town, deal(account_id="001X"))
    assert no_account.skipped == [{"event": 0, "reason": "no account with this id is known; send account.upsert first"}]


def test_the_answer_about_an_owner_does_not_tell_of_a_quiet_handoff(lite_town: Town) -> None:
    town = owned(lite_town)
    crm(town, account("Bolt", "001B", owner={"slack_id": town.olaf.id}))
    (acme,) = (row.id for row in town.rows("SELECT id FROM accounts WHERE name = 'Acme'"))
    quiet = replace(town.form("Acme"), account=AccountChoice(id=acme), quiet=True)
    town.bot.start(town.actor("mia"), quiet)  # to Ines
    for at in ("2026-11-23T08:10:00Z", "2026-11-23T08:20:00Z"):
        first, second = crm(town, owner(town, "ines", at)), crm(town, owner(town, "ines", at, "001B"))
        assert first == second
    assert [one.text.partition(":")[0] for one in asked(town)] == ["Bolt"]
    town.bot.handoffs.cancel(town.actor("mia"), 1, "It is off.")
    crm(town, owner(town, "ines", "2026-11-23T08:30:00Z"))
    assert [one.text.partition(":")[0] for one in asked(town)] == ["Bolt", "Acme"]  # now it is a question


def test_deals_and_contacts_come_change_and_stay_in_order(lite_town: Town) -> None:
    town = lite_town
    contact = {"id": "003", "account_id": "001A", "name": "Pat Lee", "mail": "pat@acme.example"}
    first = crm(
        town,
        account(),
        deal(amount="12500.00", currency="EUR", stage="Offer", expected_close="2026-12-18"),
        {"type": "contact.upsert", "contact": contact},
    )
    assert (first.changed, first.skipped) == (3, [])
    assert crm(town, deal(at="2026-11-23T07:00:00Z", stage="Lead")).older == 1
    assert crm(town, deal(at="2026-11-23T08:05:00Z", amount=13000, currency="EUR")).changed == 1
    assert crm(town, {"type": "contact.upsert", "contact": {**contact, "phone": "+49 30 1"}}).changed == 1
    assert stored(town, "name, stage, amount_minor, currency, crm_id", "deals") == [
        ("Pumps", "Offer", 1300000, "EUR", "006")
    ]
    assert stored(town, "name, mail, phone, crm_id", "contacts") == [("Pat Lee", "pat@acme.example", "+49 30 1", "003")]
    closing = {"id": "006", "outcome": "won", "closed_on": "2026-11-20", "amount": "12900", "currency": "EUR"}
    early = {**closing, "closed_on": "2026-12-24"}
    won = {"type": "deal.closed", "at": "2026-11-23T08:10:00Z", "deal": closing}
    assert "has not come yet" in crm(town, {**won, "deal": early}).skipped[0]["reason"]
    assert stored(town, "state, currency", "deals") == [("open", "EUR")]
    other = crm(town, {**won, "deal": {**closing, "currency": "USD"}})  # the estimate is in euros
    assert other.skipped[0]["reason"] == "this deal is kept in EUR: say in EUR for how much it was won"
    assert crm(town, won).changed == 1
    assert crm(town, won).unchanged == 1
    assert stored(town, "state, closed_minor", "deals") == [("won", 1290000)]
    assert crm(town, deal(at="2026-11-23T08:20:00Z")).skipped[0]["reason"].startswith("this deal is closed")


def test_a_deal_with_an_agreed_commission_is_settled_as_if_somebody_had_closed_it(lite_town: Town) -> None:
    town = begun_sharing(lite_town)
    agreed(town)
    works(town, "olaf")
    works(town, "ines")
    packing = deal(name="Packing line", amount="12500", currency="EUR")
    assert crm(town, account(), packing).skipped == []
    closing = {"id": "006", "outcome": "won", "closed_on": "2026-11-23"}
    won = {"type": "deal.closed", "at": "2026-11-23T08:10:00Z"}
    other = {**closing, "amount": "12500", "currency": "USD"}
    assert "this deal is kept in EUR" in crm(town, {**won, "deal": other}).skipped[0]["reason"]
    assert crm(town, {**won, "deal": {**closing, "amount": "12500", "currency": "EUR"}}).changed == 1
    open_deals(town)
    assert "Paid: @olaf €187.50, @ines €437.50" in town.mia.modal.text


@pytest.mark.parametrize("who", ["olaf", "ines"])
def test_only_managers_decide(lite_town: Town, who: str) -> None:
    town = owned(lite_town)
    crm(town, owner(town, "ines"))
    with pytest.raises(Refused):
        town.bot.crm.changes.decline(town.actor(who), 1, "")
    assert states(town) == ["open"]
