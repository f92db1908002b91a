"""Slack's bad days: an hour of each, while people click, start handoffs and nudges fall due. Nothing is lost.

Twenty minutes of each here, a whole hour of each on both databases with BATON_EVERYWHERE=1.
"""

from __future__ import annotations

import pytest

from sandbox.weather import Call
from tests.faults.hours import TRIES, Hours, attempts, direct_with
from tests.town import Town

HANDFUL = 3
"""Posts that Slack takes without our hearing of it, in a whole hour of cut connections."""
TAKES_NOTHING = {
    "503": lambda weather: weather.fail_all(status=503),
    "time-outs": lambda weather: weather.cut_all("before"),
    "429": lambda weather: weather.fail_all(status=429, retry_after=30),
    "fatal_error": lambda weather: weather.fail_all(status=None, error="fatal_error"),
}
TAKES_IT = {
    "cut": lambda weather: weather.cut_all("after"),
    "fatal_error": lambda weather: weather.fail_all(status=None, error="fatal_error", taken=True),
}


@pytest.fixture
def hours(lite_town: Town) -> Hours:
    return Hours(lite_town)


def test_hours_in_which_slack_takes_nothing_lose_and_repeat_nothing(hours: Hours) -> None:
    weather = hours.town.sandbox.workspace.weather
    for kind, begins in TAKES_NOTHING.items():
        hours.passes(lambda begins=begins: begins(weather), weather.clear)

        assert hours.wrong() == [], kind
        assert max(attempts(hours.during).values()) <= TRIES, (kind, attempts(hours.during))
        assert hours.evidence.strays == [], kind


def test_hours_in_which_slack_takes_it_and_cannot_say_so_repeat_a_handful(hours: Hours) -> None:
    weather = hours.town.sandbox.workspace.weather
    repeats = 0
    for kind, begins in TAKES_IT.items():
        hours.passes(lambda begins=begins: begins(weather), weather.clear)

        assert hours.wrong() == [], kind
        assert max(attempts(hours.during).values()) <= TRIES, (kind, attempts(hours.during))
        taken = [call for call in hours.during if call.method == "chat.postMessage" and call.ok]
        words = [place.words for place in hours.evidence.strays]
        assert len(words) == len(set(words)), kind  # nothing comes three times
        assert len(words) - repeats <= len(taken) <= HANDFUL, kind
        repeats = len(words)


def test_without_a_token_it_is_quiet_and_then_caught_up(hours: Hours) -> None:
    weather, actions = hours.town.sandbox.workspace.weather, hours.town.sandbox.actions

    def installed() -> None:
        actions.install()
        hours.restarts()

    def works() -> None:
        weather.clear()
        hours.restarts()

    hours.passes(actions.uninstall, installed, clicking=False)
    assert hours.wrong() == []
    assert sum(_tries(hours).values()) <= HANDFUL, attempts(hours.during)

    hours.passes(lambda: weather.fail_all(status=None, error="token_revoked"), works)
    assert hours.wrong() == []
    assert sum(_tries(hours).values()) <= HANDFUL, attempts(hours.during)
    assert hours.evidence.strays == []


def test_a_channel_archived_for_a_while_is_caught_up_and_told_once(hours: Hours) -> None:
    actions = hours.town.sandbox.actions

    hours.passes(
        lambda: actions.archive("C0ACCOUNTS0"), lambda: actions.unarchive("C0ACCOUNTS0"), starting=(1, 2), since=3
    )

    assert hours.wrong() == []
    assert max(attempts(hours.during).values()) <= TRIES, attempts(hours.during)
    told = [text for text in direct_with(hours.town, "mia") if "archived" in text]
    assert told
    assert len(told) == len(set(told)) <= len(hours.accounts)


def test_somebody_who_leaves_in_the_middle_hears_nothing_more(hours: Hours) -> None:
    town = hours.town
    carl = town.carl.id

    hours.passes(lambda: town.sandbox.actions.deactivate(carl), lambda: None, since=3)

    assert hours.wrong() == []
    posts = [
        call for call in (*hours.during, *hours.after) if call.method == "chat.postMessage" and call.at >= hours.began
    ]
    assert posts
    assert [call for call in posts if _is_to(town, call, carl)] == []


def _tries(hours: Hours) -> dict[str, int]:
    """What the courier tried; forms that people open ask Slack as well."""
    tried = attempts(hours.during)
    return {name: tried[name] for name in ("chat.postMessage", "chat.update", "views.publish", "users.info")}


def _is_to(town: Town, call: Call, who: str) -> bool:
    place = call.args["channel"]
    channel = town.sandbox.workspace.channels.get(place)
    return place == who or (place.startswith("D") and channel is not None and who in channel.members)
