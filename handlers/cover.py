"""Who looks after what: /handoff cover, the form that changes it, "I'll cover" and its confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.checklist import ChecklistItem
from bot.domain.vocabulary import StepForm
from bot.usecases.coverage.coverage import CoverForm, Wish
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, StaleButton, clicked, number
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("cover.list")
    def everything(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            covers = bot.coverage.views.list(answer.actor)
            answer.open("views/covers", covers=covers, today=covers.today)

    @routes.action("cover.open")
    def open_form(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _ask(answer, number(clicked(body), "account"))

    @routes.action("cover.claim")
    def claim(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            account_id = number(clicked(body), "account")
            holds = bot.coverage.changes.claim(answer.actor, account_id)
            _redraw(answer, holds=holds)

    @routes.action("cover.confirm")
    def confirm(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            bot.coverage.changes.confirm(answer.actor, number(data, "account"), number(data, "person"))
            _redraw(answer, holds=True)

    @routes.view("cover.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            wish = form.chosen("wish") or Wish.COVER.value
            if wish not in {one.value for one in Wish}:
                raise StaleButton()
            item_id = number(form.data, "item") if "item" in form.data else None
            anyway = "yes" in form.all_chosen("anyway")
            wanted = CoverForm(Wish(wish), form.person("person"), form.day("first"), form.day("last"), anyway)
            bot.coverage.changes.change(answer.actor, number(form.data, "account"), wanted, item_id)


def show(answer: Answer, rest: str) -> None:
    """/handoff cover, with or without an account."""
    if not rest:
        covers = answer.bot.coverage.views.list(answer.actor)
        answer.say("messages/private/covers", covers=covers, today=covers.today)
        return
    now, may = answer.bot.coverage.views.account(answer.actor, rest)
    if may:
        _ask(answer, now.account.id)
    else:
        answer.say("messages/private/cover", cover=now, today=now.today)


def asked_by(answer: Answer, item: ChecklistItem) -> None:
    """The form of a step that asks for a cover, or what becomes of one."""
    account_id = answer.bot.overview.handoff(answer.actor, item.handoff_id).account_id
    _ask(answer, account_id, item.id)


def _ask(answer: Answer, account_id: int, item_id: int | None = None) -> None:
    form = answer.bot.coverage.views.form(answer.actor, account_id, item_id)
    answer.open("views/cover", form=form, today=form.now.today)


def _redraw(answer: Answer, *, holds: bool) -> None:
    """The list in which somebody clicked; in a channel, a word to whoever offered."""
    view = answer.body.get("view") or {}
    if view.get("callback_id") == "cover.list":
        covers = answer.bot.coverage.views.list(answer.actor)
        answer.fill("views/covers", covers=covers, today=covers.today)
    elif not holds and view.get("type") != "home":
        answer.say("messages/private/offered")


FORMS = {StepForm.COVER: asked_by, StepForm.COVER_END: asked_by}
