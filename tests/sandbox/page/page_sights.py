"""The reader for whom these tests render."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.page.reader import Reader

READER = Reader(
    user_id="U1",
    zone=ZoneInfo("Europe/Berlin"),
    now=datetime(2025, 11, 20, 12, 0, tzinfo=UTC),
    address="/as/mia",
    people={"U1": "Mia", "U2": "<img src=x onerror=alert(1)>"},
    channels={"C1": "accounts"},
    groups={"S1": "credit"},
)
