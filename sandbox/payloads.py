"""The payloads of interactions and commands, in Slack's shape (docs.slack.dev/reference/interaction-payloads)."""

from __future__ import annotations

from typing import Any

from sandbox import shapes
from sandbox.choices import FIELDS
from sandbox.model import Channel, Json, Message, MessageAt, SlashCommand, View, Where
from sandbox.surfaces import Surface, channel
from sandbox.workspace import Workspace


def _base(workspace: Workspace, kind: str, user_id: str) -> Json:
    person = workspace.users[user_id]
    return {
        "type": kind,
        "team": shapes.team(workspace),
        "api_app_id": workspace.app.app_id,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": workspace.team_id},
        "token": workspace.app.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def response_url(workspace: Workspace, area: str, user_id: str, channel_id: str, origin: Where | None = None) -> str:
    """A fresh response URL; `area` is "actions", "commands" or "app"."""
    ticket = workspace.tickets.response(user_id, channel_id, origin)
    return f"{workspace.base_url}/{area}/{workspace.team_id}/{ticket}"


def block_actions(workspace: Workspace, user_id: str, place: Surface, action: Json) -> Json:
    payload = _base(workspace, "block_actions", user_id) | place.payload
    payload["trigger_id"] = workspace.tickets.trigger(user_id, _modal_id(workspace, place), place.channel_id)
    payload["actions"] = [action]
    payload["state"] = place.state
    if place.channel_id:
        payload["response_url"] = response_url(workspace, "actions", user_id, place.channel_id, place.where)
    if "view" in payload:
        payload["view"] = shapes.view(workspace, _shown(workspace, place))
        payload.pop("state")
    return payload


def _shown(workspace: Workspace, place: Surface) -> View:
    view = workspace.view(place.view_id or "")
    if view is None:
        raise LookupError("the view went away while its payload was written")
    return view


def _modal_id(workspace: Workspace, place: Surface) -> str | None:
    view = workspace.view(place.view_id) if place.view_id else None
    return view.id if view and view in workspace.modals.get(view.user_id, []) else None


def action(workspace: Workspace, block: Json, element: Json, state: Json | None, option: Json | None) -> Json:
    """One entry of `actions`: `state` for stateful elements, `option` for an overflow menu."""
    entry: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": workspace.next_ts(),
    }
    for copied in ("text", "value", "style", "url", "placeholder"):
        if copied in element:
            entry[copied] = element[copied]
    if option is not None:
        entry["selected_option"] = option
    if state is not None:
        entry[FIELDS[element["type"]]] = state[FIELDS[element["type"]]]
    return entry


def block_suggestion(
    workspace: Workspace, user_id: str, place: Surface, block_id: str, element: Json, query: str
) -> Json:
    payload = _base(workspace, "block_suggestion", user_id) | place.payload
    return payload | {"action_id": element["action_id"], "block_id": block_id, "value": query}


def view_submission(workspace: Workspace, view: View) -> Json:
    payload = _base(workspace, "view_submission", view.user_id)
    payload["trigger_id"] = workspace.tickets.trigger(view.user_id, view.id)
    shape = shapes.view(workspace, view)
    return payload | {"view": shape, "response_urls": _response_urls(workspace, view, shape["state"]["values"])}


def _response_urls(workspace: Workspace, view: View, values: Json) -> list[Json]:
    """One for each conversation chosen in an input whose element has `response_url_enabled`."""
    urls = []
    for block in view.blocks:
        element = block.get("element", {})
        if element.get("response_url_enabled"):
            state = values[block["block_id"]][element["action_id"]]
            chosen = state[FIELDS[element["type"]]]
            if chosen:
                url = response_url(workspace, "app", view.user_id, chosen)
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": chosen,
                        "response_url": url,
                    }
                )
    return urls


def view_closed(workspace: Workspace, view: View, cleared: bool) -> Json:
    return _base(workspace, "view_closed", view.user_id) | {"view": shapes.view(workspace, view), "is_cleared": cleared}


def shortcut(workspace: Workspace, user_id: str, callback_id: str) -> Json:
    return _base(workspace, "shortcut", user_id) | {
        "callback_id": callback_id,
        "action_ts": workspace.next_ts(),
        "trigger_id": workspace.tickets.trigger(user_id),
    }


def message_action(workspace: Workspace, user_id: str, message: Message, callback_id: str) -> Json:
    origin = MessageAt(message.channel_id, message.ts)
    return _base(workspace, "message_action", user_id) | {
        "callback_id": callback_id,
        "action_ts": workspace.next_ts(),
        "trigger_id": workspace.tickets.trigger(user_id, None, message.channel_id),
        "message_ts": message.ts,
        "channel": channel(workspace, message.channel_id),
        "message": shapes.message(workspace, message),
        "response_url": response_url(workspace, "app", user_id, message.channel_id, origin),
    }


def command(workspace: Workspace, user_id: str, place: Channel, which: SlashCommand, text: str) -> Json:
    """The form fields of a slash command; names become mentions when the manifest has `should_escape`."""
    fields: dict[str, Any] = {
        "token": workspace.app.verification_token,
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": place.id,
        "channel_name": shapes.channel_name(place),
        "user_id": user_id,
        "user_name": workspace.users[user_id].name,
        "command": which.command,
        "text": workspace.typed(text, mentions=which.should_escape, names=True),
        "api_app_id": workspace.app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url(workspace, "commands", user_id, place.id),
        "trigger_id": workspace.tickets.trigger(user_id, None, place.id),
    }
    return fields
