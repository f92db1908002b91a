"""The managers' watch list: look, add, change, close, prepare quietly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.vocabulary import Reason
from bot.usecases.leaving.quietly import QuietForm
from bot.usecases.leaving.watching import WatchForm
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, clicked, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("watch.open")
    def open_list(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            show(answer, "")

    @routes.action("watch.add")
    def add(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.watching.may_add(answer.actor)
            answer.open("views/form/watch", entry=None)

    @routes.action("watch.edit")
    def edit(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            answer.open("views/form/watch", entry=bot.watching.entry(answer.actor, number(clicked(body), "entry")))

    @routes.action("watch.close")
    def close(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.watching.close(answer.actor, number(clicked(body), "entry"))
            answer.fill("views/watch", entries=bot.watching.list(answer.actor), today=answer.today)

    @routes.action("watch.prepare")
    def prepare(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            answer.open("views/form/quietly", entry=bot.watching.entry(answer.actor, number(clicked(body), "entry")))

    @routes.view("watch.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            entry = number(form.data, "entry") if "entry" in form.data else None
            version = number(form.data, "version") if "version" in form.data else 0
            sent = WatchForm(
                person=form.person("person"),
                signals=form.all_chosen("signals"),
                offered=form.all_chosen("offered"),
                follow_up=form.day("follow_up"),
                note=form.text("note"),
            )
            bot.watching.save(answer.actor, sent, entry, version)
            _redraw_below(answer)

    @routes.view("watch.quietly")
    def quietly(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            chosen = form.chosen("reason")
            reason = Reason(chosen) if chosen in {one.value for one in Reason} else None
            sent = QuietForm(reason, form.text("benefit"), form.place("channel"))
            done = bot.quietly(answer.actor, number(form.data, "entry"), sent)
            left = [(one.account.name, bot.screen.sentence(one.why, answer.locale)) for one in done.left]
            answer.fill("views/prepared", done=done, left=left)
            _redraw_below(answer)


def show(answer: Answer, _rest: str) -> None:
    """/handoff watch."""
    answer.open("views/watch", entries=answer.bot.watching.list(answer.actor), today=answer.today)


def _redraw_below(answer: Answer) -> None:
    """The list from which the form was opened shows what it changed."""
    below = answer.body["view"].get("previous_view_id")
    if below:
        entries = answer.bot.watching.list(answer.actor)
        answer.bot.screen.update_modal(below, "views/watch", answer.locale, entries=entries, today=answer.today)
