"""Running a workflow by words: the step's title, people and channels by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.find import one
from sandbox.functions import CHANNEL, USER, Execution
from sandbox.model import Function, Json

if TYPE_CHECKING:
    from sandbox.server import Sandbox


def run_step(
    sandbox: Sandbox, title: str, inputs: Mapping[str, Any], user_id: str = "", *, checked: bool = True
) -> Execution:
    """Run a workflow with one step; without `user_id`, a schedule does. Raises NotPossible, AssertionError."""
    function = one([(each.title, each) for each in sandbox.workspace.app.functions], title, "step")
    given = {name: _id(sandbox, function, name, value) for name, value in inputs.items()}
    execution = sandbox.actions.run_workflow(function, given, user_id, checked=checked)
    sandbox.wait_idle()
    return execution


def _id(sandbox: Sandbox, function: Function, name: str, value: Any) -> Any:
    """`@mia` and `#accounts` as ids where the parameter wants one; anything else as it is."""
    kinds: Json = {each.name: each.type for each in function.inputs}
    if not isinstance(value, str):
        return value
    if kinds.get(name) == USER and value.startswith("@"):
        return sandbox.person(value).id
    channel = sandbox.workspace.find_channel(value) if kinds.get(name) == CHANNEL and value.startswith("#") else None
    return channel.id if channel is not None else value
