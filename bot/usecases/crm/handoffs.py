"""A CRM asks for a handoff, mostly when a prospect moves on from its development rep to an executive.

It begins as any other, for the manager who is named, with the permission that a manager needs. What cannot be started
is said in the answer, in a sentence; of quiet handoffs the CRM hears nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.crm import schema
from bot.domain.accounts import Account
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import AlreadyOpen, AlreadyQuiet, NotAllowed, NotNow
from bot.domain.vocabulary import SalesChannel, Tier
from bot.errors import BotError, FieldErrors
from bot.store import loading
from bot.store.loading import people_by_id
from bot.store.managing import managers_by_setup
from bot.usecases.crm.owner_changes import Who
from bot.usecases.crm.records import Records
from bot.usecases.crm.work import Skipped, Work
from bot.usecases.desk import Desk
from bot.usecases.fields import Missing
from bot.usecases.handoffs.start import AccountChoice, Start, StartForm

NOT_NOW = "no handoff of this account can be started now"


@dataclass(frozen=True)
class Requests:
    """`manager`, `channel`: Slack ids of who gets these handoffs where none is named, and where their cards stand."""

    desk: Desk
    start: Start
    records: Records
    manager: str | None = None
    channel: str | None = None

    def problem(self, delivery: schema.Delivery) -> BotError | None:
        """What Slack says against the channel, where the delivery asks for handoffs. Asked before any transaction."""
        asks = any(isinstance(event, schema.HandoffRequested) for event in delivery.events)
        return self.start.check_channel(self.channel) if asks and self.channel else None

    def begin(self, work: Work, who: Who, event: schema.HandoffRequested) -> bool:
        """Start it. Raises Skipped."""
        session, workspace_id = work.session, work.by.workspace_id
        if self.channel is None:
            raise Skipped("there is no channel for handoffs from the CRM: set BATON_CRM_CHANNEL")
        account = self._account(work, event.account)
        outgoing = who.find(event.outgoing)
        if outgoing is None:
            raise Skipped("nobody here is known as the outgoing rep")
        incoming = who.find(event.incoming) if event.incoming is not None else None
        manager = self._manager(session, workspace_id, who, event, outgoing)
        form = StartForm(
            account=AccountChoice(new_name=str(event.account.name) if account is None else account.name),
            reason=event.reason,
            outgoing=outgoing.slack_id,
            outgoing_name="",
            incoming=incoming.slack_id if incoming is not None else None,
            last_day=event.last_day,
            benefit=str(event.benefit),
            sales_channel=event.sales_channel or (account.sales_channel if account else SalesChannel.DIRECT),
            tier=event.tier or (account.tier if account else Tier.STANDARD),
            channel=self.channel,
            overseas=account is not None and account.overseas,
        )
        try:
            started = self.start.within(session, manager, form, channel_problem=work.channel_problem)
        except FieldErrors as refused:
            raise Skipped(_said(refused)) from refused
        except NotAllowed as refused:
            raise Skipped("the manager named may not start handoffs") from refused
        handoff = loading.handoff(session, workspace_id, started.handoff_id)
        account = loading.account(session, workspace_id, handoff.account_id)
        if event.account.id and not account.crm_id:
            account.crm, account.crm_id = work.system, event.account.id
            session.flush()
        work.receipt.handoffs.append({"handoff": started.handoff_id, "account": account.name})
        self._deal(work, event)
        return True

    def _account(self, work: Work, meant: schema.AccountMeant) -> Account | None:
        """The account that is known by the CRM's id, else by its name; None for a new one."""
        account = work.account(meant.id) if meant.id else None
        if account is not None:
            return account
        if meant.name is None:
            raise Skipped("no account with this id is known; send account.upsert first, or its name with this")
        account = loading.account_by_name(work.session, work.by.workspace_id, meant.name)
        if account is not None and meant.id and account.crm_id:
            raise Skipped(NOT_NOW if account.quiet else "another account of this name is linked already")
        return account

    def _manager(
        self, session: Session, workspace_id: int, who: Who, event: schema.HandoffRequested, outgoing: Person
    ) -> Person:
        """Whom the event names, else BATON_CRM_MANAGER, else the outgoing rep's own manager or the first of setup's."""
        if event.manager is not None:
            named = who.find(event.manager)
            if named is None:
                raise Skipped("nobody here is known as the manager")
            return named
        if self.manager is not None:
            set_up = self.desk.person(session, workspace_id, self.manager)
            if set_up.reachable:
                return set_up
        own = people_by_id(session, [outgoing.manager_id]).values()
        for one in (*own, *managers_by_setup(session, workspace_id)):
            if one.reachable and self._may_start(session, one):
                return one
        raise Skipped("no manager is known: name one in the event or in /handoff setup, or set BATON_CRM_MANAGER")

    def _may_start(self, session: Session, person: Person) -> bool:
        try:
            self.desk.require(session, Action.START, person)
        except NotAllowed:
            return False
        return True

    def _deal(self, work: Work, event: schema.HandoffRequested) -> None:
        """The deal that comes along; what stands against it keeps no handoff from starting."""
        if event.deal is None or event.account.id is None:
            return
        facts = schema.DealFacts(account_id=event.account.id, **event.deal.model_dump())
        try:
            self.records.deal(work, schema.DealUpsert(type="deal.upsert", at=event.at, deal=facts))
        except Skipped as why:
            work.receipt.skipped.append({"deal": event.deal.id, "reason": f"the handoff has begun without it: {why}"})


def _said(refused: FieldErrors) -> str:
    """For whoever looks after the CRM. Nothing quiet can be told from it."""
    taken = refused.errors.get("account")
    if isinstance(taken, AlreadyOpen):
        return f"a handoff of this account is under way: {taken.values['link']}"
    if isinstance(taken, AlreadyQuiet | NotNow | Missing):
        return NOT_NOW
    return "; ".join(f"{field}: {error}" for field, error in refused.errors.items())
