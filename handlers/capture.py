"""Capture: `/handoff note`, the shortcut on a message, and the form; what can still be said about what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.dossier import EntryKind
from bot.domain.refusals import TooLong
from bot.slack.filters import compact_json
from bot.slack.limits import BUTTON_VALUE
from bot.slack.rendered import Unfit
from bot.slack.text import packed
from bot.slack.unmarked import mentioned, unmarked
from bot.slack.wording import opened
from bot.usecases.accounts.capture import Choose, Said, Sent
from bot.usecases.accounts.keeping import Captured
from handlers import gate
from handlers.answering import Answer, answering
from handlers.messages import said_in, words_of
from handlers.payloads import Body, Form, StaleButton, actor_of, clicked, number, word
from handlers.routes import Routes
from handlers.start_form import account_option

if TYPE_CHECKING:
    from bot.app import Bot

PIECE, PIECES = 2900, 3
"""How much of a text one block takes, and how many such blocks one message: Slack would cut more than that."""


def register(routes: Routes, bot: Bot) -> None:
    @routes.shortcut("handoff.save")
    def save_message(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            words = words_of(body, bot.capture.own_id(answer.actor))
            _show(answer, said_in(body, unmarked(words, _names(answer, words))))

    @routes.options("capture.account")
    def accounts(ack: Ack, body: Body) -> None:
        found = bot.accounts.complete(actor_of(body), str(body.get("value") or ""))
        ack(options=bot.screen.options(map(account_option, found.found)))

    @routes.view("capture.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            if "entry" in form.data:
                bot.capture.entries.edit(answer.actor, number(form.data, "entry"), _sent(form))
                return
            answer.fill("views/captured", captured=bot.capture.notes.save(answer.actor, _sent(form)))
            gate.redraw_below(answer, form)

    @routes.action("capture.open")
    def open_form(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            text = str(data.get("text") or "")
            _show(answer, Said(text), number(data, "account") if "account" in data else None, bool(data.get("talked")))

    @routes.action("capture.of")
    def chosen(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            account, text = number(data, "account"), word(data, "text")
            if not text:
                _show(answer, Said(), account)
                return
            known = bot.screen.kind_words(answer.locale)
            _confirm(answer, bot.capture.notes.note_of(answer.actor, account, text, known), again=True)

    _afterwards(routes, bot)


def note(answer: Answer, text: str) -> None:
    """`/handoff note Acme called, wants quote by Friday`; alone it opens the form."""
    if not text:
        _show(answer, Said())
        return
    try:
        found = answer.bot.capture.notes.note(answer.actor, text, answer.bot.screen.kind_words(answer.locale))
    except TooLong as problem:
        _give_back(answer, text, problem)
        return
    if isinstance(found, Captured):
        _confirm(answer, found)
    elif _fits(found) and found.text:
        answer.say("messages/private/which_account", choose=found)
    else:
        only = found.accounts[0].id if len(found.accounts) == 1 and not found.nearest else None
        _show(answer, Said(found.text), only)


def ask(answer: Answer, account_id: int, below: Any = None) -> None:
    """The form for a line about that account; `below`: the view that follows what is said there."""
    _show(answer, Said(), account_id, below=below)


def _afterwards(routes: Routes, bot: Bot) -> None:
    @routes.action("entry.kind")
    def kind(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            chosen = word(data, "k")
            if chosen not in {one.value for one in EntryKind}:
                raise StaleButton()
            changed = bot.capture.entries.change(answer.actor, number(data, "e"), kind=EntryKind(chosen))
            _confirm(answer, changed, again=True)

    @routes.action("entry.yesterday")
    def yesterday(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            day = bot.capture.today(answer.actor) - timedelta(days=1)
            changed = bot.capture.entries.change(answer.actor, number(clicked(body), "entry"), day=day)
            _confirm(answer, changed, again=True)

    @routes.action("entry.undo")
    def undo(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _confirm(answer, bot.capture.entries.remove(answer.actor, number(clicked(body), "entry")), again=True)

    @routes.action("entry.tell")
    def tell(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            told = bot.capture.entries.tell(answer.actor, number(clicked(body), "entry"))
            if answer.body.get("response_url"):
                _confirm(answer, told, again=True)
            else:
                answer.fill("views/captured", captured=told)


def _show(answer: Answer, said: Said, account_id: int | None = None, talked: bool = False, below: Any = None) -> None:
    """The form: a waiting view first, because the trigger lives for three seconds only."""

    def fill() -> None:
        known = answer.bot.screen.kind_words(answer.locale)
        form = answer.bot.capture.notes.form(answer.actor, known, said, account_id)
        answer.fill("views/capture", form=replace(form, talked=talked and form.fixed), below=below)

    answer.open("views/loading")
    answer.then(fill)


def _confirm(answer: Answer, captured: Captured, again: bool = False) -> None:
    answer.say("messages/private/captured", in_place=again, captured=captured, today=captured.today)


def _give_back(answer: Answer, text: str, problem: TooLong) -> None:
    """What somebody typed stands nowhere else by now: they get all of it, in as many private answers as it takes."""
    pieces = packed([text], PIECE)
    sentence = answer.bot.screen.sentence(problem, answer.locale)
    if len(pieces) > PIECES:
        answer.acknowledge()  # else the first of several might come last
    for begin in range(0, len(pieces), PIECES):
        answer.say(
            "messages/private/given_back", sentence=sentence, pieces=pieces[begin : begin + PIECES], first=begin == 0
        )


def _fits(choose: Choose) -> bool:
    """Whether a button can keep the whole text."""
    try:
        compact_json({"account": 10**18, "text": choose.text}, BUTTON_VALUE)
    except Unfit:
        return False
    return True


def _names(answer: Answer, text: str) -> Mapping[str, str]:
    people = mentioned(text)
    return answer.bot.capture.notes.names(answer.actor, people) if people else {}


def _sent(form: Form) -> Sent:
    account: Any = opened(form.chosen("capture.account")).get("id", form.data.get("account"))
    return Sent(
        account_id=account if isinstance(account, int) and not isinstance(account, bool) else None,
        kind=form.chosen("kind"),
        day=form.day("day"),
        text=form.text("text"),
        key=str(form.data.get("key") or ""),
        link=str(form.data.get("link") or ""),
    )
