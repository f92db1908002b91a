"""Deals in flight and what they pay: the list, what it leads to, the signatures, the file for finance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.checklist import ChecklistItem
from bot.domain.commission import TermsChanged
from bot.domain.rules import PayMode
from bot.domain.vocabulary import StepForm
from handlers import deal_forms
from handlers.answering import Answer, answering
from handlers.deals_shown import DEALS, SHOWN, drawn, here, item_in, open_deals
from handlers.payloads import Body, StaleButton, clicked, number, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("deals.open")
    def deals(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            open_deals(answer, handoff_id=number(clicked(body), "handoff"))

    @routes.action("deal.add")
    def add(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _ask_for_a_deal(answer, None)

    @routes.action("deal.menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            wish = _MENU.get(word(data, "do"))
            if wish is None:
                raise StaleButton()
            wish(answer, number(data, "deal"))

    @routes.action("terms.sign")
    def sign(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            _sign(answer, number(data, "terms"), number(data, "v"))

    deal_forms.register(routes, bot)


def ask(answer: Answer, rest: str) -> None:
    """`/handoff deals ACCOUNT`; alone, what finance gets."""
    if rest:
        open_deals(answer, query=rest)
    else:
        answer.open("views/commission/pay_file", view=answer.bot.deal_desk.pay.view(answer.actor), today=answer.today)


def list_deals(answer: Answer, item: ChecklistItem) -> None:
    """The step that lists what is in flight."""
    open_deals(answer, handoff_id=item.handoff_id, form=StepForm.DEALS, item_id=item.id)


def share_deals(answer: Answer, item: ChecklistItem) -> None:
    """The step that agrees on the shares; or the notice that a window ends."""
    draft = answer.bot.deal_desk.terms.ending(answer.actor, item.id)
    if draft is None:
        open_deals(answer, handoff_id=item.handoff_id, form=StepForm.TERMS, item_id=item.id)
    else:
        answer.open("views/commission/ending", draft=draft, today=answer.today)


def write_down_work(answer: Answer, item: ChecklistItem) -> None:
    """The step that asks what somebody did."""
    draft = answer.bot.deal_desk.log.draft(answer.actor, item.handoff_id, item_id=item.id)
    answer.open("views/commission/work", draft=draft, below=None, today=answer.today)


FORMS = {StepForm.DEALS: list_deals, StepForm.TERMS: share_deals, StepForm.WORK_LOG: write_down_work}


def _ask_for_a_deal(answer: Answer, deal_id: int | None) -> None:
    below = here(answer)
    view = answer.bot.deal_desk.deals.view(answer.actor, number(below, "handoff"), item_id=item_in(below))
    line = next((one for one in view.lines if one.deal.id == deal_id), None)
    if deal_id is not None and line is None:
        raise StaleButton()
    deal = line.deal if line else None
    usual = view.lines[-1].deal.currency if view.lines else ""
    answer.open(
        "views/commission/deal",
        handoff=view.handoff,
        deal=deal,
        second=line.second if line else None,
        amount=deal.amount.plain if deal and deal.amount else None,
        currency=deal.currency if deal else usual,
        below=below,
    )


def _ask_for_terms(answer: Answer, deal_id: int) -> None:
    below = here(answer)
    draft = answer.bot.deal_desk.terms.draft(answer.actor, number(below, "handoff"), deal_id)
    shares = (draft.outgoing_bp, draft.incoming_bp) if draft.mode is PayMode.SHARED else (None, None)
    rate, outgoing, incoming = (_percent(bp) for bp in (draft.rate_bp, *shares))
    answer.open(
        "views/commission/terms",
        draft=draft, rate=rate, outgoing=outgoing, incoming=incoming, below=below, today=answer.today,
    )  # fmt: skip


def _ask_how_it_ended(answer: Answer, deal_id: int) -> None:
    below = here(answer)
    deals = answer.bot.deal_desk.deals
    handoff, deal = deals.one(answer.actor, number(below, "handoff"), deal_id, item_in(below))
    amount = deal.closed or deal.amount
    on = deal.closed_on or deals.today(answer.actor)
    answer.open(
        "views/commission/close",
        handoff=handoff, deal=deal, amount=amount.plain if amount else None, on=on, below=below,
    )  # fmt: skip


def _ask_what_was_done(answer: Answer, deal_id: int) -> None:
    below = here(answer)
    draft = answer.bot.deal_desk.log.draft(answer.actor, number(below, "handoff"), deal_id)
    answer.open("views/commission/work", draft=draft, below=below, today=answer.today)


def _ask_to_decide(answer: Answer, deal_id: int) -> None:
    below = here(answer)
    view = answer.bot.deal_desk.deals.view(answer.actor, number(below, "handoff"), item_id=item_in(below))
    line = next((one for one in view.lines if one.deal.id == deal_id and one.agreement is not None), None)
    if line is None:
        raise StaleButton()
    answer.open("views/commission/decide", view=view, line=line, below=below, today=answer.today)


def _reopen(answer: Answer, deal_id: int) -> None:
    below = here(answer)
    answer.bot.deal_desk.settling.reopen(answer.actor, number(below, "handoff"), deal_id)
    answer.fill(DEALS, **drawn(answer, below))


_MENU: Mapping[str, Callable[[Answer, int], None]] = {
    "edit": _ask_for_a_deal,
    "terms": _ask_for_terms,
    "log": _ask_what_was_done,
    "close": _ask_how_it_ended,
    "reopen": _reopen,
    "decide": _ask_to_decide,
}


def _sign(answer: Answer, commission_id: int, version: int) -> None:
    """An older version is refused, and the terms that stand now are shown."""
    inside = (answer.body.get("view") or {}).get("callback_id") in SHOWN
    terms = answer.bot.deal_desk.terms
    try:
        terms.sign(answer.actor, commission_id, version)
    except TermsChanged as told:
        changed = str(told.values["deal"])
        if inside:
            answer.fill(DEALS, **drawn(answer, here(answer), changed))
        else:
            open_deals(answer, handoff_id=terms.handoff_of(answer.actor, commission_id), changed=changed)
        return
    if inside:
        answer.fill(DEALS, **drawn(answer, here(answer)))


def _percent(bp: int | None) -> str | None:
    return None if bp is None else f"{(Decimal(bp) / 100).normalize():f}"
