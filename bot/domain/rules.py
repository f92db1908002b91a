"""What a playbook says beside its steps: targets for the phases, the customer's side, cover, leaving, support, pay.

Days are calendar days unless the name says working days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.dossier import Fact
from bot.domain.vocabulary import Role


@dataclass(frozen=True)
class PhaseTargets:
    """How many days each phase may take (D2)."""

    withdrawal_days: int = 30
    without_days: int = 10
    within_reach_days: int = 90


@dataclass(frozen=True)
class CustomerRule:
    """`lead_working_days` from the warning to the introduction; more than `most_moves` in `moves_within_days` warns."""

    lead_working_days: int = 5
    most_moves: int = 2
    moves_within_days: int = 90


@dataclass(frozen=True)
class CoverRule:
    """An interim cover lasts `days` unless somebody says otherwise; its end is asked about some working days before.

    The titles are those of the manager's items.
    """

    days: int = 30
    ask_working_days: int = 3
    name_it: str = "Name who covers, and until when"
    ends: str = "The cover ends: extend it, pass it on, or let it end"


@dataclass(frozen=True)
class LeavingRule:
    """Who takes over what the outgoing rep owes when their Slack account ends; the manager where the role is empty.

    The reps cannot meet any more then: the meeting is `skipped` for that reason, and the manager gets an item.
    """

    items_to: Role = Role.MANAGER
    brief_title: str = "Brief the new rep yourself"
    skipped: str = "The outgoing rep has left; the manager briefs the new one."


@dataclass(frozen=True)
class SupportRule:
    """How long the new rep is supported, by tier; what shortens and lengthens it."""

    strategic_days: int = 90
    key_days: int = 60
    standard_days: int = 30
    experienced_days_less: int = 15
    overseas_days_more: int = 30
    end_title: str = "End the support, or extend it"


class PayMode(StrEnum):
    """Two reps share one commission, or each gets it whole (double)."""

    SHARED = "shared"
    DOUBLE = "double"


@dataclass(frozen=True)
class CommissionRule:
    """What the form begins with. Percentages are whole hundredths (`5000` is 50 %); no `days`: for the sales cycle.

    The titles are those of the items that a shared deal brings. Everybody in the channel reads them, so they do not
    name the deal, unless sales operations put `{deal}` into them.
    """

    mode: PayMode = PayMode.SHARED
    outgoing_bp: int = 5000
    incoming_bp: int = 5000
    days: int | None = None
    notice_working_days: int = 10
    log_every_working_days: int = 10
    outgoing_duty: str = "Keep schedule and timeline of the shared deals current, and write down what you did"
    incoming_duty: str = "Work on closing the shared deals, serve them, and write down what you did"
    window_ends: str = "A commission window ends: close the deal, extend, or let it end"
    last_entries: str = "A commission window ends: write down what you did"


@dataclass(frozen=True)
class DossierRule:
    """Which facts of the account are wanted. Older than `freshness_days` is stale; a note counts for `notes_days`.

    A playbook that names nothing asks for nothing as necessary, so that no gate shuts by itself.
    """

    necessary: tuple[Fact, ...] = ()
    nice: tuple[Fact, ...] = tuple(Fact)
    freshness_days: int = 90
    notes_days: int = 90


@dataclass(frozen=True)
class Rules:
    phases: PhaseTargets = field(default_factory=PhaseTargets)
    customer: CustomerRule = field(default_factory=CustomerRule)
    cover: CoverRule = field(default_factory=CoverRule)
    leaving: LeavingRule = field(default_factory=LeavingRule)
    support: SupportRule = field(default_factory=SupportRule)
    commission: CommissionRule = field(default_factory=CommissionRule)
    dossier: DossierRule = field(default_factory=DossierRule)
