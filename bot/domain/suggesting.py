"""Who could cover: whoever has the least to look after, nearby first (U15). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.vocabulary import Tier

WEIGHT: Mapping[Tier, int] = {Tier.STRATEGIC: 4, Tier.KEY: 2, Tier.STANDARD: 1}
"""How much of somebody's time an account of that tier takes, beside a standard one."""


@dataclass(frozen=True)
class Held:
    """An account that somebody owns or covers."""

    person_id: int
    tier: Tier
    territory: str = ""
    region: str = ""


@dataclass(frozen=True)
class Suggestion:
    """Somebody who could cover: how many accounts they have, what these weigh, whether they know the place."""

    person_id: int
    accounts: int
    load: int
    territory: bool
    region: bool


def suggested(
    held: Iterable[Held], candidates: Iterable[int], territory: str, region: str, most: int = 3
) -> Sequence[Suggestion]:
    """The first few of the candidates: those in the same territory, then in the same region, the least loaded first."""
    by_person: dict[int, list[Held]] = {number: [] for number in candidates}
    for one in held:
        if one.person_id in by_person:
            by_person[one.person_id].append(one)
    found = [
        Suggestion(
            person_id=number,
            accounts=len(mine),
            load=sum(WEIGHT[one.tier] for one in mine),
            territory=bool(territory) and any(_same(one.territory, territory) for one in mine),
            region=bool(region) and any(_same(one.region, region) for one in mine),
        )
        for number, mine in by_person.items()
    ]
    return sorted(found, key=lambda one: (not one.territory, not one.region, one.load, one.person_id))[:most]


def _same(one: str, other: str) -> bool:
    return one.casefold().strip() == other.casefold().strip()
