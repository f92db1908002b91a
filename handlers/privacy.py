"""/handoff me and /handoff erase: what is stored about somebody, to see, to take along, and to erase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.errors import BotError, FieldErrors
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, mentioned, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


class WhoIsIt(BotError):
    """A word that needs a person was typed alone."""

    def __init__(self) -> None:
        super().__init__("Whom? Type `/handoff erase` and their @name.")


class NotConfirmed(BotError):
    def __init__(self) -> None:
        super().__init__("Tick this first.")


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("about.me")
    def me(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            show(answer)

    @routes.view("about.erase")
    def erase(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            if not form.all_chosen("sure"):
                raise FieldErrors({"sure": NotConfirmed()})
            answer.fill("views/erased", erased=bot.privacy.erase(answer.actor, word(form.data, "of")))


def show(answer: Answer, _typed: str = "") -> None:
    """What is stored about whoever asks."""
    answer.open("views/about", view=answer.bot.privacy.about(answer.actor))


def ask(answer: Answer, typed: str) -> None:
    """What is stored about the person who is mentioned, and whether to erase them."""
    who = mentioned(typed)
    if who is None:
        raise WhoIsIt()
    answer.open("views/about", view=answer.bot.privacy.about(answer.actor, who))
