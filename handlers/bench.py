"""The managers' list of who could come in: look, add, change, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.usecases.coverage.bench import EntryForm
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, clicked, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("bench.open")
    def open_list(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            answer.open("views/bench", entries=bot.coverage.bench.list(answer.actor))

    @routes.action("bench.add")
    def add(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.coverage.bench.list(answer.actor)  # who may not see it may not add to it, and hears so now
            answer.open("views/bench_entry", entry=None)

    @routes.action("bench.edit")
    def edit(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            answer.open(
                "views/bench_entry", entry=bot.coverage.bench.entry(answer.actor, number(clicked(body), "entry"))
            )

    @routes.action("bench.remove")
    def remove(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.coverage.bench.remove(answer.actor, number(clicked(body), "entry"))
            answer.fill("views/bench", entries=bot.coverage.bench.list(answer.actor))

    @routes.view("bench.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            texts = {
                name: form.text(name) for name in ("name", "source", "territory", "experience", "languages", "note")
            }
            entry = number(form.data, "entry") if "entry" in form.data else None
            version = number(form.data, "version") if "version" in form.data else 0
            bot.coverage.bench.save(answer.actor, EntryForm(form.person("person"), **texts), entry, version)
            _redraw_below(answer)


def _redraw_below(answer: Answer) -> None:
    """The list from which the form was opened shows what it changed."""
    below = answer.body["view"].get("previous_view_id")
    if below:
        entries = answer.bot.coverage.bench.list(answer.actor)
        answer.bot.screen.update_modal(below, "views/bench", answer.locale, entries=entries)
