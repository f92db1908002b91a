"""The words of the product, exactly as PRODUCT section 1 has them; what people read for them stands in the templates.

The functions that give feedback are plain strings, because a workspace may add its own.
"""

from __future__ import annotations

from enum import StrEnum


class SalesChannel(StrEnum):
    """How the customer buys; it adds steps to the checklist (A24, A31, A33)."""

    DIRECT = "direct"
    PARTNER = "partner"
    PRIVATE_LABEL = "private_label"
    LICENSEE = "licensee"
    JOINT_VENTURE = "joint_venture"


class Tier(StrEnum):
    """How much hangs on the account; it adds support and shortens patience (A26, A27)."""

    STRATEGIC = "strategic"
    KEY = "key"
    STANDARD = "standard"

    @property
    def rank(self) -> int:
        """Its place where those of whom most hangs come first."""
        return list(Tier).index(self)


class Role(StrEnum):
    """What a person is on one handoff; every role may be empty, one person may hold several (U21, C16)."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"
    MANAGER = "manager"
    COVER = "cover"
    INSIDE = "inside"
    HELPER = "helper"


class Reason(StrEnum):
    """Why the account changes hands (A4, C8); it chooses the playbook (A5)."""

    RETIREMENT = "retirement"
    PROMOTION = "promotion"
    TERRITORY_CHANGE = "territory_change"
    ACCOUNT_SHIFT = "account_shift"
    VOLUNTARY = "voluntary"
    TERMINATION = "termination"
    STAGE_MOVE = "stage_move"
    CAMPAIGN_MOVE = "campaign_move"


class Phase(StrEnum):
    """PRACTICES D2: outgoing still here; gone and nobody new; the new rep learning."""

    WITHDRAWAL = "withdrawal"
    WITHOUT = "without"
    WITHIN_REACH = "within_reach"


class StepForm(StrEnum):
    """What "Done" asks for on a step that is more than a tick; what was written stays as a record."""

    WARNING = "warning"
    """Who told the customer, when, how, with which text (A9, A39)."""
    MEETING = "meeting"
    """The two reps meet before the customer is involved."""
    INTRODUCTION = "introduction"
    """The customer meets the new rep: how, who was there, what the outgoing rep says of them."""
    PULSE = "pulse"
    """How the customer feels about it, three taps and a note."""
    OUTCOME = "outcome"
    """Advanced, stalled or lost."""
    ONE_ON_ONE = "one_on_one"
    """The manager and the new rep talk about the account."""
    DEAL_REVIEW = "deal_review"
    """Go through the open deals."""
    VISIT = "visit"
    """A joint visit."""
    QUALITY_CHECK = "quality_check"
    """Is the customer served as well as before?"""
    COACHING = "coaching"
    """Process followed? Execution established?"""
    TRAINING = "training"
    """Signed off by the manager."""
    ATTEST = "attest"
    """Read, and said so by name."""
    DEALS = "deals"
    """Deals in flight: amount, currency, expected close."""
    TERMS = "terms"
    """What both reps agree about the commission, and sign."""
    WORK_LOG = "work_log"
    """What each rep did for a deal; only recorded work counts."""
    COVER = "cover"
    """Name who covers, until when."""
    COVER_END = "cover_end"
    """A cover ends: extend, transfer or let it end."""
    SUPPORT_PLAN = "support_plan"
    """How long the new rep is supported."""
    SUPPORT_END = "support_end"
    """The support ends, or is extended."""
    SPECIAL = "special"
    """Who owns a special relationship, on which terms."""
    SPECIAL_OVER = "special_over"
    """A special relationship passes to its new owner."""
    DECLINED = "declined"
    """No step: the customer asks for another rep, written down from the card's menu."""


NO_STEPS = frozenset({StepForm.DECLINED})
"""Records that no step of a playbook asks for."""

CREDIT = "credit"
WARRANTY = "warranty"
MARKETING = "marketing"
INSIDE_SALES = "inside_sales"
SHIPPED_FUNCTIONS = (CREDIT, WARRANTY, MARKETING, INSIDE_SALES)
