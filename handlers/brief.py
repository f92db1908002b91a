"""/handoff brief: the brief in a modal, page by page; "I have read this"; versions; the step that reading finishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.usecases.brief.brief import BriefView
from handlers import support
from handlers.answering import Answer, answering
from handlers.payloads import Body, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("handoff.brief")
    def brief(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _open(answer, bot.briefs.look(answer.actor, number(clicked(body), "handoff")))

    def turn(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _turn(answer)

    for name in ("next", "before"):
        routes.action(f"brief.{name}")(turn)

    @routes.action("brief.read")
    def read(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            handoff, page = number(data, "handoff"), number(data, "page")
            _fill(answer, bot.briefs.read(answer.actor, handoff, word(data, "section"), word(data, "digest"), page))

    @routes.action("brief.keep")
    def keep(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _fill(answer, bot.briefs.keep(answer.actor, number(data, "handoff"), number(data, "page")))

    @routes.action("brief.attest")
    def attest(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            support.ask_what_was_done(answer, bot.checklist.item(answer.actor, number(clicked(body), "item")))


def show(answer: Answer, query: str) -> None:
    """`/handoff brief ACME`."""
    _open(answer, answer.bot.briefs.look(answer.actor, query=query))


def _turn(answer: Answer) -> None:
    """The page whose number the button has, of a handoff's brief or of an account's."""
    data = clicked(answer.body)
    handoff, page = number(data, "handoff"), number(data, "page")
    if handoff:
        _fill(answer, answer.bot.briefs.look(answer.actor, handoff, page=page))
    else:
        _fill(answer, answer.bot.briefs.of_account(answer.actor, number(data, "account"), page))


def _open(answer: Answer, found: BriefView) -> None:
    answer.open("views/brief", brief=found, today=found.today)


def _fill(answer: Answer, found: BriefView) -> None:
    answer.fill("views/brief", brief=found, today=found.today)
