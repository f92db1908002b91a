"""What people jot down about a customer: which account a text begins with, and what kind of contact it tells of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.domain.accounts import fold
from bot.domain.dossier import EntryKind

LONGEST = 10
"""Words that an account's name at the front of a text may have."""
LEAST = 3
"""So many letters of a name are enough to find it; fewer mean anything."""
WITHIN = 5
"""Words of a name that stands somewhere in a text."""
LOOKED_AT = 60
"""So many words of a text are looked at for a name."""

_BETWEEN = " ,;:.!?-\u2013\u2014\u2026\u00b7()\"\u201c\u201d'\u2019"
"""What stands between a name and what is said of it."""
_OWN = re.compile(r"['\u2019]s$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


@dataclass(frozen=True)
class Opening:
    """The beginning of a text that may be an account's name: the forms in which it is looked for, and what follows."""

    keys: tuple[str, ...]
    rest: str


def openings(text: str) -> tuple[Opening, ...]:
    """What `text` may begin with, the longest first."""
    words = text.split()
    found = (_opening(words[:number], words[number:]) for number in range(min(len(words), LONGEST), 0, -1))
    return tuple(one for one in found if one.keys)


def _opening(words: Sequence[str], rest: Sequence[str]) -> Opening:
    name = " ".join(words)
    return Opening(_keys(name), " ".join(rest).lstrip(_BETWEEN))


def _keys(name: str) -> tuple[str, ...]:
    """As it stands, without what follows it ("Acme,"), and without an owner's s ("Acme's")."""
    plain = name.strip(_BETWEEN)
    forms = (name, plain, _OWN.sub("", plain))
    return tuple(dict.fromkeys(key for key in map(fold, forms) if key.strip(_BETWEEN)))


def inside(text: str) -> tuple[str, ...]:
    """Folded forms of everything in `text` that may be an account's name, each once."""
    words = text.split()[:LOOKED_AT]
    return tuple(dict.fromkeys(_windows(words)))


def _windows(words: Sequence[str]) -> Iterator[str]:
    for first in range(len(words)):
        for last in range(first + 1, min(first + WITHIN, len(words)) + 1):
            yield from _keys(" ".join(words[first:last]))


@dataclass(frozen=True)
class Guess:
    """A kind, and the word in the text that it was guessed from; empty: nothing said so, and it is a note."""

    kind: EntryKind
    because: str = ""


def guess(text: str, words: Mapping[EntryKind, Collection[str]]) -> Guess:
    """What `text` tells of. A complaint counts wherever it stands; else the first word that says anything.

    `words`: those of each kind, in the writer's language and in lower case.
    """
    kinds = {word: kind for kind, known in words.items() for word in known}
    said = [(kinds[word.casefold()], word) for word in _WORD.findall(text) if word.casefold() in kinds]
    complaints = [one for one in said if one[0] is EntryKind.COMPLAINT]
    found = next(iter(complaints or said), None)
    return Guess(*found) if found is not None else Guess(EntryKind.NOTE)
