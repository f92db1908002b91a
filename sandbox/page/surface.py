"""Where a block stands: the container it belongs to, and what its elements may offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from sandbox.page import mrkdwn
from sandbox.page.html import stable_id
from sandbox.page.reader import Reader

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """Something a users, channels or conversations select offers; ``kind``: public, private, im, mpim."""

    id: str
    label: str
    kind: str = ""


@dataclass(frozen=True)
class Surface:
    """One message, modal or home tab as one person sees it.

    ``container`` is the same for the same message or view, so that ids of its elements stay. ``errors`` holds, by
    block_id, what the app found wrong with a submission; ``choices`` what the person typed or chose before (block_id,
    action_id, the value as in Slack's state.values). ``here`` is the conversation that is open, for selects that begin
    with it. ``file_url`` gives the address of a file that Slack holds.
    """

    reader: Reader
    container: str
    people: Sequence[Choice] = ()
    channels: Sequence[Choice] = ()
    conversations: Sequence[Choice] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    here: str = ""
    file_url: Callable[[Json], str | None] = lambda _: None

    def text(self, text: Json | None) -> Markup:
        """A text object (plain_text or mrkdwn) as HTML; nothing for None."""
        if not text:
            return Markup("")
        words = str(text.get("text", ""))
        if text.get("type") == "mrkdwn":
            return mrkdwn.render(words, self.reader, verbatim=bool(text.get("verbatim")))
        return mrkdwn.render_plain(words)

    def words(self, text: Json | None) -> str:
        """A text object without markup, for labels that only take words."""
        return plain_words(self.text(text))


@dataclass(frozen=True)
class Place:
    """One interactive element's place: its block, and how it is named to those who cannot see it.

    ``label_id`` is the element whose text names it (an input's label); ``context_id`` the one that tells what it is
    about (the section's text). In an input block an element speaks to the app only when it ``dispatches``.
    """

    surface: Surface
    block_id: str
    label_id: str | None = None
    context_id: str | None = None
    described_by: str | None = None
    dispatches: bool = True
    required: bool = False
    invalid: bool = False

    def id_of(self, element: Json) -> str:
        """The id of the element, the same as long as container, block_id and action_id are."""
        return stable_id(self.surface.container, self.block_id, str(element.get("action_id", "")))


def plain_words(html: Markup) -> str:
    """The words of rendered HTML."""
    return html.replace("<br>", " ").striptags()
