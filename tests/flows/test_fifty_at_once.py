"""Fifty handoffs are started at once in one channel: Slack's limits hold, and no time is lost beyond them."""

from collections import Counter
from datetime import timedelta

import pytest

from sandbox.limits import TIERS

HANDOFFS = 50
CHANNEL = "C0ACCOUNTS0"
TIER_OF = {"chat.postMessage": "posting", "chat.update": "3", "views.publish": "4", "users.info": "4"}


@pytest.fixture
def strict_town(lite_town):
    """A Slack that takes one message a second in a channel, and no burst."""
    lite_town.sandbox.workspace.limits.post_burst = 1
    lite_town.set_up()
    lite_town.passes(minutes=2)
    lite_town.sandbox.workspace.limits.reset()  # buckets that were made before still allow a burst
    return lite_town


def test_the_sandbox_is_as_strict_as_slack_says(strict_town):
    limits = strict_town.sandbox.workspace.limits
    assert limits.spend_post(CHANNEL) == 0
    assert limits.spend_post(CHANNEL) == 1  # seconds to wait
    strict_town.clock.advance(timedelta(seconds=0.9))
    assert limits.spend_post(CHANNEL) == 1
    strict_town.clock.advance(timedelta(seconds=0.1))
    assert limits.spend_post(CHANNEL) == 0
    assert [limits.spend("chat.update", "3") for _ in range(51)][-2:] == [0, 2]


def test_fifty_handoffs_in_one_channel_take_hardly_longer_than_the_limits_ask(strict_town):
    town = strict_town
    began, before = town.clock.now(), len(town.sandbox.workspace.weather.calls)
    for number in range(HANDOFFS):
        town.starts(f"Account {number:02}")
    town.settle()
    calls = town.sandbox.workspace.weather.calls[before:]
    assert [call for call in calls if not call.ok] == []
    posts = [call for call in calls if call.method == "chat.postMessage"]
    in_channel = [call for call in posts if call.args["channel"] == CHANNEL]
    assert len([call for call in in_channel if "thread_ts" not in call.args]) == HANDOFFS
    assert town.rows("SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending', 'failed')")[0].n == 0
    took = (max(call.at for call in calls) - began).total_seconds()
    assert took <= 1.15 * _least(calls)


def _least(calls):
    """Seconds that Slack's limits ask for these calls: one message a second in each channel, and each method's tier."""
    conversations = Counter(call.args["channel"] for call in calls if call.method == "chat.postMessage")
    methods = Counter(call.method for call in calls if call.method in TIER_OF)
    of_channels = [number - 1 for number in conversations.values()]
    of_methods = [(number / TIERS[TIER_OF[name]] - 1) * 60 for name, number in methods.items()]
    return max(*of_channels, *of_methods)
