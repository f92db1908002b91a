"""What people do in Slack and who answers it, found by its id.

Bolt asks each listener in turn whether a request is for it, and puts together all that a listener may ask for before
every question: with two hundred listeners that took longer than the work of a click (docs/performance.md). So Bolt gets
one listener for each kind of request, and the id leads to the function.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from slack_bolt import App, Args

from handlers.payloads import Body

Function = TypeVar("Function", bound=Callable[..., object])
ANYTHING = re.compile(".*", re.DOTALL)


class Kind(StrEnum):
    """Kinds of requests, by the method of Bolt's App that listens for them; the most frequent first."""

    ACTION = "action"
    VIEW = "view"
    COMMAND = "command"
    OPTIONS = "options"
    SHORTCUT = "shortcut"
    VIEW_CLOSED = "view_closed"


class Routes:
    """Registers as Bolt's App does: `routes.action("item.done")(function)`. A pattern is looked for in the id.

    An id is somebody's own; of several patterns that fit, the first one registered answers.
    """

    def __init__(self, app: App) -> None:
        self.event = app.event
        """Events are few, and stay with Bolt."""
        self._app = app
        self._exactly: dict[tuple[Kind, str], Callable[..., object]] = {}
        self._names: dict[Callable[..., object], tuple[str, ...]] = {}
        self._patterns: dict[Kind, list[tuple[re.Pattern[str], Callable[..., object]]]] = {kind: [] for kind in Kind}

    def action(self, which: str | re.Pattern[str]) -> Callable[[Function], Function]:
        """A button, a menu, a field that acts: by its action_id."""
        return self._at(Kind.ACTION, which)

    def view(self, which: str | re.Pattern[str]) -> Callable[[Function], Function]:
        """A modal that was sent: by its callback_id."""
        return self._at(Kind.VIEW, which)

    def view_closed(self, which: str | re.Pattern[str]) -> Callable[[Function], Function]:
        """A modal that was closed: by its callback_id."""
        return self._at(Kind.VIEW_CLOSED, which)

    def command(self, which: str | re.Pattern[str]) -> Callable[[Function], Function]:
        """A slash command, with its slash."""
        return self._at(Kind.COMMAND, which)

    def options(self, which: str | re.Pattern[str]) -> Callable[[Function], Function]:
        """What fits what was typed so far: by the field's action_id."""
        return self._at(Kind.OPTIONS, which)

    def shortcut(self, which: str | re.Pattern[str]) -> Callable[[Function], Function]:
        """A shortcut, of a message or anywhere: by its callback_id."""
        return self._at(Kind.SHORTCUT, which)

    def found(self, kind: Kind, name: str) -> Callable[..., object] | None:
        """Who answers that; None for nobody."""
        exactly = self._exactly.get((kind, name))
        if exactly is not None:
            return exactly
        return next((function for pattern, function in self._patterns[kind] if pattern.search(name)), None)

    def listen(self) -> None:
        """Have Bolt bring the requests."""
        for kind in Kind:
            getattr(self._app, kind.value)(ANYTHING)(self._listener(kind))

    def _listener(self, kind: Kind) -> Callable[[Args], None]:
        def answered(args: Args) -> None:
            function = self.found(kind, _name(kind, args.body))
            assert function is not None, "handlers/events.py answers whatever is left"
            function(**{name: getattr(args, name) for name in self._wants(function)})

        return answered

    def _at(self, kind: Kind, which: str | re.Pattern[str]) -> Callable[[Function], Function]:
        def keep(function: Function) -> Function:
            if isinstance(which, re.Pattern):
                self._patterns[kind].append((which, function))
            else:
                assert (kind, which) not in self._exactly, f"two answers to the {kind} {which}"
                self._exactly[kind, which] = function
            return function

        return keep

    def _wants(self, function: Callable[..., object]) -> tuple[str, ...]:
        """What it takes of Bolt's arguments. Looked up when it is needed first: there are hundreds of functions."""
        names = self._names.get(function)
        if names is None:
            names = self._names[function] = tuple(inspect.signature(function).parameters)
        return names


def _name(kind: Kind, body: Body) -> str:
    """The id that says what it is; "" where Slack sent none of our kinds."""
    holder: Any = body
    if kind is Kind.ACTION:
        holder = next(iter(body.get("actions") or ()), {})
    elif kind in (Kind.VIEW, Kind.VIEW_CLOSED):
        holder = body.get("view")
    name = holder.get(_ID[kind]) if isinstance(holder, Mapping) else None
    return name if isinstance(name, str) else ""


_ID = {
    Kind.ACTION: "action_id",
    Kind.VIEW: "callback_id",
    Kind.VIEW_CLOSED: "callback_id",
    Kind.COMMAND: "command",
    Kind.OPTIONS: "action_id",
    Kind.SHORTCUT: "callback_id",
}
