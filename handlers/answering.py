"""The edge: one acknowledgement per request, after the work is committed; every error becomes a private sentence.

`with answering(bot, ack, respond, body) as answer:` runs the work, then acknowledges. A `BotError` inside is worded for
the person: under its field, in the modal they are in, or in a message only they see. What nobody expected goes on to
`app.error` (`apologise` here), which says so with a reference that stands in the log.

Slack waits for the acknowledgement until the listener has ended. What can come after it (`answer.then`) is done in a
thread of its own, in the order in which it was said.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from slack_bolt import Ack, Respond

from bot.domain.refusals import (
    AskSomeoneElse,
    Empty,
    HasItAlready,
    NameThemFirst,
    NobodyAbove,
    NoGaps,
    RefuseDate,
    TooLong,
    Unreachable,
)
from bot.errors import BotError, FieldErrors
from bot.usecases.fields import Missing
from handlers.payloads import Body, Form, actor_of

if TYPE_CHECKING:
    from bot.app import Bot

log = logging.getLogger(__name__)

_ABOUT_A_FIELD = (
    Empty,
    TooLong,
    RefuseDate,
    Unreachable,
    AskSomeoneElse,
    HasItAlready,
    NameThemFirst,
    NobodyAbove,
    NoGaps,
    Missing,
)


class Unexpected(BotError):
    """Something went wrong that nobody foresaw."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            "Something went wrong on my side. Try again; if it stays, tell whoever runs me: reference %(reference)s.",
            reference=reference,
        )


@contextmanager
def answering(bot: Bot, ack: Ack, respond: Respond, body: Body) -> Iterator[Answer]:
    """Acknowledge when the work inside is done; say what went wrong to the one who asked, and to nobody else."""
    answer = Answer(bot, ack, respond, body)
    try:
        yield answer
    except BotError as error:
        _told(answer, error)
    except Exception as error:
        if not answer.acked:
            raise  # to app.error
        apologise(answer, error)  # Bolt would lose the acknowledgement (SLACK.md 6.1)
    else:
        answer.acknowledge()
    answer.go_on()


@contextmanager
def under(field: str) -> Iterator[None]:
    """What is wrong with the one thing that a form asks for stands under its field."""
    try:
        yield
    except _ABOUT_A_FIELD as error:
        raise FieldErrors({field: error}) from error


def _told(answer: Answer, error: BotError) -> None:
    """Say the error; where even that fails, the log has both and the click is acknowledged all the same."""
    try:
        answer.refuse(error)
    except BotError as another:
        log.warning("%s could not be said: %s", type(error).__name__, another)
        answer.acknowledge()


def apologise(answer: Answer, error: Exception) -> None:
    """Log what nobody expected under a reference, and tell the person that reference."""
    reference = uuid4().hex[:8]
    log.error("reference %s", reference, exc_info=error)
    try:
        answer.refuse(Unexpected(reference))
    except Exception as another:
        log.error("reference %s: the person could not be told", reference, exc_info=another)


