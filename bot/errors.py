"""The errors Baton expects, each with a sentence for the person it happens to.

A message is an English gettext id with ``%(name)s`` placeholders, and stays a template until the edge, where the
reader's language is known: ``error.worded(translate)``. Values are plain data (never markup); whoever writes the
sentence into a block escapes it.
"""

from collections.abc import Callable, Mapping


def _as_it_is(message: str) -> str:
    return message


class BotError(Exception):
    """Something a person did cannot be done. `message` is the gettext id, `values` fill its placeholders."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values: Mapping[str, object] = values

    def worded(self, translate: Callable[[str], str] = _as_it_is) -> str:
        """The sentence in the reader's language; English when a translation names a value that we do not have."""
        try:
            return self._filled(translate(self.message))
        except (KeyError, ValueError, TypeError):
            return self._filled(self.message)

    def _filled(self, sentence: str) -> str:
        return sentence % self.values if self.values else sentence

    def __str__(self) -> str:
        return self.worded()


class Refused(BotError):
    """The person may not do this, or not now: a rule of the product says no, and the sentence says why."""


class FieldErrors(BotError):
    """A form that cannot be accepted: one error per field name, each shown under its field."""

    def __init__(self, errors: Mapping[str, BotError]) -> None:
        super().__init__("Some of the answers need another look.")
        self.errors: Mapping[str, BotError] = dict(errors)

    def __str__(self) -> str:
        return "; ".join(f"{field}: {error}" for field, error in self.errors.items())


class Unavailable(BotError):
    """The database cannot be reached or is busy: nothing was changed."""

    def __init__(self) -> None:
        super().__init__("I cannot reach my database. Try again in a moment.")


class Busy(Unavailable):
    """Another process has been writing to the database for longer than we wait (SQLite only)."""
