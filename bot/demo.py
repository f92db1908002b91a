"""The demo's beginning: accounts to play with and a handoff under way, made through the same use cases as people's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.domain.accounts import Account
from bot.domain.customer import How
from bot.domain.vocabulary import Reason, SalesChannel, StepForm, Tier
from bot.store import loading
from bot.usecases.accounts.accounts import give_account
from bot.usecases.customers.contacts import Named
from bot.usecases.customers.customers import Warned
from bot.usecases.desk import Actor
from bot.usecases.handoffs.start import AccountChoice, StartForm
from bot.usecases.workspace.setup import SetupView, Stakeholder

if TYPE_CHECKING:
    from bot.app import Bot

SAMPLE = Path(__file__).parent / "demo.yaml"


def seed(bot: Bot, team_id: str) -> None:
    """Fill an empty workspace; one that has accounts already is left alone."""
    sample: dict[str, Any] = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    manager = Actor(team_id, sample["manager"])
    if bot.accounts.complete(manager, "").found:
        return
    stakeholders = {function: Stakeholder(person) for function, person in sample["stakeholders"].items()}
    bot.setup.save(manager, SetupView(stakeholders, tuple(sample["managers"]), None))
    _accounts(bot, manager, sample["accounts"])
    _running(bot, manager, sample["running"])


def _accounts(bot: Bot, manager: Actor, sample: list[dict[str, Any]]) -> None:
    with bot.db.write() as session:
        by = bot.desk.actor(session, manager)
        for one in sample:
            account = Account(by.workspace_id, one["name"])
            account.sales_channel, account.tier = SalesChannel(one["sales_channel"]), Tier(one["tier"])
            session.add(account)
            session.flush()
            owner = bot.desk.person(session, by.workspace_id, one["owner"])
            give_account(session, account, owner, bot.desk.today(by) - timedelta(days=400), None)


def _running(bot: Bot, manager: Actor, sample: dict[str, Any]) -> None:
    with bot.db.read() as session:
        viewer = bot.desk.viewer(session, manager)
        today = bot.desk.today(viewer)
        account = loading.account_by_name(session, viewer.workspace_id, sample["account"])
        assert account is not None, "demo.yaml names an account of its own list"
    form = StartForm(
        account=AccountChoice(account.id),
        reason=Reason(sample["reason"]),
        outgoing=sample["outgoing"],
        outgoing_name="",
        incoming=sample["incoming"],
        last_day=today + timedelta(days=sample["last_day_in_days"]),
        benefit=sample["benefit"],
        sales_channel=account.sales_channel,
        tier=account.tier,
        channel=sample["channel"],
    )
    started = bot.start(manager, form)
    handoff = bot.overview.handoff(manager, started.handoff_id)
    outgoing = Actor(manager.team_id, sample["outgoing"])
    mine = [i for i in handoff.items_of(handoff.stage) if (o := handoff.owner_of(i)) and o.id == handoff.outgoing_id]
    for item in mine[: sample["done"]]:
        if item.form is StepForm.WARNING:
            named = Named(None, sample["contact"]["name"], sample["contact"]["mail"])
            told = Warned(outgoing.user_id, today, How.CALL.value, named)
            bot.customers.warned(outgoing, item.id, told)
        elif item.form is None:
            bot.checklist.complete(outgoing, item.id)
    for request in handoff.requests:
        if request.function == sample["answered"] and request.asked is not None:
            stakeholder = Actor(manager.team_id, request.asked.slack_id)
            bot.feedback.answer(stakeholder, request.id, *first_tap(request.pack))


def first_tap(pack: dict[str, Any]) -> tuple[str, str]:
    """The first question of a pack and its first option."""
    first = pack["questions"][0]
    return first["key"], first["options"][0]["key"]
