"""What is known of an account, what is missing, how fresh it is; yearly dates, expiries and the following order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.accounts import Account
from bot.domain.customer import Contact, ContactRole
from bot.domain.deals import Deal
from bot.domain.dossier import Agreement, Fact, KeyDate, RegularOrder, following_order
from bot.domain.facts import DENIABLE, Dossier, completeness, freshness, known
from bot.domain.playbook_json import playbook_from_dict, playbook_to_dict
from bot.domain.rules import DossierRule
from bot.playbooks.files import SHIPPED, load_library
from bot.store.mapping import start_mappers

start_mappers()

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = DossierRule()
ADA = Contact(1, 1, "Ada Lind", ContactRole.DECISION_MAKER, mail="ada@acme.example")
LINE = Deal(1, 1, "Packing line", NOON, "Offer", 100, "EUR", TODAY, source="Fair")


def _full() -> Dossier:
    account = Account(
        1, "Acme", crm_link="https://crm.example/1", next_order_on=TODAY, access=[], needs="Quiet machines",
        org_chart="https://files.example/acme",
    )  # fmt: skip
    things = ([Agreement(1, 1, "Frame")], [KeyDate(1, 1, "Fair", TODAY)], [RegularOrder(1, 1, "Boxes")])
    return Dossier(account, [ADA], [LINE], *things, entry_on=TODAY, touch_on=TODAY)


def test_everything_is_known_or_everything_is_missing():
    assert all(known(_full(), RULE, TODAY).values())
    assert not any(known(Dossier(Account(1, "Acme")), RULE, TODAY).values())
    assert set(known(_full(), RULE, TODAY)) == set(Fact)


def test_what_there_is_none_of_is_known_once_somebody_says_so():
    nothing = Dossier(Account(1, "Acme", none_of=sorted(DENIABLE)))
    facts = known(nothing, RULE, TODAY)
    assert {fact for fact, there in facts.items() if there} == DENIABLE | {Fact.NEXT_ORDER, Fact.LEAD_SOURCE}


def test_a_deal_without_a_date_leaves_the_deals_unknown_whatever_was_denied():
    half = Deal(1, 1, "Spare parts", NOON, "Offer", 100, "EUR")
    facts = known(Dossier(Account(1, "Acme", none_of=["deals"]), deals=[LINE, half]), RULE, TODAY)
    assert not facts[Fact.DEALS]
    assert not facts[Fact.LEAD_SOURCE]


def test_a_note_counts_as_long_as_the_playbook_says():
    rule = DossierRule(notes_days=30)
    for age, there in ((30, True), (31, False)):
        written = Dossier(Account(1, "Acme"), entry_on=TODAY - timedelta(days=age))
        assert known(written, rule, TODAY)[Fact.NOTES] is there


def test_necessary_facts_weigh_twice_and_come_first_among_what_is_missing():
    rule = DossierRule(necessary=(Fact.CONTACT, Fact.NEEDS), nice=(Fact.KEY_DATES, Fact.CRM_LINK))
    facts = dict.fromkeys(Fact, False) | {Fact.CONTACT: True, Fact.CRM_LINK: True}
    found = completeness(facts, rule)
    assert (found.percent, found.missing) == (50, (Fact.NEEDS, Fact.KEY_DATES))
    assert completeness(facts, DossierRule(nice=())).percent == 100


@pytest.mark.parametrize(
    ("age", "percent", "stale"), [(0, 100, False), (45, 75, False), (90, 50, False), (91, 50, True), (400, 0, True)]
)
def test_what_is_known_goes_stale_with_the_days(age, percent, stale):
    attested = Account(1, "Acme", attested_at=NOON - timedelta(days=age), crm_at=NOON - timedelta(days=500))
    found = freshness(Dossier(attested), RULE, TODAY)
    assert (found.percent, found.stale) == (percent, stale)
    assert found.last_on == TODAY - timedelta(days=age)


def test_nobody_ever_said_anything():
    assert freshness(Dossier(Account(1, "Acme")), RULE, TODAY) == freshness(Dossier(Account(1, "Other")), RULE, TODAY)
    assert freshness(Dossier(Account(1, "Acme")), RULE, TODAY).stale


@pytest.mark.parametrize(
    ("day", "today", "comes"),
    [
        (date(2026, 11, 23), TODAY, date(2026, 11, 23)),
        (date(2020, 11, 22), TODAY, date(2027, 11, 22)),
        (date(2024, 2, 29), TODAY, date(2027, 2, 28)),
        (date(2024, 2, 29), date(2027, 3, 1), date(2028, 2, 29)),
        (date(2030, 1, 1), TODAY, date(2030, 1, 1)),
    ],
)
def test_a_yearly_date_comes_again_and_29_february_is_the_28th_in_common_years(day, today, comes):
    assert KeyDate(1, 1, "Founded", day, yearly=True).occasion(today) == comes


def test_a_date_that_comes_once_is_over_when_it_has_passed():
    assert KeyDate(1, 1, "Fair", TODAY).occasion(TODAY + timedelta(days=1)) is None


def test_an_occasion_is_due_ahead_of_its_day_until_somebody_has_seen_it():
    fair = KeyDate(1, 1, "Fair", TODAY + timedelta(days=7), ahead_days=7)
    assert fair.due(TODAY - timedelta(days=1)) is None
    assert fair.due(TODAY) == fair.day
    fair.seen_on = fair.day
    assert fair.due(TODAY) is None


def test_an_agreement_holds_on_its_last_day():
    frame = Agreement(1, 1, "Frame", expires_on=TODAY)
    assert not frame.expired(TODAY)
    assert frame.expired(TODAY + timedelta(days=1))
    assert not Agreement(1, 1, "For ever").expired(TODAY)


def test_the_following_order_is_the_first_after_today():
    assert following_order(TODAY, 30, TODAY) == TODAY + timedelta(days=30)
    assert following_order(TODAY - timedelta(days=65), 30, TODAY) == TODAY + timedelta(days=25)
    assert following_order(TODAY + timedelta(days=5), 30, TODAY) == TODAY + timedelta(days=35)


def test_shipped_playbooks_name_facts_and_keep_them_when_stored():
    for book in load_library([SHIPPED]).playbooks:
        assert book.rules.dossier.necessary, book.key
        assert not set(book.rules.dossier.necessary) & set(book.rules.dossier.nice)
        assert playbook_from_dict(playbook_to_dict(book)).rules.dossier == book.rules.dossier


def test_a_playbook_that_was_stored_before_facts_were_asked_for_asks_for_none_as_necessary():
    stored = playbook_to_dict(load_library([SHIPPED]).playbooks[0])
    del stored["rules"]["dossier"]
    assert playbook_from_dict(stored).rules.dossier == DossierRule()
    assert DossierRule().necessary == ()
