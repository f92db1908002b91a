"""/handoff territory: plan how many accounts change hands, see it, set it going, and steer it from the board."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slack_bolt import Ack, Respond

from bot.domain.imports.report import FileRefused
from bot.domain.vocabulary import Reason
from bot.errors import FieldErrors
from bot.slack.shared_file import FileUnusable, NotFetched, SharedFile
from bot.usecases.territory.form import EVERY, PER_WAVE, RunForm
from bot.usecases.territory.listed import Listed
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form, clicked, number, team_of, word
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

LIST = re.compile(r"territory\.list(\.\w+)?")


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("territory.open")
    def open_form(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            _form(answer)

    @routes.view("territory.plan")
    def plan(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            view = bot.territory.plans.draft(answer.actor, _sent(form, _listed(bot, form, team_of(body))))
            file = bot.territory.file.link(answer.actor, view.run.id)
            answer.fill("views/territory/plan", view=view, file=file, today=view.today)

    @routes.view("territory.confirm")
    def confirm(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = Form.of(body).data
            run = bot.territory.plans.confirm(answer.actor, number(data, "run"), number(data, "version"))
            answer.fill("views/territory/started", run=run)

    @routes.action(LIST)
    def lines(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            run, first = number(data, "run"), number(data, "from") if "from" in data else None
            found = bot.territory.runs.list(answer.actor, run, first or 0)
            file = bot.territory.file.link(answer.actor, run)
            show = answer.open if first is None else answer.fill
            show("views/territory/lines", list=found, file=file, today=found.view.today)

    _steering(routes, bot)


def _steering(routes: Routes, bot: Bot) -> None:
    @routes.action("territory.pause")
    def pause(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.territory.runs.pause(answer.actor, number(clicked(body), "run"))

    @routes.action("territory.resume")
    def resume(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            bot.territory.runs.resume(answer.actor, number(clicked(body), "run"))

    @routes.action("territory.menu")
    def menu(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            data = clicked(body)
            do = word(data, "do")
            template = do if do in ("cancel", "move") else "reassign"
            answer.open(f"views/territory/{template}", view=bot.territory.runs.view(answer.actor, number(data, "run")))

    routes.action("territory.move")(menu)  # of two buttons in one row, each has its own name

    @routes.view("territory.move")
    def move(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            run, was = number(form.data, "run"), word(form.data, "was")
            answer.fill(
                "views/territory/moved", view=bot.territory.moving(answer.actor, run, form.place("channel"), was)
            )

    @routes.view("territory.reassign")
    def reassign(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            run, to = number(form.data, "run"), form.person("to")
            _, count = bot.territory.runs.reassign(answer.actor, run, form.person("from"), to)
            answer.fill("views/territory/reassigned", count=count, to=to)

    @routes.view("territory.cancel")
    def cancel(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            open_ones = bool(form.all_chosen("open"))
            bot.territory.runs.cancel(answer.actor, number(form.data, "run"), form.text("reason"), open_ones=open_ones)


def ask(answer: Answer, _typed: str = "") -> None:
    """The runs there are; where there are none, the form at once."""
    found = answer.bot.territory.runs.latest(answer.actor)
    if found:
        answer.open("views/territory/runs", runs=found)
    else:
        _form(answer)


def _form(answer: Answer) -> None:
    answer.bot.territory.plans.may(answer.actor)
    answer.open("views/territory/form", per_wave=PER_WAVE, every=EVERY, today=answer.today)


def _listed(bot: Bot, form: Form, team_id: str) -> list[Listed] | None:
    """What stands in the file that was given; None without one."""
    files = form.values.get("listed", {}).get("files") or []
    if not files or not isinstance(files[0], dict):
        return None
    try:
        return bot.territory.lists.fetch(SharedFile.read(files[0]), team_id)
    except (FileUnusable, FileRefused, NotFetched) as problem:
        raise FieldErrors({"listed": problem}) from problem


def _sent(form: Form, listed: list[Listed] | None) -> RunForm:
    reason = form.chosen("reason")
    return RunForm(
        title=form.text("title"),
        book=form.person("book"),
        reason=Reason(reason) if reason in set(Reason) else None,
        benefit=form.text("benefit"),
        last_day=form.day("last_day"),
        assign=form.chosen("assign"),
        reps=form.people("reps"),
        channel=form.place("channel"),
        first_on=form.day("first_on"),
        per_wave=form.text("per_wave"),
        every=form.text("every"),
        brief_tiers=form.all_chosen("brief_tiers"),
        listed=listed,
    )
