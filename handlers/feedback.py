"""Answers of credit, warranty, marketing and others: one tap, a note, nothing to report, ask someone else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.pack import Pack
from bot.domain.permissions import Action
from bot.errors import FieldErrors
from bot.usecases.feedback.feedback import field_of
from bot.usecases.fields import Missing
from handlers.answering import Answer, answering, under
from handlers.payloads import Body, Form, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

ANSWER = re.compile(r"answer\.tap\.\d+")
"""One button per option: Slack wants different action_ids in one row; what was tapped is in the value."""


def register(routes: Routes, bot: Bot) -> None:
    @routes.action(ANSWER)
    def tap(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            bot.feedback.answer(answer.actor, number(data, "request"), word(data, "q"), word(data, "a"))

    @routes.action("answer.nothing")
    def nothing(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.feedback.nothing_to_report(answer.actor, number(clicked(body), "request"))

    @routes.action("answer.note")
    def note(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _open(answer, "views/note")

    @routes.action("answer.redirect")
    def redirect(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _open(answer, "views/redirect", Action.REDIRECT)

    def sent(callback_id: str, field: str, work: Callable[[Answer, Form], None]) -> None:
        @routes.view(callback_id)
        def send(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer, under(field):
                work(answer, Form.of(body))

    sent("answer.note", "note", _send_note)
    sent("answer.redirect", "to", _send_redirect)


def _open(answer: Answer, template: str, action: Action = Action.ANSWER) -> None:
    """The form about one request, for whoever may answer it, or pass it on."""
    request = answer.bot.feedback.request(answer.actor, number(clicked(answer.body), "request"), action)
    answer.open(template, request=request, pack=Pack.from_dict(request.pack))


def _send_note(answer: Answer, form: Form) -> None:
    request_id = number(form.data, "request")
    pack = Pack.from_dict(answer.bot.feedback.request(answer.actor, request_id).pack)
    fields = {one.key: field_of(one.key) for one in pack.questions}
    values = {key: form.chosen(name) or form.text(name) for key, name in fields.items()}
    answer.bot.feedback.note(answer.actor, request_id, values, form.text("note"))


def _send_redirect(answer: Answer, form: Form) -> None:
    to = form.person("to")
    if to is None:
        raise FieldErrors({"to": Missing()})
    answer.bot.feedback.redirect(answer.actor, number(form.data, "request"), to)
