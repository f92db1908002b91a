"""Which databases a story is played on, besides what the fixtures in conftest.py say."""

from __future__ import annotations

import os

import pytest

EVERYWHERE = bool(os.environ.get("BATON_EVERYWHERE"))

mostly_sqlite = pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"] if EVERYWHERE else ["sqlite"], indirect=True
)
"""For stories whose SQL another story of the same kind shows on both; `make test-everywhere` plays them on both too."""
