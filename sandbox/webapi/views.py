"""views.*: modals by trigger, and the Home tab (docs.slack.dev/reference/methods/views.open and neighbours)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox import shapes
from sandbox.blocks import HOME, MODAL, VIEW_BYTES, check_view, view_size
from sandbox.modals import ViewError, open_modal, publish_home, push_modal, update_view
from sandbox.model import Json, View
from sandbox.tickets import TicketError, Trigger
from sandbox.webapi.registry import ApiError, Call, method


def checked_view(call: Call, kind: str) -> Json:
    """The `view` argument as Slack keeps it. Raises invalid_arguments (with JSON paths) or view_too_large."""
    view = call.parsed("view", "invalid_arguments")
    if view is None:
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: view"])
    return usable_view(call, view, kind)


def usable_view(call: Call, view: Any, kind: str) -> Json:
    if isinstance(view, dict) and view_size(view) > VIEW_BYTES:
        raise ApiError("view_too_large")
    problems = check_view(view, kind)
    if problems:
        raise ApiError("invalid_arguments", problems)
    return {**view, "blocks": call.fresh(view["blocks"])}


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (ViewError, TicketError) as problem:
        raise ApiError(problem.code) from problem


def _exchange(call: Call) -> Trigger:
    with _told():
        return call.workspace.tickets.exchange(call.text("trigger_id"))


def _answer(call: Call, view: View) -> Json:
    return {"view": shapes.view(call.workspace, view)}


@method("views.open", tier="4")
def open_(call: Call) -> Json:
    body = checked_view(call, MODAL)
    trigger = _exchange(call)
    with _told():
        return _answer(call, open_modal(call.workspace, trigger.user_id, body, trigger.channel_id))


@method("views.push", tier="4")
def push(call: Call) -> Json:
    body = checked_view(call, MODAL)
    trigger = _exchange(call)
    if trigger.view_id is None:
        raise ApiError("not_found")
    with _told():
        return _answer(call, push_modal(call.workspace, trigger.user_id, body))


@method("views.update", tier="4")
def update(call: Call) -> Json:
    view_id, external_id = call.optional("view_id"), call.optional("external_id")
    if (view_id is None) == (external_id is None):
        raise ApiError("invalid_arguments", ["[ERROR] provide either view_id or external_id"])
    view = call.workspace.view(view_id) if view_id else _by_external_id(call, external_id or "")
    if view is None:
        raise ApiError("not_found")
    body = checked_view(call, view.kind.value)
    with _told():
        return _answer(call, update_view(call.workspace, view, body, call.optional("hash")))


def _by_external_id(call: Call, external_id: str) -> View | None:
    stacks = call.workspace.modals.values()
    return next((v for stack in stacks for v in stack if v.external_id == external_id), None)


@method("views.publish", tier="4")
def publish(call: Call) -> Json:
    if not call.app.home_tab:
        raise ApiError("not_enabled")
    body = checked_view(call, HOME)
    person = call.user("user_id")
    with _told():
        return _answer(call, publish_home(call.workspace, person.id, body, call.optional("hash")))
