"""What reaches the log, and what must not."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot.running.logs import configure
from bot.settings import Settings

SETTINGS = Settings(
    bot_token="xoxb-1-abcdef", signing_secret="8f742231b10e8888", database_url="postgresql://u:pa55word@h/d"
)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(SETTINGS, stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_one_record_is_one_line_with_time_level_and_origin(lines: io.StringIO) -> None:
    logging.getLogger("bot.courier").info("delivered %d\nERROR forged", 3)

    line = lines.getvalue()
    assert line.count("\n") == 1
    assert line.endswith("Z INFO bot.courier delivered 3\\nERROR forged\n")


@pytest.mark.parametrize(
    "secret",
    ["xoxb-1-abcdef", "xoxp-99-zz", "xoxe.xoxb-1-Mi0", "xapp-1-A1-b2", "8f742231b10e8888", "pa55word",
     "https://hooks.slack.com/actions/T1/22/abcd", "v0=" + "a1" * 32],
)  # fmt: skip
def test_secrets_are_hidden_in_words_values_and_tracebacks(lines: io.StringIO, secret: str) -> None:
    logger = logging.getLogger("any.library")
    logger.warning("calling with %s", {"token": secret})
    try:
        raise ValueError(f"bad {secret}")
    except ValueError:
        logger.exception("it failed")

    assert secret not in lines.getvalue()
    assert lines.getvalue().count("[hidden]") == 2


def test_bolt_does_not_log_the_bodies_it_refuses(lines: io.StringIO) -> None:
    logging.getLogger("slack_bolt.RequestVerification").info("Invalid request (body: what people wrote)")
    logging.getLogger("slack_sdk.web.base_client").debug("Sending a request - what people wrote")

    assert lines.getvalue() == ""
