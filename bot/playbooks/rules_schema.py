"""What a playbook file may say under `rules:`; see `bot/domain/rules.py` for what each number does."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.domain import rules
from bot.domain.dossier import Fact
from bot.domain.vocabulary import Role

Days = Annotated[int, Field(strict=True, ge=1, le=1000)]
SomeDays = Annotated[int, Field(strict=True, ge=0, le=1000)]
WorkingDays = Annotated[int, Field(strict=True, ge=1, le=250)]
Title = Annotated[str, Field(min_length=1, max_length=110)]
Facts = Annotated[
    list[Fact], BeforeValidator(lambda said: [said] if isinstance(said, str) else said), Field(max_length=len(Fact))
]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


class Spec(BaseModel):
    """A mapping in a file; unknown words are errors, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PhasesSpec(Spec):
    """Targets in days; the card counts against them."""

    withdrawal_days: Days = Field(default=30, description="Days from the start until the outgoing rep is gone.")
    without_days: Days = Field(default=10, description="Days without anybody new.")
    within_reach_days: Days = Field(default=90, description="Days until the new rep needs no help any more.")

    def value(self) -> rules.PhaseTargets:
        return rules.PhaseTargets(**self.model_dump())


class CustomerSpec(Spec):
    """What protects the customer."""

    lead_working_days: WorkingDays = Field(
        default=5, description="Working days from the warning to the introduction, at least."
    )
    most_moves: Days = Field(default=2, description="How often an account may change hands before Baton warns …")
    moves_within_days: Days = Field(default=90, description="… within so many days.")

    def value(self) -> rules.CustomerRule:
        return rules.CustomerRule(**self.model_dump())


class CoverSpec(Spec):
    """Who looks after an account in between."""

    days: Days = Field(default=30, description="How long an interim cover lasts, unless somebody says otherwise.")
    ask_working_days: WorkingDays = Field(
        default=3, description="So many working days before the end Baton asks: extend, transfer, end?"
    )
    name_it: Title = Field(
        default=rules.CoverRule.name_it,
        description="The manager’s item while there is nobody to look after the account.",
    )
    ends: Title = Field(default=rules.CoverRule.ends, description="The manager’s item before a cover ends.")

    def value(self) -> rules.CoverRule:
        return rules.CoverRule(**self.model_dump())


class LeavingSpec(Spec):
    """What happens when the outgoing rep’s Slack account ends."""

    items_to: Role = Field(
        default=Role.MANAGER,
        description="Who takes over what the outgoing rep owes; the manager where nobody holds that role.",
    )
    brief_title: Title = Field(
        default=rules.LeavingRule.brief_title,
        description="The manager’s item in place of the meeting of the two reps.",
    )
    skipped: Title = Field(
        default=rules.LeavingRule.skipped, description="The reason with which that meeting is skipped."
    )

    def value(self) -> rules.LeavingRule:
        return rules.LeavingRule(**self.model_dump())


class SupportSpec(Spec):
    """How long the new rep is supported after the transfer, in days."""

    strategic_days: Days = Field(default=90, description="For strategic accounts.")
    key_days: Days = Field(default=60, description="For key accounts.")
    standard_days: Days = Field(default=30, description="For standard accounts.")
    experienced_days_less: SomeDays = Field(default=15, description="Less for a rep who has done it before.")
    overseas_days_more: SomeDays = Field(default=30, description="More for a customer overseas.")
    end_title: Annotated[str, Field(min_length=1, max_length=150)] = Field(
        default="End the support, or extend it", description="The manager’s step on the last day of the support."
    )

    def value(self) -> rules.SupportRule:
        return rules.SupportRule(**self.model_dump())


class CommissionSpec(Spec):
    """What the form for the commission begins with; the two reps may agree otherwise."""

    mode: rules.PayMode = Field(
        default=rules.PayMode.SHARED,
        description="`shared`: the two reps divide one commission; `double`: each gets it whole.",
    )
    outgoing_percent: Percent = Field(default=Decimal(50), description="The outgoing rep’s share of the commission.")
    incoming_percent: Percent = Field(default=Decimal(50), description="The incoming rep’s share.")
    days: Days | None = Field(
        default=None, description="For so many days; without it, for the sales cycle of each deal."
    )
    notice_working_days: WorkingDays = Field(
        default=10, description="So many working days before it ends, both reps hear of it."
    )
    log_every_working_days: WorkingDays = Field(
        default=10, description="How often both are asked what they did; only recorded work counts."
    )
    outgoing_duty: Title = Field(
        default=rules.CommissionRule.outgoing_duty, description="What the outgoing rep is asked to write down."
    )
    incoming_duty: Title = Field(
        default=rules.CommissionRule.incoming_duty, description="What the incoming rep is asked to write down."
    )
    window_ends: Title = Field(
        default=rules.CommissionRule.window_ends,
        description="The manager’s item before a window ends. The channel reads it; `{deal}` would name the deal.",
    )
    last_entries: Title = Field(
        default=rules.CommissionRule.last_entries, description="The reps’ item before a window ends."
    )

    def value(self) -> rules.CommissionRule:
        return rules.CommissionRule(
            mode=self.mode,
            outgoing_bp=int(self.outgoing_percent * 100),
            incoming_bp=int(self.incoming_percent * 100),
            days=self.days,
            notice_working_days=self.notice_working_days,
            log_every_working_days=self.log_every_working_days,
            outgoing_duty=self.outgoing_duty,
            incoming_duty=self.incoming_duty,
            window_ends=self.window_ends,
            last_entries=self.last_entries,
        )


class DossierSpec(Spec):
    """Which facts about the account are wanted before somebody else takes it over."""

    necessary: Facts = Field(default=[], description="Facts without which the account is not handed over.")
    nice: Facts | None = Field(default=None, description="Facts that are nice to have; left out: all the others.")
    freshness_days: Days = Field(
        default=90, description="What nobody has confirmed or touched for so many days counts as stale."
    )
    notes_days: Days = Field(default=90, description="The fact `notes` wants one that is not older than this.")

    def value(self) -> rules.DossierRule:
        nice = Fact if self.nice is None else self.nice
        return rules.DossierRule(
            necessary=tuple(dict.fromkeys(self.necessary)),
            nice=tuple(one for one in dict.fromkeys(nice) if one not in self.necessary),
            freshness_days=self.freshness_days,
            notes_days=self.notes_days,
        )


class RulesSpec(Spec):
    """Targets, terms and what happens by itself. Days are calendar days unless the word says working days."""

    phases: PhasesSpec = Field(default=PhasesSpec(), description="How long each phase should take.")
    customer: CustomerSpec = Field(default=CustomerSpec(), description="What protects the customer.")
    cover: CoverSpec = Field(default=CoverSpec(), description="Interim covers.")
    leaving: LeavingSpec = Field(default=LeavingSpec(), description="When the outgoing rep’s Slack account ends.")
    support: SupportSpec = Field(default=SupportSpec(), description="How long the new rep is supported.")
    commission: CommissionSpec = Field(
        default=CommissionSpec(), description="What the form for the commission begins with."
    )
    dossier: DossierSpec = Field(default=DossierSpec(), description="Which facts about the account are wanted.")

    def value(self) -> rules.Rules:
        return rules.Rules(
            phases=self.phases.value(),
            customer=self.customer.value(),
            cover=self.cover.value(),
            leaving=self.leaving.value(),
            support=self.support.value(),
            commission=self.commission.value(),
            dossier=self.dossier.value(),
        )
