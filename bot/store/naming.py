"""Accounts by what people write at the front of a line, or anywhere in a text, as one reader may find them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.capturing import LEAST, Opening, inside, openings
from bot.domain.people import Person
from bot.store import schema as t
from bot.store.visibility import known_to

MOST = 6
"""Accounts that are offered to choose from."""
_POOL = 300
"""Names among which the nearest are looked for."""
_a = t.accounts.c


def named(session: Session, reader: Person, keys: Iterable[str]) -> dict[str, Account]:
    """The accounts with exactly these names, by the folded name."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    query = select(Account).where(_a.workspace_id == reader.workspace_id, _a.name_key.in_(wanted), known_to(reader))
    return {one.name_key: one for one in session.scalars(query)}


def at_the_front(session: Session, reader: Person, text: str) -> tuple[list[Account], str]:
    """The accounts that the beginning of `text` may mean, and what is said of them.

    A whole name wins over the beginning of another one, unless that takes in more of the text: then both are there.
    """
    found = openings(text)
    known = named(session, reader, (key for one in found for key in one.keys))
    exact = next((one for one in found if any(key in known for key in one.keys)), None)
    whole = [known[key] for key in exact.keys if key in known][:1] if exact is not None else []
    for one in found:
        if one is exact:
            break
        begun = _beginning_with(session, reader, one)
        if begun:
            others = [each for each in whole if each.id not in {other.id for other in begun}]
            return [*begun, *others][:MOST], (exact or one).rest if others else one.rest
    return whole, exact.rest if exact is not None else text


def _beginning_with(session: Session, reader: Person, opening: Opening) -> list[Account]:
    key = opening.keys[-1]
    if len(key) < LEAST:
        return []
    query = select(Account).where(_a.workspace_id == reader.workspace_id, _between(key), known_to(reader))
    return list(session.scalars(query.order_by(_a.name_key).limit(MOST)))


def anywhere(session: Session, reader: Person, text: str) -> list[Account]:
    """The accounts whose whole name stands in `text`; a name within a longer one that stands there is left out."""
    known = named(session, reader, (key for key in inside(text) if len(key) >= LEAST))
    return [one for key, one in known.items() if not any(key != other and key in other for other in known)][:MOST]


def nearest(session: Session, reader: Person, text: str) -> list[Account]:
    """Accounts whose names look like the beginning of `text`."""
    found = openings(text)
    if not found:
        return []
    first = found[-1].keys[-1]
    # mistyped names mostly keep their first letters, or the first one and those in the middle
    middle = and_(_between(first[:1]), _a.name_key.contains(first[2:5], autoescape=True))
    alike = [_between(first[:size]) for size in (4, 3, 2) if len(first) >= size] + [middle] * (len(first) > LEAST)
    pool: dict[str, Account] = {}
    for one in alike:
        query = select(Account).where(_a.workspace_id == reader.workspace_id, one, known_to(reader))
        pool |= {account.name_key: account for account in session.scalars(query.order_by(_a.name_key).limit(_POOL))}
    close: list[str] = []
    words = {name.split()[0]: name for name in reversed(pool)}
    for opening in found[-3:]:
        close += get_close_matches(opening.keys[-1], pool, 3, 0.6)
        close += [words[word] for word in get_close_matches(opening.keys[-1], words, 3, 0.6)]
    return [pool[name] for name in dict.fromkeys(close)][:3]


def _between(key: str) -> ColumnElement[bool]:
    """Names that begin so."""
    upper = key[:-1] + chr(min(ord(key[-1]) + 1, 0x10FFFF))
    return and_(_a.name_key >= key, _a.name_key < upper)
