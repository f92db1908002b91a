"""Somebody who uses the workspace by what they can see: for tests that read like a story.

Everything is looked up by visible words; what is not visible raises AssertionError with what is. When the sandbox has
no `settle`, looking waits up to `patience` (real seconds) for what the app may still be doing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.choices import NotPossible
from sandbox.find import one
from sandbox.functions import Execution
from sandbox.model import Channel, ChannelKind, EphemeralAt, Message, MessageAt, Outcome, User, ViewAt
from sandbox.seen import Modal, Seen
from sandbox.steps import run_step
from sandbox.visible import Eyes
from sandbox.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.server import Sandbox


class Person:
    """`id` is the Slack user id, `name` the handle."""

    patience = 1.0

    def __init__(self, sandbox: Sandbox, user_id: str) -> None:
        self.sandbox, self.id = sandbox, user_id
        self.eyes = Eyes(sandbox.workspace, user_id)

    @property
    def workspace(self) -> Workspace:
        return self.sandbox.workspace

    @property
    def user(self) -> User:
        return self.workspace.users[self.id]

    @property
    def name(self) -> str:
        return self.user.name

    # -- acting ------------------------------------------------------------------------------------------------------

    def types(self, line: str, in_: str, thread: Seen | None = None) -> Outcome:
        """Type into a channel (`#accounts`) or a direct conversation (a name): a command when it starts with `/`."""
        place, thread_ts = self._place(in_), thread.ts if thread else None
        if line.startswith("/"):
            return self.after(self.sandbox.actions.command(self.id, place.id, line, thread_ts))
        try:
            self.sandbox.actions.post(self.id, place.id, line, thread_ts)
        except NotPossible as problem:
            return Outcome(False, str(problem))
        return self.after(Outcome())

    def pauses_notifications(self, minutes: int) -> Outcome:
        """Wants not to be disturbed for so long."""
        self.sandbox.actions.pause_notifications(self.id, minutes)
        return self.after(Outcome())

    def says(self, text: str, in_: str, thread: Seen | None = None) -> Seen:
        """Post a message and look at it. Raises AssertionError when the person cannot write there."""
        outcome = self.types(text, in_, thread)
        assert outcome.ok, outcome.error
        return self._seen(self._place(in_).messages[-1])

    def shares(self, filename: str, content: bytes, in_: str, text: str = "", size: int | None = None) -> Seen:
        """Send a file into a conversation and look at the message. `size`: what it says it has, for huge ones."""
        actions, place = self.sandbox.actions, self._place(in_)
        file = actions.upload(self.id, filename, content, size)
        try:
            message = actions.share(self.id, place.id, [file], text)
        except NotPossible as problem:
            raise AssertionError(str(problem)) from problem
        self.after(Outcome())
        return self._seen(message)

    def deletes_file(self, filename: str) -> Outcome:
        """Delete one's newest file of that name, wherever it was shared."""
        mine = [f for f in self.workspace.files.values() if (f.owner_id, f.name) == (self.id, filename)]
        assert mine, f"{self.name} has no file {filename!r}"
        self.sandbox.actions.delete_file(self.id, mine[-1].id)
        return self.after(Outcome())

    def shortcut(self, name: str) -> Outcome:
        """Run a global shortcut, by its visible name."""
        offer = [(s.name, s.callback_id) for s in self.workspace.app.shortcuts if s.kind == "global"]
        return self.after(self.sandbox.actions.shortcut(self.id, one(offer, name, "shortcut")))

    def runs_workflow(self, step: str, *, checked: bool = True, **inputs: Any) -> Execution:
        """Run a workflow with one step, by its title; `inputs` by their names, with `@name` and `#channel` for ids.

        Raises NotPossible for what Workflow Builder would not take, unless it is not `checked`.
        """
        return run_step(self.sandbox, step, inputs, self.id, checked=checked)

    def opens_home(self) -> Seen:
        """Open the app's Home and look at it. Raises AssertionError when the app shows nothing."""
        self.sandbox.actions.open_home(self.id)
        self.after(Outcome())
        return self._home()

    def after(self, outcome: Outcome) -> Outcome:
        """Let the app finish what the act started."""
        self.sandbox.wait_idle()
        return outcome

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Whether the condition holds; without `settle` waits for it up to `patience`."""
        return self.workspace.wait_until(condition, 0.0 if self.sandbox.settle else self.patience)

    # -- seeing ------------------------------------------------------------------------------------------------------

    @property
    def modal(self) -> Modal | None:
        """The modal on top, or None."""
        self.wait_for(lambda: self.workspace.top_modal(self.id) is not None)
        view = self.workspace.top_modal(self.id)
        return Modal(self, view) if view else None

    @property
    def home(self) -> Seen:
        """The app's Home; opened first when the app never published one for this person."""
        return self._home() if self.id in self.workspace.homes else self.opens_home()

    def _home(self) -> Seen:
        self.wait_for(lambda: self.id in self.workspace.homes)
        view = self.workspace.homes.get(self.id)
        if view is None:
            raise AssertionError(f"the app published no Home for {self.name}")
        return Seen(self, ViewAt(view.id))

    def messages(self, in_: str) -> list[Seen]:
        """What a conversation shows, oldest first (no thread replies unless also sent to the channel)."""
        return [self._seen(m) for m in self._place(in_).roots()]

    def thread(self, root: Seen) -> list[Seen]:
        """The replies under a message, oldest first."""
        if not isinstance(root.where, MessageAt):
            raise AssertionError("only messages have threads")
        channel = self.workspace.channels[root.where.channel_id]
        return [self._seen(m) for m in channel.replies(root.where.ts)]

    def dms(self, other: str) -> list[Seen]:
        """The messages of the direct conversation with somebody (or the app), oldest first, replies included."""
        return [self._seen(m) for m in self._dm(other).messages]

    def ephemerals(self, in_: str | None = None) -> list[Seen]:
        """What only this person sees, in one conversation or anywhere, oldest first."""
        place = self._place(in_).id if in_ else None
        return [Seen(self, EphemeralAt(e.id)) for e in self.workspace.ephemerals_for(self.id, place)]

    def sees(self, text: str, in_: str | None = None) -> bool:
        """Whether the words (any case) are visible: in one conversation with its threads and ephemerals, or anywhere
        (all conversations the person is in, the Home, the open modal)."""
        return self.wait_for(lambda: text.casefold() in self._all_words(in_).casefold())

    def _all_words(self, in_: str | None) -> str:
        with self.workspace.lock:
            mine = [self._place(in_)] if in_ else [c for c in self.workspace.channels.values() if self.id in c.members]
            words = [seen.text for channel in mine for seen in self._shown(channel)]
            words += [s.text for s in self.ephemerals(in_)]
            top = self.workspace.top_modal(self.id)
            home = self.workspace.homes.get(self.id)
            words += [self.eyes.view(v) for v in (top, home) if v and not in_]
            return "\n".join(words)

    def _shown(self, channel: Channel) -> list[Seen]:
        # A reply to a root that does not exist is shown nowhere.
        roots = {m.ts for m in channel.messages if not m.is_reply}
        return [self._seen(m) for m in channel.messages if not m.is_reply or m.thread_ts in roots]

    def _seen(self, message: Message) -> Seen:
        return Seen(self, MessageAt(message.channel_id, message.ts))

    def _place(self, in_: str) -> Channel:
        """`#accounts`, or a name for the direct conversation. Raises AssertionError for what the person cannot see."""
        channel = self.workspace.find_channel(in_) if not in_.startswith("@") else None
        if channel is None and not in_.startswith("#"):
            return self._dm(in_)
        if channel is None or not self.workspace.visible(channel, self.id):
            known = [
                f"#{c.name}"
                for c in self.workspace.channels.values()
                if c.name and c.kind is not ChannelKind.MPIM and self.workspace.visible(c, self.id)
            ]
            raise AssertionError(f"{self.name} sees no channel {in_!r}, but {', '.join(known)}")
        return channel

    def _dm(self, other: str) -> Channel:
        user = self.workspace.find_user(other)
        if user is None:
            raise AssertionError(f"nobody is called {other!r}")
        return self.workspace.dm_between(self.id, user.id) or self.sandbox.actions.open_dm(self.id, user.id)

    def __repr__(self) -> str:
        return f"<{self.name}>"
