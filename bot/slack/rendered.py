"""What a template becomes, and the one way it can fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True)
class Fold:
    """A place where a list may be cut: rows before `index` may go, from the last one, and `text` tells of the rest."""

    index: int
    text: str


@dataclass(frozen=True)
class Rendered:
    """One rendered template. `envelope`: fallback text, or a view's title, submit, ...; `blocks`: what is shown."""

    envelope: Mapping[str, Any]
    blocks: list[Block]
    folds: tuple[Fold, ...] = ()
    name: str = field(default="", compare=False)


class TemplateFault(Exception):
    """A template that cannot be shown. Names the template, the line and the fix; never holds a person's text."""

    def __init__(self, template: str, line: int | None, reason: str, fix: str = "") -> None:
        place = f"{template}, line {line}" if line else template
        super().__init__(f"{place}: {reason}" + (f" Fix: {fix}" if fix else ""))
        self.template, self.line, self.reason, self.fix = template, line, reason, fix


class Unfit(ValueError):
    """A value that a filter or a block function cannot take; becomes a `TemplateFault` with the place in it."""

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(reason)
        self.reason, self.fix = reason, fix
