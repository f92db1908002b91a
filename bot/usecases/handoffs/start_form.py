"""What a start form holds, and what can be wrong with it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.refusals import Refusal, RefuseDate, SameRep, TooLong
from bot.domain.typed import trimmed
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.errors import BotError
from bot.usecases.accounts.accounts import NAME_LIMIT
from bot.usecases.fields import Missing
from bot.usecases.handoffs.checklist import TEXT_LIMIT


class NoBenefit(Refusal):
    sentence = "Say in one sentence what the customer gains: it is used in every message about the move."


class NoOutgoing(Refusal):
    sentence = "Choose the outgoing rep, or write their name below if they have already left."


class TooLongName(Refusal):
    sentence = "A name of %(limit)s characters at most, please."


@dataclass(frozen=True)
class AccountChoice:
    """An account that exists (`id`) or the name of a new one."""

    id: int | None = None
    new_name: str = ""


@dataclass(frozen=True)
class StartForm:
    """What was typed into the start modal; people and channel are Slack ids.

    `quiet`: only the manager and those named here know of it until it is opened, the outgoing rep not among them.
    """

    account: AccountChoice | None
    reason: Reason | None
    outgoing: str | None
    outgoing_name: str
    incoming: str | None
    last_day: date | None
    benefit: str
    sales_channel: SalesChannel | None
    tier: Tier | None
    channel: str | None
    manager: str | None = None
    inside: str | None = None
    overseas: bool = False
    test_run: bool = False
    quiet: bool = False
    brief: bool = False
    """Without the steps that are nice to have."""
    anyway: bool = False
    """Name the incoming rep although the customer has declined them before."""


def mistakes(form: StartForm, today: date) -> dict[str, BotError]:
    """What is wrong with the form itself, by field."""
    errors: dict[str, BotError] = {}
    needed = {"account": form.account, "reason": form.reason, "sales_channel": form.sales_channel, "tier": form.tier}
    for name, value in {**needed, "channel": form.channel}.items():
        if value is None:
            errors[name] = Missing()
    if form.account and form.account.id is None:
        if not trimmed(form.account.new_name):
            errors["account"] = Missing()
        elif len(form.account.new_name) > NAME_LIMIT:
            errors["account"] = TooLongName(limit=NAME_LIMIT)
    about_benefit(form.benefit, errors)
    if not form.outgoing and not trimmed(form.outgoing_name):
        errors["outgoing"] = NoOutgoing()
    if form.incoming and form.incoming == form.outgoing:
        errors["incoming"] = SameRep()
    if form.last_day is not None and form.last_day < today:
        errors["last_day"] = RefuseDate()
    return errors


def about_benefit(benefit: str, errors: dict[str, BotError]) -> None:
    """What is wrong with what the customer gains goes under its field."""
    if not trimmed(benefit):
        errors["benefit"] = NoBenefit()
    elif len(benefit) > TEXT_LIMIT:
        errors["benefit"] = TooLong(limit=TEXT_LIMIT)


def facts(form: StartForm) -> dict[str, object]:
    """What the audit trail keeps of it."""
    return {
        "reason": form.reason,
        "sales_channel": form.sales_channel,
        "tier": form.tier,
        "outgoing": form.outgoing or form.outgoing_name,
        "incoming": form.incoming,
        "last_day": form.last_day.isoformat() if form.last_day else None,
        "quiet": form.quiet,
    }
