"""The bot is killed at bad moments, a few times here, many times with `make faults`: nothing that matters is lost."""

import pytest

from tests.faults.rounds import FOUR_PROCESSES, ONE_PROCESS, Campaign

ROUNDS = 2


@pytest.mark.parametrize(("url", "roles"), [("sqlite_url", ONE_PROCESS), ("postgres_url", FOUR_PROCESSES)])
def test_a_bot_that_is_killed_keeps_its_promises(
    url: str, roles: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    with Campaign(request.getfixturevalue(url), roles, seed=20261123) as campaign:
        counts = campaign.run(ROUNDS)

    assert counts.violations == []
    assert counts.kills >= ROUNDS == counts.rounds
    assert counts.acknowledged > 0
    assert counts.posted > 10
