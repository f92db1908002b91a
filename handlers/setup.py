"""/handoff setup: who answers for what and how soon, who the managers are, and how people are reminded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slack_bolt import Ack, Respond

from bot.domain.reminding import DAILY_CAP
from bot.slack.wording import opened
from bot.usecases.workspace.setup import ANSWER_DAYS, CAPS, SetupView, Stakeholder
from handlers import countries
from handlers.answering import Answer, answering
from handlers.payloads import Body, Form
from handlers.routes import Routes

if TYPE_CHECKING:
    from bot.app import Bot

MANAGERS = "managers"
COUNTRY = "setup.country"


def register(routes: Routes, bot: Bot) -> None:
    @routes.action("setup.open")
    def open_form(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            ask(answer)

    def groups(ack: Ack, body: Body) -> None:
        ack(options=_groups(bot, str(body.get("value") or "")))

    for name in (*bot.setup.functions(), MANAGERS):
        routes.options(_group_field(name))(groups)

    @routes.view("setup.save")
    def save(ack: Ack, respond: Respond, body: Body) -> None:
        with answering(bot, ack, respond, body) as answer:
            form = Form.of(body)
            who = {name: _stakeholder(form, name) for name in bot.setup.functions()}
            view = SetupView(
                who,
                tuple(form.people(MANAGERS)),
                _group(form, MANAGERS),
                countries.chosen(form, COUNTRY),
                form.number("daily_cap") or DAILY_CAP,
                form.person("chief"),
            )
            bot.setup.save(answer.actor, view)

    @routes.options(COUNTRY)
    def search(ack: Ack, body: Body) -> None:
        ack(options=countries.offered(bot, body))


def ask(answer: Answer) -> None:
    """The form with what is set now."""
    view = answer.bot.setup.view(answer.actor)
    named = {one.group for one in view.stakeholders.values()} | {view.manager_group}
    handles = dict(answer.bot.people.groups("")) if named - {None} else {}
    country = countries.named(view.country, answer.locale)
    answer.open("views/setup", setup=view, handles=handles, country=country, caps=CAPS, days=ANSWER_DAYS)


def _stakeholder(form: Form, name: str) -> Stakeholder:
    """A person wins over a user group."""
    person, days = form.person(name), form.number(f"{name}.days")
    return Stakeholder(person, None if person else _group(form, name), days)


def _group(form: Form, name: str) -> str | None:
    """The Slack id of the user group chosen for a function."""
    return opened(form.chosen(_group_field(name))).get("group")


def _group_field(name: str) -> str:
    """The action_id of the field in which a user group is chosen for a function."""
    return f"{name}.group"


def _groups(bot: Bot, typed: str) -> list[dict[str, Any]]:
    return bot.screen.options([(handle, {"group": group}) for group, handle in bot.people.groups(typed)])
