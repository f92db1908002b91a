"""What a letter turns out to be when it goes out: a message, a Home, a question to Slack, or nothing any more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Message:
    """Post it, or update it where it stands. `to` is a channel, or a person's Slack id for a direct message."""

    to: str
    content: dict[str, Any]
    thread_ts: str | None = None
    keeps_link: bool = False
    fallback: tuple[Fallback, ...] = ()
    greets: int | None = None
    """The number of a person who hears from Baton for the first time, and is told what it keeps (E24, E25)."""
    nudges: tuple[int, ...] = ()
    """The reminders that this message shows: once it is posted, they count as sent."""

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same content, and for no other."""
        written = json.dumps(self.content, sort_keys=True, default=str)
        return blake2b(written.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Fallback:
    """Where a direct message that cannot be delivered is said instead: in the handoff's thread."""

    person: str
    handoff_id: int


@dataclass(frozen=True)
class HomeTab:
    user: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Lookup:
    """Something to ask Slack: a person, or the members of a user group."""

    kind: str
    slack_id: str


@dataclass(frozen=True)
class StepEnd:
    """The end of a step of Workflow Builder: `outputs`, or `error`. `token`: the workflow's own, None once it ended."""

    execution_id: str
    token: str | None = field(repr=False)
    outputs: dict[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True)
class Wait:
    """What it needs is not there yet: look again then."""

    until: datetime


@dataclass(frozen=True)
class Nothing:
    """Overtaken by events: there is nothing to say any more."""


@dataclass(frozen=True)
class NoThread:
    """It belongs into a thread whose first message could not be posted."""


@dataclass(frozen=True)
class Unreached:
    """The person it is for has no account any more: `fallback` says where it is said instead."""

    fallback: tuple[Fallback, ...] = ()


@dataclass(frozen=True)
class PutOff:
    """There is nothing to say now, and `change` says in the same transaction what comes of that."""

    change: Callable[[Session], None]


Composed = Message | HomeTab | Lookup | StepEnd | Wait | Nothing | NoThread | Unreached | PutOff
