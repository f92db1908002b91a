"""One transfer of one account: its stages, its gate, and who takes it over.

The aggregate is loaded whole for a gate, an acceptance or a return, and decides without asking anyone else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.accounts import Account
from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.people import Person
from bot.domain.quiet import knows
from bot.domain.refusals import (
    AlreadyAccepted,
    AlreadyAsked,
    HandoffClosed,
    IncomingIsGone,
    NameTheIncoming,
    NoGaps,
    NothingToAccept,
    OpenFirst,
    StageMoved,
)
from bot.domain.vocabulary import Phase, Reason, Role, SalesChannel, Tier


class HandoffState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Acceptance(StrEnum):
    """Where the question "do you take this account?" stands."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    ACCEPTED = "accepted"


class Passed(StrEnum):
    """What a gate that was passed led to."""

    ASKED_TO_ACCEPT = "asked_to_accept"
    NEXT_STAGE = "next_stage"
    COMPLETED = "completed"


@dataclass(eq=False)
class StageRun:
    """A playbook stage in a handoff; the rows together are the ledger of time in stage."""

    workspace_id: int
    position: int
    key: str
    title: str
    goal: str = ""
    hands_over: bool = False
    entered_at: datetime | None = None
    left_at: datetime | None = None
    left_by_id: int | None = None
    override_reason: str = ""
    handoff_id: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    left_by: Person | None = None


