"""People press a button at the same moment, each over a connection of their own: one is first, the others hear so."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from forged import interaction
from response_hook import Hook

from bot.domain.rules import PayMode
from bot.domain.vocabulary import Reason
from bot.usecases.deals.commission import TermsForm
from bot.usecases.deals.deals import DealForm
from bot.usecases.workspace.setup import SetupView


@pytest.fixture
def hook():
    """Where answers go that only the one who clicked sees."""
    heard = Hook()
    yield heard
    heard.shutdown()
    heard.server_close()


def _all_click(town, hook, people, action_id, data):
    """Everybody presses the same button of the same message at once. Returns the sentences that came back."""
    button = {"action_id": action_id, "block_id": "b", "type": "button", "value": json.dumps(data)}
    click = {"type": "block_actions", "actions": [button], "response_url": hook.url}
    together = Barrier(len(people))

    def press(who):
        together.wait(10)
        return interaction(town, who, click).status

    with ThreadPoolExecutor(len(people)) as hands:
        assert set(hands.map(press, people)) == {200}
    town.settle()
    return sorted(one.get("text", "") for one in hook.got)


def test_both_sign_twice_at_once_and_the_second_of_each_is_told(town, hook):
    town.begun("Other")
    mia = town.actor("mia")
    town.bot.start(mia, replace(town.form("Acme"), reason=Reason.TERRITORY_CHANGE, last_day=None))
    town.settle()
    number = town.rows("SELECT max(id) AS id FROM handoffs")[0].id
    desk, closes = town.bot.deal_desk, (town.clock.now() + timedelta(days=60)).date()
    deal = desk.deals.save(mia, number, DealForm("Packing line", "12500", "EUR", closes))
    desk.terms.propose(mia, number, deal, TermsForm(PayMode.SHARED, "5", "30", "70", None), None)
    [agreed] = town.rows("SELECT id, version FROM commissions")
    people = ["olaf", "ines"] * 3
    said = _all_click(town, hook, people, "terms.sign", {"terms": agreed.id, "v": agreed.version})
    assert len([one for one in said if "You have agreed to these terms already" in one]) == 4, said
    [now] = town.rows("SELECT * FROM commissions")
    assert now.state == "signed"
    assert len(town.rows("SELECT id FROM audit WHERE verb = 'commission.signed'")) == 2
    kept = town.rows("SELECT owner_id FROM checklist_items WHERE key LIKE 'along.log.%' AND handoff_id = :n", n=number)
    assert len(kept) == len({row.owner_id for row in kept}) == 2, "one duty each, however many signed at once"


def test_two_managers_confirm_a_cover_at_once_and_the_second_hears_who_was_first(town, hook):
    town.set_up()
    people = (town.mia.id, town.ida.id)
    view = town.bot.setup.view(town.actor("mia"))
    town.bot.setup.save(town.actor("mia"), SetupView(view.stakeholders, people, None))
    town.bot.start(town.actor("mia"), replace(town.form("Acme"), incoming=None))
    town.settle()
    [account] = town.rows("SELECT id FROM accounts")
    assert not town.bot.coverage.changes.claim(town.actor("cora"), account.id)
    town.settle()
    [cora] = town.rows("SELECT id FROM people WHERE slack_id = :s", s=town.cora.id)
    said = _all_click(town, hook, ["mia", "ida"] * 2, "cover.confirm", {"account": account.id, "person": cora.id})
    told = [one for one in said if "confirmed" in one.casefold()]
    assert len(told) == 3, said
    assert any(f"<@{town.mia.id}>" in one or f"<@{town.ida.id}>" in one for one in told), said
    assert len(town.rows("SELECT id FROM audit WHERE verb = 'coverage.confirmed'")) == 1
    assert town.rows("SELECT id FROM coverage WHERE kind = 'cover' AND confirmed")
