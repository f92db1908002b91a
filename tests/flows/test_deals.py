"""Deals in flight: listed one after the other, changed, closed; seen by whom they concern (A35)."""

from __future__ import annotations

import pytest

from tests.sharing import LIST, adds, agreed, audited, begun_sharing, open_deals


@pytest.fixture
def begun(lite_town):
    return begun_sharing(lite_town)


def test_the_step_lists_the_deals_one_after_the_other(town):
    begun_sharing(town)
    assert town.checklist("olaf").click("Done", near=LIST).ok
    assert "No deal is under way" in town.olaf.modal.text
    assert adds(town, who="olaf").ok
    assert "Packing line\n€12,500.00 · expected to close Mon 1 Feb 2027" in town.olaf.modal.text
    assert adds(town, "Spare parts", "9 800", who="olaf", close="2026-12-15").ok
    shown = town.olaf.modal.text
    assert shown.index("Spare parts") < shown.index("Packing line")  # the one that closes first
    assert town.olaf.modal.submit().ok
    assert "done by @olaf" in town.checklist("olaf").text
    [record] = town.rows("SELECT body FROM records WHERE kind = 'deals'")
    assert "12500.00" in str(record.body)
    assert len(audited(town, "deal.added")) == 2


def test_what_cannot_be_read_is_asked_about_under_its_field(begun):
    open_deals(begun)
    assert "can mean 12500.00 or 12.50" in adds(begun, amount="12,500").errors["Amount"]
    begun.mia.modal.close()
    for amount, currency, field, words in (
        ("12500", "DEM", "Currency", "is no currency in use"),
        ("-5", "EUR", "Amount", "Less than nothing"),
        ("99999999999999", "EUR", "Amount", "more than I can believe"),
        ("12.5", "JPY", "Amount", "JPY has 0 decimals"),
        ("a lot", "EUR", "Amount", "no amount I can read"),
    ):
        assert words in adds(begun, amount=amount, currency=currency).errors[field]
        begun.mia.modal.close()
    assert "That day has passed" in adds(begun, close="2026-11-20").errors["Expected to close"]
    begun.mia.modal.close()
    assert adds(begun).ok
    assert "of that name already" in adds(begun, "packing LINE").errors["Deal"]
    assert len(begun.rows("SELECT id FROM deals")) == 1


def test_a_second_person_who_has_left_meanwhile_is_refused(begun):
    open_deals(begun)
    begun.mia.modal.click("Add a deal")
    form = begun.mia.modal
    form.fill("Deal", "Crane")
    form.fill("Amount", "5")
    form.fill("Currency", "EUR")
    form.choose("Who knows it as well", "@carl")
    begun.sandbox.actions.deactivate(begun.carl.id)
    begun.settle()
    assert "cannot be reached" in form.submit().errors["Who knows it as well"]
    assert not begun.rows("SELECT id FROM deals")


def test_of_two_who_change_a_deal_at_once_the_second_is_told(begun):
    open_deals(begun)
    adds(begun)
    open_deals(begun, "olaf")
    begun.olaf.modal.menu("Change the deal")
    begun.mia.modal.menu("Change the deal")
    begun.mia.modal.fill("Amount", "13000")
    assert begun.mia.modal.submit().ok
    begun.olaf.modal.fill("Amount", "11000")
    begun.olaf.modal.submit()
    assert "has changed meanwhile" in begun.olaf.modal.text
    [deal] = begun.rows("SELECT amount_minor FROM deals")
    assert deal.amount_minor == 1_300_000
    [change] = audited(begun, "deal.changed")
    assert "12500.00" in str(change.before)
    assert "13000.00" in str(change.after)


def test_an_unknown_account_and_one_without_a_handoff(begun):
    assert begun.mia.types("/handoff deals Nobody", in_="#accounts").ok
    assert begun.mia.sees("I do not know an account like “Nobody”")


def test_the_list_is_kept_short_of_slack_s_limits(begun):
    open_deals(begun)
    for number in range(12):
        assert adds(begun, f"Deal {number}").ok
    assert begun.mia.modal.text.count("Change the deal") == 0
    assert len(begun.mia.modal.view.blocks) <= 100


# -- who sees it ---------------------------------------------------------------------------------------------------


def test_outsiders_see_neither_deals_nor_shares(begun):
    agreed(begun)
    begun.sandbox.actions.invite("C0ACCOUNTS0", begun.otto.id)
    for who in ("otto", "cora", "carl", "ida"):
        assert begun.sandbox.person(who).types("/handoff deals Acme", in_="#accounts").ok
        assert begun.sandbox.person(who).modal is None
        assert begun.sandbox.person(who).sees("Only")
    for who in ("otto", "carl"):
        texts = [m.text for m in begun.sandbox.person(who).messages("#accounts")]
        texts += [m.text for m in begun.sandbox.person(who).thread(begun.card())]
        assert not [text for text in texts if "Packing line" in text or "12,500" in text]


def test_a_cover_sees_the_deals_and_not_the_shares(begun):
    agreed(begun)
    begun.cora.opens_home()
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE handoffs SET cover_id = (SELECT id FROM people WHERE slack_id = '{begun.cora.id}')"
        )
    text = open_deals(begun, "cora").text
    assert "Packing line" in text
    assert "Shared" not in text
    assert "commission" not in text.casefold()


def test_the_brief_shows_the_deals_to_those_who_may_see_them(begun):
    agreed(begun)
    for who, sees in (("ines", True), ("mia", True), ("otto", False), ("ida", False)):
        person = begun.sandbox.person(who)
        if person.modal is not None:
            person.modal.close()
        begun.sandbox.actions.invite("C0ACCOUNTS0", person.id)
        assert person.types("/handoff brief Acme", in_="#accounts").ok
        assert ("Packing line · €12,500.00" in person.modal.text) is sees