@dataclass(eq=False)
class Handoff:
    """See PRODUCT section 1. Dates are calendar days; moments are aware UTC.

    Role ids are written; the people beside them (`outgoing`, `incoming`, …) are there for reading.
    """

    workspace_id: int
    account_id: int
    playbook_id: int
    reason: Reason
    sales_channel: SalesChannel
    tier: Tier
    benefit: str
    channel_id: str
    start_on: date
    started_at: datetime
    started_by_id: int
    overseas: bool = False
    test_run: bool = False
    quiet: bool = False
    support_until: date | None = None
    last_day: date | None = None
    transfer_on: date | None = None
    drawn_on: date | None = None
    outgoing_name: str = ""
    outgoing_id: int | None = None
    incoming_id: int | None = None
    manager_id: int | None = None
    cover_id: int | None = None
    inside_id: int | None = None
    helper_id: int | None = None
    outgoing: Person | None = None
    incoming: Person | None = None
    manager: Person | None = None
    cover: Person | None = None
    inside: Person | None = None
    helper: Person | None = None
    state: HandoffState = HandoffState.OPEN
    stage_position: int = 0
    acceptance: Acceptance = Acceptance.NOT_ASKED
    acceptance_asked_at: datetime | None = None
    """When the incoming rep was asked the last time; after a return too, as long as it is them."""
    acceptance_due_on: date | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    cancel_reason: str = ""
    run_id: int | None = None
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it
    account: Account = field(default=None, init=False)  # type: ignore[assignment]  # for reading
    stages: list[StageRun] = field(default_factory=list)
    items: list[ChecklistItem] = field(default_factory=list)
    requests: list[FeedbackRequest] = field(default_factory=list)

    @property
    def stage(self) -> StageRun:
        """The stage it is in now (the last one once it is completed)."""
        return self.stages[min(self.stage_position, len(self.stages) - 1)]

    def holder(self, role: Role | None) -> Person | None:
        """Who holds a role; None when nobody does."""
        return getattr(self, role.value) if role else None

    def holder_id(self, role: Role | None) -> int | None:
        """The id of who holds a role; None when nobody does."""
        return getattr(self, f"{role.value}_id") if role else None

    def owner_of(self, item: ChecklistItem) -> Person | None:
        """Who has to do it: the one assigned, or the holder of its role; who has left hands it to the manager (U33).

        So does whoever may not know of it yet.
        """
        named = self.holder(item.owner_role) if item.owner_id is None else item.owner
        return named if named is not None and named.reachable and knows(self, named.id) else self.manager

    def named_for(self, item: ChecklistItem) -> int | None:
        """The id of the one assigned, or of the holder of its role, whether or not they are still here."""
        return item.owner_id or self.holder_id(item.owner_role)

    def asked_of(self, request: FeedbackRequest) -> Person | None:
        """Who has to answer it: the one asked; the manager while nobody is, or after they have left (U33)."""
        asked = request.asked
        return asked if asked is not None and asked.reachable and knows(self, asked.id) else self.manager

    @property
    def accepter(self) -> Person | None:
        """Whom the acceptance waits for: the incoming rep; after they have left the manager, who names another."""
        return self.incoming if self.incoming is not None and self.incoming.reachable else self.manager

    @property
    def receiver_waits(self) -> bool:
        """Whether the incoming rep is not involved yet: an executive hears of a prospect when the gate is passed.

        Once they were asked they know of it: one that they returned stays with them.
        """
        asked = self.acceptance is not Acceptance.NOT_ASKED or self.acceptance_asked_at is not None
        return self.reason is Reason.STAGE_MOVE and not asked

    def involves(self, person_id: int | None) -> bool:
        """Whether somebody holds a role in it and has been brought in; `bot/store/visibility.py` finds the same."""
        roles = (role for role in Role if role is not Role.INCOMING or not self.receiver_waits)
        return person_id is not None and any(self.holder_id(role) == person_id for role in roles)

    @property
    def incoming_is_gone(self) -> bool:
        """Whether whoever is named to take it over cannot be reached in Slack any more: nobody could accept it."""
        return self.incoming is not None and not self.incoming.reachable

    def items_of(self, stage: StageRun) -> list[ChecklistItem]:
        return [item for item in self.items if item.stage_id == stage.id]

    def phase(self, today: date) -> Phase:
        """Derived from dates, roles and acceptance; never typed in (PRODUCT section 1)."""
        if self.acceptance is Acceptance.ACCEPTED and self.incoming is not None and not self.incoming.deactivated:
            return Phase.WITHIN_REACH
        return self.phase_until_accepted(today)

    def phase_until_accepted(self, today: date) -> Phase:
        """The phase as long as nobody has accepted; a rep whose Slack account has ended is no longer here."""
        still_here = self.last_day is None or today <= self.last_day
        if self.outgoing is not None and not self.outgoing.deactivated and still_here:
            return Phase.WITHDRAWAL
        named = self.incoming is not None and not self.incoming.deactivated
        return Phase.WITHIN_REACH if named else Phase.WITHOUT

    def require_open(self) -> None:
        if self.state is not HandoffState.OPEN:
            raise HandoffClosed(account=self.account.name)

    def require_stage(self, expected: int | None) -> None:
        """Raise HandoffClosed, or StageMoved when a person acts on another stage than the one they saw."""
        self.require_open()
        if expected is not None and expected != self.stage_position:
            raise StageMoved(account=self.account.name, stage=self.stage.title)

    def pass_gate(self, now: datetime, by: Person, override: str = "", expected_stage: int | None = None) -> Passed:
        """Leave the current stage. The caller has looked at `gate.missing` or brings an override reason.

        `expected_stage` is the position the person saw; a second click on an old card raises StageMoved.
        """
        self.require_stage(expected_stage)
        if self.acceptance is Acceptance.ASKED:
            raise AlreadyAsked(account=self.account.name, person=self.incoming.slack_id if self.incoming else "")
        if override:
            self.stage.override_reason, self.stage.left_by_id = override, by.id
        if self.stage.hands_over and self.acceptance is not Acceptance.ACCEPTED:
            return self._ask_to_accept(now, by)
        return self._enter_next(now, by)

    def _ask_to_accept(self, now: datetime, by: Person) -> Passed:
        if self.incoming_id is None:
            raise NameTheIncoming(account=self.account.name)
        if self.incoming is not None and self.incoming_is_gone:
            raise IncomingIsGone(account=self.account.name, person=self.incoming.slack_id)
        if self.quiet:
            raise OpenFirst(account=self.account.name)
        self.acceptance, self.acceptance_asked_at = Acceptance.ASKED, now
        self.stage.left_by_id = by.id
        return Passed.ASKED_TO_ACCEPT

    def _enter_next(self, now: datetime, by: Person) -> Passed:
        self.stage.left_at, self.stage.left_by_id = now, self.stage.left_by_id or by.id
        if self.stage_position + 1 >= len(self.stages):
            self.state, self.closed_at = HandoffState.COMPLETED, now
            return Passed.COMPLETED
        self.stage_position += 1
        self.stage.entered_at = now
        for item in self.items:
            item.go_along(self.stage.id, last=self.stage_position + 1 >= len(self.stages))
        return Passed.NEXT_STAGE

    def accept(self, now: datetime, today: date, by: Person) -> Passed:
        """The incoming rep takes the account: it is theirs from `today`."""
        self.require_asked()
        self.acceptance, self.accepted_at, self.transfer_on = Acceptance.ACCEPTED, now, today
        return self._enter_next(now, by)

    def send_back(self, items: list[ChecklistItem], gaps: list[str]) -> None:
        """The incoming rep returns it, naming what is missing: steps to reopen, or new ones in their own words."""
        self.require_asked()
        if not items and not gaps:
            raise NoGaps()
        self.acceptance, self.acceptance_due_on = Acceptance.NOT_ASKED, None
        self.stage.override_reason, self.stage.left_by_id = "", None
        for item in items:
            item.necessary = True
            if not item.open:
                item.reopen()

    def require_asked(self) -> None:
        """Raise HandoffClosed, AlreadyAccepted or NothingToAccept unless it waits for the incoming rep."""
        self.require_open()
        if self.acceptance is Acceptance.ACCEPTED:
            raise AlreadyAccepted(account=self.account.name, person=self.incoming.slack_id if self.incoming else "")
        if self.acceptance is Acceptance.NOT_ASKED:
            raise NothingToAccept(account=self.account.name)

    def cancel(self, now: datetime, reason: str) -> None:
        """Stop it for good; everything stays readable."""
        self.require_open()
        self.state, self.closed_at, self.cancel_reason = HandoffState.CANCELLED, now, reason
        for request in self.requests:
            request.withdraw()
