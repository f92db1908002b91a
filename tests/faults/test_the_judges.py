"""Those who judge a run notice what is wrong: each kind of damage, done on purpose, has its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Table, update

from bot.domain.checklist import ItemState
from bot.store import schema as t
from bot.store.queues import LetterState, NudgeState, outbox
from sandbox.weather import Call
from tests.faults.evidence import Evidence
from tests.faults.hours import too_fast
from tests.faults.invariants import everything, repeats_excused
from tests.faults.people import Act, Somebody
from tests.faults.promises import promises_kept
from tests.town import Town


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Town]:
    town = Town(sqlite_url)
    town.begun()
    town.passes(hours=6)
    yield town
    town.close()


def _evidence(town: Town) -> Evidence:
    return Evidence(town.bot.db.engine, town.sandbox)


def _change(town: Town, table: Table, where: ColumnElement[bool], **values: Any) -> None:
    with town.bot.db.write() as session:
        session.execute(update(table).where(where).values(**values))


def test_every_kind_of_damage_is_noticed(place: Town) -> None:
    before = _evidence(place)
    assert everything(before) == []
    nudge = next(row for row in before.nudges.values() if row.state == NudgeState.SENT)
    item = before.items[nudge.subject_id]
    posts = place.sandbox.workspace.channels["C0ACCOUNTS0"].messages
    card, stage = (before.post_of(before.letter(key)).message for key in ("card:1", f"stage:{item.stage_id}"))

    _change(
        place,
        t.checklist_items,
        t.checklist_items.c.id == item.id,
        state=ItemState.DONE,
        version=9,
        closed_at=_early(place),
    )
    _change(place, outbox, outbox.c.kind == "person", state=LetterState.FAILED)
    _change(place, t.feedback_requests, t.feedback_requests.c.id == 1, version=9)
    posts.remove(card)
    found = "\n".join(everything(_evidence(place)))
    posts.append(card)
    with_card = "\n".join(everything(_evidence(place)))

    assert f"person:{place.mia.id} is failed" in found
    assert "letter card:1 is sent, but there is no message" in found
    assert "card:1 is owed and was not delivered" in found
    assert f"the checklist of stage {item.stage_id} shows" in found
    assert "cannot be answered" in found
    assert "still asks for what was met" in found
    assert f"nudge {nudge.id} came at" in found
    assert "the card of handoff 1 does not say" in with_card
    assert stage.ts > card.ts


def test_a_repeat_that_nobody_suspected_is_noticed(place: Town) -> None:
    evidence = _evidence(place)
    card = evidence.post_of(evidence.letter("card:1"))
    workspace = place.sandbox.workspace
    workspace.post(card.channel, card.message.user_id, "again", blocks=card.message.blocks, via_app=True, owned=True)
    assert len(_evidence(place).strays) == 1
    assert "a repeat that nobody suspected" in "\n".join(repeats_excused(_evidence(place)))
    _change(place, outbox, outbox.c.key == "stage:1", maybe_repeat=True)
    assert list(repeats_excused(_evidence(place))) != []
    _change(place, outbox, outbox.c.key == "card:1", maybe_repeat=True)
    assert list(repeats_excused(_evidence(place))) == []


def test_a_thread_out_of_order_and_a_broken_promise_are_noticed(place: Town) -> None:
    assert place.carl.dms("baton")[0].click("On time").ok
    with place.bot.db.read() as session:
        assert session.execute(outbox.select().where(outbox.c.kind == "answered")).one()
    assert everything(_evidence(place)) == []
    _change(place, outbox, outbox.c.kind == "stage", id=10_000)
    assert "out of order" in "\n".join(everything(_evidence(place)))
    olaf = Somebody(place.sandbox, "olaf", Random(1))
    act = Act("done", olaf.person.id, place.clock.now(), True, {"item": 2})
    olaf.acts.append(act)
    assert "was acknowledged and is not there" in "\n".join(promises_kept(_evidence(place), [olaf]))
    place.bot.checklist.complete(place.actor("olaf"), 2)
    assert list(promises_kept(_evidence(place), [olaf])) == []


def test_too_many_calls_are_noticed() -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    post = Call("chat.postMessage", {"channel": "C1", "text": "x"}, None, now)
    assert too_fast([post]) == []
    assert len(too_fast([post, post])) == 1
    assert len(too_fast([Call("chat.update", {}, None, now)] * 51)) == 1
    assert len(too_fast([Call("users.info", {}, "ratelimited", now)])) == 1


def _early(town: Town) -> datetime:
    return town.clock.now().replace(hour=0)
