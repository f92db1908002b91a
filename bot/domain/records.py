"""What somebody wrote into the form of a step: kept as it was written, beside the checklist."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.people import Person
from bot.domain.vocabulary import StepForm


@dataclass(eq=False)
class Record:
    """`kind` says which form; `body` holds its answers as plain values, with the keys that the form's module names."""

    workspace_id: int
    handoff_id: int
    kind: StepForm
    by_id: int | None
    at: datetime
    body: dict[str, Any]
    item_id: int | None = None
    withdrawn_at: datetime | None = None
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    by: Person | None = None
