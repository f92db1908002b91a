"""Values for the sample templates of this folder."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "templates"
NOW = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    id: int
    title: str
    due: date = date(2025, 12, 3)
    version: int = 1


def card(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "account": "Acme & Sons",
        "tier": "key",
        "benefit": "A rep who lives *nearby*",
        "outgoing": "U0MIA",
        "incoming": None,
        "last_day": date(2026, 1, 12),
        "items": [Item(1, "Read the purchase history")],
        "done": 0,
        "can_cancel": True,
        "now": NOW,
    }
    return values | changes
