"""What is known about the account itself: needs, links, next order, where it belongs; and the manager’s word.

Each form changes a few fields of the account; what the CRM is the record of stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from bot.domain.accounts import Account
from bot.domain.dossier import Reach
from bot.domain.permissions import Action
from bot.domain.refusals import Refusal, RefuseDate
from bot.domain.typed import trimmed
from bot.domain.vocabulary import SalesChannel, Tier
from bot.errors import FieldErrors
from bot.store import journal, loading
from bot.usecases import changes
from bot.usecases.accounts.dossier_access import Access, changed_by, require, told_in
from bot.usecases.accounts.dossier_forms import NAME_LIMIT, NOTE_LIMIT, ThingSent, line, lines
from bot.usecases.accounts.dossier_things import ChangedMeanwhile
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Errors, Missing, one_of, tried, whole_number

LINK_LIMIT = 1000
LONGEST_BETWEEN = 730
"""Days between two orders of a customer."""


class Part(StrEnum):
    """The forms, each with few fields."""

    NEEDS = "needs"
    LINKS = "links"
    NEXT_ORDER = "next_order"
    ACCESS = "access"
    PLACE = "place"


class NoLink(Refusal):
    sentence = "That is no link. It begins with https:// and goes on with an address."


class InTheHandoff(Refusal):
    sentence = "Tier and sales channel are changed in the handoff: “Edit” in the card’s menu."


@dataclass(frozen=True)
class DetailForm:
    """What a form begins with. `linked`: the CRM's link is the CRM's own; `running`: a handoff has tier and channel."""

    account: Account
    part: Part
    linked: bool
    running: bool
    today: date


@dataclass(frozen=True)
class Details:
    desk: Desk

    def form(self, actor: Actor, account_id: int, part: Part) -> DetailForm:
        """Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            held = require(self.desk, session, Action.DOSSIER, reader, account)
            running = held.handoff is not None
            return DetailForm(account, part, bool(account.crm), running, self.desk.today(reader))

    def save(self, actor: Actor, account_id: int, part: Part, sent: ThingSent, version: int | None = None) -> None:
        """Keep what the form says. Raises FieldErrors, ChangedMeanwhile, NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.DOSSIER, by, account_id)
            if version is not None and account.version != version:
                raise ChangedMeanwhile(what=account.name)
            values = _values(account, part, sent, held, self.desk.today(by))
            before = {name: _plain(getattr(account, name)) for name in values}
            after = {name: _plain(value) for name, value in values.items()}
            changed = [name for name in values if before[name] != after[name]]
            if not changed:
                return
            for name in changed:
                setattr(account, name, values[name])
            account.version += 1
            was, became = ({name: side[name] for name in changed} for side in (before, after))
            about = told_in(session, held)
            journal.record(session, by, self.desk.now(), "account.described", account.id, about, was, became)
            changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def attest(self, actor: Actor, account_id: int) -> None:
        """The manager says that what is known is right, as of now. Raises NotAllowed, NoSuchThing."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account, held = changed_by(self.desk, session, Action.ATTEST, by, account_id)
            now = self.desk.now()
            before = {"attested": account.attested_at.date().isoformat() if account.attested_at else None}
            account.attested_at, account.attested_by_id = now, by.id
            after = {"attested": self.desk.today(by).isoformat()}
            journal.record(session, by, now, "account.attested", account.id, told_in(session, held), before, after)


def _values(account: Account, part: Part, sent: ThingSent, held: Access, today: date) -> dict[str, Any]:
    errors: Errors = {}
    values = _READ[part](account, sent, errors, today)
    if part is Part.PLACE and held.handoff is not None:
        asked = {values.pop("tier"), values.pop("sales_channel")} - {None}
        if asked - {account.tier, account.sales_channel}:
            errors["tier"] = InTheHandoff()
    for name in ("tier", "sales_channel"):
        if name in values and values[name] is None:
            errors[name] = Missing()
    if errors:
        raise FieldErrors(errors)
    return values


def _needs(_account: Account, sent: ThingSent, errors: Errors, _today: date) -> dict[str, Any]:
    return {"needs": lines(sent, errors, "needs"), "opportunities": lines(sent, errors, "opportunities")}


def _links(account: Account, sent: ThingSent, errors: Errors, _today: date) -> dict[str, Any]:
    chart = lines(sent, errors, "org_chart", NOTE_LIMIT)
    if account.crm:
        return {"org_chart": chart}
    typed = trimmed(sent.texts.get("crm_link"))
    return {"crm_link": (tried(errors, "crm_link", lambda: web_link(typed)) or "") if typed else "", "org_chart": chart}


def _next_order(account: Account, sent: ThingSent, errors: Errors, today: date) -> dict[str, Any]:
    day, every = sent.days.get("next_order_on"), trimmed(sent.texts.get("order_every_days"))
    if day is not None and day < today and day != account.next_order_on:
        errors["next_order_on"] = RefuseDate()
    days = tried(errors, "order_every_days", lambda: whole_number(every, 1, LONGEST_BETWEEN)) if every else None
    return {"next_order_on": day, "order_every_days": days}


def _access(_account: Account, sent: ThingSent, _errors: Errors, _today: date) -> dict[str, Any]:
    return {"access": [one.value for one in Reach if one in sent.ticked]}


def _place(_account: Account, sent: ThingSent, errors: Errors, _today: date) -> dict[str, Any]:
    tier, channel = sent.chosen.get("tier"), sent.chosen.get("sales_channel")
    return {
        "tier": one_of(Tier, tier, "tier", errors) if tier is not None else None,
        "sales_channel": one_of(SalesChannel, channel, "sales_channel", errors) if channel is not None else None,
        "region": line(sent, errors, "region", NAME_LIMIT),
        "territory": line(sent, errors, "territory", NAME_LIMIT),
    }


_READ = {
    Part.NEEDS: _needs,
    Part.LINKS: _links,
    Part.NEXT_ORDER: _next_order,
    Part.ACCESS: _access,
    Part.PLACE: _place,
}


def web_link(typed: str) -> str:
    """An address of the web, as it was typed. Raises NoLink."""
    try:
        parts = urlsplit(typed)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        fits = False
    if not fits or len(typed) > LINK_LIMIT or any(sign.isspace() or sign in '<>|"' for sign in typed):
        raise NoLink()
    return typed


def _plain(value: Any) -> Any:
    """As the audit trail keeps it: an empty text says as little as none."""
    return journal.plain(value) if value != "" else None


def part_of(word: str) -> Part | None:
    """The form of that name; None for no form of ours."""
    return Part(word) if word in list(Part) else None
