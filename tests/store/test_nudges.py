"""The schedule is a table: what is planned, what becomes of it when it falls due, and what a change does to it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.domain.refusals import NudgeGone, RefuseDate, TooFarOff
from bot.store.letters import Priority
from bot.store.queues import NudgeState
from bot.store.schedule import claim_due
from bot.usecases.handoffs.daybreak import Daybreak
from bot.usecases.nudges.nudges import Until


def _state(office, item_id):
    return [
        tuple(r)
        for r in office.rows(
            "SELECT slot, state FROM nudges WHERE obligation = 'item' AND subject_id = :i ORDER BY id", i=item_id
        )
    ]


def _run(office, **duration):
    """Let time go by in half hours, asking at each what is due."""
    end = office.clock.moment + timedelta(**duration)
    while office.clock.moment < end:
        office.clock.passes(minutes=30)
        office.due.queue_due()


def _sent(office, nudge_id):
    """As the courier does once Slack has it."""
    with office.db.write() as session:
        from sqlalchemy import update

        from bot.store.queues import nudges

        session.execute(update(nudges).where(nudges.c.id == nudge_id).values(state=NudgeState.SENT))


def test_each_open_item_of_the_current_stage_has_one_next_nudge(office):
    office.set_up()
    started = office.started()
    open_items = {item.id for item in office.items(started.handoff_id)}
    planned = office.rows("SELECT subject_id FROM nudges WHERE obligation = 'item' AND state = 'planned'")
    assert sorted(row.subject_id for row in planned) == sorted(open_items)


def test_done_takes_its_nudges_along_also_the_queued_ones(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[0]
    _run(office, hours=3)
    assert "queued" in {state for _, state in _state(office, item.id)}
    office.checklist.complete(office.who("mia"), item.id)
    assert {state for _, state in _state(office, item.id)} == {"met"}
    _run(office, days=10)
    assert {state for _, state in _state(office, item.id)} == {"met"}


def test_reopening_brings_the_follow_up_back(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[-1]
    office.checklist.complete(office.who("mia"), item.id)
    office.checklist.reopen(office.who("mia"), item.id)
    assert [state for _, state in _state(office, item.id)] == ["planned"]


def test_another_date_has_a_ladder_of_its_own(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[-1]
    office.checklist.reschedule(office.who("mia"), item.id, date(2026, 12, 10))
    planned = [slot for slot, state in _state(office, item.id) if state == "planned"]
    assert len(planned) == 1
    assert planned[0].startswith("20261210/")


def test_nobody_is_written_to_at_night(office):
    """Everybody is in UTC here: nine to five, Monday to Friday."""
    office.set_up()
    office.started()
    _run(office, days=21)
    for row in office.rows("SELECT queued_at FROM nudges WHERE queued_at IS NOT NULL"):
        at = row.queued_at if isinstance(row.queued_at, datetime) else datetime.fromisoformat(row.queued_at)
        assert at.weekday() < 5, at
        assert 9 <= at.hour < 17, at


def test_overdue_goes_to_the_manager_too(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[0]
    _run(office, days=14)
    to = office.rows(
        "SELECT n.slot, p.slack_id FROM nudges n JOIN people p ON p.id = n.person_id "
        "WHERE n.obligation = 'item' AND n.subject_id = :i",
        i=item.id,
    )
    assert {row.slack_id for row in to} == {"UOLAF", "UMIA"}
    assert {row.slack_id for row in to if "manager" in row.slot} == {"UMIA"}


def test_an_outage_leaves_one_late_nudge_not_a_heap(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[0]
    office.clock.passes(days=30)
    office.due.queue_due()
    queued = [slot for slot, state in _state(office, item.id) if state == "queued"]
    assert len(queued) == 1


def test_a_snooze_moves_one_nudge_and_not_the_cadence(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[0]
    _run(office, hours=1)
    [nudge] = office.rows("SELECT id FROM nudges WHERE subject_id = :i AND state = 'queued'", i=item.id)
    _sent(office, nudge.id)
    before = office.rows("SELECT slot, due_at FROM nudges WHERE subject_id = :i AND state = 'planned'", i=item.id)
    at = office.snooze(office.who("olaf"), nudge.id, Until.TOMORROW)
    assert at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    after = office.rows(
        "SELECT slot, due_at FROM nudges WHERE subject_id = :i AND state = 'planned' AND slot NOT LIKE '%snooze%'",
        i=item.id,
    )
    assert [tuple(r) for r in before] == [tuple(r) for r in after]


def test_a_snooze_for_a_day_gone_by_or_a_thing_that_is_done_is_refused(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[0]
    _run(office, hours=1)
    [nudge] = office.rows("SELECT id FROM nudges WHERE subject_id = :i AND state = 'queued'", i=item.id)
    _sent(office, nudge.id)
    with pytest.raises(RefuseDate):
        office.snooze(office.who("olaf"), nudge.id, Until.DAY, date(2026, 11, 1))
    with pytest.raises(TooFarOff):
        office.snooze(office.who("olaf"), nudge.id, Until.DAY, date(9999, 12, 31))
    office.checklist.complete(office.who("mia"), item.id)
    with pytest.raises(NudgeGone):
        office.snooze(office.who("olaf"), nudge.id, Until.HOUR)


def test_a_cancelled_handoff_is_silent(office):
    office.set_up()
    started = office.started()
    _run(office, hours=2)
    office.handoffs.cancel(office.who("mia"), started.handoff_id, "the customer was sold")
    assert {row.state for row in office.rows("SELECT state FROM nudges")} <= {"met", "sent"}


def test_editing_does_not_repeat_what_was_sent_nor_stop_what_follows(office):
    from bot.usecases.handoffs.editing import Edit

    office.set_up()
    started = office.started()
    item = office.items(started.handoff_id)[0]
    _run(office, hours=1)
    [nudge] = office.rows("SELECT id FROM nudges WHERE subject_id = :i AND state = 'queued'", i=item.id)
    _sent(office, nudge.id)
    wanted = {"cover": "UCORA", "last_day": "2026-12-18", "benefit": "Somebody who lives nearby."}
    office.editing(office.who("mia"), started.handoff_id, Edit(wanted))
    office.due.queue_due()
    states = _state(office, item.id)
    assert [state for slot, state in states if slot.endswith("/due")] == ["sent"]
    assert any(state == "planned" for _, state in states)


def test_a_click_is_shown_before_the_morning_s_redrawing(office):
    office.set_up()
    handoff_id = office.started().handoff_id
    with office.db.write() as session:
        session.execute(text("UPDATE outbox SET state = 'sent', ts = '1.1', channel = 'C1'"))
    office.clock.passes(days=1)
    Daybreak(office.desk).draw_cards()
    card = "SELECT priority FROM outbox WHERE key = :key"
    assert office.rows(card, key=f"card:{handoff_id}")[0].priority == Priority.BACKGROUND
    office.checklist.complete(office.who("mia"), office.items(handoff_id)[0].id)
    assert office.rows(card, key=f"card:{handoff_id}")[0].priority == Priority.CARD
    office.clock.passes(days=1)
    Daybreak(office.desk).draw_cards()  # what waits keeps its place
    assert office.rows(card, key=f"card:{handoff_id}")[0].priority == Priority.CARD


def test_of_several_due_at_once_the_first_planned_is_decided_first(office):
    """Wherever the database keeps the rows: where a day has no room for all, `/handoff nudges` counts on it."""
    office.set_up()
    office.started()
    office.clock.passes(days=60)
    with office.db.write() as session:
        session.execute(text("UPDATE nudges SET due_at = (SELECT min(due_at) FROM nudges)"))
    with office.db.write() as session:  # which moves them behind the others in PostgreSQL's files
        session.execute(text("UPDATE nudges SET queued_at = NULL WHERE id % 2 = 1"))
    with office.db.read() as session:
        claimed = [row.id for row in claim_due(session, office.clock.now(), 100)]
    assert len(claimed) > 4
    assert claimed == sorted(claimed)
