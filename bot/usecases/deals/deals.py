"""Deals in flight of an account: seen, added and changed. Closing them is in `settling`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.checklist import ChecklistItem
from bot.domain.deals import Deal, DealState
from bot.domain.handoff import Handoff
from bot.domain.money import currency_of, money_of
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoHandoff, NoSuchThing, NotAllowed, Refusal, RefuseDate
from bot.domain.typed import trimmed
from bot.domain.vocabulary import StepForm
from bot.errors import BotError, FieldErrors
from bot.store import dealing, journal, known, loading
from bot.usecases import changes
from bot.usecases.accounts.accounts import one_account
from bot.usecases.deals.deal_views import DealsView, deals_view
from bot.usecases.deals.duties import keep_duties
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import tried, unfit
from bot.usecases.handoffs.checklist import Checklist, written

NAME_LIMIT, STAGE_LIMIT, SOURCE_LIMIT, REASON_LIMIT = 100, 60, 100, 500
AT_MOST = 40
"""Deals of an account that are open at a time."""


class TooManyDeals(Refusal):
    sentence = "%(limit)s open deals are as many as I keep for one account. Close one first."


class SameName(Refusal):
    sentence = "There is an open deal of that name already."


class ChangedMeanwhile(Refusal):
    sentence = "“%(deal)s” has changed meanwhile. Close this form and look at it again."


@dataclass(frozen=True)
class DealForm:
    """As typed; `second` is a Slack id, `source` where the lead came from."""

    name: str
    amount: str
    currency: str
    expected_close: date | None
    stage: str = ""
    second: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Told:
    """Where a change of a deal is told. `handoff`: in which it is made; None for one that the account alone is about.

    `about`: the number of the handoff in whose history it stands; None while the account has no other history.
    """

    handoff: Handoff | None
    about: int | None


def told_in_it(handoff: Handoff) -> Told:
    """The change is made in the handoff, and stands in its history."""
    return Told(handoff, handoff.id)


@dataclass(frozen=True)
class Deals:
    desk: Desk
    checklist: Checklist

    def view(
        self,
        actor: Actor,
        handoff_id: int | None = None,
        query: str = "",
        form: StepForm | None = None,
        item_id: int | None = None,
        changed: str = "",
    ) -> DealsView:
        """The deals of a handoff's account; to one of two who agreed about deals, and has no part in it any more, only
        those. Raises NoAccount, NoHandoff, NoSuchThing, NotAllowed.
        """
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            if handoff_id is None:
                account, _ = one_account(session, reader, query)
                latest = known.latest_handoff_of(session, reader, account.id)
                if latest is None:
                    raise NoHandoff(account=account.name)
                handoff_id = latest.id
            handoff = loading.whole_handoff(session, reader.workspace_id, handoff_id)
            try:
                self.desk.require(session, Action.DEALS, reader, handoff, item_of(handoff, item_id))
            except NotAllowed:
                own = deals_view(self.desk, session, reader, handoff, changed=changed, own=True)
                if not own.lines:
                    raise
                return own
            return deals_view(self.desk, session, reader, handoff, form, item_id, changed)

    def one(self, actor: Actor, handoff_id: int, deal_id: int, item_id: int | None = None) -> tuple[Handoff, Deal]:
        """One deal, to fill a form with. Raises NoSuchThing, NotAllowed."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, reader.workspace_id, handoff_id)
            self.desk.require(session, Action.DEALS, reader, handoff, item_of(handoff, item_id))
            return handoff, dealing.deal(session, reader.workspace_id, handoff.account_id, deal_id)

    def today(self, actor: Actor) -> date:
        """The date on the person's calendar."""
        with self.desk.db.read() as session:
            return self.desk.today(self.desk.viewer(session, actor))

    def save(
        self,
        actor: Actor,
        handoff_id: int,
        form: DealForm,
        deal_id: int | None = None,
        version: int | None = None,
        item_id: int | None = None,
    ) -> int:
        """Add a deal, or change an open one that the person saw in that version. Returns its number.

        Raises FieldErrors, DealClosed, ChangedMeanwhile, TooManyDeals, NotAllowed.
        """
        with self.desk.db.write() as session:
            by, handoff = locked(self.desk, session, actor, handoff_id, item_id)
            there = dealing.deals_of(session, handoff.account_id)
            deal = None if deal_id is None else seen(session, handoff, deal_id, version)
            if deal is not None:
                deal.require_open()
            else:
                require_room(there)
            others = [one.name for one in there if one is not deal]
            values = deal_values(self.desk, session, by, handoff.account, form, deal, others)
            before = facts(deal) if deal is not None else None
            if deal is None:
                deal = Deal(by.workspace_id, handoff.account_id, values["name"], self.desk.now())
                session.add(deal)
            for name, value in values.items():
                setattr(deal, name, value)
            deal.version += 1 if before is not None else 0
            session.flush()
            verb = "deal.added" if before is None else "deal.changed"
            noted(self.desk, session, by, told_in_it(handoff), deal, verb, before)
            keep_duties(self.desk, session, by, handoff.id, moved=True)
            return deal.id

    def finish(self, actor: Actor, item_id: int) -> None:
        """The list is complete: the step is done, with what was in it. Raises as `Checklist.write_down` does."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item = loading.item(session, by.workspace_id, item_id)
            handoff = loading.handoff(session, by.workspace_id, item.handoff_id)
            deals = dealing.deals_of(session, handoff.account_id)
            body = {"deals": [facts(one) for one in deals]}
            self.checklist.written_down(session, actor, item_id, StepForm.DEALS, body)


def is_crms(account: Account, deal: Deal | None) -> bool:
    """Whether the CRM is the record of the deal: then only what it has no place for is changed here."""
    return bool(account.crm) and deal is not None and bool(deal.crm_id)


def deal_values(
    desk: Desk, session: Session, by: Person, account: Account, form: DealForm, deal: Deal | None, others: list[str]
) -> dict[str, Any]:
    """What the form says, checked; `others` are the names of the other deals. Raises FieldErrors."""
    errors: dict[str, BotError] = {}
    values: dict[str, Any] = {"source": " ".join(trimmed(form.source).split())[:SOURCE_LIMIT], "second_id": None}
    if form.second:
        second = desk.person(session, by.workspace_id, form.second)
        values["second_id"] = second.id
        problem = unfit(second, may_have_left=deal is not None and deal.second_id == second.id)
        if problem is not None:
            errors["second"] = problem
    if not is_crms(account, deal):
        values |= _own_values(desk, by, form, deal, others, errors)
    if errors:
        raise FieldErrors(errors)
    return values


def require_room(there: Sequence[Deal]) -> None:
    """Raise TooManyDeals where these are as many open ones as an account may have."""
    if len(there) >= AT_MOST:
        raise TooManyDeals(limit=AT_MOST)


def is_taken(name: str, others: Iterable[str]) -> bool:
    """Whether one of these names is the same, however it is written."""
    return name.casefold() in (other.casefold() for other in others)


def _own_values(
    desk: Desk, by: Person, form: DealForm, deal: Deal | None, others: list[str], errors: dict[str, BotError]
) -> dict[str, Any]:
    values: dict[str, Any] = {"stage": " ".join(trimmed(form.stage).split())[:STAGE_LIMIT]}
    name = tried(errors, "name", lambda: written(" ".join(form.name.split()), NAME_LIMIT))
    if name is not None and is_taken(name, others):
        errors["name"] = SameName()
    currency = tried(errors, "currency", lambda: currency_of(form.currency))
    if currency is not None:
        values["amount_minor"] = tried(errors, "amount", lambda: money_of(form.amount, currency).minor)
    day = form.expected_close
    if day is not None and day < desk.today(by) and (deal is None or day != deal.expected_close):
        errors["expected_close"] = RefuseDate()
    return values | {"name": name, "currency": currency, "expected_close": day}


def locked(
    desk: Desk,
    session: Session,
    actor: Actor,
    handoff_id: int,
    item_id: int | None = None,
    action: Action = Action.DEALS,
) -> tuple[Person, Handoff]:
    """Who acts, and the whole handoff for a change; `item_id` is the step they do it for. Raises NotAllowed."""
    by = desk.actor(session, actor)
    handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
    desk.require(session, action, by, handoff, item_of(handoff, item_id))
    return by, handoff


def seen(session: Session, handoff: Handoff, deal_id: int, version: int | None) -> Deal:
    """The deal, in the version that the person saw. Two at once: the second is told (ChangedMeanwhile)."""
    deal = dealing.deal(session, handoff.workspace_id, handoff.account_id, deal_id)
    if version is not None and deal.version != version:
        raise ChangedMeanwhile(deal=deal.name)
    return deal


def noted(
    desk: Desk,
    session: Session,
    by: Person,
    told: Told,
    deal: Deal,
    verb: str,
    before: dict[str, Any] | None,
) -> None:
    """What changed goes into the audit trail; the card of the handoff is stale."""
    now, after, was = desk.now(), facts(deal), before or {}
    changed = [name for name in after if after[name] != was.get(name)]
    then = {name: was[name] for name in changed if name in was}
    session.flush()
    journal.record(session, by, now, verb, deal.id, told.about, then, {name: after[name] for name in changed})
    if told.handoff is not None:
        changes.touched(session, now, told.handoff)


def item_of(handoff: Handoff, item_id: int | None) -> ChecklistItem | None:
    """The step of that number, if one is meant. Raises NoSuchThing."""
    if item_id is None:
        return None
    found = numbered(handoff.items, item_id)
    if found is None:
        raise NoSuchThing()
    return found


def facts(deal: Deal) -> dict[str, Any]:
    """What the audit trail says of a deal: amounts as plain decimals."""
    return {
        "name": deal.name,
        "stage": deal.stage,
        "source": deal.source,
        "amount": deal.amount.plain if deal.amount else None,
        "currency": deal.currency,
        "expected_close": deal.expected_close.isoformat() if deal.expected_close else None,
        "second_id": deal.second_id,
        "state": DealState(deal.state).value,
        "closed_on": deal.closed_on.isoformat() if deal.closed_on else None,
        "closed": deal.closed.plain if deal.closed else None,
    }