class Answer:
    """How one request is answered: in the person's language, where they are looking."""

    def __init__(self, bot: Bot, ack: Ack, respond: Respond, body: Body) -> None:
        self.bot, self.ack, self.respond, self.body = bot, ack, respond, body
        self.actor = actor_of(body)
        self.opened: str | None = None
        self._later: list[Callable[[], object]] = []

    @property
    def acked(self) -> bool:
        return self.ack.response is not None

    @property
    def today(self) -> date:
        """A day to leave out this year's number by."""
        return self.bot.clock.now().date()

    @cached_property
    def locale(self) -> str:
        """The person's language; English when even that cannot be found out."""
        try:
            return self.bot.people.locale(self.actor)
        except BotError:
            return "en"

    def acknowledge(self) -> None:
        """Once; what comes after is told in another way."""
        if not self.acked:
            self.ack()

    def then(self, work: Callable[[], object]) -> None:
        """Acknowledge, and do this after it: whoever clicked has seen that it worked, and Slack waits no longer."""
        self.acknowledge()
        self._later.append(work)

    def go_on(self) -> None:
        """Do what was left for after the acknowledgement."""
        if self._later:
            self.bot.afterwards.submit(self._work_on)

    def _work_on(self) -> None:
        failed = False
        for work in self._later:  # which grows by what these leave for later
            try:
                work()
            except Exception as error:
                if failed:  # to say what failed before
                    log.error("a failure could not be told", exc_info=error)
                elif isinstance(error, BotError):
                    _told(self, error)
                else:
                    apologise(self, error)
                failed = True

    def say(self, template: str, *, in_place: bool = False, **context: Any) -> None:
        """Show a message that only this person sees; `in_place` of the private one in which they clicked."""
        message = self.bot.screen.message(template, self.locale, **context)
        if "command" in self.body and not self.acked:
            self.ack(response_type="ephemeral", **message)
            return
        self.then(lambda: self._whisper(message, in_place))

    def open(self, template: str, **context: Any) -> str:
        """Open a modal, on top of the one the person is in. Returns its view id."""
        screen, trigger = self.bot.screen, self.body["trigger_id"]
        inside = (self.body.get("view") or {}).get("type") == "modal"
        show = screen.push_modal if inside else screen.open_modal
        self.opened = show(trigger, template, self.locale, **context)
        return self.opened

    def fill(self, template: str, **context: Any) -> None:
        """Change the modal that was just opened, or the one in which somebody clicked or which they sent."""
        if self.opened is None and self._sent and not self.acked:
            self.ack(response_action="update", view=self.bot.screen.modal(template, self.locale, **context))
            return
        view = self.body.get("view") or {}
        if self.opened is not None:
            self.bot.screen.update_modal(self.opened, template, self.locale, **context)
        else:
            self.bot.screen.update_modal(view["id"], template, self.locale, hash=view.get("hash"), **context)

    def refuse(self, error: BotError) -> None:
        """Say an error: under its fields, in the modal just opened, on top of the modal sent, or privately."""
        if isinstance(error, FieldErrors) and self._sent and not self.acked and self._under_fields(error):
            return
        sentence = self.bot.screen.sentence(error, self.locale)
        if isinstance(error, FieldErrors):
            sentence = "\n".join(self.bot.screen.sentence(one, self.locale) for one in error.errors.values())
        if self.opened is not None:
            self.then(lambda: self.fill("views/problem", sentence=sentence))
        elif self._sent and not self.acked:
            view = self.bot.screen.modal("views/problem", self.locale, sentence=sentence)
            self.ack(response_action="push", view=view)
        elif "command" in self.body or self.body.get("response_url"):
            self.say("messages/private/sentence", sentence=sentence)
        elif self.body.get("trigger_id"):  # on Home and in modals there is no response URL: a small modal says it
            self.then(lambda: self.open("views/problem", sentence=sentence))
        else:
            self.acknowledge()

    def _under_fields(self, error: FieldErrors) -> bool:
        """Every error under the field it is about; one without a field of its own goes under the first."""
        blocks = Form.of(self.body).blocks
        if not blocks:
            return False
        first = next(iter(blocks))
        worded = self.bot.screen.errors(error.errors, self.locale)
        shown = {blocks.get(name, blocks[first]): sentence for name, sentence in worded.items()}
        self.ack(response_action="errors", errors=shown)
        return True

    @property
    def _sent(self) -> bool:
        return self.body.get("type") == "view_submission"

    def _whisper(self, message: dict[str, Any], in_place: bool = False) -> None:
        """An ephemeral message through the response URL: where the click was, also inside a thread."""
        thread = (self.body.get("container") or {}).get("thread_ts")
        try:
            answered = self.respond(response_type="ephemeral", replace_original=in_place, thread_ts=thread, **message)
        except OSError as error:
            log.warning("a private answer did not reach Slack: %s", type(error).__name__)
            return
        if answered.status_code != 200:
            log.warning("Slack did not take a private answer: %s", answered.status_code)
