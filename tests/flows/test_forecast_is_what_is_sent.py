"""`/handoff nudges` shows what will be sent: taken at several moments, then time passes and nobody does anything.

The forecast of everybody in the town is compared, message by message, with what stands in their direct messages in
the end: when it came, to whom, as a digest or by itself, and about what.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.domain.people import Absence, Person
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.store import schema as t
from bot.usecases.handoffs.start import AccountChoice, StartForm
from bot.usecases.nudges.forecast import ForecastLine, Forecasts, ForecastView
from bot.usecases.nudges.nudges import Until
from tests.databases import mostly_sqlite
from tests.town import Town

PEOPLE = ("mia", "olaf", "ines", "carl", "wanda", "marek", "ida", "cora", "otto")
A_MINUTE = timedelta(minutes=1)
"""Several messages that are due at once leave one after the other, a second apart."""


@dataclass(frozen=True)
class Message:
    """`things`: account, kind, rung of each entry, whether it is late or comes from somebody away left out."""

    at: datetime
    digest: bool
    things: frozenset[tuple[int, str, int, str]]


@pytest.fixture
def busy(town: Town) -> Town:
    """Three handoffs; two reminder messages a day at most; Olaf away for a while, Cora stands in; Mia has a chief."""
    town.once("busy", lambda: _gets_busy(town))
    return town


def _gets_busy(town: Town) -> None:
    town.begun("Acme")
    _start(town, "Bolt Works", Reason.VOLUNTARY, Tier.KEY, outgoing="ines", incoming="cora")
    _start(town, "Crane", Reason.TERRITORY_CHANGE, Tier.STANDARD, outgoing="olaf", incoming="otto")
    with town.bot.db.write() as session:
        session.execute(update(t.workspaces).values(daily_cap=2))
        people = {one.slack_id: one for one in session.scalars(select(Person))}
        olaf, cora, otto = (people[town.sandbox.person(name).id] for name in ("olaf", "cora", "otto"))
        olaf.away = [Absence(date(2026, 12, 2), date(2026, 12, 4), cora.id).to_dict()]
        people[town.mia.id].manager_id = otto.id
    town.passes(minutes=1)


def test_what_was_foreseen_is_what_came(busy: Town) -> None:
    foreseen = {}
    moments = []
    for hours in (0, 20, 29):
        busy.passes(hours=hours)
        moments.append(busy.clock.now())
        foreseen[moments[-1]] = {name: _forecast(busy, name) for name in PEOPLE}
    busy.passes(days=13)

    for moment in moments:
        for name, view in foreseen[moment].items():
            end_of_view = datetime.combine(view.until, datetime.min.time(), UTC) + timedelta(hours=12)
            until = min(end_of_view, busy.clock.now())
            expected = [one for one in _expected(view) if one.at < until]
            _same(expected, _got(busy, name, moment, until), f"{name}, as seen at {moment}")
    assert sum(len(view.messages) for view in foreseen[moments[0]].values()) > 40
    assert any(line.to_manager for view in foreseen[moments[0]].values() for line in _lines(view))
    assert any(line.standing_in for line in _lines(foreseen[moments[0]]["cora"]))
    assert any(message.digest for message in foreseen[moments[0]]["mia"].messages)


@mostly_sqlite
def test_a_nudge_put_off_comes_back_as_foreseen(busy: Town) -> None:
    busy.passes(days=1, hours=3)
    sent = busy.rows(
        "SELECT n.id, p.slack_id FROM nudges n JOIN people p ON p.id = n.person_id"
        " WHERE n.state = 'sent' ORDER BY n.id LIMIT 4"
    )
    for row, until in zip(sent, (Until.HOUR, Until.TOMORROW, Until.NEXT_WEEK, Until.DAY), strict=True):
        actor = busy.actor(next(name for name in PEOPLE if busy.sandbox.person(name).id == row.slack_id))
        busy.bot.snooze(actor, row.id, until, date(2026, 12, 1) if until is Until.DAY else None)
    busy.settle()
    moment = busy.clock.now()
    foreseen = {name: _forecast(busy, name) for name in PEOPLE}
    back = {line.item.id for view in foreseen.values() for line in _lines(view) if line.because == "snoozed"}
    assert len(back) > 1  # where the ladder's next rung comes at the same moment, that one goes instead
    busy.passes(days=8)
    for name, view in foreseen.items():
        until = busy.clock.now()
        expected = [one for one in _expected(view) if one.at < until]
        _same(expected, _got(busy, name, moment, until), name)


def test_what_slack_does_not_take_now_is_shown_as_coming_at_once(lite_town: Town) -> None:
    town = lite_town.begun("Acme")
    town.passes(hours=22)
    town.sandbox.workspace.weather.fail_all(status=503)
    town.passes(hours=2)
    moment, view = town.clock.now(), _forecast(town, "olaf")
    stuck, after = view.messages[0], view.messages[1:]
    assert (stuck.at, stuck.digest) == (moment, True)
    assert min(one.at for one in after) > moment
    town.sandbox.workspace.weather.clear()
    town.passes(hours=1)
    (came,) = _got(town, "olaf", moment, town.clock.now())
    assert came.things == _expected(view)[0].things


@mostly_sqlite
def test_looking_changes_nothing(busy: Town) -> None:
    before = busy.rows("SELECT * FROM nudges ORDER BY id"), busy.rows("SELECT * FROM digests ORDER BY id")
    for name in PEOPLE:
        _forecast(busy, name)
    assert before == (busy.rows("SELECT * FROM nudges ORDER BY id"), busy.rows("SELECT * FROM digests ORDER BY id"))


@mostly_sqlite
def test_a_stranger_sees_that_nothing_comes(busy: Town) -> None:
    view = Forecasts(busy.bot.desk)(busy.actor("otto").__class__("T0SANDBOX01", "U0NOBODY000"))
    assert view.messages == ()
    assert view.until > view.today


@mostly_sqlite
def test_what_is_done_is_not_foreseen(busy: Town) -> None:
    before = _lines(_forecast(busy, "olaf"))
    item = next(line.item for line in before if line.item is not None)
    busy.finishes("olaf", item.id)
    after = _lines(_forecast(busy, "olaf"))
    assert [line for line in after if line.item is not None and line.item.id == item.id] == []
    assert len(after) < len(before)


def _start(town: Town, account: str, reason: Reason, tier: Tier, outgoing: str, incoming: str) -> None:
    form = StartForm(
        account=AccountChoice(new_name=account),
        reason=reason,
        outgoing=town.sandbox.person(outgoing).id,
        outgoing_name="",
        incoming=town.sandbox.person(incoming).id,
        last_day=(town.clock.now() + timedelta(days=18)).date(),
        benefit="Somebody who speaks their language.",
        sales_channel=SalesChannel.PARTNER,
        tier=tier,
        channel="C0ACCOUNTS0",
    )
    town.bot.start(town.actor("mia"), form)
    town.settle()


def _forecast(town: Town, name: str) -> ForecastView:
    return Forecasts(town.bot.desk)(town.actor(name))


def _lines(view: ForecastView) -> list[ForecastLine]:
    return [line for message in view.messages for line in message.lines]


def _expected(view: ForecastView) -> list[Message]:
    def thing(line: ForecastLine) -> tuple[int, str, int, str]:
        about = line.item or line.request or line.handoff
        return (line.handoff.id, line.kind, about.id, line.because)

    return [Message(one.at, one.digest, frozenset(map(thing, one.lines))) for one in view.messages]


def _got(town: Town, name: str, since: datetime, until: datetime) -> list[Message]:
    """The reminders that stand in somebody's direct messages with Baton, with what the schedule put into each."""
    person = town.sandbox.person(name)
    letters = {
        row.ts: row
        for row in town.rows(
            "SELECT o.ts, o.kind, o.subject_id FROM outbox o JOIN people p ON p.id = o.person_id"
            " WHERE p.slack_id = :who AND o.kind IN ('nudge', 'digest') AND o.ts IS NOT NULL",
            who=person.id,
        )
    }
    found = []
    for seen in person.dms("baton"):
        at = datetime.fromtimestamp(float(seen.ts), UTC)
        if seen.ts in letters and since <= at < until:
            found.append(_message(town, at, letters[seen.ts], seen.text))
    return found


