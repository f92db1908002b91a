"""The people of the simulation are at work when the product thinks so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulation.cast import PLACES, Citizen


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.zone)
def test_the_simulation_reckons_like_the_product(place: object) -> None:
    """Not the same code: were they to part, one of them would be wrong about somebody's morning."""
    citizen = Citizen("U1", place)  # type: ignore[arg-type]
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    for _ in range(400):
        moment += timedelta(hours=23, minutes=17)
        assert citizen.at_work(moment) == citizen.worktime().is_working(moment)
