"""The rules of reminders, decided on real databases: digest, cap, absences, escalation, outages (PRODUCT section 4)."""

from datetime import UTC, date, datetime, timedelta
from math import ceil

import pytest
from sqlalchemy import update

from bot.store import schema as t
from bot.store.queues import LetterState, NudgeState, nudges, outbox
from bot.usecases.nudges.nudges import Until

MONDAY = date(2026, 11, 23)


@pytest.fixture
def busy(office):
    """Three handoffs that begin on Monday at nine, everybody in UTC."""
    office.set_up()
    office.handoff_ids = [office.started(name).handoff_id for name in ("Acme", "Bolt Works", "Cobalt")]
    return office


def _person(office, name, **values):
    with office.db.write() as session:
        session.execute(update(t.people).where(t.people.c.slack_id == f"U{name.upper()}").values(**values))


def _workspace(office, **values):
    with office.db.write() as session:
        session.execute(update(t.workspaces).values(**values))


def _away(first, last, delegate=None):
    return [{"from": first.isoformat(), "until": last.isoformat(), "delegate": delegate}]


def _id(office, name):
    return office.rows("SELECT id FROM people WHERE slack_id = :s", s=f"U{name.upper()}")[0].id


def _leave(office):
    """As the courier does: what is in the outbox reaches Slack."""
    with office.db.write() as session:
        waiting = outbox.c.state == LetterState.QUEUED
        session.execute(update(outbox).where(waiting).values(state=LetterState.SENT, ts="1.1", channel="D1"))
        queued = nudges.c.state == NudgeState.QUEUED
        session.execute(update(nudges).where(queued).values(state=NudgeState.SENT, sent_at=office.clock.now()))


def _run(office, until):
    """Time goes by in half hours, over those in which nothing falls due; what is due is decided, and leaves."""
    while office.clock.moment < until:
        office.due.queue_due()
        _leave(office)
        wait = (office.due.next_due() or until) - office.clock.moment
        office.clock.passes(minutes=30 * max(1, ceil(wait / timedelta(minutes=30))))


def _told(office, name):
    """Reminders that reached a person: (day, hour, slot, part of a digest)."""
    rows = office.rows(
        "SELECT n.queued_at, n.slot, n.digest_id FROM nudges n JOIN people p ON p.id = n.person_id"
        " WHERE p.slack_id = :s AND n.state IN ('queued', 'sent') ORDER BY n.queued_at, n.id",
        s=f"U{name.upper()}",
    )
    return [(str(r.queued_at)[:10], str(r.queued_at)[11:16], r.slot, r.digest_id is not None) for r in rows]


def test_what_is_due_together_is_one_digest(busy):
    busy.due.queue_due()
    letters = [row.key for row in busy.rows("SELECT key FROM outbox WHERE kind IN ('nudge', 'digest')")]
    mine = busy.rows("SELECT id, messages FROM digests WHERE person_id = :p", p=_id(busy, "olaf"))
    assert [row.messages for row in mine] == [1]
    assert f"digest:{mine[0].id}" in letters
    assert not [key for key in letters if key.startswith("nudge:")]
    assert len(_told(busy, "olaf")) >= 3
    assert all(part for *_, part in _told(busy, "olaf"))


def test_never_more_than_the_cap_in_a_day(busy):
    _workspace(busy, daily_cap=2)
    _run(busy, datetime(2026, 12, 31, tzinfo=UTC))
    counts = busy.rows("SELECT messages FROM digests")
    assert counts
    assert max(row.messages for row in counts) <= 2


def test_what_did_not_fit_comes_on_the_next_working_morning(busy):
    busy.due.queue_due()
    _leave(busy)
    _workspace(busy, daily_cap=1)
    nudge = busy.rows("SELECT id FROM nudges WHERE person_id = :p", p=_id(busy, "olaf"))[0].id
    busy.snooze(busy.who("olaf"), nudge, Until.HOUR)
    _run(busy, datetime(2026, 11, 24, 12, tzinfo=UTC))
    snoozes = [(day, hour) for day, hour, slot, _ in _told(busy, "olaf") if "/snooze:" in slot]
    assert snoozes == [("2026-11-24", "09:00")]


def test_away_the_delegate_is_told_and_hours_are_theirs(busy):
    _person(busy, "olaf", away=_away(MONDAY, date(2026, 12, 4), _id(busy, "ines")))
    _person(busy, "ines", tz="America/New_York")
    _run(busy, datetime(2026, 11, 24, tzinfo=UTC))
    assert _told(busy, "olaf") == []
    assert {(day, hour) for day, hour, *_ in _told(busy, "ines")} == {("2026-11-23", "14:00")}


def test_away_without_a_delegate_the_manager_is_told(busy):
    _person(busy, "olaf", away=_away(MONDAY, date(2026, 12, 4)))
    busy.due.queue_due()
    assert _told(busy, "olaf") == []
    assert len(_told(busy, "mia")) >= 3


