"""What a person does on the page, from the JSON of the script to the sandbox's actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sandbox.clock import MovableClock
from sandbox.model import ActionValue, EphemeralAt, Json, MessageAt, Outcome, User, ViewAt, Where
from sandbox.page.unread import ReadMarks
from sandbox.page.visit import Visit, zone_of
from sandbox.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.actions import Actions

Body = dict[str, Any]
Deed = Callable[["Actions", Workspace, User, Body], Outcome]
MORNING = 9
FRIDAY = 4


def post(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """A message, with files or without; or a slash command when it starts with one."""
    text, thread = str(body["text"]), str(body.get("thread") or "") or None
    if body.get("files"):
        listed = [workspace.files[str(one)] for one in body["files"]]
        if any(file.owner_id != user.id for file in listed):
            return Outcome(ok=False, error="These files are somebody else's.")
        actions.share(user.id, str(body["channel"]), listed, text, thread)
        return Outcome()
    if text.startswith("/invite ") or text == "/leave":
        return _built_in(actions, workspace, user, str(body["channel"]), text)
    if text.startswith("/"):
        return actions.command(user.id, str(body["channel"]), text, thread)
    actions.post(user.id, str(body["channel"]), text, thread)
    return Outcome()


def _built_in(actions: Actions, workspace: Workspace, user: User, channel_id: str, line: str) -> Outcome:
    """The commands of Slack itself that the page knows: who takes part in a channel."""
    if line == "/leave":
        actions.leave(channel_id, user.id)
        return Outcome()
    for name in line.removeprefix("/invite ").split():
        guest = workspace.find_user(name)
        if guest is None:
            return Outcome(ok=False, error=f"Nobody is called {name}.")
        actions.invite(channel_id, guest.id)
    return Outcome()


def act(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """A click or a choice on an element, with everything else typed on that surface."""
    values = _entries(body, zone_of(user))
    block_id, action_id = str(body["block_id"]), str(body["action_id"])
    value = body["option"] if "option" in body else values.get(block_id, {}).get(action_id)
    return actions.act(user.id, where_of(body["where"]), block_id, action_id, value, values)


def submit(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """A modal sent off."""
    return actions.submit(user.id, str(body["view"]), _entries(body, zone_of(user)))


def close(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """A modal closed, or the whole stack."""
    return actions.close(user.id, str(body["view"]), whole_stack=bool(body.get("all")))


def shortcut(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """A global shortcut."""
    return actions.shortcut(user.id, str(body["callback"]))


def message_shortcut(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """A shortcut on a message."""
    return actions.message_shortcut(user.id, str(body["channel"]), str(body["ts"]), str(body["callback"]))


def home(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """A look at the app's Home (or Messages) tab."""
    actions.open_home(user.id, str(body.get("tab") or "home"))
    return Outcome()


def join(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """Join a public channel."""
    actions.invite(str(body["channel"]), user.id)
    return Outcome()


def dismiss(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """Put away something that only this person sees."""
    actions.dismiss(user.id, str(body["ephemeral"]))
    return Outcome()


def move_clock(actions: Actions, workspace: Workspace, user: User, body: Body) -> Outcome:
    """Move the workspace's clock on: by an hour, a day, a week, or to the person's next morning of work."""
    clock = workspace.clock
    if not isinstance(clock, MovableClock):
        return Outcome(ok=False, error="This clock cannot be moved.")
    steps = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
    if body.get("move") == "next_morning":
        clock.jump_to(next_morning(clock.now(), zone_of(user)))
    else:
        clock.advance(steps[str(body.get("move"))])
    return Outcome()


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The next 09:00 from Monday to Friday on the wall clock of the zone, after now: at weekends nobody is at work."""
    here = now.astimezone(zone)
    morning = here.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    while morning <= here or morning.weekday() > FRIDAY:
        morning += timedelta(days=1)
    return morning


def options(actions: Actions, user: User, body: Body) -> list[Json]:
    """What the app offers for the words typed into an external select."""
    where = where_of(body["where"])
    return actions.options(user.id, where, str(body["block_id"]), str(body["action_id"]), str(body["query"]))


def see(visit: Visit, marks: ReadMarks) -> None:
    """Count what is open as read."""
    channel, me = visit.channel, visit.user.id
    if channel is None:
        return
    shown = [one.ts for one in channel.roots()]
    shown += [one.id for one in visit.workspace.ephemerals_for(me, channel.id) if not one.thread_ts]
    if shown:
        marks.see(me, channel.id, max(shown, key=float))
    replies = channel.replies(visit.thread) if visit.thread else []
    if replies:
        marks.see(me, channel.id, replies[-1].ts, visit.thread)


def where_of(where: Body) -> Where:
    """Where an element stands, from the data attributes of its container. Raises KeyError or ValueError."""
    match where.get("where"):
        case "message":
            return MessageAt(str(where["channel"]), str(where["ts"]))
        case "ephemeral":
            return EphemeralAt(str(where["ephemeral"]))
        case "view":
            return ViewAt(str(where["view"]))
    raise ValueError("it stands nowhere")


def _entries(body: Body, zone: ZoneInfo) -> dict[str, dict[str, ActionValue]]:
    """The typed and chosen values by block_id and action_id; moments become unix seconds."""
    values: dict[str, dict[str, ActionValue]] = {}
    for entry in body.get("state", ()):
        value = entry.get("value")
        if entry.get("type") == "datetimepicker" and value:
            value = int(datetime.fromisoformat(str(value)).replace(tzinfo=zone).timestamp())
        elif entry.get("type") == "rich_text_input" and value:
            section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(value)}]}
            value = {"type": "rich_text", "elements": [section]}
        values.setdefault(str(entry["block_id"]), {})[str(entry["action_id"])] = value
    return values


DEEDS: dict[str, Deed] = {
    "post": post,
    "act": act,
    "submit": submit,
    "close": close,
    "shortcut": shortcut,
    "message-shortcut": message_shortcut,
    "home": home,
    "join": join,
    "dismiss": dismiss,
    "clock": move_clock,
}
