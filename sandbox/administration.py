"""What changes around the app: people come, go and change, channels are archived, the app is removed."""

from __future__ import annotations

from typing import Any

from sandbox import shapes
from sandbox.choices import NotPossible
from sandbox.delivery import Delivery
from sandbox.functions import RUNNER, Execution, executed, problems
from sandbox.model import Channel, ChannelKind, Function, Json, User
from sandbox.workspace import Workspace


class Administration:
    """Each act changes the state under the lock and then delivers the events it caused."""

    workspace: Workspace
    delivery: Delivery

    def invite(self, channel_id: str, user_id: str) -> None:
        """Add somebody (or the bot) to a channel: member_joined_channel."""
        channel = self.workspace.channels[channel_id]
        if self.workspace.users[user_id].deleted or channel.archived:
            raise NotPossible("neither deactivated people nor archived channels take part in invitations")
        self.workspace.join(channel, user_id)
        self.delivery.send_events()

    def leave(self, channel_id: str, user_id: str) -> None:
        """Leave, or be removed: member_left_channel; for the bot also channel_left or group_left."""
        channel = self.workspace.channels[channel_id]
        with self.workspace.changing():
            self.workspace.part(channel, user_id)
            if user_id == self.workspace.app.bot_user_id:
                self.workspace.emit(_kind(channel, "left"), channel=channel.id)
        self.delivery.send_events()

    def archive(self, channel_id: str, by: str = "") -> None:
        """channel_archive or group_archive, when the bot is in the channel or it is public."""
        channel = self.workspace.channels[channel_id]
        with self.workspace.changing():
            channel.archived = True
            if self.workspace.visible(channel, self.workspace.app.bot_user_id):
                self.workspace.emit(_kind(channel, "archive"), channel=channel.id, user=by or channel.creator_id)
        self.delivery.send_events()

    def unarchive(self, channel_id: str, by: str = "") -> None:
        """channel_unarchive or group_unarchive."""
        channel = self.workspace.channels[channel_id]
        with self.workspace.changing():
            channel.archived = False
            if self.workspace.visible(channel, self.workspace.app.bot_user_id):
                self.workspace.emit(_kind(channel, "unarchive"), channel=channel.id, user=by or channel.creator_id)
        self.delivery.send_events()

    def deactivate(self, user_id: str) -> None:
        """Close somebody's account: user_change with `deleted`; they leave their channels without an event."""
        with self.workspace.changing():
            for channel in self.workspace.channels.values():
                if channel.kind in (ChannelKind.PUBLIC, ChannelKind.PRIVATE) and user_id in channel.members:
                    channel.members.remove(user_id)
            self.workspace.modals.pop(user_id, None)
        self.change_user(user_id, deleted=True)

    def change_user(self, user_id: str, **changes: Any) -> None:
        """Change fields of a User (name, real_name, title, tz, locale, is_admin, deleted): user_change."""
        person: User = self.workspace.users[user_id]
        with self.workspace.changing():
            for name, value in changes.items():
                if not hasattr(person, name):
                    raise NotPossible(f"a user has no {name!r}")
                setattr(person, name, value)
            person.updated = self.workspace.seconds()
            self.workspace.emit(
                "user_change", user=shapes.user(self.workspace, person, locale=True), cache_ts=person.updated
            )
        self.delivery.send_events()

    def pause_notifications(self, user_id: str, minutes: int) -> None:
        """Do not disturb for so long, as somebody sets it for themselves; 0 ends it: dnd_updated_user."""
        person = self.workspace.users[user_id]
        with self.workspace.changing():
            now = self.workspace.seconds()
            person.dnd = (now, now + 60 * minutes) if minutes else None
            begins, ends = person.dnd or (1, 1)
            status = {"dnd_enabled": ends > 1, "next_dnd_start_ts": begins, "next_dnd_end_ts": ends}
            self.workspace.emit("dnd_updated_user", user=user_id, dnd_status=status)
        self.delivery.send_events()

    def run_workflow(self, function: Function, inputs: Json, user_id: str = "", *, checked: bool = True) -> Execution:
        """Run a workflow that has this step in it: function_executed. Nobody runs one that has a schedule.

        Who runs it, Slack fills in itself. `checked=False`: a workflow that was built for another version of the step,
        or whose variables hold what nobody expected. Raises NotPossible for what Workflow Builder would not take.
        """
        with self.workspace.changing():
            if not self.workspace.installed:
                raise NotPossible("the app is not installed")
            told = dict(inputs)
            for one in function.inputs:
                if one.type == RUNNER and user_id:
                    told[one.name] = {"id": user_id, "secret": self.workspace.next_id("secret")}
            wrong = problems(function.inputs, told) if checked else []
            if wrong:
                raise NotPossible("; ".join(wrong))
            execution = self.workspace.executions.begin(function, told, user_id)
            self.workspace.emit("function_executed", **executed(self.workspace.app, execution))
        self.delivery.send_events()
        return execution

    def uninstall(self) -> None:
        """Remove the app: app_uninstalled and tokens_revoked; from then on every call answers account_inactive."""
        with self.workspace.changing():
            self.workspace.installed = False
            self.workspace.emit("app_uninstalled")
            self.workspace.emit("tokens_revoked", tokens={"oauth": [], "bot": [self.workspace.app.bot_user_id]})
        self.delivery.send_events()

    def install(self) -> None:
        """Install the app again: its token works once more. Slack tells the app nothing of it."""
        with self.workspace.changing():
            self.workspace.installed = True


def _kind(channel: Channel, what: str) -> str:
    return f"{'channel' if channel.kind is ChannelKind.PUBLIC else 'group'}_{what}"
