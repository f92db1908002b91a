"""The app manifest asks for no more than it gives a reason for, and keeps Slack's limits (SLACK.md 7)."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.manifest import FILE, for_http, for_socket_mode
from bot.slack.scopes import SCOPES

TEXT = FILE.read_text(encoding="utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(TEXT)

EVENT_SCOPES = {
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
    "channel_id_changed": None,
    "user_change": "users:read",
    "file_shared": "files:read",
    "channel_archive": "channels:read",
    "member_joined_channel": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "function_executed": None,
}


def test_the_scopes_are_the_ones_with_a_reason_and_the_reason_is_in_the_file() -> None:
    assert MANIFEST["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    for scope, reason in SCOPES.items():
        assert f"- {scope}  # {reason}\n" in TEXT


def test_each_event_is_known_and_covered_by_a_scope() -> None:
    for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]:
        assert EVENT_SCOPES[event] is None or EVENT_SCOPES[event] in SCOPES


def test_the_step_of_workflow_builder_offers_the_words_of_the_product() -> None:
    (step,) = MANIFEST["functions"].values()
    inputs = step["input_parameters"]["properties"]
    for name, kind in (("reason", Reason), ("tier", Tier), ("sales_channel", SalesChannel)):
        assert inputs[name]["enum"] == [one.value for one in kind]
        assert [one["value"] for one in inputs[name]["choices"]] == inputs[name]["enum"]
    assert set(step["input_parameters"]["required"]) == {"account", "reason", "outgoing", "benefit", "channel"}
    # Slack fills it in, and whoever builds a workflow cannot
    assert inputs["runner"]["type"] == "slack#/types/user_context"
    settings = MANIFEST["settings"]
    assert (settings["function_runtime"], settings["org_deploy_enabled"]) == ("remote", True)
    assert "function_executed" in settings["event_subscriptions"]["bot_events"]


def test_the_limits_of_slack_are_kept() -> None:
    shown, features = MANIFEST["display_information"], MANIFEST["features"]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch("#[0-9a-f]{6}", shown["background_color"])
    assert len(features["bot_user"]["display_name"]) <= 80
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert shortcut["type"] in ("global", "message")
    for command in features["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["usage_hint"]) <= 1000
        assert command["should_escape"] is True


def test_the_home_and_the_messages_tab_are_open_for_writing() -> None:
    assert MANIFEST["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_socket_mode_needs_no_address() -> None:
    fitted = for_socket_mode(TEXT)
    manifest = yaml.safe_load(fitted)

    assert "https://baton.example.com" not in re.sub("#.*", "", fitted)
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert manifest["settings"]["event_subscriptions"]["bot_events"]
    assert "url" not in manifest["features"]["slash_commands"][0]


def test_the_printed_manifest_is_the_one_asked_for() -> None:
    def printed(*options: str) -> str:
        result = CliRunner().invoke(app, ["manifest", *options])
        assert result.exit_code == 0
        return result.stdout

    assert printed() == TEXT
    assert printed("--socket") == for_socket_mode(TEXT)
    assert printed("--url", "https://baton.our-firm.com/") == for_http(TEXT, "https://baton.our-firm.com")
    assert yaml.safe_load(printed("--url", "https://x.y"))["settings"]["interactivity"]["request_url"] == (
        "https://x.y/slack/events"
    )


def test_checking_playbooks_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("titel: Acme\n", encoding="utf-8")
    shipped = sorted(str(path) for path in (FILE.parent / "templates" / "playbooks").glob("*.yaml"))

    fine = CliRunner().invoke(app, ["playbooks", "check", *shipped])
    wrong = CliRunner().invoke(app, ["playbooks", "check", str(broken)])

    assert (fine.exit_code, fine.stdout) == (0, f"All {len(shipped)} files are fine.\n")
    assert wrong.exit_code == 1
    assert f"{broken}:1: " in wrong.stdout


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["demo", "--help"], ["playbooks", "check", "--help"]])
def test_help_is_there(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 0
