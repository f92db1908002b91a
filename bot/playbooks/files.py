"""Reads playbooks and feedback packs from their folders (YAML, edited by sales operations; docs/playbooks.md).

A file's name is the key of what it holds, and a file in a later folder replaces the one of that name in an earlier
folder. Everything that is wrong in all files is told at once, as `Problem`s; loading raises them as `PlaybookError`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.domain.pack import Pack
from bot.domain.playbook import Playbook
from bot.playbooks.problems import schema_problems
from bot.playbooks.rules import conflicts, holes, pack_problems, playbook_problems
from bot.playbooks.schema import PackSpec, PlaybookSpec
from bot.playbooks.yaml_files import Document, Problem, format_problem, read_yaml

SHIPPED = Path(__file__).resolve().parents[2] / "templates"
PLAYBOOKS, PACKS = "playbooks", "feedback"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SUFFIXES = (".yaml", ".yml")

__all__ = [
    "Library",
    "PlaybookError",
    "Problem",
    "check_file",
    "check_files",
    "format_problem",
    "load_file",
    "load_library",
    "load_packs",
    "load_playbooks",
]

S = TypeVar("S", bound=BaseModel)
Books = dict[Path, Playbook]


class PlaybookError(ValueError):
    """Files that cannot be used; `problems` has all that is wrong, and the text one line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(format_problem(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Library:
    """All playbooks and packs in use, in the order of their keys."""

    playbooks: tuple[Playbook, ...]
    packs: Mapping[str, Pack]

    def playbook(self, key: str) -> Playbook | None:
        """The playbook of that key, or None."""
        return next((playbook for playbook in self.playbooks if playbook.key == key), None)


def load_library(template_folders: Sequence[Path] = (SHIPPED,)) -> Library:
    """Packs and playbooks from `feedback/` and `playbooks/` under each folder that has them; raises PlaybookError."""
    return _library(tuple(template_folders), _versions(template_folders))


@lru_cache(maxsize=4)
def _library(template_folders: tuple[Path, ...], _written: tuple[object, ...]) -> Library:
    """Reading takes longer than all other parts of a bot together; the same files give the same library."""
    pack_files, problems = _files([folder / PACKS for folder in template_folders if (folder / PACKS).is_dir()])
    packs, found = _packs(pack_files.values())
    folders = [folder / PLAYBOOKS for folder in template_folders if (folder / PLAYBOOKS).is_dir()]
    books, more = _playbooks(folders, pack_files)  # a pack that is there but broken is not unknown, too
    _raise(problems + found + more)
    return Library(tuple(books.values()), packs)


def load_playbooks(folders: Sequence[Path], packs: Collection[str] | None = None) -> tuple[Playbook, ...]:
    """The playbooks of the folders, in the order of their keys; `packs` None leaves the packs' names unchecked."""
    books, problems = _playbooks(folders, packs)
    _raise(problems)
    return tuple(books.values())


def load_packs(folders: Sequence[Path]) -> dict[str, Pack]:
    """The feedback packs of the folders by key; raises PlaybookError."""
    files, problems = _files(folders)
    packs, found = _packs(files.values())
    _raise(problems + found)
    return packs


def load_file(path: Path) -> tuple[Playbook, dict[str, Pack]]:
    """One playbook, and the packs it may name: the shipped ones and those beside it. Raises PlaybookError."""
    document, found = read_yaml(path)
    if document is None:
        raise PlaybookError(found)
    if _is_pack(document):
        raise PlaybookError([Problem(path, 0, "", "this is a feedback pack", "name a playbook instead")])
    packs = load_packs(_pack_folders(path))
    book, problems = _playbook(document, found, packs)
    if book is None:
        raise PlaybookError(problems)
    return book, packs


def check_file(path: Path, packs: Collection[str] | None = None) -> list[Problem]:
    """All that is wrong in one playbook or pack; `packs` None means the shipped ones and those beside the file."""
    return check_files([path], packs)


def check_files(paths: Sequence[Path], packs: Collection[str] | None = None) -> list[Problem]:
    """All that is wrong in these files, and between the playbooks among them."""
    problems: list[Problem] = []
    books: Books = {}
    for path in paths:
        document, found = read_yaml(path)
        if document is None:
            problems += found
        elif _is_pack(document):
            problems += _pack(document, found)[1]
        else:
            book, all_found = _playbook(document, found, _packs_near(path, paths) if packs is None else packs)
            problems += all_found
            books.update({path: book} if book else {})
    return problems + conflicts(books)


def _playbooks(folders: Sequence[Path], packs: Collection[str] | None) -> tuple[Books, list[Problem]]:
    files, problems = _files(folders)
    books: Books = {}
    for path in files.values():
        document, found = read_yaml(path)
        book, found = (None, found) if document is None else _playbook(document, found, packs)
        problems += found
        books.update({path: book} if book else {})
    problems += conflicts(books)
    if not problems:  # a file that cannot be used would show as a hole as well
        problems += holes(books.values(), folders[-1] if folders else Path(PLAYBOOKS))
    return books, problems


def _packs(paths: Iterable[Path]) -> tuple[dict[str, Pack], list[Problem]]:
    packs: dict[str, Pack] = {}
    problems: list[Problem] = []
    for path in paths:
        document, found = read_yaml(path)
        pack, found = (None, found) if document is None else _pack(document, found)
        problems += found
        packs.update({pack.key: pack} if pack else {})
    return packs, problems


def _playbook(
    document: Document, found: list[Problem], packs: Collection[str] | None
) -> tuple[Playbook | None, list[Problem]]:
    spec, problems = _parsed(document, PlaybookSpec, found + playbook_problems(document, packs))
    return (spec.value(document.path.stem) if spec else None), problems


def _pack(document: Document, found: list[Problem]) -> tuple[Pack | None, list[Problem]]:
    spec, problems = _parsed(document, PackSpec, found + pack_problems(document))
    return (spec.value(document.path.stem) if spec else None), problems


def _parsed(document: Document, model: type[S], found: list[Problem]) -> tuple[S | None, list[Problem]]:
    """The content in the model's shape when nothing at all is wrong, and the problems in the order of the lines."""
    problems = found + _name(document.path)
    spec = None
    try:
        spec = model.model_validate(document.data)
    except ValidationError as error:
        problems += schema_problems(document, model, error)
    return (None if problems else spec), sorted(problems, key=lambda problem: problem.line)


def _name(path: Path) -> list[Problem]:
    if _NAME.fullmatch(path.stem):
        return []
    fix = "use small letters, digits and underscores, as in voluntary.yaml"
    return [Problem(path, 0, "", "the file's name cannot be a key", fix)]


def _files(folders: Sequence[Path]) -> tuple[dict[str, Path], list[Problem]]:
    """The file for each key; later folders win, two of one name in the same folder do not."""
    files: dict[str, Path] = {}
    problems: list[Problem] = []
    for folder in folders:
        if not folder.is_dir():
            problems.append(Problem(folder, 0, "", "there is no such folder", "create it, or correct the setting"))
            continue
        here: dict[str, Path] = {}
        for path in sorted(p for p in folder.iterdir() if p.suffix in _SUFFIXES and not p.name.startswith(".")):
            if path.stem in here:
                problems.append(Problem(path, 0, "", f"{here[path.stem].name} has the same name", "keep one of them"))
            here[path.stem] = path
        files.update(here)
    return dict(sorted(files.items())), problems


def _versions(template_folders: Sequence[Path]) -> tuple[object, ...]:
    """Something else as soon as one of the files is another, or was written again."""
    folders = [folder / kind for folder in template_folders for kind in (PLAYBOOKS, PACKS)]
    found = []
    for path in sorted(path for folder in folders for path in folder.glob("*")):
        with suppress(OSError):
            written = path.stat()
            found.append((path, written.st_ino, written.st_size, written.st_mtime_ns))
    return tuple(found)


def _is_pack(document: Document) -> bool:
    if document.path.parent.name in (PLAYBOOKS, PACKS):
        return document.path.parent.name == PACKS
    return isinstance(document.data, dict) and "questions" in document.data


def _packs_near(path: Path, paths: Sequence[Path]) -> set[str]:
    return set(_files(_pack_folders(path))[0]) | {other.stem for other in paths}


def _pack_folders(path: Path) -> list[Path]:
    return [folder for folder in (SHIPPED / PACKS, path.resolve().parent.parent / PACKS) if folder.is_dir()]


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        raise PlaybookError(problems)
