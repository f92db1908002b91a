"""What many stories begin with happens once: what a town has become is kept, and another town can begin there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from hashlib import sha256
from io import BytesIO
from pickle import Pickler, PicklingError
from typing import Any

from sqlalchemy.engine import make_url

from sandbox.clock import Clock, ManualClock
from sandbox.workspace import Workspace

_OF_THE_OBJECT = ("clock", "lock", "base_url", "_condition", "_listeners", "_depth", "_dirty")
"""What belongs to a workspace as a running thing, and is no part of its state."""


class Once:
    """Called with a name and what is to happen: that happens once per process, a later town gets a copy of its outcome.

    It happens anew where it could come to something else: when anything has happened or been arranged in this town
    before, on PostgreSQL (and for a bot that was prepared: `database_url` ""), and while time goes by.
    """

    _outcomes: dict[tuple[str, str], Snapshot] = {}

    def __init__(self, database_url: str, workspace: Workspace) -> None:
        sqlite = database_url.startswith("sqlite:") and isinstance(workspace.clock, ManualClock)
        self._file = (make_url(database_url).database or "") if sqlite else ""
        self._workspace = workspace
        self._first = fingerprint(self._file, workspace) if self._file else ""

    def __call__(self, name: str, happens: Callable[[], None]) -> None:
        if not self._file or fingerprint(self._file, self._workspace) != self._first:
            happens()
        elif (name, self._first) in self._outcomes:
            self._outcomes[name, self._first].restore(self._file, self._workspace)
        else:
            happens()
            self._outcomes[name, self._first] = Snapshot(self._file, self._workspace)


class Snapshot:
    """A copy of everything that is in a SQLite file and in a workspace; neither changes with the town it came from."""

    def __init__(self, file: str, workspace: Workspace) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(file)) as live:
            live.backup(self._database)
        self._clock = workspace.clock
        self._state = _copied(_state(workspace), self._clock, self._clock)
        self._now = workspace.clock.now()

    def restore(self, file: str, workspace: Workspace) -> None:
        """Put it into another file and workspace, for whoever has them open, and move their clock to its moment."""
        with closing(sqlite3.connect(file)) as live:
            self._database.backup(live)
        with workspace.changing():
            vars(workspace).update(_copied(self._state, self._clock, workspace.clock))
        assert isinstance(workspace.clock, ManualClock), "Once() keeps nothing while time goes by"
        workspace.clock.jump_to(self._now)


def fingerprint(file: str, workspace: Workspace) -> str:
    """Another one as soon as anything is another: a row, a message, Slack's limits or weather, the time."""
    with closing(sqlite3.connect(file)) as live:
        rows = live.serialize()
    written = BytesIO()
    pickler = _Pickler(written)
    pickler.clock = workspace.clock
    try:
        pickler.dump(_state(workspace))
    except (PicklingError, AttributeError, TypeError):
        return "something that a story has put there, such as a function"
    return sha256(b" ".join([str(workspace.clock.now()).encode(), rows, written.getvalue()])).hexdigest()


class _Pickler(Pickler):
    """Writes the clock, which belongs to no state, as a word."""

    clock: Clock

    def persistent_id(self, part: object) -> str | None:
        return "the clock" if part is self.clock else None


def _state(workspace: Workspace) -> dict[str, Any]:
    return {name: part for name, part in vars(workspace).items() if name not in _OF_THE_OBJECT}


def _copied(state: dict[str, Any], clock: Clock, its_new_one: Clock) -> dict[str, Any]:
    return deepcopy(state, {id(clock): its_new_one})
