"""What the environment may say, and what Baton answers when it makes no sense."""

from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1-2-abc", "SLACK_SIGNING_SECRET": "0123456789abcdef"}


def problems(**environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(GOOD | environ)
    return str(refused.value)


def test_two_secrets_are_enough() -> None:
    settings = Settings.from_env(GOOD)

    assert settings.api_url == "https://slack.com/api/"
    assert settings.database_url == "sqlite:///baton.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 3000)
    assert settings.templates is None
    assert settings.clock_url is None
    assert not settings.demo


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    told = problems(
        SLACK_BOT_TOKEN="xapp-1-secretpart",
        SLACK_SIGNING_SECRET="",
        SLACK_APP_TOKEN="xoxb-secretpart",
        SLACK_API_URL="slack.com/api",
        DATABASE_URL="mysql://root:secretpart@db/baton",
        PORT="threethousand",
        BATON_TEMPLATES=str(tmp_path / "gone"),
        BATON_CLOCK_URL="ftp://clock",
        BATON_DEMO="maybe",
        BATON_LOG_LEVEL="loud",
        BATON_PUBLIC_URL="baton.example",
    )

    lines = told.splitlines()
    assert lines[0] == "Baton cannot start: 11 settings need attention."
    assert [line.split()[0] for line in lines[1:]] == [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_APP_TOKEN",
        "SLACK_API_URL",
        "DATABASE_URL",
        "PORT",
        "BATON_TEMPLATES",
        "BATON_CLOCK_URL",
        "BATON_DEMO",
        "BATON_LOG_LEVEL",
        "BATON_PUBLIC_URL",
    ]
    assert "secretpart" not in told


def test_a_newline_at_the_end_of_a_secret_is_forgiven_and_one_inside_is_not() -> None:
    assert Settings.from_env(GOOD | {"SLACK_BOT_TOKEN": "xoxb-1\n"}).bot_token == "xoxb-1"
    assert "SLACK_BOT_TOKEN contains blanks" in problems(SLACK_BOT_TOKEN="xoxb-1\nxoxb-2")


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999999999999999999", "3000.0", "٣"])
def test_a_port_is_a_number_from_1_to_65535(port: str) -> None:
    assert "PORT is not a port number" in problems(PORT=port)


def test_the_api_address_ends_in_a_slash_because_the_client_appends_to_it() -> None:
    assert Settings.from_env(GOOD | {"SLACK_API_URL": "http://127.0.0.1:4000/api"}).api_url.endswith("/api/")


def test_migrating_needs_no_tokens() -> None:
    assert Settings.from_env({}, talks_to_slack=False).bot_token == ""


def test_secrets_stay_out_of_the_repr_and_are_known_to_the_log() -> None:
    settings = Settings.from_env(GOOD | {"DATABASE_URL": "postgres://baton:pass-word@db/baton"})

    assert "xoxb" not in repr(settings)
    assert "pass-word" not in repr(settings)
    assert set(settings.secrets) == {"xoxb-1-2-abc", "0123456789abcdef", "pass-word"}
