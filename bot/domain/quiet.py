"""Who may know of a quiet handoff (PRODUCT section 5): its manager and those whom the manager names in it.

The outgoing rep is not among them: a handoff is prepared quietly because they are not to hear of it yet. A manager who
wants them to know names them in another role as well, or opens the handoff.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.people import Person
from bot.domain.vocabulary import Role

CONFIDED = tuple(role for role in Role if role is not Role.OUTGOING)
"""The roles whose holders may know."""


def confidants(handoff: Any) -> frozenset[int]:
    """The ids of those who may know of it while it is quiet. `handoff` has `manager_id` and the like: a row will do."""
    held = (getattr(handoff, f"{role.value}_id") for role in CONFIDED)
    return frozenset(number for number in held if number is not None)


def knows(handoff: Any, person_id: int | None) -> bool:
    """Whether somebody may know of the handoff; of one that is not quiet everybody may."""
    return not handoff.quiet or (person_id is not None and person_id in confidants(handoff))


def next_in_charge(handoff: Any, in_line: Iterable[Person]) -> Person | None:
    """Who takes over from a manager who is gone: the first of these who is here and not the one who is to go."""
    apart = (handoff.manager_id, handoff.outgoing_id)
    return next((one for one in in_line if one.reachable and one.id not in apart), None)