def _message(town: Town, at: datetime, letter, text: str) -> Message:
    column = "digest_id" if letter.kind == "digest" else "id"
    rows = town.rows(
        "SELECT handoff_id, obligation, subject_id, slot FROM nudges"
        f" WHERE {column} = :number AND state = 'sent' ORDER BY id",
        number=letter.subject_id,
    )
    for row in rows:
        assert (
            town.rows(
                "SELECT a.name FROM handoffs h JOIN accounts a ON a.id = h.account_id WHERE h.id = :h", h=row.handoff_id
            )[0].name
            in text
        )
    things = frozenset((row.handoff_id, row.obligation, row.subject_id, _because(row.slot)) for row in rows)
    return Message(at, letter.kind == "digest", things)


def _because(slot: str) -> str:
    return "snoozed" if "/snooze:" in slot else slot.split("/")[1].partition(":")[0]


def _same(expected: list[Message], got: list[Message], whose: str) -> None:
    """Message by message; those of one moment in any order."""

    def key(one: Message) -> tuple[int, list[tuple[int, str, int, str]]]:
        return (int(one.at.timestamp() // 60), sorted(one.things))

    expected, got = sorted(expected, key=key), sorted(got, key=key)
    shown = "\n".join(f"{one.at} {one.digest} {sorted(one.things)}" for one in (*expected, "---", *got) if one != "---")
    assert len(expected) == len(got), f"{whose}: {len(expected)} foreseen, {len(got)} came\n{shown}"
    for one, other in zip(expected, got, strict=True):
        assert one.at <= other.at < one.at + A_MINUTE, f"{whose}: {one.at} foreseen, came at {other.at}"
        assert (one.digest, one.things) == (other.digest, other.things), f"{whose} at {one.at}"
