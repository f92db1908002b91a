"""The reader's language: message catalogues, and what filters know about the reader while a template is rendered.

Catalogues are gettext files of the domain ``baton``: ``<folder>/locale/<language>/LC_MESSAGES/baton.po`` (or ``.mo``).
The ids are English sentences, so English needs no catalogue, and every missing language or sentence reads English.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import Locale, UnknownLocaleError

from bot.slack.text import NOTHING

DOMAIN = "baton"
ENGLISH = Locale("en")


class Catalogues:
    """The sentences of every language found in `folders`; a later folder wins, sentence by sentence."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self._folders = tuple(folders)
        self._loaded: dict[str, NullTranslations] = {}

    def get(self, locale: str) -> NullTranslations:
        """The catalogue for a locale such as ``de-DE`` or ``pt_BR``; the English ids when there is none."""
        if locale not in self._loaded:
            self._loaded[locale] = self._load(locale)
        return self._loaded[locale]

    def spoken(self, locale: str) -> str:
        """The locale itself, or English while there is no catalogue for it: dates and sentences in one language."""
        english = locale.replace("_", "-").split("-")[0] == "en"
        return locale if english or isinstance(self.get(locale), GNUTranslations) else "en"

    def _load(self, locale: str) -> NullTranslations:
        """Most specific first: the region of the last folder, ..., the language of the first folder, the ids."""
        tag = locale.replace("-", "_")
        found: NullTranslations | None = None
        for language in dict.fromkeys((tag, tag.split("_")[0])):
            for folder in reversed(self._folders):
                catalogue = _read(folder / "locale" / language / "LC_MESSAGES")
                if catalogue is None:
                    continue
                if found is None:
                    found = catalogue
                else:
                    found.add_fallback(catalogue)
        return found or NullTranslations()


def _read(folder: Path) -> NullTranslations | None:
    source, compiled = folder / f"{DOMAIN}.po", folder / f"{DOMAIN}.mo"
    if source.is_file():
        from babel.messages.mofile import write_mo  # few have catalogues of their own
        from babel.messages.pofile import read_po

        memory = BytesIO()
        with source.open("rb") as lines:
            write_mo(memory, read_po(lines))
        memory.seek(0)
        return GNUTranslations(memory)
    if compiled.is_file():
        with compiled.open("rb") as content:
            return GNUTranslations(content)
    return None


@dataclass(frozen=True)
class Reading:
    """Who reads: `locale` for dates and numbers, `words` for sentences, `today` to leave out this year's number."""

    locale: Locale = ENGLISH
    words: NullTranslations = field(default_factory=NullTranslations)
    today: date | None = None


_reading: ContextVar[Reading] = ContextVar("reading", default=Reading())  # noqa: B039 (frozen)


def reading() -> Reading:
    """The reader of the template that is being rendered; English without a date outside of one."""
    return _reading.get()


@contextmanager
def read_by(reader: Reading) -> Iterator[None]:
    """Render for `reader` inside the ``with``. A context variable, so that imported macros see it too."""
    token = _reading.set(reader)
    try:
        yield
    finally:
        _reading.reset(token)


@lru_cache(maxsize=64)
def locale_of(tag: str) -> Locale:
    """The locale that a tag such as ``en-US`` names; English when nobody knows it."""
    for name in (tag.replace("-", "_"), tag.replace("-", "_").split("_")[0]):
        try:
            return Locale.parse(name)
        except (ValueError, UnknownLocaleError):
            continue
    return ENGLISH


def gettext(message: str, /, **values: object) -> str:
    """`message` in the reader's language, its ``%(name)s`` filled in. Always a format: ``%%`` is a per cent sign.

    Values are written as they come: in mrkdwn text pass them through ``|esc``. A translation that names an unknown
    value gives way to the English sentence.
    """
    return _filled(reading().words.gettext(message), message, values)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Like `gettext`, in the singular or plural that `number` asks for; the sentence may use ``%(num)d``."""
    translated = reading().words.ngettext(one, many, number)
    return _filled(translated, one if number == 1 else many, {"num": number, **values})


def pgettext(context: str, message: str, /, **values: object) -> str:
    """Like `gettext` for a word that needs a context to be translated ("Open" as a verb or as a state)."""
    return _filled(reading().words.pgettext(context, message), message, values)


def npgettext(context: str, one: str, many: str, number: int, /, **values: object) -> str:
    """Like `ngettext` with a context."""
    translated = reading().words.npgettext(context, one, many, number)
    return _filled(translated, one if number == 1 else many, {"num": number, **values})


def _filled(sentence: str, english: str, values: Mapping[str, object]) -> str:
    shown = {name: NOTHING if value is None else value for name, value in values.items()}
    try:
        return sentence % shown
    except (KeyError, ValueError, TypeError):
        return english % shown
