"""What can be said about templates without values: for `baton templates check` and for people who override some."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.slack.pages import environment_for
from bot.slack.render import ENDING, environment_of


@dataclass(frozen=True)
class Problem:
    """Something wrong with a template. `certain` is False where only values could prove it."""

    template: str
    line: int | None
    reason: str
    certain: bool = True

    def __str__(self) -> str:
        return f"{self.template}{f', line {self.line}' if self.line else ''}: {self.reason}"


def check_templates(shipped: Path, overrides: Sequence[Path] = ()) -> list[Problem]:
    """Problems of the `shipped` templates and of those that replace them: syntax, unknown filters, names, values."""
    found = [problem for folder in (shipped, *overrides) for problem in _compiled(folder, shipped)]
    return found + [problem for folder in overrides for problem in _replacing(folder, shipped)]


def _compiled(folder: Path, shipped: Path) -> Iterator[Problem]:
    environment = environment_of([shipped, folder])
    for name, path in _templates(folder):
        try:
            environment_for(name, environment).compile(path.read_text(encoding="utf-8"), name, str(path))
        except TemplateSyntaxError as error:
            yield Problem(name, error.lineno, error.message or "wrong syntax")


def _replacing(folder: Path, shipped: Path) -> Iterator[Problem]:
    """Files that replace nothing, and values that the replaced template does not use: both are mostly misspelt."""
    environment = environment_of([shipped, folder])
    known = dict(_templates(shipped))
    for name, path in _templates(folder):
        if name not in known:
            yield Problem(name, None, "replaces no template of Baton's; is the name right?", certain=False)
            continue
        its = environment_for(name, environment)
        for value in sorted(_values(its, path) - _values(its, known[name])):
            yield Problem(name, None, f"uses {value!r}, which the template it replaces does not.", certain=False)


def _values(environment: ImmutableSandboxedEnvironment, path: Path) -> set[str]:
    """The values that a template wants from the program; none when it cannot be read (which is told elsewhere)."""
    try:
        wanted = meta.find_undeclared_variables(environment.parse(path.read_text(encoding="utf-8")))
    except TemplateSyntaxError:
        return set()
    return wanted - set(environment.globals) - {"now", "today"}


def _templates(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob(f"*{ENDING}")):
        yield path.relative_to(folder).as_posix().removesuffix(ENDING), path
