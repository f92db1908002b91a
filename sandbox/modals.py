"""The stack of modals a person has open, and their Home: opening, pushing, updating, closing."""

from __future__ import annotations

from sandbox.choices import FIELDS, LISTS, elements, fits_filter, kept
from sandbox.model import Json, View, ViewKind
from sandbox.workspace import Workspace

STACK = 3


class ViewError(Exception):
    """Slack's error code for a view that cannot be shown or changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def open_modal(workspace: Workspace, user_id: str, body: Json, channel_id: str | None = None) -> View:
    """Show a modal as the root of a fresh stack, opened from a conversation. Raises duplicate_external_id."""
    with workspace.changing():
        view = _new(workspace, user_id, body, channel_id=channel_id)
        view.root_view_id = view.id
        workspace.modals[user_id] = [view]
        return view


def push_modal(workspace: Workspace, user_id: str, body: Json) -> View:
    """Show a modal on top. Raises not_found (no modal open), push_limit_reached or duplicate_external_id."""
    with workspace.changing():
        stack = workspace.modals.get(user_id)
        if not stack:
            raise ViewError("not_found")
        if len(stack) >= STACK:
            raise ViewError("push_limit_reached")
        view = _new(workspace, user_id, body, channel_id=stack[0].channel_id)
        view.root_view_id, view.previous_view_id = stack[0].id, stack[-1].id
        stack.append(view)
        return view


def update_view(workspace: Workspace, view: View, body: Json, expected_hash: str | None = None) -> View:
    """Change a view in place; typed values stay where block_id and action_id stay. Raises hash_conflict."""
    with workspace.changing():
        if expected_hash and expected_hash != view.hash:
            raise ViewError("hash_conflict")
        external_id = body.get("external_id", "")
        if external_id and external_id != view.external_id:
            _refuse_taken(workspace, external_id)
        view.body, view.external_id, view.hash = body, external_id, workspace.next_hash()
        view.choices, view.errors = kept(view.choices, view.blocks), {}
        _prefill(workspace, view)
        return view


def publish_home(workspace: Workspace, user_id: str, body: Json, expected_hash: str | None = None) -> View:
    """Show a person's Home, for the first time or anew. Raises hash_conflict or duplicate_external_id."""
    with workspace.changing():
        home = workspace.homes.get(user_id)
        if home:
            return update_view(workspace, home, body, expected_hash)
        view = _new(workspace, user_id, body, ViewKind.HOME)
        view.root_view_id = view.id
        workspace.homes[user_id] = view
        return view


def close_modal(workspace: Workspace, view: View) -> None:
    """Take a modal (and what lies above it) off the stack."""
    with workspace.changing():
        stack = workspace.modals.get(view.user_id, [])
        if view in stack:
            del stack[stack.index(view) :]
        if not stack:
            workspace.modals.pop(view.user_id, None)


def clear_modals(workspace: Workspace, user_id: str) -> None:
    """Close the whole stack."""
    with workspace.changing():
        workspace.modals.pop(user_id, None)


def _new(
    workspace: Workspace, user_id: str, body: Json, kind: ViewKind = ViewKind.MODAL, channel_id: str | None = None
) -> View:
    external_id = body.get("external_id", "")
    if external_id:
        _refuse_taken(workspace, external_id)
    view = View(workspace.next_id("V"), kind, user_id, body, workspace.next_hash(), external_id, channel_id=channel_id)
    _prefill(workspace, view)
    return view


def _prefill(workspace: Workspace, view: View) -> None:
    """Choose the conversation the modal came from where `default_to_current_conversation` asks for it."""
    channel = workspace.channels.get(view.channel_id or "")
    for block, element in elements(view.blocks) if channel else ():
        chosen = view.choices.setdefault(block["block_id"], {})
        wanted = element.get("default_to_current_conversation") and fits_filter(element, channel)
        if wanted and channel and element["action_id"] not in chosen:
            field = FIELDS[element["type"]]
            value = [channel.id] if field in LISTS else channel.id
            chosen[element["action_id"]] = {"type": element["type"], field: value}


def _refuse_taken(workspace: Workspace, external_id: str) -> None:
    shown = [*workspace.homes.values(), *(v for stack in workspace.modals.values() for v in stack)]
    if any(v.external_id == external_id for v in shown):
        raise ViewError("duplicate_external_id")
