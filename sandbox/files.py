"""Files: who brought them, who may see them, and the forms in which Slack writes them.

The app sees a file that lies in a conversation it is in, that somebody put into one of its forms, or that it uploaded
itself (docs.slack.dev/reference/scopes/files.read). Of a file from another company messages and events name only the
id, with `file_access: check_file_info`; files.info tells the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.choices import FIELDS, NotPossible
from sandbox.model import Channel, ChannelKind, Choices, File, Json, Message

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

_KINDS = {
    "csv": ("csv", "CSV", "text/csv"),
    "txt": ("text", "Plain Text", "text/plain"),
    "tsv": ("tsv", "TSV", "text/tab-separated-values"),
    "xlsx": ("xlsx", "Excel Spreadsheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "png": ("png", "PNG", "image/png"),
    "pdf": ("pdf", "PDF", "application/pdf"),
    "zip": ("zip", "Zip", "application/zip"),
}
_CONVERSATIONS = {
    ChannelKind.PUBLIC: ("channels", "channel"),
    ChannelKind.PRIVATE: ("groups", "group"),
    ChannelKind.IM: ("im", "im"),
    ChannelKind.MPIM: ("mpim", "mpim"),
}
_UNKNOWN = ("binary", "Binary", "application/octet-stream")
NOT_ACCEPTED = "{name}: this file type is not accepted here. Choose one of {wanted}."


def ending(name: str) -> str:
    """The letters after the last dot, in lower case; "" without a dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def mimetype(file: File) -> str:
    """What the far end says a file is: by its name, as Slack does for those it does not draw."""
    return _KINDS.get(ending(file.name), _UNKNOWN)[2]


def shape(workspace: Workspace, it: File) -> Json:
    """A file as files.info gives it; the private URLs need the bot token."""
    url = f"{workspace.base_url}/files-pri/{workspace.team_id}-{it.id}"
    kind, pretty, mime = _KINDS.get(ending(it.name), _UNKNOWN)
    owner = workspace.users.get(it.owner_id)
    return {
        "id": it.id,
        "created": it.created,
        "timestamp": it.created,
        "name": it.name,
        "title": it.title,
        "mimetype": mime,
        "filetype": kind,
        "pretty_type": pretty,
        "size": it.length,
        "user": it.owner_id,
        "user_team": (owner.home_team if owner else "") or workspace.team_id,
        "mode": "hosted",
        "editable": False,
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "file_access": "visible",
        "url_private": f"{url}/{it.name}",
        "url_private_download": f"{url}/download/{it.name}",
        "channels": [c for c in it.channels if c.startswith("C")],
        "groups": [c for c in it.channels if c.startswith("G")],
        "ims": [c for c in it.channels if c.startswith("D")],
        "permalink": f"{workspace.base_url}/files/{it.id}",
    }


def in_message(workspace: Workspace, file_id: str) -> Json:
    """A file as messages and their events show it: whole, or what is left of it."""
    it = workspace.files.get(file_id)
    if it is None or it.deleted:
        return {"id": file_id, "mode": "tombstone"}
    owner = workspace.users.get(it.owner_id)
    if owner and owner.home_team:
        hidden = {"mode": "file_access", "file_access": "check_file_info", "user": ""}
        return {"id": it.id, "created": 0, "timestamp": 0, **hidden}
    return shape(workspace, it)


def seen_by_app(workspace: Workspace, it: File) -> bool:
    """Whether the app may look at it and download it."""
    me = workspace.app.bot_user_id
    places = (workspace.channels.get(one) for one in it.channels)
    return it.owner_id == me or it.in_form or any(place is not None and me in place.members for place in places)


def with_files(workspace: Workspace, values: Choices) -> Choices:
    """`state.values` as payloads write it: a file input holds whole files, not their ids."""
    for fields in values.values():
        for name, state in fields.items():
            if state["type"] == "file_input":
                listed = [shape(workspace, workspace.files[one]) for one in state["files"]]
                fields[name] = {**state, "files": listed}
    return values


def take_into_form(workspace: Workspace, user_id: str, element: Json, value: Any) -> None:
    """What the client checks when somebody puts files into a file input. Raises NotPossible."""
    for file_id in value if isinstance(value, list) else [value] if value else []:
        file = workspace.files.get(str(file_id))
        if file is None or file.owner_id != user_id or file.deleted:
            raise NotPossible("this file is not there (any more)")
        wanted = element.get("filetypes")
        if wanted and ending(file.name) not in wanted:
            raise NotPossible(NOT_ACCEPTED.format(name=file.name, wanted=", ".join(wanted)))


def hand_over(workspace: Workspace, values: Choices) -> None:
    """A form with files is submitted: from now on the app may look at them."""
    for fields in values.values():
        for state in fields.values():
            if state["type"] == "file_input":
                for file_id in state[FIELDS["file_input"]]:
                    workspace.files[file_id].in_form = True


def share(workspace: Workspace, channel: Channel, user_id: str, text: str, files: list[File], **more: Any) -> Message:
    """Post a message with files; the app hears `file_shared` of each where it is in the conversation."""
    message = workspace.post(channel, user_id, text, files=[one.id for one in files], **more)
    for file in files:
        file.done = True
        file.channels.append(channel.id)
        if workspace.app.bot_user_id in channel.members:
            workspace.emit("file_shared", channel_id=channel.id, file_id=file.id, user_id=user_id, file={"id": file.id})
    return message


def tell(workspace: Workspace, channel: Channel, message: Message) -> None:
    """The app hears what somebody said where it is, if it subscribed to that kind of conversation."""
    if workspace.app.bot_user_id not in channel.members:
        return
    listed = [in_message(workspace, one) for one in message.files]
    more: Json = {"subtype": "file_share", "files": listed} if listed else {}
    if message.thread_ts:
        more["thread_ts"] = message.thread_ts
    kind, called = _CONVERSATIONS[channel.kind]
    said = {"user": message.user_id, "text": message.text, "ts": message.ts, "channel": channel.id}
    workspace.emit("message", f"message.{kind}", **said, channel_type=called, **more)
