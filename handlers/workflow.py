"""The step “Start a handoff” of Workflow Builder: Slack asks for it with an event, and is told how it ended.

The inputs come from whoever built the workflow, and from variables that hold anything: each is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from bot.domain.refusals import Refusal
from bot.domain.typed import TooFarOffDay, require_near, trimmed
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.errors import BotError, FieldErrors, Unavailable
from bot.slack.text import clean
from bot.usecases.desk import Actor, NotInstalled
from bot.usecases.fields import Missing
from bot.usecases.handoffs.workflow_step import Step, Wish
from handlers.events import heard
from handlers.payloads import Body, team_of
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

CALLBACK = "start_handoff"
EXECUTION = re.compile(r"[A-Za-z0-9]{3,64}")
PERSON, PLACE = re.compile(r"[UW][A-Z0-9]{2,30}"), re.compile(r"[CG][A-Z0-9]{2,30}")

Word = TypeVar("Word", bound=StrEnum)


class NoPerson(Refusal):
    sentence = "That is nobody in Slack: choose a person in the workflow."


class NoPlace(Refusal):
    sentence = "That is no channel: choose one in the workflow."


class NoDay(Refusal):
    sentence = "That is no date: choose one in the workflow."


class NoText(Refusal):
    sentence = "That is no text: choose another variable in the workflow."


class NoneOfThem(Refusal):
    sentence = "Choose one of these: %(words)s."


def register(routes: Routes, bot: Bot) -> None:
    heard(routes, "function_executed", lambda body: _executed(bot, body))


def _executed(bot: Bot, body: Body) -> None:
    event = body["event"]
    if event["function"]["callback_id"] != CALLBACK:
        return  # of a version to come, or gone by
    team, step = team_of(body), _step(event)
    if bot.workflow.worked_off(team, step):
        return
    inputs = event.get("inputs")
    inputs = inputs if isinstance(inputs, Mapping) else {}
    try:
        bot.workflow.begin(team, step, wish_of(inputs))
    except (Unavailable, NotInstalled):
        raise  # Slack sends it again
    except BotError as error:
        locale = _locale(bot, team, inputs)
        fields = error.errors if isinstance(error, FieldErrors) else {"": error}
        bot.workflow.refuse(team, step, list(bot.screen.errors(fields, locale).items()), locale)


def _step(event: Mapping[str, Any]) -> Step:
    """Raises ValueError for an id that is none of Slack's: the event is refused."""
    number, token = event["function_execution_id"], event.get("bot_access_token")
    if not isinstance(number, str) or not EXECUTION.fullmatch(number):
        raise ValueError("this is no id of an execution")
    return Step(number, token if isinstance(token, str) and token.isascii() and token.isprintable() else None)


def _locale(bot: Bot, team: str, inputs: Mapping[str, Any]) -> str:
    """That of whoever reads the refusal."""
    runner = _runner(inputs)
    return bot.people.locale(Actor(team, runner)) if runner else "en"


def wish_of(inputs: Mapping[str, Any]) -> Wish:
    """What the inputs mean. Raises FieldErrors by input."""
    read = _Inputs(inputs)
    reason = read.word("reason", Reason)
    wish = {
        "account": read.text("account"),
        "outgoing": read.matching("outgoing", PERSON, NoPerson),
        "benefit": read.text("benefit"),
        "channel": read.matching("channel", PLACE, NoPlace),
        "incoming": read.matching("incoming", PERSON, NoPerson, needed=False),
        "last_day": read.day("last_day"),
        "sales_channel": read.word("sales_channel", SalesChannel, needed=False),
        "tier": read.word("tier", Tier, needed=False),
        "manager": read.matching("manager", PERSON, NoPerson, needed=False),
    }
    if read.errors or reason is None:
        raise FieldErrors(read.errors)
    return Wish(reason=reason, runner=_runner(inputs), **wish)  # type: ignore[arg-type]


def _runner(inputs: Mapping[str, Any]) -> str | None:
    """Whoever ran the workflow: Slack alone fills that in (`user_context`), and leaves it out where nobody did."""
    said = inputs.get("runner")
    found = said.get("id") if isinstance(said, Mapping) else None
    return found if isinstance(found, str) and PERSON.fullmatch(found) else None


class _Inputs:
    """Reads one input after the other, and keeps what is wrong, so that all of it can be told together."""

    def __init__(self, inputs: Mapping[str, Any]) -> None:
        self._inputs = inputs
        self.errors: dict[str, BotError] = {}

    def text(self, name: str) -> str:
        found = self._given(name, needed=True)
        if found is not None and not isinstance(found, str):
            self.errors[name] = NoText()
        elif found is not None and not trimmed(clean(found)):
            self.errors[name] = Missing()
        return " ".join(clean(found).split()) if isinstance(found, str) else ""

    def matching(self, name: str, pattern: re.Pattern[str], error: type[Refusal], *, needed: bool = True) -> str | None:
        found = self._given(name, needed=needed)
        if found is None:
            return None
        if isinstance(found, str) and pattern.fullmatch(found):
            return found
        self.errors[name] = error()
        return None

    def day(self, name: str) -> date | None:
        found = self._given(name, needed=False)
        try:
            return require_near(date.fromisoformat(found)) if found is not None else None
        except (TypeError, ValueError):
            self.errors[name] = NoDay()
        except TooFarOffDay as problem:
            self.errors[name] = problem
        return None

    def word(self, name: str, kind: type[Word], *, needed: bool = True) -> Word | None:
        """Also as people write it: "Stage move"."""
        found = self._given(name, needed=needed)
        if found is None:
            return None
        meant = "_".join(found.casefold().split()) if isinstance(found, str) else ""
        try:
            return kind(meant)
        except ValueError:
            self.errors[name] = NoneOfThem(words=", ".join(kind))
            return None

    def _given(self, name: str, *, needed: bool) -> Any:
        """None for what is left empty, which is an error where it is needed."""
        found = self._inputs.get(name)
        if found is None or found == "":
            if needed:
                self.errors[name] = Missing()
            return None
        return found
