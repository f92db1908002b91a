"""Why a step of a workflow started no handoff."""

from __future__ import annotations

from collections.abc import Iterator

from tests.decisions.shown import Case, message


def of_workflow_steps(words: str) -> Iterator[Case]:
    sentence = words or "This is needed."
    yield message("step_refused", problems=[["", sentence]])
    yield message("step_refused", problems=[["account", sentence], ["benefit", sentence], ["colour", sentence]])
