"""A modal's submission: what the client refuses by itself, and what the app's answer does to the stack of modals."""

from __future__ import annotations

import re
from typing import Any

from sandbox.blocks import MODAL
from sandbox.choices import FIELDS, is_empty, state_values
from sandbox.modals import ViewError, clear_modals, close_modal, push_modal, update_view
from sandbox.model import Json, Outcome, View
from sandbox.transport import Answer
from sandbox.webapi.registry import ApiError, Call
from sandbox.webapi.views import usable_view
from sandbox.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."
_FORMS = {
    "email_text_input": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Please enter a valid email address."),
    "url_text_input": (r"[a-z][a-z0-9+.\-]*:\S+", "Please enter a valid URL."),
    "number_input": (r"-?\d+(\.\d+)?", "Please enter a number."),
}


def client_errors(view: View) -> dict[str, str]:
    """block_id -> sentence for the inputs that Slack's client would not send."""
    errors: dict[str, str] = {}
    values = state_values(view.blocks, view.choices)
    for block in view.blocks:
        if block["type"] == "input":
            state = values[block["block_id"]][block["element"]["action_id"]]
            problem = _problem(block, state)
            if problem:
                errors[block["block_id"]] = problem
    return errors


def _problem(block: Json, state: Json) -> str | None:
    element, value = block["element"], state[FIELDS[state["type"]]]
    if is_empty(state):
        return None if block.get("optional") else REQUIRED
    form = _FORMS.get(element["type"])
    if form and not re.fullmatch(form[0], value):
        return form[1]
    if element["type"] == "number_input":
        return _number_problem(element, value)
    return _length_problem(element, value) if element["type"] == "plain_text_input" else None


def _number_problem(element: Json, value: str) -> str | None:
    if not element["is_decimal_allowed"] and "." in value:
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and float(value) < float(least):
        return f"Please enter a number of at least {least}."
    if most is not None and float(value) > float(most):
        return f"Please enter a number of at most {most}."
    return None


def _length_problem(element: Json, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    return None


def apply_answer(workspace: Workspace, view: View, answer: Answer) -> Outcome:
    """Do what the app answered to `view_submission`: nothing = close, update, push, clear, errors."""
    if not answer.ok:
        return Outcome(False, TROUBLE, detail=answer.detail)
    try:
        body = answer.parsed()
        return _apply(workspace, view, body or {})
    except (ValueError, ApiError, ViewError) as problem:
        detail = f"{problem}: {problem.more}" if isinstance(problem, ApiError) else str(problem)
        return Outcome(False, TROUBLE, detail=detail)


def _apply(workspace: Workspace, view: View, body: Any) -> Outcome:
    kind = body.get("response_action") if isinstance(body, dict) else body
    call = Call(workspace, {})
    if kind == "errors":
        return _refused(workspace, view, body.get("errors"))
    if kind == "clear":
        clear_modals(workspace, view.user_id)
    elif kind == "update":
        update_view(workspace, view, usable_view(call, body.get("view"), MODAL))
    elif kind == "push":
        push_modal(workspace, view.user_id, usable_view(call, body.get("view"), MODAL))
    elif not body:
        close_modal(workspace, view)
    else:
        raise ValueError(f"unknown answer to view_submission: {body!r}")
    return Outcome()


def _refused(workspace: Workspace, view: View, errors: Any) -> Outcome:
    inputs = {b["block_id"] for b in view.blocks if b["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise ValueError(f"errors must name input blocks of the view ({sorted(inputs)}), got {errors!r}")
    with workspace.changing():
        view.errors = {block_id: str(text) for block_id, text in errors.items()}
    return Outcome(False, errors=dict(view.errors))
