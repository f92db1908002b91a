"""Surfaces as a person sees and uses them: a message, an ephemeral, the Home, a modal. Always as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import shapes
from sandbox.choices import NotPossible, is_empty, options_of, state_values
from sandbox.find import Spot, near, offered, one, spots, value_for
from sandbox.model import EphemeralAt, Json, MessageAt, Outcome, View, ViewAt, Where
from sandbox.surfaces import surface

if TYPE_CHECKING:
    from sandbox.person import Person


class Using:
    """What messages, Home and modals have in common: elements that a person finds by words."""

    def __init__(self, person: Person, where: Where) -> None:
        self.person, self.where = person, where

    @property
    def blocks(self) -> list[Json]:
        """The blocks as they are now. Raises AssertionError when the surface is gone."""
        try:
            return surface(self.person.workspace, self.person.id, self.where).blocks
        except NotPossible as problem:
            raise AssertionError(str(problem)) from problem

    def _spots(self, words: str | None = None) -> list[Spot]:
        return near(spots(self.person.eyes, self.blocks), words)

    @property
    def buttons(self) -> list[str]:
        """The words on the buttons, in order."""
        return [s.label for s in self._spots() if _is_button(s)]

    def click(self, label: str, near: str | None = None) -> Outcome:
        """Press a button (a confirmation is confirmed). `near`: words of the block it belongs to."""
        self.person.wait_for(lambda: any(label.casefold() in b.casefold() for b in self.buttons))
        spot = one([(s.label, s) for s in self._spots(near) if _is_button(s)], label, "button")
        return self._act(spot, None)

    def menu(self, option: str, near: str | None = None) -> Outcome:
        """Choose an entry of an overflow menu."""
        menus = [s for s in self._spots(near) if s.element["type"] == "overflow"]
        entries = [(self.person.eyes.text(o["text"]), (s, o)) for s in menus for o in s.element["options"]]
        spot, chosen = one(entries, option, "menu entry")
        return self._act(spot, chosen["value"])

    def choose(self, label: str, wanted: Any, near: str | None = None) -> Outcome:
        """Choose in a select, radio buttons, checkboxes or a picker that has this label, placeholder or text."""
        spot = self._field(label, near)
        value = value_for(self.person.sandbox.actions, self.person.id, self.where, spot, wanted)
        return self._put(spot, value)

    def fill(self, label: str, text: str) -> Outcome:
        """Type into the input with this label."""
        return self._put(self._field(label), text)

    def upload(self, label: str, filename: str, content: bytes, size: int | None = None) -> Outcome:
        """Put a file into the file input with this label. `size`: what it says it has, for huge ones."""
        file = self.person.sandbox.actions.upload(self.person.id, filename, content, size)
        return self._put(self._field(label), [file.id])

    def options(self, label: str, typed: str = "") -> list[str]:
        """What a select offers: fixed options, or what the app answers to `typed`."""
        spot = self._field(label)
        if spot.element["type"].endswith("external_select"):
            found = offered(self.person.sandbox.actions, self.person.id, self.where, spot, typed)
        else:
            found = options_of(spot.element)
        return [self.person.eyes.text(o["text"]) for o in found]

    def value(self, label: str) -> str:
        """What the field with this label shows now: typed text, chosen words; "" when empty."""
        spot = self._field(label)
        place = surface(self.person.workspace, self.person.id, self.where)
        state = state_values(place.blocks, place.choices)[spot.block["block_id"]][spot.element["action_id"]]
        return "" if is_empty(state) else self.person.eyes.value(list(state.values())[1])

    def _field(self, label: str, words: str | None = None) -> Spot:
        fields = [s for s in self._spots(words) if not _is_button(s) and s.element["type"] != "overflow"]
        return one([(s.label, s) for s in fields], label, "field")

    def _put(self, spot: Spot, value: Any) -> Outcome:
        block_id, action_id = spot.block["block_id"], spot.element["action_id"]
        if spot.block["type"] == "input" and not spot.block.get("dispatch_action"):
            try:
                self.person.sandbox.actions.enter(self.person.id, self.where, block_id, action_id, value)
            except NotPossible as problem:
                raise AssertionError(str(problem)) from problem
            return Outcome()
        return self._act(spot, value)

    def _act(self, spot: Spot, value: Any) -> Outcome:
        outcome = self.person.sandbox.actions.act(
            self.person.id, self.where, spot.block["block_id"], spot.element["action_id"], value
        )
        return self.person.after(outcome)


def _is_button(spot: Spot) -> bool:
    return str(spot.element["type"]).endswith("button")


class Seen(Using):
    """A message, an ephemeral message or the Home."""

    @property
    def ts(self) -> str:
        """The message's ts; the view's id for a Home."""
        match self.where:
            case MessageAt(_, ts):
                return ts
            case EphemeralAt(key):
                return key
            case ViewAt(view_id):
                return view_id

    @property
    def text(self) -> str:
        """All visible words; of a message with blocks only the blocks are visible."""
        raw, blocks = self.raw, self.blocks
        if blocks:
            place = surface(self.person.workspace, self.person.id, self.where)
            words = self.person.eyes.everything(blocks, place.choices)
        else:
            words = self.person.eyes.mrkdwn(raw.get("text", ""))
        return "\n".join(filter(None, [words, *self._files(raw)]))

    def _files(self, raw: Json) -> list[str]:
        """People see the files of a shared channel by their names, whatever the app is told of them."""
        known = self.person.workspace.files
        left = [known[one["id"]] for one in raw.get("files", []) if one["id"] in known]
        return ["This file was deleted." if file.deleted else file.title for file in left]

    @property
    def raw(self) -> Json:
        """The JSON as the API would give it. Raises AssertionError when it is gone."""
        workspace, where = self.person.workspace, self.where
        _ = self.blocks
        if isinstance(where, MessageAt):
            message = workspace.channels[where.channel_id].message(where.ts)
            assert message is not None
            return shapes.message(workspace, message)
        if isinstance(where, EphemeralAt):
            shown = workspace.ephemeral(where.id)
            assert shown is not None
            return {
                "text": shown.text,
                "blocks": shown.blocks,
                "ts": shown.id,
                "channel": shown.channel_id,
                "thread_ts": shown.thread_ts,
                "user": shown.author_id,
                "is_ephemeral": True,
            }
        view = workspace.view(where.view_id)
        assert view is not None
        return shapes.view(workspace, view)

    @property
    def author(self) -> str:
        """The handle of who wrote it."""
        return self.person.workspace.users[self.raw["user"]].name

    def shortcut(self, name: str) -> Outcome:
        """Run a message shortcut, by its visible name, on this message."""
        if not isinstance(self.where, MessageAt):
            raise AssertionError("only messages have shortcuts")
        offer = [(s.name, s.callback_id) for s in self.person.workspace.app.shortcuts if s.kind == "message"]
        callback_id = one(offer, name, "message shortcut")
        actions = self.person.sandbox.actions
        return self.person.after(
            actions.message_shortcut(self.person.id, self.where.channel_id, self.where.ts, callback_id)
        )

    def __repr__(self) -> str:
        return f"<{self.ts}: {self.text}>"


class Modal(Using):
    """An open modal."""

    def __init__(self, person: Person, view: View) -> None:
        super().__init__(person, ViewAt(view.id))
        self.view_id = view.id

    @property
    def view(self) -> View:
        view = self.person.workspace.view(self.view_id)
        if view is None:
            raise AssertionError("this modal is closed")
        return view

    @property
    def is_open(self) -> bool:
        return self.person.workspace.view(self.view_id) is not None

    @property
    def title(self) -> str:
        return self.view.plain("title")

    @property
    def text(self) -> str:
        """All visible words: title, blocks, buttons, errors."""
        return self.person.eyes.view(self.view)

    @property
    def labels(self) -> list[str]:
        """The labels of the inputs, in order."""
        return [self.person.eyes.text(b["label"]) for b in self.blocks if b["type"] == "input"]

    @property
    def errors(self) -> dict[str, str]:
        """Label -> the sentence under it, from the last refused submission."""
        return self._by_label(self.view.errors)

    def _by_label(self, errors: dict[str, str]) -> dict[str, str]:
        labels = {b["block_id"]: self.person.eyes.text(b["label"]) for b in self.view.blocks if b["type"] == "input"}
        return {labels.get(block_id, block_id): text for block_id, text in errors.items()}

    def submit(self) -> Outcome:
        """Press the submit button; `errors` of the Outcome are by label."""
        if not self.view.body.get("submit"):
            raise AssertionError(f"the modal {self.title!r} has no submit button")
        outcome = self.person.sandbox.actions.submit(self.person.id, self.view_id)
        if outcome.errors:
            outcome = Outcome(outcome.ok, outcome.error, self._by_label(outcome.errors), outcome.detail)
        return self.person.after(outcome)

    def close(self, whole_stack: bool = False) -> Outcome:
        """Press Close, or the X."""
        return self.person.after(self.person.sandbox.actions.close(self.person.id, self.view_id, whole_stack))
