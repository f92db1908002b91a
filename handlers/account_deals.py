"""The deals in the view of an account: added, changed, and closed where no handoff does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.dossier import Fact
from handlers.account import DEAL, account_of, ask_for, put, redraw_what_is_below, under_the_first, which
from handlers.answering import answering
from handlers.deal_forms import close_in, deal_in
from handlers.payloads import Body, Form, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("account.deal_menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data, account_id = clicked(body), account_of(answer)
            if word(data, "do") == "close":
                form = bot.dossier.deals.closing(answer.actor, account_id, number(data, "n"))
                put(answer, "views/account/close", form)
            else:
                ask_for(answer, account_id, DEAL, number(data, "n"))

    @routes.view("account.deal")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under_the_first(answer):
            form = Form.of(body)
            account_id = number(form.data, "account")
            if form.all_chosen("none"):
                bot.dossier.things.deny(answer.actor, account_id, Fact.DEALS)
            else:
                bot.dossier.deals.save(answer.actor, account_id, deal_in(form), *which(form))
            redraw_what_is_below(answer, form)

    @routes.view("account.close")
    def close(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, under_the_first(answer):
            form = Form.of(body)
            deal, version = number(form.data, "n"), number(form.data, "v")
            bot.dossier.deals.close(answer.actor, number(form.data, "account"), deal, close_in(form), version)
            redraw_what_is_below(answer, form)
