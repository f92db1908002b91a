"""Which addresses a webhook may go to, and settings of it that cannot be right."""

from __future__ import annotations

import pytest
from far_end import SECRET

from bot.hooks.calling import Caller
from bot.hooks.far_ends import FarEnd, Forbidden, require_allowed
from bot.settings import Settings, SettingsError


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "127.0.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0", "169.254.169.254", "224.0.0.1", "::1",
        "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
        "::10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b:1::a00:1", "fec0::1", "192.0.0.8",
    ],
)  # fmt: skip
def test_no_machine_of_a_private_network_is_called_unless_the_settings_say_so(address: str) -> None:
    with pytest.raises(Forbidden):
        require_allowed(address)


def test_what_is_allowed_with_a_setting_is_no_metadata_service() -> None:
    require_allowed("93.184.216.34")
    require_allowed("10.0.0.1", private=True)
    with pytest.raises(Forbidden):
        require_allowed("169.254.169.254", private=True)


def test_a_name_that_leads_into_the_own_network_is_refused_when_it_is_called() -> None:
    far_end = FarEnd.read("https://localhost/hook")
    outcome = Caller(far_end, SECRET)("ping", {"id": "1"}, 0.0)
    assert "private network" in outcome.error


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://me:word@example.com/", "https://", "https://exa mple.com/"],
)
def test_an_address_that_cannot_be_right_stops_the_start(url: str) -> None:
    with pytest.raises(Forbidden):
        FarEnd.read(url, private=True)


def test_settings_that_cannot_be_right_stop_the_start() -> None:
    good = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5"}
    wrong = {"BATON_HOOK_URL": "http://example.com/hook https://ok.example/", "BATON_CRM_SECRET": "short"}
    with pytest.raises(SettingsError) as told:
        Settings.from_env(good | wrong)
    assert [line.split()[0] for line in told.value.problems] == [
        "BATON_CRM_SECRET", "BATON_HOOK_URL", "BATON_HOOK_SECRET",
    ]  # fmt: skip
    assert "short" not in str(told.value).replace("shorter", "")
    unnamed = {"BATON_CRM_MANAGER": "@mia", "BATON_CRM_CHANNEL": "U0MIA000000"}
    with pytest.raises(SettingsError) as told:
        Settings.from_env(good | unnamed)
    assert [line.split(".")[0] for line in told.value.problems] == [
        "BATON_CRM_MANAGER is not the id of a person", "BATON_CRM_CHANNEL is not the id of a channel",
    ]  # fmt: skip
    local = {"BATON_HOOK_URL": "http://localhost:9/hook", "BATON_HOOK_SECRET": SECRET, "BATON_HOOK_PRIVATE": "1"}
    assert Settings.from_env(good | local).hook_urls == ("http://localhost:9/hook",)
