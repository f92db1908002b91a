"""Which databases a story is played on, besides what the fixtures in conftest.py say."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

EVERYWHERE = bool(os.environ.get("BATON_EVERYWHERE"))

mostly_sqlite = pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"] if EVERYWHERE else ["sqlite"], indirect=True
)
"""For stories whose SQL another story of the same kind shows on both; `make test-everywhere` plays them on both too."""


def from_json(value: Any) -> Any:
    """What a column of JSON holds, read by hand: SQLite gives its text, PostgreSQL's driver what it stands for."""
    return json.loads(value) if isinstance(value, str) else value
