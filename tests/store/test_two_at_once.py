"""Two people, or two processes, at the same moment: one is first, the other is told; nothing happens twice."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import NullPool, create_engine, event, select, text, update

from bot.domain.refusals import AlreadyDone
from bot.errors import BotError, FieldErrors
from bot.store import loading
from bot.store.database import Database
from bot.store.queues import LetterState, NudgeState, nudges, outbox
from tests.store.conftest import Office


def _attempt(act, *arguments):
    try:
        act(*arguments)
    except BotError as refusal:
        return refusal
    return None


def test_ten_people_tick_the_same_item_and_nine_hear_who_was_first(office):
    office.set_up()
    item = office.items(office.started().handoff_id)[0]
    with ThreadPoolExecutor(10) as people:
        outcomes = list(
            people.map(lambda _: _attempt(office.checklist.complete, office.who("mia"), item.id), range(10))
        )
    refusals = [outcome for outcome in outcomes if outcome is not None]
    assert len(refusals) == 9
    assert {type(refusal) for refusal in refusals} == {AlreadyDone}
    assert {refusal.values["person"] for refusal in refusals} == {"UMIA"}
    assert len(office.rows("SELECT 1 FROM audit WHERE verb = 'item.completed'")) == 1


def test_two_managers_start_the_same_account_and_one_is_shown_the_other(office):
    office.started("Other")  # people exist, so that only the account is contended
    with ThreadPoolExecutor(6) as people:
        outcomes = list(people.map(lambda _: _attempt(office.started, "Acme"), range(6)))
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 5
    for refusal in refused:
        assert isinstance(refusal, FieldErrors)
        assert "already has an open handoff" in str(refusal.errors["account"])
    assert (
        len(office.rows("SELECT 1 FROM handoffs h JOIN accounts a ON a.id = h.account_id WHERE a.name = 'Acme'")) == 1
    )


def test_workers_side_by_side_queue_each_nudge_once(office):
    office.set_up()
    for number in range(6):
        office.started(f"Acme {number}")
    office.clock.passes(days=7)
    with ThreadPoolExecutor(4) as workers:
        while sum(workers.map(lambda _: office.due.queue_due(20), range(4))):
            pass
    told = office.rows(
        "SELECT obligation, subject_id, person_id, count(*) AS times FROM nudges WHERE state = 'queued'"
        " GROUP BY obligation, subject_id, person_id"
    )
    assert {row.times for row in told} == {1}
    # whoever has several things gets one message, however many workers shared them out
    assert {row.messages for row in office.rows("SELECT messages FROM digests")} == {1}
    assert not office.rows(
        "SELECT 1 FROM nudges WHERE state = 'planned' AND due_at <= :now",
        now=office.clock.moment.replace(tzinfo=None) if office.db.sqlite else office.clock.moment,
    )


def test_whoever_moves_a_handoff_and_a_worker_do_not_wait_for_each_other(postgres_url):
    """The worker adds a reminder to a digest under way, in which the handoff that moves stands as well."""
    office = Office(Database(postgres_url))
    office.set_up()
    handoff_id = office.started().handoff_id
    office.clock.passes(days=7)
    while office.due.queue_due():
        pass
    with office.db.write() as session:
        session.execute(update(outbox).where(outbox.c.kind == "digest").values(state=LetterState.SENDING))
        mine = select(nudges.c.id).where(nudges.c.digest_id.is_not(None)).order_by(nudges.c.id).limit(1)
        again = {"state": NudgeState.PLANNED, "due_at": office.clock.now(), "digest_id": None}
        session.execute(update(nudges).where(nudges.c.id == mine.scalar_subquery()).values(again))

    with ThreadPoolExecutor(1) as worker:
        working = []

        def meanwhile(_connection, _cursor, statement, *_rest) -> None:
            if statement.startswith("UPDATE nudges") and not working:
                working.append(worker.submit(office.due.queue_due))
                while not (working[0].done() or _somebody_waits(postgres_url)):
                    pass

        event.listen(office.db.engine, "before_cursor_execute", meanwhile)
        with office.db.write() as session:
            handoff = loading.handoff(session, 1, handoff_id, lock=True)
            office.handoffs.moved(session, office.desk.actor(session, office.who("mia")), handoff)
        assert working[0].result() == 0, "it passes over what somebody has in hand"
    office.db.close()


def _somebody_waits(url: str) -> bool:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")))
