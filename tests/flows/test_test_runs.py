"""A test run plays a handoff from start to end; who looks after the account stays as it is (A2, D18)."""

from __future__ import annotations

from datetime import date, timedelta

from bot.domain.accounts import Account
from bot.domain.vocabulary import Tier
from bot.usecases.accounts.accounts import give_account
from bot.usecases.handoffs.editing import Edit


def _line(town):
    rows = town.rows(
        "SELECT c.kind, c.confirmed, p.name, c.from_on, c.until_on FROM coverage c JOIN accounts a"
        " ON a.id = c.account_id LEFT JOIN people p ON p.id = c.person_id WHERE a.name = 'Acme' ORDER BY c.from_on"
    )
    return [(row.kind if row.confirmed else "offer", (row.name or "").split(" ")[0]) for row in rows]


def _cora_has_it(town):
    """Acme is a key account, and Cora's."""
    town.set_up()
    with town.bot.db.write() as session:
        cora = town.bot.desk.person(session, 1, town.cora.id)
        account = Account(1, "Acme", tier=Tier.KEY)
        session.add(account)
        session.flush()
        give_account(session, account, cora, date(2026, 11, 23) - timedelta(days=50), None)
    town.settle()


def _rehearsed(town, reason="Retirement", **fields):
    return town.handoff("Acme", reason, **{"Tier": "Key", "Options": ["Test run"], **fields})


def _accepts(town):
    town.card().menu("Override the gate")
    town.mia.modal.fill("Go on all the same?", "Only a rehearsal.")
    assert town.mia.modal.submit().ok
    town.ines.dms("baton")[-1].click("Accept")


def test_from_start_to_acceptance_the_owner_stays_who_it_is(town):
    _cora_has_it(town)
    before = _line(town)
    _rehearsed(town)
    town.passes(days=2)
    _accepts(town)
    assert any("This is a test run" in one.text for one in town.mia.thread(town.card()))
    town.passes(days=40)
    assert _line(town) == before
    assert before[0][0] == "owner"
    assert town.otto.types("/handoff owner acme", in_="#general").ok
    said = town.otto.ephemerals("#general")[-1].text
    assert "is with @cora" in said
    assert "take it over" not in said


def test_of_an_account_without_a_line_a_test_run_begins_none_and_asks_for_no_cover(lite_town):
    town = lite_town
    town.set_up()
    card = _rehearsed(town, **{"Incoming rep": None})
    assert _line(town) == []
    assert "Nobody is named" not in card.text
    assert "Name the cover" not in card.buttons
    assert not [one for one in town.mia.thread(card) if "looks after it meanwhile" in one.text]
    town.passes(days=30)
    assert _line(town) == []
    assert not [one for one in town.mia.dms("baton") if "nobody looks after it" in one.text]
    assert not town.rows("SELECT 1 FROM checklist_items WHERE key LIKE 'along.cover%'")


def test_the_playbook_s_step_about_a_cover_is_played_with_its_form_and_changes_nothing(lite_town):
    town = lite_town
    _cora_has_it(town)
    _rehearsed(town, "Voluntary departure", **{"Incoming rep": None})
    step = town.rows("SELECT title FROM checklist_items WHERE key = 'name_cover'")[0].title
    town.checklist().click("Done", near=step)
    form = town.mia.modal
    form.choose("Who?", "@ida")
    form.choose("From", "2026-12-19")
    form.choose("Last day", "2026-12-18")
    assert "before it begins" in form.submit().errors["Last day"], "a mistake is shown as in earnest"
    form.choose("Last day", "2027-01-10")
    assert form.submit().ok
    assert town.rows("SELECT state FROM checklist_items WHERE key = 'name_cover'")[0].state == "done"
    assert len(_line(town)) == 1


def test_a_real_change_of_the_account_is_made_meanwhile_as_if_there_were_no_test_run(lite_town):
    town = lite_town
    _cora_has_it(town)
    _rehearsed(town)
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    form = town.mia.modal
    form.choose("What is to happen?", "Somebody becomes the owner")
    form.choose("Who?", "@ida")
    assert form.submit().ok
    assert _line(town) == [("owner", "Cora"), ("owner", "Ida")]


