"""What is said under a field of a form: something is missing, somebody cannot be chosen, a value is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.people import Person
from bot.domain.refusals import Refusal, Unreachable
from bot.domain.typed import trimmed
from bot.errors import BotError
from bot.usecases.desk import Desk

Errors = dict[str, BotError]
"""What is wrong with a form, by the name of the field."""


class Missing(Refusal):
    sentence = "This is needed."


class NotSoMany(Refusal):
    sentence = "Give a whole number from %(least)s to %(most)s."


class NoBots(Refusal):
    sentence = "Choose a person: an app cannot look after an account."


def unfit(person: Person, *, may_have_left: bool = False) -> Refusal | None:
    """Why nobody can choose this person; None for whoever can be chosen."""
    if person.is_bot:
        return NoBots()
    return Unreachable(person=person.slack_id) if person.deactivated and not may_have_left else None


def chosen(
    desk: Desk,
    session: Session,
    by: Person,
    slack_id: str | None,
    field: str,
    errors: Errors,
    *,
    may_have_left: bool = False,
) -> Person | None:
    """Who was chosen; what keeps them from being it goes under the field, Missing for nobody."""
    if not slack_id:
        errors[field] = Missing()
        return None
    person = desk.person(session, by.workspace_id, slack_id)
    problem = unfit(person, may_have_left=may_have_left)
    if problem is not None:
        errors[field] = problem
    return person


def tried(errors: Errors, field: str, work: Callable[[], Any]) -> Any:
    """What `work` returns; what it refuses goes under the field, and None comes back."""
    try:
        return work()
    except Refusal as problem:
        errors[field] = problem
        return None


def one_of(kind: Callable[[str], Any], word: str | None, field: str, errors: Errors) -> Any:
    """The word chosen; Missing under the field for none, or for one that is not offered."""
    try:
        return kind(word or "")
    except ValueError:
        errors[field] = Missing()
        return None


def whole_number(typed: str, least: int, most: int) -> int:
    """The number that was typed, from `least` to `most`. Raises NotSoMany."""
    cleaned = trimmed(typed)
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 9 and least <= int(cleaned) <= most):
        raise NotSoMany(least=least, most=most)
    return int(cleaned)
