"""What the forms about deals and commissions send."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.commission import Decision
from bot.domain.rules import PayMode
from bot.domain.vocabulary import StepForm
from bot.errors import FieldErrors
from bot.usecases.deals.commission import TermsForm
from bot.usecases.deals.deals import DealForm
from bot.usecases.deals.settling import CloseForm
from bot.usecases.fields import Missing
from handlers.answering import Answer, answering, under
from handlers.deals_shown import below_of, item_in, redraw_below
from handlers.payloads import Body, Form, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    def sent(callback_id: str, work: Callable[[Answer, Form], None]) -> None:
        @routes.view(callback_id)
        def send(ack: Ack, respond: Respond, body: Body) -> None:
            with answering(bot, ack, respond, body) as answer:
                form = Form.of(body)
                work(answer, form)
                redraw_below(answer, form)

    sent("deals.done", _finish)
    sent("deal.save", _save)
    sent("deal.close", _close)
    sent("deal.decide", _decide)
    sent("terms.save", _propose)
    sent("terms.end", _end)
    sent("work.save", _record)


def deal_in(form: Form) -> DealForm:
    """A deal, as its form says it: of a handoff, or in the view of an account."""
    return DealForm(
        form.text("name"), form.text("amount"), form.text("currency"), form.day("expected_close"),
        form.text("stage"), form.person("second"), form.text("source"),
    )  # fmt: skip


def close_in(form: Form) -> CloseForm:
    """How a deal ended, as both forms say it."""
    won = form.chosen("outcome") != "lost"
    return CloseForm(won, form.text("amount"), form.day("on"), form.text("currency"))


def _finish(answer: Answer, form: Form) -> None:
    item, kind = number(form.data, "item"), word(form.data, "form")
    if kind == StepForm.TERMS:
        answer.bot.deal_desk.terms.finish(answer.actor, item)
    else:
        answer.bot.deal_desk.deals.finish(answer.actor, item)


def _save(answer: Answer, form: Form) -> None:
    deal, version = form.data.get("deal"), form.data.get("v")
    if deal is not None:
        deal, version = number(form.data, "deal"), number(form.data, "v")
    step = item_in(below_of(form))
    answer.bot.deal_desk.deals.save(answer.actor, _handoff(form), deal_in(form), deal, version, step)


def _close(answer: Answer, form: Form) -> None:
    deal, version = number(form.data, "deal"), number(form.data, "v")
    answer.bot.deal_desk.settling.close(answer.actor, _handoff(form), deal, close_in(form), version)


def _decide(answer: Answer, form: Form) -> None:
    chosen = form.chosen("decision")
    if chosen not in list(Decision):
        raise FieldErrors({"decision": Missing()})
    with under("reason"):
        deal = number(form.data, "deal")
        answer.bot.deal_desk.settling.decide(answer.actor, _handoff(form), deal, Decision(chosen), form.text("reason"))


def _propose(answer: Answer, form: Form) -> None:
    mode = form.chosen("mode")
    if mode not in list(PayMode):
        raise FieldErrors({"mode": Missing()})
    typed = TermsForm(PayMode(mode), form.text("rate"), form.text("outgoing"), form.text("incoming"), form.day("until"))
    version = number(form.data, "v") if form.data.get("v") is not None else None
    answer.bot.deal_desk.terms.propose(answer.actor, _handoff(form), number(form.data, "deal"), typed, version)


def _end(answer: Answer, form: Form) -> None:
    choice = form.chosen("choice")
    if choice is None:
        raise FieldErrors({"choice": Missing()})
    step, version = number(form.data, "step"), number(form.data, "v")
    answer.bot.deal_desk.terms.end(answer.actor, step, form.day("until"), version, keep=choice == "keep")


def _record(answer: Answer, form: Form) -> None:
    item = number(form.data, "log_item") if form.data.get("log_item") is not None else None
    deals = form.numbers("deals")
    answer.bot.deal_desk.log.write(answer.actor, _handoff(form), deals, form.day("day"), form.text("what"), item)


def _handoff(form: Form) -> int:
    return number(form.data, "handoff")
