"""App Home: drawn by the courier once somebody has opened it, and kept current from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from handlers.answering import answering
from handlers.events import heard
from handlers.payloads import Body, actor_of, clicked, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("home.help")
    def help_me(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            answer.open("views/help")

    @routes.action("home.nudges")
    def my_reminders(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            view = bot.forecasts(answer.actor)
            answer.open("views/nudge/coming", view=view, today=view.today)

    @routes.action("letter.retry")
    def try_again(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.resend(answer.actor, number(clicked(body), "letter"))

    heard(routes, "app_home_opened", lambda body: _opened(bot, body))


def _opened(bot: Bot, body: Body) -> None:
    if body["event"].get("tab") == "home":
        bot.overview.opened_home(actor_of(body))
