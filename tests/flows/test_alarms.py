"""What cannot wait reaches whoever answers for it: once a working day, in their hours, until it is settled."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from bot.domain.accounts import CoverageKind
from bot.domain.vocabulary import Tier
from bot.store import schema as t
from bot.store.queues import digests
from bot.usecases.coverage.special import Sent
from tests.databases import mostly_sqlite
from tests.sharing import adds, open_deals

TODAY = date(2026, 11, 23)


def _raised(person):
    return [m for m in person.dms("baton") if "cannot wait" in m.text or "All settled" in m.text]


def _left_alone(town, tier=Tier.KEY):
    """Acme has had nobody since yesterday."""
    with town.bot.db.write() as session:
        (account,) = session.execute(update(t.accounts).values(tier=tier).returning(t.accounts.c.id)).all()
        session.execute(t.coverage.delete())
        values = {"workspace_id": 1, "account_id": account.id, "kind": CoverageKind.VACANT}
        session.execute(insert(t.coverage).values(**values, from_on=TODAY - timedelta(days=1)))


def test_a_key_account_without_anybody_alarms_its_manager_every_working_day(town):
    town.begun()
    _left_alone(town)
    town.passes(minutes=1)
    (told,) = _raised(town.mia)
    assert "1 thing that cannot wait" in told.text
    assert "Acme (key): nobody looks after it since Sun 22 Nov, 2 days by now." in told.text
    town.passes(hours=5)
    assert len(_raised(town.mia)) == 1
    town.passes(days=6)  # until Sunday
    assert len(_raised(town.mia)) == 5
    assert not _raised(town.olaf)


def test_nobody_is_alarmed_about_a_standard_account(lite_town):
    town = lite_town.begun()
    _left_alone(town, Tier.STANDARD)
    town.passes(days=2)
    assert not _raised(town.mia)


def test_whoever_stands_in_for_the_manager_hears_of_it(lite_town):
    town = lite_town.begun()
    assert town.mia.types("/handoff away", in_="#accounts").ok
    form = town.mia.modal
    form.choose("First day away", TODAY.isoformat())
    form.choose("Last day away", TODAY.isoformat())
    form.choose("Who stands in?", "@ida")
    assert form.submit().ok
    _left_alone(town)
    town.passes(hours=3)
    assert _raised(town.ida)
    assert not _raised(town.mia)


def test_an_alarm_counts_towards_the_cap_of_the_day(lite_town):
    town = lite_town.begun()
    town.passes(minutes=1)
    counted = "SELECT sum(messages) AS n FROM digests d JOIN people p ON p.id = d.person_id WHERE p.slack_id = :mia"
    ((before,),) = town.rows(counted, mia=town.mia.id)
    _left_alone(town)
    town.passes(minutes=1)
    ((after,),) = town.rows(counted, mia=town.mia.id)
    assert (before or 0) + 1 == after
    assert len(_raised(town.mia)) == 1


def test_whoever_stands_in_hears_nothing_of_an_account_that_only_came_up_quietly(lite_town):
    town = lite_town
    town.set_up()
    town.bot.start(town.actor("mia"), replace(town.form("Zenith"), quiet=True))
    town.settle()
    town.bot.handoffs.cancel(town.actor("mia"), town.rows("SELECT id FROM handoffs")[0].id, "Not now.")
    licence = Sent("licensee", "A licence", "", town.mia.id, None, TODAY)
    town.bot.specials.save(town.actor("mia"), town.rows("SELECT id FROM accounts")[0].id, licence)
    _left_alone(town)
    town.bot.away.add(town.actor("mia"), TODAY, TODAY, town.ida.id, None)
    town.passes(hours=6)
    assert not _raised(town.ida)
    town.passes(days=1)
    told = _raised(town.mia)[-1].text
    assert "Zenith (key): nobody looks after it" in told
    assert "A licence" in told


def _counted(town, day):
    """How many messages were counted towards Mia's cap on that day."""
    sql = "SELECT messages FROM digests d JOIN people p ON p.id = d.person_id WHERE p.slack_id = :mia AND d.day = :day"
    return sum(row.messages for row in town.rows(sql, mia=town.mia.id, day=day.isoformat()))


@mostly_sqlite
def test_a_deal_in_flight_without_cover_alarms_the_manager_daily_until_somebody_covers(town):
    """Two standard accounts are left alone; only on one of them a deal is under way."""
    town.set_up()
    for account in ("Acme", "Bolt Works"):
        town.handoff(account, **{"Incoming rep": None, "Last day": "2026-11-27"})
    open_deals(town)
    assert adds(town).ok
    town.mia.modal.close()
    town.until(town.clock.now().replace(month=11, day=27, hour=17))
    assert not _raised(town.mia), "Olaf is here until the evening"
    for number, day in enumerate((30, 31, 32), start=1):
        morning = town.clock.now().replace(month=11, day=30, hour=6) + timedelta(days=day - 30)
        town.until(morning)
        before = _counted(town, morning.date())
        town.until(morning.replace(hour=16))
        assert len(_raised(town.mia)) == number, "one message a working day, whatever else there is"
        told = _raised(town.mia)[-1].text
        assert "Acme (standard): nobody looks after it since Sat 28 Nov" in told
        assert "Bolt Works" not in told
        assert before < _counted(town, morning.date()) <= 5
        town.until(morning.replace(hour=23))
    assert _raised(town.mia)[-1].click("Name the cover").ok
    town.mia.modal.choose("Who?", "@cora")
    assert town.mia.modal.submit().ok
    assert "All settled" in _raised(town.mia)[-1].text
    town.passes(days=3)
    assert len(_raised(town.mia)) == 3
    for who in ("olaf", "cora", "ida"):
        assert not _raised(town.sandbox.person(who))


@pytest.mark.parametrize("so_far", [0, 1])
def test_a_cap_of_one_holds_back_neither_the_alarm_nor_the_digest(lite_town, so_far):
    """With `so_far` messages sent before the account is left alone."""
    town = lite_town.begun()
    town.bot.setup.save(town.actor("mia"), replace(town.bot.setup.view(town.actor("mia")), daily_cap=1))
    if so_far:
        with town.bot.db.write() as session:
            mia = town.bot.desk.person(session, 1, town.mia.id)
            session.execute(insert(digests).values(workspace_id=1, person_id=mia.id, day=TODAY, messages=so_far))
    _left_alone(town)
    town.passes(hours=6)
    assert len(_raised(town.mia)) == 1
    town.passes(days=11)
    assert len(_raised(town.mia)) > 6
    sql = "SELECT d.day FROM digests d JOIN people p ON p.id = d.person_id WHERE p.slack_id = :mia AND d.messages = 1"
    assert len(town.rows(sql + " AND d.opened_at IS NOT NULL", mia=town.mia.id)) > 1
