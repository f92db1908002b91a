"""What other systems hear of handoffs: a far end that is a real server, which fails, hangs and leads elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import httpx
import pytest
from far_end import SECRET, Listening, listening
from typer.testing import CliRunner

from bot.cli import app
from bot.hooks import calling, queue
from bot.hooks.calling import Caller
from bot.hooks.events import ping
from bot.hooks.far_ends import FarEnd
from bot.hooks.sending import Post
from bot.usecases.workspace.setup import SetupView
from tests.town import Town


@pytest.fixture
def far_end() -> Iterator[Listening]:
    with listening() as found:
        yield found


def linked(town: Town, *far_ends: Listening) -> Town:
    """The town, whose bot tells these far ends."""
    town.close_bot()
    urls = tuple(one.url for one in far_ends)
    town.settings = replace(town.settings, hook_urls=urls, hook_secret=SECRET, hook_private=True)
    town.open_bot()
    return town


def begun(town: Town) -> None:
    """As `town.begun()`, but not out of a snapshot: what other stories began, no far end was told."""
    mia = town.actor("mia")
    town.bot.setup.save(mia, SetupView({}, (mia.user_id,), None))
    town.starts("Acme")
    town.settle()


def sends(town: Town) -> None:
    """Everything goes that may go now."""
    town.bot.crm.hooks.look_after()
    for post in town.bot.crm.hooks.posts:
        while post.send_next():
            pass


def pinged(town: Town, number: int = 1) -> None:
    names = [post.far_end.name for post in town.bot.crm.hooks.posts]
    for _ in range(number):
        with town.bot.db.write() as session:
            ping(session, names, 1, town.clock.now())


def states(town: Town) -> list[tuple[str, int, str]]:
    return [tuple(row) for row in town.rows("SELECT state, attempts, error FROM hooks ORDER BY id")]


def test_a_far_end_hears_signed_and_in_order_what_becomes_of_a_handoff(lite_town: Town, far_end: Listening) -> None:
    town = linked(lite_town, far_end)
    begun(town)
    mia, ines = town.actor("mia"), town.actor("ines")
    town.bot.handoffs.override(mia, 1, "They leave tomorrow.")
    sends(town)

    first, overridden, asked = far_end.heard
    assert all(one.signed and one.headers["X-Baton-Id"] == one.json["id"] for one in far_end.heard)
    assert far_end.events == ["handoff.started", "handoff.gate_overridden", "handoff.acceptance_asked"]
    assert first.json["account"]["name"] == "Acme"
    assert first.json["handoff"]["outgoing"]["slack_id"] == town.olaf.id
    assert first.json["handoff"]["stage"]["number"] == 1
    assert first.json["by"]["slack_id"] == mia.user_id
    assert overridden.json["detail"] == {"reason": "They leave tomorrow."}
    assert asked.json["handoff"]["stage"]["number"] == 1
    town.bot.handoffs.accept(ines, 1)
    town.bot.handoffs.override(mia, 1, "The customer knows them.")
    sends(town)
    assert far_end.events[3:] == ["handoff.accepted", "handoff.gate_overridden", "handoff.stage_entered"]
    assert [one.json["handoff"]["stage"]["number"] for one in far_end.heard[3:]] == [2, 3, 3]

    town.bot.handoffs.cancel(mia, 1, "They stay after all.")
    sends(town)
    assert far_end.heard[-1].json["handoff"]["state"] == "cancelled"
    assert far_end.heard[-1].json["detail"] == {"reason": "They stay after all."}
    assert ines.user_id in str(first.json)
    assert {state for state, _, _ in states(town)} == {"sent"}


def test_nobody_hears_of_quiet_handoffs_and_rehearsals_until_they_are_opened(
    lite_town: Town, far_end: Listening
) -> None:
    town = linked(lite_town, far_end)
    begun(town)
    sends(town)
    far_end.heard.clear()
    mia = town.actor("mia")
    quiet = town.bot.start(mia, replace(town.form("Bolt"), quiet=True))
    trial = town.bot.start(mia, replace(town.form("Cog"), test_run=True))
    town.bot.handoffs.cancel(mia, trial.handoff_id, "Only a trial.")
    sends(town)
    assert far_end.heard == []
    assert states(town)[1:] == []

    town.bot.opening(mia, quiet.handoff_id)
    sends(town)
    assert far_end.events == ["handoff.started"]
    assert far_end.heard[0].json["account"]["name"] == "Bolt"


def test_what_fails_is_tried_again_later_and_what_comes_after_it_waits(lite_town: Town, far_end: Listening) -> None:
    town = linked(lite_town, far_end)
    far_end.answers.extend([500, (302, {"Location": "http://127.0.0.1:1/"}), (503, {"Retry-After": "900"})])
    begun(town)
    town.bot.handoffs.cancel(town.actor("mia"), 1, "They stay after all.")
    for error, wait in (("HTTP 500", 6), ("HTTP 302: it leads", 31), ("HTTP 503", 890)):
        sends(town)
        sends(town)  # too early: nothing goes
        assert far_end.events[-1] == "handoff.started"
        assert states(town)[0][2].startswith(error)
        town.clock.jump_to(town.clock.now() + timedelta(seconds=wait))
    count = len(far_end.heard)
    sends(town)
    assert len(far_end.heard) == count == 3  # the 900 seconds that it asked for are not over
    town.clock.jump_to(town.clock.now() + timedelta(seconds=20))
    sends(town)
    assert far_end.events[3:] == ["handoff.started", "handoff.cancelled"]
    assert len({one.json["id"] for one in far_end.heard[:4]}) == 1


def test_what_is_given_up_stays_and_goes_again_when_somebody_says_so(lite_town: Town, far_end: Listening) -> None:
    town = linked(lite_town, far_end)
    begun(town)
    far_end.answers.extend([404] * queue.TRIES)
    for _ in range(queue.TRIES):
        sends(town)
        town.clock.jump_to(town.clock.now() + timedelta(hours=10))
    assert states(town) == [("failed", queue.TRIES, "HTTP 404")]
    sends(town)
    assert len(far_end.heard) == queue.TRIES

    names = [post.far_end.name for post in town.bot.crm.hooks.posts]
    with town.bot.db.write() as session:
        assert queue.again(session, town.clock.now(), [1], names) == 1
    sends(town)
    assert states(town) == [("sent", 1, "")]


@pytest.mark.parametrize("way", ["hang", "drip"])
def test_a_far_end_that_never_answers_is_cut_off(
    lite_town: Town, far_end: Listening, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "SECONDS", 0.2 if way == "hang" else 5.0)
    monkeypatch.setattr(calling, "IN_ALL", 0.4)
    town = linked(lite_town, far_end)
    far_end.answers.append(way)
    pinged(town)
    began = time.monotonic()
    sends(town)
    assert time.monotonic() - began < 2
    assert states(town) == [("queued", 1, "no answer in time")]


def test_one_far_end_that_hangs_keeps_neither_slack_nor_the_other_waiting(lite_town: Town, far_end: Listening) -> None:
    with listening() as other:
        town = linked(lite_town, far_end, other)
        far_end.answers.append("hang")
        town.bot.crm.hooks.start()
        begun(town)
        assert other.came.wait(5)
        assert far_end.came.wait(5)
        assert town.card("Acme")  # Slack has it, although one far end still thinks about it
        began = time.monotonic()
        town.bot.crm.hooks.stop(1)
        assert time.monotonic() - began < 2
    mine = town.bot.crm.hooks.posts[0].far_end.name
    (row,) = town.rows("SELECT state, attempts FROM hooks WHERE far_end = :name", name=mine)
    assert tuple(row) == ("queued", 0)  # it goes in another process, and the try does not count


def test_many_processes_send_each_webhook_once_and_in_order(database_url: str, far_end: Listening) -> None:
    town = Town(database_url)
    try:
        linked(town, far_end)
        for name in ("Acme", "Bolt", "Cog", "Dynamo"):
            town.starts(name)
        for number in range(1, 5):
            town.bot.handoffs.override(town.actor("mia"), number, "In a hurry.")
            town.bot.handoffs.cancel(town.actor("mia"), number, "They stay.")
        one, settings = town.bot.crm.hooks.posts[0].far_end, town.settings
        posts = [
            Post(town.bot.db, town.bot.clock, one, Caller(one, settings.hook_secret, private=True)) for _ in range(4)
        ]
        threads = [Thread(target=_until_all_is_sent, args=(town, post)) for post in posts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = [(heard.json["handoff"]["id"], heard.json["event"]) for heard in far_end.heard]
        assert len(told) == len({heard.json["id"] for heard in far_end.heard}) == 16
        for number in range(1, 5):
            assert [event.partition(".")[2] for of, event in told if of == number] == [
                "started", "gate_overridden", "acceptance_asked", "cancelled",
            ]  # fmt: skip
    finally:
        town.close()


def _until_all_is_sent(town: Town, post: Post) -> None:
    while any(state != "sent" for state, _, _ in states(town)):
        post.send_next()


def test_what_a_dead_process_had_in_hand_goes_again(lite_town: Town, far_end: Listening) -> None:
    town = linked(lite_town, far_end)
    pinged(town)
    name = town.bot.crm.hooks.posts[0].far_end.name
    with town.bot.db.write() as session:
        assert queue.claim(session, name, town.clock.now()) is not None  # and its process is killed
    sends(town)
    assert far_end.heard == []
    town.clock.jump_to(town.clock.now() + queue.LEASE)
    sends(town)
    assert far_end.events == ["ping"]


def test_an_address_that_is_taken_out_of_the_settings_is_given_up_in_words(lite_town: Town, far_end: Listening) -> None:
    with listening() as other:
        town = linked(lite_town, far_end)
        pinged(town)
        linked(town, other)
        sends(town)
    assert states(town) == [("failed", 0, queue.GONE)]
    assert far_end.heard == other.heard == []


def test_no_part_of_the_path_stands_in_the_name_of_a_far_end(far_end: Listening) -> None:
    assert "not-for-logs" not in FarEnd.read(far_end.url, private=True).name


def test_an_operator_lists_what_was_given_up_and_sends_it_again(lite_town: Town, far_end: Listening) -> None:
    town = linked(lite_town, far_end)
    pinged(town)
    far_end.answers.extend([500] * queue.TRIES)
    for _ in range(queue.TRIES):
        sends(town)
        town.clock.jump_to(town.clock.now() + timedelta(hours=10))
    page = httpx.get(town.request_url.replace("/slack/events", "/metrics")).text
    assert 'baton_hooks{state="failed"} 1.0' in page

    environment = {
        "DATABASE_URL": town.settings.database_url, "BATON_HOOK_URL": far_end.url,
        "BATON_HOOK_SECRET": SECRET, "BATON_HOOK_PRIVATE": "1",
    }  # fmt: skip

    def baton(*words: str) -> str:
        done = CliRunner().invoke(app, ["hooks", *words], env=environment)
        assert done.exit_code == 0, done.output
        return done.output

    listed = baton("--failed")
    assert "HTTP 500" in listed
    assert "127.0.0.1" in listed
    assert "not-for-logs" not in listed
    assert baton("retry", "1") == "It goes again.\n"
    assert baton("--failed") == "Nothing was given up.\n"
    assert baton("ping") == "One ping waits to be sent.\n"
    assert CliRunner().invoke(app, ["hooks", "retry"], env=environment).exit_code == 2
    town.clock.jump_to(max(town.clock.now(), datetime.now(UTC) + timedelta(minutes=1)))
    sends(town)
    assert far_end.events[-2:] == ["ping", "ping"]
    assert baton() == "Everything was sent.\n"