def test_a_vacancy_that_is_real_is_raised_although_a_test_run_is_under_way(lite_town):
    town = lite_town
    _cora_has_it(town)
    _rehearsed(town)
    town.sandbox.actions.deactivate(town.cora.id)
    town.passes(days=1)
    assert _line(town) == [("owner", "Cora"), ("vacant", "")]
    assert [one for one in town.mia.dms("baton") if "Acme (key): nobody looks after it" in one.text]


def test_cancelled_it_leaves_what_was_planned(lite_town):
    town = lite_town
    _cora_has_it(town)
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    town.mia.modal.choose("Who?", "@ida")
    town.mia.modal.choose("From", "2026-12-01")
    assert town.mia.modal.submit().ok
    before = _line(town)
    _rehearsed(town, **{"Outgoing rep": "@cora"})
    town.card().menu("Edit")
    town.mia.modal.choose("Last day", "2026-12-04")
    assert town.mia.modal.submit().ok
    town.passes(days=20)
    town.card().menu("Cancel")
    town.mia.modal.fill("Reason", "We know now how it goes")
    assert town.mia.modal.submit().ok
    assert _line(town) == before
    assert ("cover", "Ida") in before


def test_when_it_becomes_earnest_the_line_follows_and_back_again_its_plans_are_off(lite_town):
    town = lite_town
    town.set_up()
    _rehearsed(town, **{"Incoming rep": None})
    _switches(town, [])
    assert _line(town) == [("owner", "Olaf")]
    assert "Nobody is named to look after it" in town.card().text
    town.card().click("Name the cover")
    town.mia.modal.choose("Who?", "@cora")
    assert town.mia.modal.submit().ok
    assert ("cover", "Cora") in _line(town)
    _switches(town, ["Test run"])
    assert _line(town) == [("owner", "Olaf")]
    assert not town.rows("SELECT 1 FROM handoffs WHERE cover_id IS NOT NULL")


def _switches(town, on):
    town.card().menu("Edit")
    assert town.mia.modal.click("More").ok
    town.mia.modal.choose("Options", on)
    assert town.mia.modal.submit().ok


def test_what_it_says_of_the_account_is_only_played_until_it_becomes_a_real_handoff(lite_town):
    town = lite_town
    _cora_has_it(town)
    _rehearsed(town, **{"Tier": "Standard", "Sales channel": "Partner"})
    mia, account = town.actor("mia"), "SELECT tier, sales_channel, overseas FROM accounts WHERE name = 'Acme'"
    before = ("key", "direct", 0)
    assert tuple(town.rows(account)[0]) == before
    assert tuple(town.rows("SELECT tier, sales_channel FROM handoffs")[0]) == ("standard", "partner")
    town.bot.editing(mia, 1, Edit({"tier": "strategic", "overseas": True}))
    assert tuple(town.rows(account)[0]) == before
    town.bot.editing(mia, 1, Edit({"test_run": False}))
    assert tuple(town.rows(account)[0]) == ("strategic", "partner", 1)


def test_forms_about_the_customer_say_that_what_is_written_stays(lite_town):
    town = lite_town
    town.set_up()
    stays = "What you write here about the customer is kept all the same."
    _rehearsed(town)
    town.card().menu("Edit")
    town.mia.modal.click("The customer’s contact")
    assert stays in town.mia.modal.text
    town.mia.modal.fill("Who from the customer?", "Petra Muster")
    assert town.mia.modal.submit().ok
    assert [row.name for row in town.rows("SELECT name FROM contacts")] == ["Petra Muster"]
    town.mia.types("/handoff deals acme", in_="#accounts")
    town.mia.modal.click("Add a deal")
    assert stays in town.mia.modal.text
    town.mia.modal.close()
    town.mia.modal.close()
    _switches(town, [])
    town.card().menu("Edit")
    town.mia.modal.click("The customer’s contact")
    assert stays not in town.mia.modal.text
