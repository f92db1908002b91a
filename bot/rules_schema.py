"""What a playbook file may say under `rules:`; see `bot/domain/rules.py` for what each number does."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.domain import rules
from bot.domain.vocabulary import Role

Days = Annotated[int, Field(strict=True, ge=1, le=1000)]
SomeDays = Annotated[int, Field(strict=True, ge=0, le=1000)]
WorkingDays = Annotated[int, Field(strict=True, ge=1, le=250)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


class Spec(BaseModel):
    """A mapping in a file; unknown words are errors, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PhasesSpec(Spec):
    withdrawal_days: Days = 30
    without_days: Days = 10
    within_reach_days: Days = 90

    def value(self) -> rules.PhaseTargets:
        return rules.PhaseTargets(**self.model_dump())


class CustomerSpec(Spec):
    lead_working_days: WorkingDays = 5
    most_moves: Days = 2
    moves_within_days: Days = 90

    def value(self) -> rules.CustomerRule:
        return rules.CustomerRule(**self.model_dump())


class CoverSpec(Spec):
    days: Days = 30
    ask_working_days: WorkingDays = 3

    def value(self) -> rules.CoverRule:
        return rules.CoverRule(**self.model_dump())


class LeavingSpec(Spec):
    items_to: Role = Role.MANAGER

    def value(self) -> rules.LeavingRule:
        return rules.LeavingRule(self.items_to)


class SupportSpec(Spec):
    strategic_days: Days = 90
    key_days: Days = 60
    standard_days: Days = 30
    experienced_days_less: SomeDays = 15
    overseas_days_more: SomeDays = 30

    def value(self) -> rules.SupportRule:
        return rules.SupportRule(**self.model_dump())


class CommissionSpec(Spec):
    mode: rules.PayMode = rules.PayMode.SHARED
    outgoing_percent: Percent = Decimal(50)
    incoming_percent: Percent = Decimal(50)
    days: Days | None = None
    notice_working_days: WorkingDays = 10
    log_every_working_days: WorkingDays = 10

    def value(self) -> rules.CommissionRule:
        return rules.CommissionRule(
            mode=self.mode,
            outgoing_bp=int(self.outgoing_percent * 100),
            incoming_bp=int(self.incoming_percent * 100),
            days=self.days,
            notice_working_days=self.notice_working_days,
            log_every_working_days=self.log_every_working_days,
        )


class RulesSpec(Spec):
    phases: PhasesSpec = PhasesSpec()
    customer: CustomerSpec = CustomerSpec()
    cover: CoverSpec = CoverSpec()
    leaving: LeavingSpec = LeavingSpec()
    support: SupportSpec = SupportSpec()
    commission: CommissionSpec = CommissionSpec()

    def value(self) -> rules.Rules:
        return rules.Rules(
            phases=self.phases.value(),
            customer=self.customer.value(),
            cover=self.cover.value(),
            leaving=self.leaving.value(),
            support=self.support.value(),
            commission=self.commission.value(),
        )
