"""What handlers show people at once: private messages, modals, and expected errors as sentences.

Everything that must arrive goes through the outbox instead; what is shown here is an answer to a click, and whoever
clicked is there to click again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.dossier import EntryKind
from bot.errors import BotError
from bot.slack.failures import Kind, SlackFailure
from bot.slack.gateway import Gateway
from bot.slack.kinds import kind_words
from bot.slack.render import Renderer
from bot.slack.wording import choices, offered, plainly_worded, trouble, worded
from bot.slack.words import Reading, locale_of, read_by

log = logging.getLogger(__name__)

_TOO_LATE_TO_MATTER = (Kind.GONE, Kind.CONFLICT)


@dataclass(frozen=True)
class Screen:
    """Renders for one person, and opens and changes modals. A failure of Slack comes out as a `SlackTrouble`.

    `gateway` has the patience of a request that Slack wants answered in 3 seconds.
    """

    renderer: Renderer
    gateway: Gateway

    def message(self, template: str, locale: str, **context: Any) -> dict[str, Any]:
        """A private message: `text` and `blocks`."""
        rendered = self.renderer.message(template, locale, **context)
        return {"text": rendered["text"], "blocks": rendered["blocks"]}

    def modal(self, template: str, locale: str, **context: Any) -> dict[str, Any]:
        """A modal view, for an answer to a submission."""
        return self.renderer.modal(template, locale, **context)

    def open_modal(self, trigger_id: str, template: str, locale: str, **context: Any) -> str:
        """Open a modal; returns its view id. Raises SlackTrouble."""
        view = self.modal(template, locale, **context)
        try:
            return self.gateway.open_view(trigger_id, view).view_id
        except SlackFailure as failure:
            raise trouble(failure) from failure

    def push_modal(self, trigger_id: str, template: str, locale: str, **context: Any) -> str:
        """Put a modal on top of the open one; returns its view id. Raises SlackTrouble."""
        view = self.modal(template, locale, **context)
        try:
            return self.gateway.push_view(trigger_id, view).view_id
        except SlackFailure as failure:
            raise trouble(failure) from failure

    def update_modal(
        self, view_id: str, template: str, locale: str, *, hash: str | None = None, **context: Any
    ) -> bool:
        """Change an open modal; False when it was closed or has changed meanwhile. Raises SlackTrouble."""
        view = self.modal(template, locale, **context)
        try:
            self.gateway.update_view(view_id, view, hash)
        except SlackFailure as failure:
            if failure.kind not in _TOO_LATE_TO_MATTER:
                raise trouble(failure) from failure
            log.info("a modal was not changed: %s", failure)
            return False
        return True

    def sentence(self, error: BotError, locale: str) -> str:
        """An expected error as mrkdwn."""
        return worded(error, self.renderer.words(locale).gettext, locale)

    def errors(self, errors: Mapping[str, BotError], locale: str) -> dict[str, str]:
        """Errors for under the fields, as plain text, with the same keys."""
        translate = self.renderer.words(locale).gettext
        return {name: plainly_worded(error, translate) for name, error in errors.items()}

    def options(self, found: Iterable[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """Options for an external select, from (text, data) pairs."""
        return choices(found)

    def new_account(self, name: str, locale: str) -> tuple[str, Mapping[str, Any]]:
        """The option "New account: NAME", as (text, data)."""
        with read_by(Reading(locale_of(locale), self.renderer.words(locale))):
            return offered(name)

    def kind_words(self, locale: str) -> Mapping[EntryKind, frozenset[str]]:
        """The words from which the kind of a note is guessed."""
        with read_by(Reading(locale_of(locale), self.renderer.words(locale))):
            return kind_words()
