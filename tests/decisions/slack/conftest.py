"""The samples of this folder can be imported by its tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from bot.slack.render import Renderer


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer([Path(__file__).parent / "templates"])
