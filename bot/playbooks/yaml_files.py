"""YAML written by people: read with the line of every value, every problem told as a sentence with its mend.

Stricter than YAML: no aliases (they can grow a small file into gigabytes), no tags, no key twice, no deep nesting,
at most MAX_BYTES, UTF-8 only. Nothing in a file can run code.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

MAX_BYTES = 64 * 1024
MAX_DEPTH = 12
Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file: `line` counts from 1 (0: the whole file), `where` is readable, `fix` may be empty."""

    path: Path
    line: int
    where: str
    message: str
    fix: str = ""


@dataclass(frozen=True)
class Document:
    """The content of one file as plain values, and the line of each of them by its way from the top."""

    path: Path
    data: Any
    lines: dict[Where, int] = field(default_factory=dict)

    def problem(self, where: Where, message: str, fix: str = "") -> Problem:
        """A problem at that place, or at the nearest place around it that the file has."""
        line = next((self.lines[where[:n]] for n in range(len(where), -1, -1) if where[:n] in self.lines), 1)
        return Problem(self.path, line, self._readable(where), message, fix)

    def _readable(self, where: Where) -> str:
        """`stages.prepare.steps.warn_customer.owner`: list entries go by their own key, else by number from 1."""
        words: list[str] = []
        value = self.data
        for part in where:
            value = _inside(value, part)
            own = value.get("key") if isinstance(value, dict) else None
            words.append(str(own or f"#{part + 1}") if isinstance(part, int) else str(part))
        return ".".join(words)


class _Refused(yaml.MarkedYAMLError):
    """Valid YAML that we do not take."""


class _Careful(Composer):
    """Takes no aliases and no tags, and nothing nested deeply."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[attr-defined]  # of the parser beside it
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(None, None, "aliases (*name) are not allowed; write the value out", mark)
        if getattr(event, "tag", None) is not None:
            raise _Refused(None, None, f"tags ({event.tag}) are not allowed; leave it out", mark)
        if self.depth >= MAX_DEPTH:
            raise _Refused(None, None, "lists and mappings are nested too deeply", mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Reader(Protocol):
    def get_single_node(self) -> yaml.Node | None: ...

    def construct_object(self, node: yaml.Node) -> Any: ...

    def dispose(self) -> None: ...


class _Loader(_Careful, yaml.SafeLoader):
    """All in Python: slow, with the clearer words for what is wrong."""


if yaml.__with_libyaml__:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out

    class _Quick(_Careful, CParser, SafeConstructor, Resolver):
        """The same with libyaml's parser, which takes a sixth of the time."""

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)


def read_yaml(path: Path) -> tuple[Document | None, list[Problem]]:
    """The document, or None with the problems that keep it from being one. A document may come with problems, too."""
    text, problem = _text(path)
    if problem is not None:
        return None, [problem]
    if yaml.__with_libyaml__:
        with suppress(yaml.YAMLError):  # what is wrong is said by the other loader
            return _read(path, _Quick(text))
    try:
        return _read(path, _Loader(text))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        return None, [Problem(path, line, "", "a character that may not stand in a text file", "delete it")]
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(path, error)]


def _read(path: Path, loader: _Reader) -> tuple[Document | None, list[Problem]]:
    try:
        return _document(path, loader)
    finally:
        loader.dispose()


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A question that names the nearest known word, else a list of all of them."""
    names = list(known)
    near = nearest(word, names)
    return f"did you mean {near}?" if near else f"use one of: {', '.join(names)}"


def nearest(word: object, known: Iterable[str]) -> str | None:
    """The known word that is most like it, None when nothing comes near."""
    return next(iter(get_close_matches(str(word)[:60].lower(), list(known), n=1, cutoff=0.6)), None)


def format_problem(problem: Problem) -> str:
    """`file:line: where: message; fix`, one line."""
    place = f"{problem.path}:{problem.line}" if problem.line else str(problem.path)
    head = ": ".join(part for part in (place, problem.where, problem.message) if part)
    return f"{head} — {problem.fix}" if problem.fix else head


def _document(path: Path, loader: _Reader) -> tuple[Document | None, list[Problem]]:
    node = loader.get_single_node()
    if node is None:
        return None, [Problem(path, 1, "", "the file is empty", "start from a copy of a shipped file")]
    document, problems = Document(path, None), list[Problem]()
    data = _value(loader, node, (), document, problems)
    return Document(path, data, document.lines), problems


def _text(path: Path) -> tuple[str, Problem | None]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        return "", Problem(path, 0, "", f"cannot be read: {error.strerror}")
    if len(raw) > MAX_BYTES:
        return "", Problem(path, 0, "", f"is larger than {MAX_BYTES // 1024} KiB", "split it, or shorten the texts")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return "", Problem(path, line, "", "is not saved as UTF-8", "save it again with the encoding UTF-8")


def _syntax(path: Path, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    message = error.problem or error.context or "cannot be read as YAML"
    if "\\t" in message:
        return Problem(path, line, "", "a tab stands where only spaces may", "indent with spaces")
    if isinstance(error, _Refused):
        return Problem(path, line, "", message)
    fix = "check the indentation, the colons, and put text that holds : or # in quotes"
    return Problem(path, line, "", f"is not valid YAML: {message}", fix)


def _value(loader: _Reader, node: yaml.Node, where: Where, document: Document, problems: list[Problem]) -> Any:
    document.lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, where, document, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, part, (*where, n), document, problems) for n, part in enumerate(node.value)]
    try:
        return loader.construct_object(node)
    except ValueError:  # 2025-99-99, or a number longer than Python reads
        shown = str(node.value)[:40]
        line, place = node.start_mark.line + 1, ".".join(map(str, where))
        problems.append(Problem(document.path, line, place, f"'{shown}' is no date or number", "put it in quotes"))
        return shown


def _mapping(
    loader: _Reader, node: yaml.MappingNode, where: Where, document: Document, problems: list[Problem]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        # A key is the text as written: YAML would read a bare `on` or `no` as a truth value.
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        here, line = (*where, key), key_node.start_mark.line + 1
        if key in found:
            message = f"'{key}' stands here twice (first in line {document.lines[here]})"
            problems.append(Problem(document.path, line, ".".join(map(str, here)), message, "keep one of them"))
            continue
        document.lines[here] = line
        found[key] = _value(loader, value_node, here, document, problems)
    return found


def _inside(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None
