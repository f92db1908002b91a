"""What most stories begin with."""

import pytest

from tests.town import Town


@pytest.fixture
def begun(lite_town: Town) -> Town:
    """Set up, and Olaf hands Acme over to Ines."""
    return lite_town.begun()
