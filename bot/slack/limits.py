"""Slack's limits for what Baton shows, as one table that shortening (`fitting`) and checking (`checking`) both read.

Sources: Slack's Block Kit reference (docs.slack.dev/reference/block-kit/blocks, .../block-elements,
.../composition-objects), docs.slack.dev/reference/views/modal-views, chat.postMessage and chat.update. Numbers are
characters, counted in UTF-16 units after escaping, which is the largest of the ways in which Slack may count.
Only what Baton uses stands here: an unknown block is a problem, not a pass.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


BLOCKS_ON = MappingProxyType({Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100})

MESSAGE_TOTAL = 12_000
"""All texts of a message's blocks together: undocumented, about 12 to 13 thousand (slackapi/bolt-js#2509, #2867)."""
TOTAL_ON = MappingProxyType({Surface.MESSAGE: 11_000, Surface.MODAL: 40_000, Surface.HOME: 40_000})
"""What we shorten to. A message of 11,341 was once refused; a view may have 250 KB, six bytes a character at worst."""

FALLBACK = 3000
"""What we shorten a message's text to: with blocks, a longer one may be posted several times (bolt-python#764)."""
FALLBACK_MOST = 4000
"""The most that chat.update takes (`msg_too_long`)."""
TITLE = 24
"""Title, submit and close of a modal."""
PRIVATE_METADATA = 3000
BUTTON_VALUE = 2000
OPTION_VALUE = 150
IDENTIFIER = 255
"""action_id, block_id, callback_id, external_id."""
RICH_TEXT = 3000
"""One run of rich text; Slack names no limit, this is that of a text object."""


