"""functions.*: how an app ends a step of a workflow (docs.slack.dev/reference/methods/functions.completeSuccess)."""

from __future__ import annotations

from sandbox.functions import Execution, State, problems
from sandbox.model import Json
from sandbox.webapi.registry import ApiError, Call, method
from sandbox.workspace import SLACKBOT


def _running(call: Call) -> Execution:
    """The run to be ended. Raises function_execution_not_found, access_denied or execution_not_in_running_state."""
    executions = call.workspace.executions
    found = executions.all.get(call.text("function_execution_id"))
    if found is None:
        raise ApiError("function_execution_not_found")
    if call.execution_id not in (None, found.id) or (call.execution_id is None and executions.only_workflow_tokens):
        raise ApiError("access_denied")
    if found.state is not State.RUNNING:
        raise ApiError("execution_not_in_running_state")
    return found


@method("functions.completeSuccess", tier="3", token="bot or workflow")
def complete_success(call: Call) -> Json:
    outputs = call.parsed("outputs", "invalid_arguments")
    if not isinstance(outputs, dict):
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: outputs"])
    execution = _running(call)
    wrong = problems(execution.function.outputs, outputs)
    if wrong:
        raise ApiError("parameter_validation_failed", [f"[ERROR] {one}" for one in wrong])
    with call.workspace.changing():
        execution.state, execution.outputs = State.COMPLETED, outputs
    return {}


@method("functions.completeError", tier="3", token="bot or workflow")
def complete_error(call: Call) -> Json:
    """Whoever ran the workflow reads the error in a message of Slackbot's."""
    error, execution = call.text("error"), _running(call)
    with call.workspace.changing():
        execution.state, execution.error = State.FAILED, error
        if execution.user_id:
            dm = call.workspace.open_dm(SLACKBOT, execution.user_id)
            words = f"The step “{execution.function.title}” of a workflow failed: {error}"
            call.workspace.post(dm, SLACKBOT, call.workspace.typed(words, mentions=False), system=True)
    return {}
