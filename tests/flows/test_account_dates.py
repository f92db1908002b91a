"""Days of the customer's: whoever looks after the account then is reminded, few times, and can say that it is done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from bot.domain.accounts import CoverageKind
from bot.domain.refusals import NotAllowed
from bot.store import schema as t
from bot.store.dossier import agreements, key_dates
from bot.usecases.accounts.account_dates import SettledMeanwhile, source

TODAY = date(2026, 11, 23)


def told(person):
    """What somebody was reminded of, each message once."""
    words = ("of your accounts", "cannot wait", "All settled")
    return [m for m in person.dms("baton") if any(word in m.text for word in words)]


def dated(town, day, title="Founded 50 years ago", yearly=False, ahead=7, account=1):
    values = {"workspace_id": 1, "account_id": account, "title": title, "day": day, "yearly": yearly}
    with town.bot.db.write() as session:
        new = insert(key_dates).values(**values, ahead_days=ahead).returning(key_dates.c.id)
        return session.execute(new).scalar_one()


def looked_after(town, *stretches):
    """The account's line: (who or None, from, until), the first as far back as it has to be."""
    with town.bot.db.write() as session:
        session.execute(t.coverage.delete())
        for who, first, until in stretches:
            person = town.bot.desk.person(session, 1, town.sandbox.person(who).id).id if who else None
            kind = CoverageKind.VACANT if who is None else CoverageKind.OWNER
            values = {"workspace_id": 1, "account_id": 1, "person_id": person, "kind": kind}
            session.execute(insert(t.coverage).values(**values, from_on=first, until_on=until))


def test_whoever_looks_after_the_account_then_hears_before_and_on_the_day(town):
    town.begun()
    looked_after(town, ("olaf", TODAY, date(2026, 11, 30)), ("ines", date(2026, 11, 30), None))
    dated(town, date(2026, 12, 3))
    town.until(town.clock.now().replace(day=25, hour=20))
    assert not told(town.olaf)
    town.until(town.clock.now().replace(day=26, hour=20))
    (first,) = told(town.olaf)
    assert "1 date of your accounts is near." in first.text
    assert "Acme: Founded 50 years ago on Thu 3 Dec." in first.text
    town.until(town.clock.now() + timedelta(days=7))
    assert len(told(town.olaf)) == 1
    assert [m.text.count("Founded") for m in told(town.ines)] == [1], "it is hers by then, and nobody else hears"
    assert not told(town.mia)


def test_done_ends_it_and_a_yearly_one_comes_again(lite_town):
    town = lite_town.begun()
    number = dated(town, date(2020, 11, 30), yearly=True)
    town.until(town.clock.now() + timedelta(hours=3))
    (message,) = told(town.olaf)
    assert message.click("Done").ok
    assert "All settled" in told(town.olaf)[-1].text
    assert message.buttons == []
    town.passes(days=8)
    assert len(told(town.olaf)) == 1
    with pytest.raises(SettledMeanwhile):
        town.bot.capture.dates.seen(town.actor("olaf"), number, date(2026, 11, 30))
    assert [row.verb for row in town.rows("SELECT verb FROM audit WHERE verb = 'key_date.seen'")] == ["key_date.seen"]
    with town.bot.db.read() as session:
        next_year = source(session, 1, date(2027, 11, 23))
    assert [line.about["day"] for lines in next_year.values() for line in lines] == [date(2027, 11, 30)]


def test_an_order_is_asked_about_until_somebody_says_when_the_next_one_comes(lite_town):
    town = lite_town.begun()
    with town.bot.db.write() as session:
        session.execute(update(t.accounts).values(next_order_on=TODAY + timedelta(days=3), order_every_days=30))
    town.until(town.clock.now() + timedelta(hours=3))
    (message,) = told(town.olaf)
    assert "Acme: their next order is expected on Thu 26 Nov." in message.text
    assert message.click("I talked to them").ok
    town.olaf.modal.fill("What was said?", "They are still counting")
    assert town.olaf.modal.submit().ok
    town.olaf.modal.close()
    town.until(town.clock.now() + timedelta(days=4))
    late = told(town.olaf)[-1]
    assert "their order was expected on Thu 26 Nov." in late.text
    assert late.click("They ordered").ok
    form = town.olaf.modal
    assert form.value("In how many days do you expect the next order?") == "30"
    assert form.submit().ok
    (row,) = town.rows("SELECT next_order_on, order_every_days FROM accounts")
    assert (str(row.next_order_on), row.order_every_days) == ("2026-12-27", 30)
    town.passes(days=8)
    assert len(told(town.olaf)) == 2


def test_nobody_looks_after_it_so_the_manager_hears_and_others_may_not_answer(lite_town):
    town = lite_town.begun()
    looked_after(town, (None, TODAY - timedelta(days=1), None))
    values = {"workspace_id": 1, "account_id": 1, "title": "Framework contract", "expires_on": TODAY}
    with town.bot.db.write() as session:
        session.execute(insert(agreements).values(**values))
    town.until(town.clock.now() + timedelta(hours=3))
    (message,) = told(town.mia)
    assert "“Framework contract” expires on Mon 23 Nov." in message.text
    assert not told(town.olaf)
    with pytest.raises(NotAllowed):
        town.bot.capture.dates.expiry_seen(town.actor("otto"), 1, TODAY)
    assert message.click("Done").ok
    town.passes(days=9)
    assert len(told(town.mia)) == 1


def test_whoever_had_an_account_that_nobody_has_now_is_not_reminded_of_its_dates(lite_town):
    town = lite_town.begun()
    looked_after(
        town, ("olaf", TODAY - timedelta(days=9), TODAY - timedelta(days=1)), (None, TODAY - timedelta(days=1), None)
    )
    dated(town, TODAY, ahead=0)
    town.until(town.clock.now() + timedelta(hours=6))
    assert not told(town.olaf)
    (message,) = told(town.mia)
    assert "Acme: Founded 50 years ago on Mon 23 Nov." in message.text


def test_a_date_of_a_quiet_account_is_told_to_nobody_who_may_not_know_of_it(lite_town):
    town = lite_town.begun()
    with town.bot.db.write() as session:
        session.execute(update(t.accounts).values(quiet=True))
        session.execute(update(t.handoffs).values(quiet=True))
    dated(town, TODAY, ahead=0)
    town.until(town.clock.now() + timedelta(hours=6))
    assert not told(town.olaf)


def test_many_days_of_one_person_come_in_one_message_within_their_hours(lite_town):
    town = lite_town.begun()
    looked_after(town, ("cora", TODAY, None))
    for number in range(4):
        dated(town, TODAY + timedelta(days=4), f"Day {number}", ahead=2)
    town.until(town.clock.now() + timedelta(days=5))
    messages = told(town.cora)
    assert [m.text.count("Day ") for m in messages] == [4, 4]
    for message in messages:
        minute = float(message.ts) % 86_400 / 3600 + 5.5  # hours in Kolkata
        assert 9 <= minute % 24 < 17