@dataclass(frozen=True)
class Shape:
    """What Slack takes in one kind of object.

    `texts` may be shortened to so many characters; `fixed` must not be touched, only be short enough; `lists` have a
    smallest and a largest length; `needs` must be there; `also` may be; `within` names the blocks an element stands in.
    """

    texts: Mapping[str, int] = field(default_factory=dict)
    fixed: Mapping[str, int] = field(default_factory=dict)
    lists: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    surfaces: frozenset[Surface] = frozenset(Surface)
    within: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Every name that may stand in the object, besides its type."""
        return frozenset([*self.texts, *self.fixed, *self.lists, *self.needs, *self.also])


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _block(
    texts: Mapping[str, int] | None = None,
    needs: str = "",
    also: str = "",
    lists: Mapping[str, tuple[int, int]] | None = None,
    on: Iterable[Surface] = Surface,
    **fixed: int,
) -> Shape:
    identified = {"block_id": IDENTIFIER, **fixed}
    return Shape(texts or {}, identified, lists or {}, _words(needs), _words(also), frozenset(on))


BLOCKS: Mapping[str, Shape] = {
    "section": _block({"text": 3000}, also="accessory expand", lists={"fields": (1, 10)}),
    "header": _block({"text": 150}, needs="text"),
    "context": _block(needs="elements", lists={"elements": (1, 10)}),
    "divider": _block(),
    "image": _block({"alt_text": 2000, "title": 2000}, needs="alt_text", also="slack_file", image_url=3000),
    "actions": _block(needs="elements", lists={"elements": (1, 25)}),
    "input": _block({"label": 2000, "hint": 2000}, needs="label element", also="optional dispatch_action"),
    "rich_text": _block(needs="elements", lists={"elements": (1, 100)}),
    "markdown": _block({"text": 12_000}, needs="text", on=[Surface.MESSAGE]),
    "table": _block(needs="rows", also="column_settings", lists={"rows": (1, 100)}, on=[Surface.MESSAGE]),
    "alert": _block({"text": 200}, needs="text", also="level", on=[Surface.MODAL]),
}

_ANYWHERE = "section actions input"
_MANY = (1, 100)


def _element(
    within: str = _ANYWHERE,
    also: str = "",
    texts: Mapping[str, int] | None = None,
    lists: Mapping[str, tuple[int, int]] | None = None,
    needs: str = "action_id",
    on: Iterable[Surface] = Surface,
    **fixed: int,
) -> Shape:
    identified = {"action_id": IDENTIFIER, **fixed}
    return Shape(texts or {}, identified, lists or {}, _words(needs), _words(also), frozenset(on), _words(within))


def _menu(also: str, within: str = _ANYWHERE, lists: Mapping[str, tuple[int, int]] | None = None) -> Shape:
    return _element(within, f"{also} confirm focus_on_load", {"placeholder": 150}, lists)


_CHOICES = {"options": _MANY, "option_groups": _MANY}
_MODAL = [Surface.MODAL]
_TYPED = "initial_value dispatch_action_config focus_on_load"

ELEMENTS: Mapping[str, Shape] = {
    "button": _element(
        "section actions",
        "style confirm",
        {"text": 75, "accessibility_label": 75},
        needs="text action_id",
        value=BUTTON_VALUE,
        url=3000,
    ),
    "checkboxes": _element(also="initial_options confirm focus_on_load", lists={"options": (1, 10)}),
    "radio_buttons": _element(also="initial_option confirm focus_on_load", lists={"options": (1, 10)}),
    "overflow": _element("section actions", "confirm", lists={"options": (1, 5)}),
    "static_select": _menu("initial_option", lists=_CHOICES),
    "multi_static_select": _menu("initial_options max_selected_items", "section input", _CHOICES),
    "external_select": _menu("initial_option min_query_length"),
    "multi_external_select": _menu("initial_options min_query_length max_selected_items", "section input"),
    "users_select": _menu("initial_user"),
    "multi_users_select": _menu("initial_users max_selected_items", "section input"),
    "conversations_select": _menu("initial_conversation default_to_current_conversation response_url_enabled filter"),
    "channels_select": _menu("initial_channel response_url_enabled"),
    "datepicker": _menu("initial_date"),
    "timepicker": _menu("initial_time timezone"),
    "datetimepicker": _element(
        "actions input", "initial_date_time confirm focus_on_load", on=[Surface.MESSAGE, Surface.MODAL]
    ),
    "plain_text_input": _element(
        "input", f"multiline min_length max_length {_TYPED}", {"placeholder": 150}, initial_value=3000
    ),
    "number_input": _element(
        "input", f"min_value max_value {_TYPED}", {"placeholder": 150}, needs="action_id is_decimal_allowed", on=_MODAL
    ),
    "email_text_input": _element("input", _TYPED, {"placeholder": 150}, on=_MODAL),
    "url_text_input": _element("input", _TYPED, {"placeholder": 150}, on=_MODAL),
    "file_input": _element("input", "filetypes max_files", on=_MODAL),
    "image": Shape(
        {"alt_text": 2000},
        {"image_url": 3000},
        {},
        _words("alt_text"),
        _words("slack_file"),
        within=_words("section context"),
    ),
}

OPTION = Shape({"text": 75, "description": 75}, {"value": OPTION_VALUE, "url": 3000}, {}, _words("text value"))
GROUP = Shape({"label": 75}, {}, {"options": _MANY}, _words("label options"))
CONFIRM = Shape(
    {"title": 100, "text": 300, "confirm": 30, "deny": 30}, {}, {}, _words("title text confirm deny"), _words("style")
)
VIEW = Shape(
    {"title": TITLE, "submit": TITLE, "close": TITLE},
    {"private_metadata": PRIVATE_METADATA, "callback_id": IDENTIFIER, "external_id": IDENTIFIER},
    {},
    _words("blocks"),
    _words("notify_on_close clear_on_close submit_disabled"),
)
FIELD = 2000
"""One of a section's fields."""
CONTEXT_TEXT = 3000

MRKDWN_IN = frozenset({"section", "context", "checkboxes", "radio_buttons", "confirm.text"})
"""Where a text may be mrkdwn; everywhere else Slack wants plain_text."""
