"""Slack's bad days: an hour of each, while people click, start handoffs and nudges fall due. Nothing is lost."""

from __future__ import annotations

import pytest

from sandbox.weather import Call, Weather
from tests.faults.hours import HOUR, STEP, Hour, attempts, direct_with
from tests.town import Town

TRIES = 126
"""Calls of one method in an hour without Slack, however many letters wait: two a minute, and the first few."""
HANDFUL = 3
"""Messages that come twice because of a whole hour of cut connections."""


@pytest.fixture
def hour(lite_town: Town) -> Hour:
    return Hour(lite_town)


def _weather(hour: Hour) -> Weather:
    return hour.town.sandbox.workspace.weather


WEATHERS = {
    "503": lambda weather: weather.fail_all(status=503),
    "time-outs": lambda weather: weather.cut_all("before"),
    "429": lambda weather: weather.fail_all(status=429, retry_after=30),
    "cut after": lambda weather: weather.cut_all("after"),
    "fatal_error": lambda weather: weather.fail_all(status=None, error="fatal_error"),
    "fatal_error after": lambda weather: weather.fail_all(status=None, error="fatal_error", taken=True),
}
HARMLESS = ("503", "time-outs", "429", "fatal_error")
"""In these hours Slack takes nothing, so nothing can come twice."""


@pytest.mark.parametrize("kind", WEATHERS)
def test_an_hour_of_bad_weather_loses_nothing(hour: Hour, kind: str) -> None:
    weather = _weather(hour)

    hour.passes(lambda: WEATHERS[kind](weather), weather.clear)

    assert hour.wrong() == []
    assert max(attempts(hour.during).values()) <= TRIES, attempts(hour.during)
    assert _started(hour) == {"Acme", "Blue Boats", "Firm 1", "Firm 4"}
    cut = [c for c in hour.during if c.method == "chat.postMessage" and c.fault == "after" and c.ok]
    assert len(hour.evidence.strays) <= len(cut) <= (0 if kind in HARMLESS else HANDFUL)


def test_an_hour_without_a_token_is_quiet_and_then_caught_up(hour: Hour) -> None:
    town = hour.town

    def installed_again() -> None:
        town.sandbox.actions.install()
        hour.restarts()

    hour.passes(town.sandbox.actions.uninstall, installed_again, clicking=False)

    assert hour.wrong() == []
    assert len(hour.during) <= HANDFUL, attempts(hour.during)
    assert hour.evidence.strays == []


def test_a_token_that_stops_working_without_a_word_pauses_everything(hour: Hour) -> None:
    weather = _weather(hour)

    def works_again() -> None:
        weather.clear()
        hour.restarts()

    hour.passes(lambda: weather.fail_all(status=None, error="token_revoked"), works_again)

    assert hour.wrong() == []
    tried = [call for call in hour.during if call.method in ("chat.postMessage", "chat.update", "users.info")]
    assert len(tried) <= HANDFUL, attempts(hour.during)
    assert hour.evidence.strays == []


def test_a_channel_archived_for_an_hour_is_caught_up_and_told_once(hour: Hour) -> None:
    actions = hour.town.sandbox.actions

    hour.passes(
        lambda: actions.archive("C0ACCOUNTS0"), lambda: actions.unarchive("C0ACCOUNTS0"), starting=(1, 2), since=3
    )

    assert hour.wrong() == []
    assert max(attempts(hour.during).values()) <= TRIES, attempts(hour.during)
    told = [text for text in direct_with(hour.town, "mia") if "archived" in text]
    assert len(told) == len(set(told)) <= len(_started(hour))
    assert told


def test_somebody_who_leaves_in_the_middle_is_nudged_no_more(hour: Hour) -> None:
    town = hour.town
    carl = town.carl.id

    hour.passes(lambda: town.sandbox.actions.deactivate(carl), lambda: None, since=3)

    assert hour.wrong() == []
    gone = town.clock.now() - 2 * HOUR + 3 * STEP
    posts = [call for call in (*hour.during, *hour.after) if call.method == "chat.postMessage" and call.at > gone]
    assert posts
    assert [call for call in posts if _is_to(town, call, carl)] == []


def _is_to(town: Town, call: Call, who: str) -> bool:
    place = call.args["channel"]
    channel = town.sandbox.workspace.channels.get(place)
    return place == who or (place.startswith("D") and channel is not None and who in channel.members)


def _started(hour: Hour) -> set[str]:
    evidence = hour.evidence
    return {evidence.accounts[row.account_id].name for row in evidence.handoffs.values()}
