"""Steps of Workflow Builder: the functions an app's manifest offers, and what became of each time one was run.

A run hands the app a workflow token that ends with the step, or after 15 minutes (gh:slackapi/bolt-python#1075).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zlib import crc32

from sandbox.clock import Clock
from sandbox.model import AppConfig, Function, Json, Parameter

TOKEN_LIFE = timedelta(minutes=15)
USER, CHANNEL, DAY = "slack#/types/user_id", "slack#/types/channel_id", "slack#/types/date"
RUNNER = "slack#/types/user_context"
"""Whoever runs the workflow: set by Slack alone, and by nobody who builds one."""


class State(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass
class Execution:
    """One run of a step. `user_id` is empty when nobody ran it (a schedule, a webhook)."""

    id: str
    workflow_id: str
    function: Function
    inputs: Json
    user_id: str
    token: str
    issued: datetime
    state: State = State.RUNNING
    outputs: Json = field(default_factory=dict)
    error: str = ""


class Executions:
    """Every run. `only_workflow_tokens`: refuse the bot's own token to end a step; which of both Slack does is not
    documented."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.all: dict[str, Execution] = {}
        self.only_workflow_tokens = False

    def begin(self, function: Function, inputs: Json, user_id: str) -> Execution:
        """Issue ids and a token."""
        number = len(self.all) + 1
        found = Execution(
            f"Fx{number:010d}",
            f"Wx{number:010d}",
            function,
            inputs,
            user_id,
            f"xwfp-sandbox-{number:032x}",
            self._clock.now(),
        )
        self.all[found.id] = found
        return found

    def of_token(self, token: str) -> Execution | None:
        """The run a workflow token was issued for."""
        return next((one for one in self.all.values() if one.token == token), None)

    def ended(self, execution: Execution) -> str:
        """Slack's error for the token of a run that is over or too old; "" while it works."""
        if execution.state is not State.RUNNING:
            return "token_revoked"
        return "token_expired" if self._clock.now() - execution.issued >= TOKEN_LIFE else ""


def executed(app: AppConfig, execution: Execution) -> Json:
    """The fields of function_executed (docs.slack.dev/reference/events/function_executed)."""
    function = execution.function
    about = {
        "id": f"Fn{crc32(function.callback_id.encode()):010d}",
        "callback_id": function.callback_id,
        "title": function.title,
        "description": function.description,
        "type": "app",
        "input_parameters": [_shape(one) for one in function.inputs],
        "output_parameters": [_shape(one) for one in function.outputs],
        "app_id": app.app_id,
        "date_created": 0,
        "date_updated": 0,
        "date_deleted": 0,
    }
    return {
        "function": about,
        "inputs": execution.inputs,
        "function_execution_id": execution.id,
        "workflow_execution_id": execution.workflow_id,
        "bot_access_token": execution.token,
    }


def _shape(one: Parameter) -> Json:
    return {
        "type": one.type,
        "name": one.name,
        "description": one.description,
        "title": one.title,
        "is_required": one.required,
    }


def problems(parameters: tuple[Parameter, ...], values: Mapping[str, Any]) -> list[str]:
    """What is wrong with values for these parameters: unknown, missing, of another type, not among the choices."""
    known = {one.name: one for one in parameters}
    found = [f"{name}: there is no such parameter" for name in values if name not in known]
    found += [f"{one.name}: it is required" for one in parameters if one.required and values.get(one.name) is None]
    for name, value in values.items():
        if name in known and value is not None:
            found += _wrong(known[name], value)
    return found


def _wrong(parameter: Parameter, value: Any) -> list[str]:
    if not _CHECKS.get(parameter.type, _anything)(value):
        return [f"{parameter.name}: {value!r} is no {parameter.type}"]
    if parameter.choices and value not in parameter.choices:
        return [f"{parameter.name}: {value!r} is none of {', '.join(map(str, parameter.choices))}"]
    return []


def _anything(_: Any) -> bool:
    return True


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _id(letters: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(rf"[{letters}][A-Z0-9]{{2,}}", value) is not None


def _runner(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"id", "secret"}


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _whole,
    "number": lambda value: _whole(value) or isinstance(value, float),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    USER: _id("UW"),
    CHANNEL: _id("CGD"),
    DAY: _day,
    RUNNER: _runner,
    "slack#/types/timestamp": _whole,
}
