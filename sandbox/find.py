"""Finding things by their visible words, as people do: part of the words is enough, an exact match wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from sandbox.actions import Actions
from sandbox.choices import NotPossible, fits_filter, options_of
from sandbox.model import ActionValue, Channel, ChannelKind, Json, Where
from sandbox.visible import Eyes, elements_of

T = TypeVar("T")


def one(candidates: Sequence[tuple[str, T]], wanted: str, what: str) -> T:
    """The candidate whose words contain `wanted` (any case). Raises AssertionError when none or several do."""
    low = wanted.casefold().strip()
    containing = [(words, thing) for words, thing in candidates if low in words.casefold()]
    exact = [(words, thing) for words, thing in containing if low == words.casefold().strip()]
    found = exact or containing
    visible = ", ".join(repr(words) for words, _ in candidates) or "nothing"
    if not found:
        raise AssertionError(f"there is no {what} {wanted!r}; visible: {visible}")
    if len(found) > 1:
        raise AssertionError(f"{wanted!r} fits more than one {what}: {', '.join(repr(w) for w, _ in found)}")
    return found[0][1]


@dataclass(frozen=True)
class Spot:
    """An element, the block it stands in, and the words around it."""

    block: Json
    element: Json
    label: str
    around: str
    """The words of its block and of the blocks before it, back to the nearest section."""


def spots(eyes: Eyes, blocks: list[Json]) -> list[Spot]:
    """Every usable element of a surface, in reading order."""
    found: list[Spot] = []
    around: list[str] = []
    for block in blocks:
        if block["type"] in ("section", "header", "divider"):
            around = []
        around.append(eyes.words(block))
        found += [Spot(block, e, _label(eyes, block, e), "\n".join(around)) for e in elements_of(block)]
    return found


def _label(eyes: Eyes, block: Json, element: Json) -> str:
    if block["type"] == "input":
        return eyes.text(block["label"])
    words = eyes.label(element) or eyes.text(element.get("placeholder"))
    return words or (eyes.words(block) if block["type"] == "section" else "")


def near(found: list[Spot], words: str | None) -> list[Spot]:
    """The spots that belong to the block with these words. Raises AssertionError when there is none."""
    if words is None:
        return found
    close = [s for s in found if words.casefold() in s.around.casefold()]
    if not close:
        around = ", ".join(repr(a) for a in dict.fromkeys(s.around for s in found))
        raise AssertionError(f"nothing to use near {words!r}; visible: {around or 'nothing'}")
    return close


def value_for(actions: Actions, user_id: str, where: Where, spot: Spot, wanted: Any) -> ActionValue:
    """What to enter for the words (or dates, names, lists of them) a test names."""
    kind = spot.element["type"]
    if isinstance(wanted, list | tuple | set):
        values: list[Any] = [value_for(actions, user_id, where, spot, w) for w in wanted]
        return [v for value in values for v in (value if isinstance(value, list) else [value])]
    single: Any = _single(actions, user_id, where, spot, wanted)
    many = kind.startswith("multi_") or kind in ("checkboxes", "file_input")
    alone: ActionValue = [single] if many and single is not None else single
    return alone


def _single(actions: Actions, user_id: str, where: Where, spot: Spot, wanted: Any) -> str | int | Json | None:
    kind = spot.element["type"].removeprefix("multi_")
    if wanted is None:
        return None
    if kind in ("static_select", "radio_buttons", "checkboxes", "overflow"):
        return str(_option(actions, user_id, options_of(spot.element), wanted)["value"])
    if kind == "external_select":
        return _option(actions, user_id, offered(actions, user_id, where, spot, str(wanted)), wanted)
    if kind in ("users_select", "channels_select", "conversations_select"):
        return _id(actions, user_id, spot.element, str(wanted))
    if kind == "datetimepicker" and isinstance(wanted, datetime):
        return int(wanted.timestamp())
    if isinstance(wanted, date):
        return wanted.isoformat()
    if isinstance(wanted, time):
        return wanted.strftime("%H:%M")
    return wanted if isinstance(wanted, int | dict) else str(wanted)


def _option(actions: Actions, user_id: str, options: list[Json], wanted: Any) -> Json:
    eyes = Eyes(actions.workspace, user_id)
    return one([(eyes.text(o["text"]), o) for o in options], str(wanted), "option")


def offered(actions: Actions, user_id: str, where: Where, spot: Spot, typed: str) -> list[Json]:
    """What an external select offers. Raises AssertionError when the app does not answer properly."""
    try:
        return actions.options(user_id, where, spot.block["block_id"], spot.element["action_id"], typed)
    except NotPossible as problem:
        raise AssertionError(str(problem)) from problem


def _id(actions: Actions, user_id: str, element: Json, name: str) -> str:
    """Somebody or a conversation that the client would offer this person in this select."""
    workspace, kind = actions.workspace, element["type"].removeprefix("multi_")
    user = None if name.startswith("#") else workspace.find_user(name)
    if kind == "users_select":
        if user and not user.deleted:
            return user.id
    else:
        channel = actions.open_dm(user_id, user.id) if user else workspace.find_channel(name)
        if channel and _may_choose(actions, user_id, element, channel):
            return channel.id
    raise AssertionError(f"this {kind} offers no {name!r}")


def _may_choose(actions: Actions, user_id: str, element: Json, channel: Channel) -> bool:
    fitting = channel.kind is ChannelKind.PUBLIC or not element["type"].endswith("channels_select")
    seen = actions.workspace.visible(channel, user_id) and not channel.archived
    return fitting and seen and fits_filter(element, channel)
