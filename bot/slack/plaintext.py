"""Templates that are no Slack blocks: mails and calendar entries, as plain text.

The first lines are headings such as ``Subject: …``, then comes an empty line, then the text. Values are written as they
come, in one line each, without the characters that no text has; nothing in a mail is markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.slack.render import ENDING, environment_of
from bot.slack.text import clean
from bot.slack.words import Reading, read_by

_HEADING = re.compile(r"([A-Z][a-z]+): *(.*)")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Written:
    """`headings` are lower-case names with one line each; `text` has no blanks around it."""

    headings: Mapping[str, str]
    text: str


class PlainText:
    """Renders the plain templates of `folders`; a file in a later folder takes the place of the same file before.

    They are written in one language, the customer's: whoever sells elsewhere replaces the files.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        base = environment_of(tuple(Path(folder).resolve() for folder in folders))
        overlaid: Any = base.overlay(autoescape=False, finalize=str)
        self._environment: ImmutableSandboxedEnvironment = overlaid

    def __call__(self, name: str, /, **values: Any) -> Written:
        """The template `name`, such as ``mail/warning``."""
        with read_by(Reading()):
            text = self._environment.get_template(name + ENDING).render(_in_lines(values))
        return _read(text)


def _in_lines(value: Any) -> Any:
    """Every text in `value` as one line."""
    if isinstance(value, str):
        return " ".join(_DIRECTION.sub("", clean(value)).split())
    if isinstance(value, Mapping):
        return {name: _in_lines(part) for name, part in value.items()}
    return [_in_lines(part) for part in value] if isinstance(value, list | tuple) else value


def _read(text: str) -> Written:
    headings: dict[str, str] = {}
    lines = text.strip().splitlines()
    while lines and (found := _HEADING.fullmatch(lines[0].strip())):
        headings[found[1].lower()] = found[2].strip()
        lines.pop(0)
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines))
    return Written(headings, body.strip())
