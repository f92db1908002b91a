"""The start modal between two looks: what stands in it now, so that it can be drawn again and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.accounts import Account
from bot.domain.vocabulary import Reason, SalesChannel, Tier
from bot.slack.wording import opened
from bot.usecases.handoffs.start import AccountChoice, StartForm
from handlers.payloads import Form

Word = TypeVar("Word", bound=StrEnum)
Picked = tuple[str, Mapping[str, Any]]
"""An option of the account field: what is shown, and its data: {"id": …} or, for a new account, {"n": name}."""

ANOTHER: Mapping[str, Any] = {"other": True}


def account_option(account: Account) -> Picked:
    """An account that exists."""
    return account.name, {"id": account.id}


@dataclass(frozen=True)
class Draft:
    """Every field as it stands.

    `several` are the accounts that what was typed may mean; `origin` is the channel in which it was typed. `round` is
    raised when Baton itself fills fields in: with a new block_id, Slack takes our value over the client's.
    """

    account: Picked | None = None
    several: tuple[Picked, ...] = ()
    reason: Reason | None = None
    outgoing: str | None = None
    outgoing_name: str = ""
    incoming: str | None = None
    inside: str | None = None
    last_day: date | None = None
    benefit: str = ""
    sales_channel: SalesChannel | None = None
    tier: Tier | None = None
    channel: str | None = None
    options: tuple[str, ...] = ()
    origin: str | None = None
    round: int = 0

    @classmethod
    def of(cls, form: Form) -> Draft:
        return cls(
            account=_picked(form),
            several=tuple((text, data) for text, data in form.data.get("several", ())),
            reason=_word(Reason, form.chosen("reason")),
            outgoing=form.person("outgoing"),
            outgoing_name=form.text("outgoing_name"),
            incoming=form.person("incoming"),
            inside=form.person("inside"),
            last_day=form.day("last_day"),
            benefit=form.text("benefit"),
            sales_channel=_word(SalesChannel, form.chosen("sales_channel")),
            tier=_word(Tier, form.chosen("tier")),
            channel=form.place("channel"),
            options=tuple(form.all_chosen("options")),
            origin=form.data.get("origin"),
            round=int(form.data.get("round", 0)),
        )

    @property
    def chosen(self) -> AccountChoice | None:
        """The account meant; None while none is chosen."""
        if self.account is None:
            return None
        data = self.account[1]
        if isinstance(data.get("id"), int):
            return AccountChoice(id=data["id"])
        return AccountChoice(new_name=str(data["n"])) if data.get("n") else None

    @property
    def wants_another(self) -> bool:
        """Whether none of the accounts offered is the one meant."""
        return self.account is not None and bool(self.account[1].get("other"))

    def prefilled(self, account: Account, owner: str | None) -> Draft:
        """With what is known of the account; its owner of record is taken for the outgoing rep until somebody says."""
        options = set(self.options) - {"overseas"} | ({"overseas"} if account.overseas else set())
        return replace(
            self,
            sales_channel=account.sales_channel,
            tier=account.tier,
            outgoing=self.outgoing or owner,
            options=tuple(sorted(options)),
            round=self.round + 1,
        )

    def form(self) -> StartForm:
        return StartForm(
            account=self.chosen,
            reason=self.reason,
            outgoing=self.outgoing,
            outgoing_name=self.outgoing_name,
            incoming=self.incoming,
            last_day=self.last_day,
            benefit=self.benefit,
            sales_channel=self.sales_channel,
            tier=self.tier,
            channel=self.channel,
            inside=self.inside,
            overseas="overseas" in self.options,
            test_run="test_run" in self.options,
            quiet="quiet" in self.options,
            anyway="anyway" in self.options,
        )


def _picked(form: Form) -> Picked | None:
    option = (form.values.get("account") or {}).get("selected_option")
    return (str(option["text"]["text"]), opened(option["value"])) if option else None


def _word(kind: type[Word], value: str | None) -> Word | None:
    """A word of the product; None for one that is not (the form then asks for it)."""
    try:
        return kind(value) if value else None
    except ValueError:
        return None
