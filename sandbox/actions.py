"""What people do in the workspace: the one door for the page and for Person.

Acts that need the app's answer return an Outcome and never raise for what a person could try; the others raise
NotPossible (a ValueError) when the client would not offer them. State changes hold the lock, deliveries never.
"""

from __future__ import annotations

from sandbox import files, payloads, shapes
from sandbox.administration import Administration
from sandbox.answers import offered, said
from sandbox.choices import FIELDS, NotPossible, find_element, pick, remember
from sandbox.delivery import Delivery
from sandbox.modals import clear_modals, close_modal
from sandbox.model import (
    ActionValue,
    Channel,
    File,
    Json,
    Message,
    Outcome,
    SlashCommand,
    View,
    ViewAt,
    Where,
)
from sandbox.responses import ResponseError, say
from sandbox.submissions import apply_answer, client_errors
from sandbox.surfaces import surface, visible_message
from sandbox.transport import Answer
from sandbox.workspace import SLACKBOT, Workspace

StateValues = dict[str, dict[str, ActionValue]]
"""block_id -> action_id -> value, as `enter` and `act` take it one at a time."""
MIN_QUERY = 3


class Actions(Administration):
    """`workspace` is the state acted on, `delivery` the way to the app."""

    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self.workspace, self.delivery = workspace, delivery
        self._offered: dict[tuple[Where, str, str], list[Json]] = {}

    # -- words -------------------------------------------------------------------------------------------------------

    def post(self, user_id: str, channel_id: str, text: str, thread_ts: str | None = None) -> Message:
        """Say something. `@name` and `#channel` become mentions. Raises NotPossible."""
        with self.workspace.changing():
            channel = self._writable(user_id, channel_id)
            message = self.workspace.post(channel, user_id, self.workspace.typed(text), thread_ts=thread_ts)
            files.tell(self.workspace, channel, message)
        self.delivery.send_events()
        return message

    def share(
        self, user_id: str, channel_id: str, listed: list[File], text: str = "", thread_ts: str | None = None
    ) -> Message:
        """Send files that were chosen before (`upload`), with words or without. Raises NotPossible."""
        with self.workspace.changing():
            channel = self._writable(user_id, channel_id)
            said = self.workspace.typed(text)
            message = files.share(self.workspace, channel, user_id, said, listed, thread_ts=thread_ts)
            files.tell(self.workspace, channel, message)
        self.delivery.send_events()
        return message

    def command(self, user_id: str, channel_id: str, line: str, thread_ts: str | None = None) -> Outcome:
        """Type a slash command. An unknown one gets Slackbot's ephemeral answer."""
        name, _, text = line.strip().partition(" ")
        if thread_ts:
            return Outcome(False, f"{name} is not supported in threads. Sorry!")
        with self.workspace.holding():
            try:
                channel = self._writable(user_id, channel_id)
            except NotPossible as problem:
                return Outcome(False, str(problem))
            which = next((c for c in self.workspace.app.commands if c.command == name), None)
            if which is None or not self.workspace.installed:
                return self._unknown_command(user_id, channel_id, name)
            fields = payloads.command(self.workspace, user_id, channel, which, text.strip())
        return self._command_answered(user_id, channel_id, which, self.delivery.command(fields))

    def _unknown_command(self, user_id: str, channel_id: str, name: str) -> Outcome:
        text = f'{name} is not a valid command. In Slack, all lines that start with "/" are interpreted as commands.'
        self.workspace.whisper(channel_id, user_id, SLACKBOT, text)
        return Outcome(False, text)

    def _command_answered(self, user_id: str, channel_id: str, which: SlashCommand, answer: Answer) -> Outcome:
        if not answer.ok:
            reason = "operation_timeout" if answer.failure == "http_timeout" else "dispatch_failed"
            return Outcome(False, f'{which.command} failed with the error "{reason}"', detail=answer.detail)
        body = said(answer.body)
        if body:
            try:
                say(self.workspace, channel_id, user_id, body)
            except ResponseError as problem:
                error = f'{which.command} failed with the error "{problem.code}"'
                return Outcome(False, error, detail=problem.detail)
        return Outcome()

    # -- shortcuts ---------------------------------------------------------------------------------------------------

    def shortcut(self, user_id: str, callback_id: str) -> Outcome:
        """Run a global shortcut."""
        with self.workspace.holding():
            self._offered_shortcut(callback_id, "global")
            payload = payloads.shortcut(self.workspace, user_id, callback_id)
        return self._told(self.delivery.interact(payload))

    def message_shortcut(self, user_id: str, channel_id: str, ts: str, callback_id: str) -> Outcome:
        """Run a message shortcut on a message."""
        with self.workspace.holding():
            self._offered_shortcut(callback_id, "message")
            try:
                message = visible_message(self.workspace, user_id, channel_id, ts)
            except NotPossible as problem:
                return Outcome(False, str(problem))
            payload = payloads.message_action(self.workspace, user_id, message, callback_id)
        return self._told(self.delivery.interact(payload))

    def _offered_shortcut(self, callback_id: str, kind: str) -> None:
        known = [s.callback_id for s in self.workspace.app.shortcuts if s.kind == kind]
        if callback_id not in known:
            raise NotPossible(f"no {kind} shortcut {callback_id!r}: the manifest has {known}")

    # -- elements ----------------------------------------------------------------------------------------------------

    def act(
        self,
        user_id: str,
        where: Where,
        block_id: str,
        action_id: str,
        value: ActionValue = None,
        state: StateValues | None = None,
    ) -> Outcome:
        """Click, choose or (in a dispatching input) type. `state` is what else the person has filled in there so far.

        A stateful element of an input block without `dispatch_action` only keeps the value: nothing is delivered.
        """
        try:
            with self.workspace.changing():
                self._fill(user_id, where, state or {})
                payload = self._acted(user_id, where, block_id, action_id, value)
        except NotPossible as problem:
            return Outcome(False, str(problem))
        if payload is None:
            return Outcome()
        if not self.workspace.app.interactivity:
            return Outcome(False, "This app is not configured to handle interactive responses.")
        return self._told(self.delivery.interact(payload))

    def _acted(self, user_id: str, where: Where, block_id: str, action_id: str, value: ActionValue) -> Json | None:
        place = surface(self.workspace, user_id, where)
        block, element = find_element(place.blocks, block_id, action_id)
        option = pick(element["options"], value) if element["type"] == "overflow" else None
        stateful = element["type"] in FIELDS
        state = self._remember(user_id, where, block, element, value) if stateful else None
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        action = payloads.action(self.workspace, block, element, state, option)
        return payloads.block_actions(self.workspace, user_id, place, action)

    def enter(self, user_id: str, where: Where, block_id: str, action_id: str, value: ActionValue) -> None:
        """Fill in an element without telling the app. Raises NotPossible."""
        with self.workspace.changing():
            self._fill(user_id, where, {block_id: {action_id: value}})

    def _fill(self, user_id: str, where: Where, values: StateValues) -> None:
        for block_id, fields in values.items():
            for action_id, value in fields.items():
                place = surface(self.workspace, user_id, where)
                block, element = find_element(place.blocks, block_id, action_id)
                if element["type"] in FIELDS:
                    self._remember(user_id, where, block, element, value)

    def _remember(self, user_id: str, where: Where, block: Json, element: Json, value: ActionValue) -> Json:
        choices = surface(self.workspace, user_id, where).choices
        if element["type"] == "file_input":
            files.take_into_form(self.workspace, user_id, element, value)
        known = list(self._offered.get((where, block["block_id"], element["action_id"]), []))
        known += [element["initial_option"]] if "initial_option" in element else []
        known += element.get("initial_options", [])
        return remember(choices, block, element, value, known)

    def options(self, user_id: str, where: Where, block_id: str, action_id: str, query: str) -> list[Json]:
        """What an external select offers for typed words: groups flattened; [] below min_query_length (default 3).

        Raises NotPossible when the app does not answer properly (Slack would show an empty list with an error).
        """
        with self.workspace.holding():
            place = surface(self.workspace, user_id, where)
            _, element = find_element(place.blocks, block_id, action_id)
            if len(query) < element.get("min_query_length", MIN_QUERY):
                return []
            payload = payloads.block_suggestion(self.workspace, user_id, place, block_id, element, query)
        if not self.workspace.app.options_load:
            raise NotPossible("the manifest has no message_menu_options_url: Slack cannot ask for options")
        found = offered(self.delivery.interact(payload))
        self._offered.setdefault((where, block_id, action_id), []).extend(found)
        return found

    # -- modals ------------------------------------------------------------------------------------------------------

    def submit(self, user_id: str, view_id: str, state_values: StateValues | None = None) -> Outcome:
        """Submit the top modal. Inputs that are empty or malformed are refused before the app hears of it."""
        try:
            with self.workspace.changing():
                view = self._top(user_id, view_id)
                self._fill(user_id, ViewAt(view_id), state_values or {})
                view.errors = client_errors(view)
                if view.errors:
                    return Outcome(False, errors=dict(view.errors))
                files.hand_over(self.workspace, view.choices)
                payload = payloads.view_submission(self.workspace, view)
        except NotPossible as problem:
            return Outcome(False, str(problem))
        return apply_answer(self.workspace, view, self.delivery.interact(payload))

    def close(self, user_id: str, view_id: str, whole_stack: bool = False) -> Outcome:
        """Press Close (this modal) or the X (`whole_stack`). The app hears of it only with `notify_on_close`."""
        try:
            view = self._top(user_id, view_id)
        except NotPossible as problem:
            return Outcome(False, str(problem))
        with self.workspace.changing():
            stack = list(self.workspace.modals[user_id])
            cleared = whole_stack or bool(view.body.get("clear_on_close"))
            told = stack[0] if cleared else view
            payload = payloads.view_closed(self.workspace, told, cleared)
            if cleared:
                clear_modals(self.workspace, user_id)
            else:
                close_modal(self.workspace, view)
        return self._told(self.delivery.interact(payload)) if told.body.get("notify_on_close") else Outcome()

    def _top(self, user_id: str, view_id: str) -> View:
        view = self.workspace.top_modal(user_id)
        if view is None or view.id != view_id:
            raise NotPossible("this modal is not on top (any more)")
        return view

    # -- home and direct messages ------------------------------------------------------------------------------------

    def open_home(self, user_id: str, tab: str = "home") -> None:
        """Look at the app's Home (or its messages tab): the app hears app_home_opened."""
        with self.workspace.changing():
            if not (self.workspace.app.home_tab if tab == "home" else self.workspace.app.messages_tab):
                raise NotPossible(f"the manifest has no {tab} tab")
            dm = self.workspace.open_dm(self.workspace.app.bot_user_id, user_id)
            home = self.workspace.homes.get(user_id)
            more: Json = {"view": shapes.view(self.workspace, home)} if home and tab == "home" else {}
            self.workspace.emit("app_home_opened", user=user_id, channel=dm.id, tab=tab, **more)
        self.delivery.send_events()

    def open_dm(self, user_id: str, other_id: str) -> Channel:
        return self.workspace.open_dm(user_id, other_id)

    def upload(self, user_id: str, filename: str, content: bytes, size: int | None = None) -> File:
        """Choose a file from the computer; its id goes into a file input or into `share`. `size`: the bytes that it
        says it has, for files that are too large to make."""
        with self.workspace.changing():
            w = self.workspace
            length = len(content) if size is None else size
            file = File(w.next_id("F"), filename, filename, user_id, content, length, True, w.seconds())
            w.files[file.id] = file
            return file

    def delete_file(self, user_id: str, file_id: str) -> None:
        """Delete one's own file; where it was shared a tombstone stays. Raises NotPossible."""
        file = self.workspace.files.get(file_id)
        if file is None or file.owner_id != user_id:
            raise NotPossible("only whoever brought a file can delete it")
        with self.workspace.changing():
            file.deleted, file.content = True, b""

    def dismiss(self, user_id: str, ephemeral_id: str) -> None:
        """Dismiss a message only this person sees."""
        with self.workspace.changing():
            kept = [e for e in self.workspace.ephemerals if (e.id, e.user_id) != (ephemeral_id, user_id)]
            self.workspace.ephemerals = kept

    def _writable(self, user_id: str, channel_id: str) -> Channel:
        channel, person = self.workspace.channels.get(channel_id), self.workspace.users[user_id]
        if channel is None or user_id not in channel.members or person.deleted:
            raise NotPossible(f"{person.name} cannot write in {channel.name if channel else channel_id}")
        if channel.archived:
            raise NotPossible(f"#{channel.name} is archived")
        return channel

    def _told(self, answer: Answer) -> Outcome:
        if answer.ok:
            return Outcome()
        name = self.workspace.app.bot_name
        slow = answer.failure in ("http_timeout", "connection_failed")
        error = f"{name} is not responding" if slow else f"{name} responded with status {answer.status}"
        return Outcome(False, error, detail=answer.detail)
