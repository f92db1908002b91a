"""Support of the new rep after the transfer: how long, what was done, and when it may end (A12, A26 to A30, B18).

Every visit, review or training is an item of the checklist with a form; what is counted here is read from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import refuse
from bot.domain.refusals import Refusal
from bot.domain.rules import SupportRule
from bot.domain.vocabulary import Role, StepForm, Tier


class Degree(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Verdict(StrEnum):
    GOOD = "good"
    NEEDS_WORK = "needs_work"


class Result(StrEnum):
    """What became of the account with the new rep."""

    ADVANCED = "advanced"
    STALLED = "stalled"
    LOST = "lost"


@dataclass(frozen=True)
class Choice:
    """A question with one answer of several; `key` names it in the form and in the record."""

    key: str
    kind: type[StrEnum]


REPORTS: dict[StepForm, tuple[Choice, ...]] = {
    StepForm.ONE_ON_ONE: (),
    StepForm.DEAL_REVIEW: (),
    StepForm.VISIT: (),
    StepForm.QUALITY_CHECK: (Choice("verdict", Verdict),),
    StepForm.COACHING: (Choice("process", Degree), Choice("execution", Degree)),
    StepForm.TRAINING: (),
    StepForm.ATTEST: (),
    StepForm.OUTCOME: (Choice("result", Result),),
}
"""What each form asks beside the day and a note."""
COUNTED = (
    StepForm.ONE_ON_ONE,
    StepForm.DEAL_REVIEW,
    StepForm.VISIT,
    StepForm.QUALITY_CHECK,
    StepForm.COACHING,
    StepForm.TRAINING,
)
TO_READ = ("history", "crm", "pipeline")
"""What the new rep reads before the first visit, and says so by name: purchase history, CRM, pipeline."""
ONLY = {StepForm.TRAINING: Role.MANAGER, StepForm.ATTEST: Role.INCOMING}
"""Who alone can sign these: nobody attests for somebody else."""


class ReadFirst(Refusal):
    sentence = "Before the first visit, %(person)s reads up: “%(title)s” is still open."


class NotRead(Refusal):
    """Somebody would introduce the new rep at the customer's before they have read up (A27)."""

    sentence = (
        "Before the first visit, %(person)s reads up: “%(title)s” is still open. "
        "A manager can go on without it, saying why."
    )


class ReadAll(Refusal):
    sentence = "Tick all of them: whoever visits the customer has read them all."


class EndsBefore(Refusal):
    sentence = "The support lasts until %(day)s. Choose a later day."


class SayWhatShows(Refusal):
    sentence = "Say what shows that they stand on their own: the support ends before %(day)s."


@dataclass(frozen=True)
class Count:
    """`done` of `planned` steps with this form; skipped ones are not planned any more."""

    form: StepForm
    done: int
    planned: int


def support_days(rule: SupportRule, tier: Tier, overseas: bool, experienced: bool) -> int:
    """How many days after the transfer the support lasts; at least a week."""
    base = {
        Tier.STRATEGIC: rule.strategic_days,
        Tier.KEY: rule.key_days,
        Tier.STANDARD: rule.standard_days,
    }[tier]
    more = rule.overseas_days_more if overseas else 0
    less = rule.experienced_days_less if experienced else 0
    return max(base + more - less, 7)


def support_ends(rule: SupportRule, handoff: Handoff, experienced: bool, today: date) -> date:
    """The last day of the support of this handoff, as its playbook has it; counted from today before the transfer."""
    days = support_days(rule, handoff.tier, handoff.overseas, experienced)
    return max((handoff.transfer_on or today) + timedelta(days=days), today)


def counts(items: Iterable[ChecklistItem]) -> tuple[Count, ...]:
    """What was planned and done, by form, in the order of COUNTED."""
    mine = [item for item in items if item.form is not None and item.state is not ItemState.SKIPPED]
    found = []
    for form in COUNTED:
        planned = [item for item in mine if item.form is form]
        if planned:
            found.append(Count(form, sum(not item.open for item in planned), len(planned)))
    return tuple(found)


def require_signer(handoff: Handoff, item: ChecklistItem, by: Person) -> None:
    """Raise NotAllowed, naming who can, for what only one role can say."""
    role = ONLY.get(item.form) if item.form is not None else None
    if role is None:
        return
    holder: Person | None = getattr(handoff, role.value)
    if holder is None or holder.id != by.id:
        raise refuse([holder.slack_id] if holder is not None else [])


def unread_of(handoff: Handoff) -> ChecklistItem | None:
    """The step in which the incoming rep attests what is to be read before the first visit, while it is open."""
    return next((item for item in handoff.items if item.form is StepForm.ATTEST and item.open), None)


def comes_before_reading(handoff: Handoff, on: date, held: bool) -> NotRead | None:
    """What speaks against a visit on that day: nobody has read up, nor would have to by then."""
    unread = unread_of(handoff)
    if unread is None or (not held and unread.due_on is not None and unread.due_on <= on):
        return None
    return NotRead(person=handoff.incoming.slack_id if handoff.incoming else "", title=unread.title)


def require_read(handoff: Handoff) -> None:
    """Raise ReadFirst while the incoming rep has not attested what is to be read before the first visit."""
    unread = unread_of(handoff)
    if unread is not None:
        person = handoff.incoming.slack_id if handoff.incoming else ""
        raise ReadFirst(person=person, title=unread.title)


def evidence_lacks(items: Iterable[ChecklistItem], reports: Iterable[tuple[StepForm, dict[str, str]]]) -> bool:
    """Whether anything speaks against ending early: steps that are open, or a last check that was not good."""
    if any(item.open for item in items if item.form in COUNTED):
        return True
    last: dict[StepForm, dict[str, str]] = dict(reports)
    check, coached = last.get(StepForm.QUALITY_CHECK, {}), last.get(StepForm.COACHING, {})
    weak = check.get("verdict") == Verdict.NEEDS_WORK or Degree.NO in (coached.get("process"), coached.get("execution"))
    return weak