def test_everybody_away_it_waits_until_they_are_back(busy):
    for name in ("olaf", "mia"):
        _person(busy, name, away=_away(MONDAY, date(2026, 11, 25)))
    _run(busy, datetime(2026, 11, 27, tzinfo=UTC))
    assert min(_told(busy, "olaf"))[:2] == ("2026-11-26", "09:00")


def test_whoever_has_left_hands_it_to_the_manager(busy):
    _person(busy, "olaf", deactivated=True)
    busy.due.queue_due()
    assert _told(busy, "olaf") == []
    assert len(_told(busy, "mia")) >= 3


def test_the_ladder_ends_with_whom_the_manager_reports_to(busy):
    with busy.db.write() as session:
        boss = busy.desk.person(session, 1, "UBOSS")
        session.flush()
        boss.refreshed_at = busy.clock.now()
    _workspace(busy, chief_slack_id="UBOSS")
    # the people who plan from now on know of the boss: dates are moved, so that ladders are laid anew
    for handoff_id in busy.handoff_ids:
        for item in busy.items(handoff_id):
            busy.checklist.reschedule(busy.who("mia"), item.id, date(2026, 11, 24))
    _run(busy, datetime(2026, 12, 31, tzinfo=UTC))
    slots = {slot.split("/")[1] for *_, slot, _ in _told(busy, "boss")}
    assert slots == {"managers_manager:1"}
    first_of_the_manager = min(day for day, _, slot, _ in _told(busy, "mia") if "/manager:" in slot)
    assert first_of_the_manager < min(day for day, *_ in _told(busy, "boss"))


def test_after_an_outage_each_thing_is_said_once(busy):
    """The process was away for three weeks."""
    busy.clock.moment = datetime(2026, 12, 14, 9, 0, tzinfo=UTC)
    while busy.due.queue_due():
        pass
    told = busy.rows(
        "SELECT obligation, subject_id, person_id, count(*) AS times FROM nudges WHERE state = 'queued'"
        " GROUP BY obligation, subject_id, person_id"
    )
    assert told
    assert {row.times for row in told} == {1}
    digests = busy.rows("SELECT person_id, messages FROM digests")
    assert len(digests) == len({row.person_id for row in digests})
    assert {row.messages for row in digests} == {1}


def test_what_slack_did_not_take_for_days_gives_way_to_what_came_after(busy):
    """Nothing leaves for a week, while the ladder goes on."""
    moment = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    while moment < datetime(2026, 11, 30, 12, tzinfo=UTC):
        busy.clock.moment = moment
        busy.due.queue_due()
        moment = datetime.fromtimestamp(moment.timestamp() + 1800, UTC)
    waiting = busy.rows(
        "SELECT obligation, subject_id, person_id, count(*) AS times FROM nudges WHERE state = 'queued'"
        " GROUP BY obligation, subject_id, person_id"
    )
    assert {row.times for row in waiting} == {1}
    assert busy.rows("SELECT 1 FROM nudges WHERE state = 'merged'")


def test_a_snooze_does_not_move_the_cadence(busy):
    busy.due.queue_due()
    _leave(busy)
    before = busy.rows("SELECT slot, due_at FROM nudges WHERE state = 'planned' ORDER BY id")
    nudge = busy.rows("SELECT id FROM nudges WHERE person_id = :p", p=_id(busy, "olaf"))[0].id
    busy.snooze(busy.who("olaf"), nudge, Until.NEXT_WEEK)
    after = busy.rows(
        "SELECT slot, due_at FROM nudges WHERE state = 'planned' AND slot NOT LIKE '%/snooze:%' ORDER BY id"
    )
    assert [tuple(row) for row in after] == [tuple(row) for row in before]


def test_next_week_begins_on_sunday_where_friday_and_saturday_are_free(busy):
    busy.due.queue_due()
    _leave(busy)
    _person(busy, "olaf", work_week="60123")
    nudge = busy.rows("SELECT id FROM nudges WHERE person_id = :p", p=_id(busy, "olaf"))[0].id
    assert busy.snooze(busy.who("olaf"), nudge, Until.NEXT_WEEK) == datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def test_done_takes_it_out_of_the_digest_that_waits(busy):
    busy.due.queue_due()
    item = busy.items(busy.handoff_ids[0])[0]
    busy.checklist.complete(busy.who("mia"), item.id)
    rows = busy.rows("SELECT state FROM nudges WHERE obligation = 'item' AND subject_id = :i", i=item.id)
    assert {row.state for row in rows} == {"met"}


def test_reassigned_it_is_gone_for_the_one_and_new_for_the_other(busy):
    busy.due.queue_due()
    item = busy.items(busy.handoff_ids[0])[0]
    busy.checklist.assign(busy.who("mia"), item.id, "UINES")
    busy.look_up()
    busy.due.queue_due()
    rows = busy.rows(
        "SELECT p.slack_id FROM nudges n JOIN people p ON p.id = n.person_id"
        " WHERE n.obligation = 'item' AND n.subject_id = :i AND n.state = 'queued'",
        i=item.id,
    )
    assert [row.slack_id for row in rows] == ["UINES"]
