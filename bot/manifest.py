"""The Slack app manifest, as it stands in manifest.yaml or fitted to how a team runs Baton. Comments are kept."""

import re
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "manifest.yaml"
EXAMPLE = "https://baton.example.com"

_ADDRESS_LINE = re.compile(r"^ *(?:url|request_url|message_menu_options_url): .*\n", re.MULTILINE)


def for_http(text: str, url: str | None = None) -> str:
    """The manifest for a bot that Slack reaches at `url` (scheme and host, such as ``https://baton.our-firm.com``)."""
    return text if url is None else text.replace(EXAMPLE, url.rstrip("/"))


def for_socket_mode(text: str) -> str:
    """The manifest for a bot that calls Slack itself, and needs no public address."""
    return _ADDRESS_LINE.sub("", text).replace("socket_mode_enabled: false", "socket_mode_enabled: true")
