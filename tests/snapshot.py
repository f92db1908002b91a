"""What a town has become, kept so that another town can begin there: the database's file, the workspace, the time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from copy import deepcopy
from datetime import datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.workspace import Workspace

_OF_THE_OBJECT = ("clock", "lock", "base_url", "_condition", "_listeners", "_depth", "_dirty")
"""What belongs to a workspace as a running thing, and is no part of its state."""


class Snapshot:
    """A copy of everything that is in a SQLite file and in a workspace; neither changes with the town it came from."""

    def __init__(self, file: str, workspace: Workspace) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(file)) as live:
            live.backup(self._database)
        self._clock = workspace.clock
        self._state = _copied(_state(workspace), self._clock, self._clock)
        self.now: datetime = workspace.clock.now()

    def restore(self, file: str, workspace: Workspace) -> None:
        """Put it into another file and workspace. Whoever has the file open sees it from the next transaction on."""
        with closing(sqlite3.connect(file)) as live:
            self._database.backup(live)
        with workspace.changing():
            vars(workspace).update(_copied(self._state, self._clock, workspace.clock))


def _state(workspace: Workspace) -> dict[str, Any]:
    return {name: part for name, part in vars(workspace).items() if name not in _OF_THE_OBJECT}


def _copied(state: dict[str, Any], clock: Clock, its_new_one: Clock) -> dict[str, Any]:
    return deepcopy(state, {id(clock): its_new_one})
