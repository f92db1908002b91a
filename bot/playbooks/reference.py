"""`baton playbooks reference`: every word of a playbook and a feedback pack, read from the schema itself.

The page docs/playbook-reference.md is this output; a test holds them together.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.domain import playbook as books
from bot.domain.dossier import Fact
from bot.domain.vocabulary import NO_STEPS, StepForm
from bot.playbooks.schema import PackSpec, PlaybookSpec

HEAD = """\
# Every word of a playbook

Made by `baton playbooks reference` from what Baton reads, so it is complete. How to change a playbook, and what a step
or a ladder is for, stands in [playbooks.md](playbooks.md). `baton playbooks check FILE` names every mistake.

- **A date** is written as people say it: `on start`, `on last day`, `on transfer`, `5 working days before last day`,
  `2 working days after start`.
- **A key** is small letters, digits and underscores, starts with a letter, and has 40 characters at most.
- Where a list is meant, a single word may stand alone: `tier: key`.
"""


_PRACTICES = re.compile(r" \([A-Z]\d+(, [A-Z]\d+)*\)")
"""The ids by which the source names where an idea comes from."""


def reference() -> str:
    """The whole page in Markdown, with a newline at its end."""
    parts = [
        HEAD,
        *_sections("A playbook", "", PlaybookSpec),
        _forms(),
        _facts(),
        *_sections("A feedback pack", "", PackSpec),
    ]
    return "\n".join(parts)


def _sections(title: str, path: str, model: type[BaseModel]) -> Iterator[str]:
    """This mapping's words, then those of the mappings in it, each once."""
    hints = get_type_hints(model, include_extras=True)
    level = "##" if not path else "###"
    yield f"{level} {title}\n\n{_sentence(model)}\n"
    rows = ["| word | takes | if left out | meaning |", "|---|---|---|---|"]
    inner: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        word = field.alias or name
        takes, nested = _takes(hints[name], f"{path}{word}")
        rows.append(f"| `{word}` | {takes} | {_default(field)} | {field.description} |")
        inner += [(f"{path}{word}", nested)] if nested is not None else []
    yield "\n".join(rows) + "\n"
    for where, nested in inner:
        yield from _sections(f"`{where}`", f"{where}.", nested)


def _sentence(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _takes(annotation: Any, path: str) -> tuple[str, type[BaseModel] | None]:
    """What a word takes, in words, and the mapping it takes, if any."""
    kind, limits = _unwrapped(annotation)
    if get_origin(kind) is list:
        (entry,) = get_args(kind)
        what, nested = _takes(entry, path)
        most = f", {limits['max_length']} at most" if "max_length" in limits else ""
        several = what.replace("one of", "one or several of") if what.startswith("one of") else f"a list: {what}"
        return several + most, nested
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"the words of `{path}`", kind
    return _scalar(kind, limits), None


def _scalar(kind: Any, limits: dict[str, Any]) -> str:
    if kind is StepForm:
        return "a form, see below"
    if kind is Fact:
        return "one of the facts below"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(f"`{word.value}`" for word in kind)
    if kind is str:
        return "a key" if limits.get("pattern") else f"text, {limits['max_length']} characters at most"
    named: dict[Any, str] = {
        bool: "`yes` or `no`",
        books.Due: "a date",
        books.Repeat: "`3 times every 10 working days`, 2 to 12 times",
        Decimal: f"a number, {limits.get('ge')} to {limits.get('le')}",
        int: f"a whole number, {limits.get('ge')} to {limits.get('le')}",
    }
    return named[kind]


def _unwrapped(annotation: Any) -> tuple[Any, dict[str, Any]]:
    """The bare type, and the limits on it; "or nothing" is left out."""
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (one for one in get_args(annotation) if one is not type(None))
    limits: dict[str, Any] = {}
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
        parts = [part for mark in marks for part in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
        for part in parts:
            names = ("ge", "le", "max_length", "pattern") if not isinstance(part, type) else ()
            limits.update({name: getattr(part, name) for name in names if getattr(part, name, None) is not None})
            if isinstance(part, StringConstraints) and part.max_length is not None:
                limits["max_length"] = part.max_length
    return annotation, limits


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "*needed*"
    if value is None or value == []:
        return "–"
    if isinstance(value, BaseModel):
        return "as its words say"
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _forms() -> str:
    rows = [f"| `{form.value}` | {said} |" for form, said in documented(StepForm).items() if form not in NO_STEPS]
    head = "### Forms\n\nWhat Done asks for on a step with `form:`.\n\n| form | what it is for |\n|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _facts() -> str:
    rows = [f"| `{fact.value}` | {said} |" for fact, said in documented(Fact).items()]
    head = "### Facts\n\nWhat `rules.dossier` may want to know of the account.\n\n| fact | what it is |\n|---|---|\n"
    return head + "\n".join(rows) + "\n"


def documented(kind: type[StrEnum]) -> dict[StrEnum, str]:
    """What stands in the source under each word of an enumeration."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)
    found = dict.fromkeys(kind, "")
    last: StrEnum | None = None
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            last = kind[node.targets[0].id]
        elif last is not None and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[last] = _PRACTICES.sub("", " ".join(str(node.value.value).split()))
            last = None
    return found
