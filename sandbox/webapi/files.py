"""files.*: the upload in three steps, files.info and files.delete (docs.slack.dev/messaging/working-with-files)."""

from __future__ import annotations

from sandbox import files as shelf
from sandbox.model import File, Json
from sandbox.webapi.chat import checked_blocks
from sandbox.webapi.registry import ApiError, Call, method


@method("files.getUploadURLExternal", "files:write", tier="4")
def get_upload_url(call: Call) -> Json:
    name = call.text("filename")
    length = call.optional("length")
    if length is None or not length.isdigit() or int(length) == 0:
        raise ApiError("missing_argument")
    with call.workspace.changing():
        file = File(
            call.workspace.next_id("F"),
            name,
            name,
            call.app.bot_user_id,
            length=int(length),
            created=call.workspace.seconds(),
        )
        call.workspace.files[file.id] = file
    return {"upload_url": f"{call.workspace.base_url}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write", tier="4")
def complete_upload(call: Call) -> Json:
    listed = call.parsed("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed:
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: files"])
    files = [_uploaded(call, one) for one in listed]
    blocks = checked_blocks(call) or []
    with call.workspace.changing():
        for file, one in zip(files, listed, strict=True):
            file.done, file.title = True, one.get("title") or file.name
        _share(call, files, blocks)
    return {"files": [shelf.shape(call.workspace, f) for f in files]}


def _uploaded(call: Call, one: Json) -> File:
    file = call.workspace.files.get(str(one.get("id"))) if isinstance(one, dict) else None
    if file is None or len(file.content) != file.length:
        raise ApiError("file_not_found")
    return file


def _share(call: Call, files: list[File], blocks: list[Json]) -> None:
    if not call.optional("channel_id"):
        return
    channel = call.channel("channel_id")
    if call.app.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    if channel.archived:
        raise ApiError("posting_to_channel_denied")
    shelf.share(
        call.workspace,
        channel,
        call.app.bot_user_id,
        call.optional("initial_comment") or "",
        files,
        blocks=blocks,
        thread_ts=call.optional("thread_ts"),
        via_app=True,
        owned=True,
    )


def _known(call: Call) -> File:
    """The file that is asked for. Raises file_not_found also for what the app may not see, and file_deleted."""
    file = call.workspace.files.get(call.text("file"))
    if file is None or not file.done or not shelf.seen_by_app(call.workspace, file):
        raise ApiError("file_not_found")
    if file.deleted:
        raise ApiError("file_deleted")
    return file


@method("files.info", "files:read", tier="4")
def info(call: Call) -> Json:
    file = _known(call)
    return {"file": shelf.shape(call.workspace, file), "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.delete", "files:write", tier="3")
def delete(call: Call) -> Json:
    file = _known(call)
    if file.owner_id != call.app.bot_user_id:
        raise ApiError("cant_delete_file")
    with call.workspace.changing():
        file.deleted, file.content = True, b""
    return {}
