"""The deals in the view of an account: added, changed, closed, corrected and reopened where no handoff does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.dossier import Fact
from handlers.account import (
    DEAL,
    account_of,
    ask_for,
    put,
    redraw_list,
    redraw_what_is_below,
    said_in_the_list,
    under_the_first,
    which,
)
from handlers.answering import answering
from handlers.deal_forms import close_in, deal_in
from handlers.payloads import Body, Form, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("account.deal_menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer, said_in_the_list(answer, DEAL):
            data, account_id = clicked(body), account_of(answer)
            do, deal = word(data, "do"), number(data, "n")
            if do == "reopen":
                bot.dossier.deals.reopen(answer.actor, account_id, deal, number(data, "v"))
                redraw_list(answer, DEAL)
            elif do in ("close", "correct"):
                form = bot.dossier.deals.closing(answer.actor, account_id, deal, again=do == "correct")
                put(answer, "views/account/close", form)
            else:
                ask_for(answer, account_id, DEAL, deal)

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

    def closing(callback_id: str, *, again: bool) -> None:
        @routes.view(callback_id)
        def send(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer, under_the_first(answer):
                form = Form.of(body)
                account_id, deal, version = (number(form.data, name) for name in ("account", "n", "v"))
                work = bot.dossier.deals.correct if again else bot.dossier.deals.close
                work(answer.actor, account_id, deal, close_in(form), version)
                redraw_what_is_below(answer, form)

    closing("account.close", again=False)
    closing("account.correct", again=True)
