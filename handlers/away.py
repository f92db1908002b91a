"""/handoff away: when somebody is away and who stands in; and when they are reminded otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.usecases.nudges.hours import HoursForm
from handlers import countries
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, clicked, day_of, mentioned, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

COUNTRY = "hours.country"


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("away.open")
    def open_form(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            ask(answer)

    @routes.view("away.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            of = word(form.data, "of")
            leave = bot.away.add(answer.actor, form.day("from"), form.day("until"), form.person("delegate"), of)
            answer.fill("views/away_saved", leave=leave, own=of == answer.actor.user_id, today=answer.today)

    @routes.action("away.remove")
    def remove(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            days = (day_of(word(data, "from")), day_of(word(data, "until")))
            _show(answer, bot.away.remove(answer.actor, *days, word(data, "of")))

    @routes.action("away.back")
    def back(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _show(answer, bot.away.back(answer.actor, word(clicked(body), "of")))

    _hours(routes, bot)


def ask(answer: Answer, typed: str = "") -> None:
    """The form: one's own, or that of whoever is mentioned after the word."""
    view = answer.bot.away.view(answer.actor, mentioned(typed))
    answer.open("views/away", view=view, today=answer.today)


def _show(answer: Answer, view: object) -> None:
    """The form as it is now; on Home nothing is open, and Home draws itself."""
    if (answer.body.get("view") or {}).get("type") == "modal":
        answer.fill("views/away", view=view, today=answer.today)


def _hours(routes: Routes, bot: Bot) -> None:
    @routes.action("hours.open")
    def open_hours(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            hours = bot.hours.view(answer.actor)
            answer.open("views/hours", hours=hours, country=countries.named(hours.country, answer.locale))

    @routes.options(COUNTRY)
    def search(ack: Ack, body: Body) -> None:
        ack(options=countries.offered(bot, body))

    @routes.view("hours.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            hours = HoursForm(
                frozenset(form.numbers("week")),
                form.number("opens"),
                form.number("closes"),
                countries.chosen(form, COUNTRY),
                form.person("chief"),
            )
            bot.hours.save(answer.actor, hours)
