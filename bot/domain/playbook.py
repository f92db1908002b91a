"""The playbook: the recipe a handoff follows, and how one is chosen. Files are read in `bot.playbooks`.

A handoff keeps the version it started with, so everything here goes to and from JSON (`bot.domain.playbook_json`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from bot.domain.pack import Pack
from bot.domain.rules import Rules
from bot.domain.vocabulary import Reason, Role, SalesChannel, StepForm, Tier
from bot.domain.worktime import WorkTime


class Anchor(StrEnum):
    """The dates of a handoff that due dates hang on."""

    START = "start"
    LAST_DAY = "last_day"
    TRANSFER = "transfer"


@dataclass(frozen=True)
class Due:
    """`working_days` after the anchor; negative means before, 0 the day itself."""

    anchor: Anchor
    working_days: int = 0


@dataclass(frozen=True)
class Condition:
    """Which accounts a step is for; an empty set and None mean "any"."""

    sales_channels: frozenset[SalesChannel] = frozenset()
    tiers: frozenset[Tier] = frozenset()
    overseas: bool | None = None

    def holds(self, sales_channel: SalesChannel, tier: Tier, overseas: bool) -> bool:
        return (
            (not self.sales_channels or sales_channel in self.sales_channels)
            and (not self.tiers or tier in self.tiers)
            and (self.overseas is None or self.overseas == overseas)
        )


ALWAYS = Condition()


@dataclass(frozen=True)
class Repeat:
    """A step that stands `times` on the list, each `every` working days after the one before (A12, A28, A30, B18)."""

    times: int
    every: int


@dataclass(frozen=True)
class Step:
    """One line of the checklist. `evidence` says what to attach ("" when nothing); `detail` may be empty.

    `necessary` holds the stage's gate until the step is done or skipped with a reason (C18, C19). `form`: what "Done"
    asks for. `outgoing_only`: nobody but the outgoing rep can do it, so it comes first while they are there (A11).
    """

    key: str
    title: str
    owner: Role
    due: Due
    detail: str = ""
    necessary: bool = True
    when: Condition = ALWAYS
    evidence: str = ""
    repeat: Repeat | None = None
    form: StepForm | None = None
    outgoing_only: bool = False


@dataclass(frozen=True)
class Stage:
    """`goal` is one sentence, the exit criterion (C7).

    `hands_over`: passing this stage's gate brings in the incoming rep, who is not involved before (C20).
    """

    key: str
    title: str
    goal: str
    due: Due
    steps: tuple[Step, ...]
    hands_over: bool = False


@dataclass(frozen=True)
class Ask:
    """One pack for one function. All asks go out at the start; necessary ones hold the gate that hands over.

    `due` None means the pack's own response target, counted from the start of the handoff.
    """

    function: str
    pack: str
    necessary: bool = True
    due: Due | None = None
    when: Condition = ALWAYS


@dataclass(frozen=True)
class Ladder:
    """The rhythm of nudges about one obligation, all in working days (PRODUCT section 4).

    `heads_up` counts before the due date, `manager_after` and `managers_manager_after` after it.
    """

    heads_up: tuple[int, ...] = (1,)
    on_day: bool = True
    repeat_every: int = 2
    manager_after: int = 3
    managers_manager_after: int = 8


@dataclass(frozen=True)
class Match:
    """What a playbook is for; an empty set means "any"."""

    reasons: frozenset[Reason] = frozenset()
    sales_channels: frozenset[SalesChannel] = frozenset()
    tiers: frozenset[Tier] = frozenset()

    def matches(self, reason: Reason, sales_channel: SalesChannel, tier: Tier) -> bool:
        return (
            (not self.reasons or reason in self.reasons)
            and (not self.sales_channels or sales_channel in self.sales_channels)
            and (not self.tiers or tier in self.tiers)
        )

    @property
    def named(self) -> tuple[str, ...]:
        """Which of "reason", "sales_channel", "tier" this rule names; they are what decides."""
        sets = (("reason", self.reasons), ("sales_channel", self.sales_channels), ("tier", self.tiers))
        return tuple(name for name, values in sets if values)

    @property
    def rank(self) -> tuple[int, bool, bool, bool]:
        """More named fields win; among as many, the reason outranks the tier, the tier the sales channel."""
        return (len(self.named), bool(self.reasons), bool(self.tiers), bool(self.sales_channels))


@dataclass(frozen=True)
class Playbook:
    """`transfer_after`: working days from start to transfer, the estimate while no date is known.

    `acceptance_working_days`: how long the incoming rep has to accept or return, once brought in.
    """

    key: str
    title: str
    summary: str
    match: Match
    stages: tuple[Stage, ...]
    feedback: tuple[Ask, ...] = ()
    ladder: Ladder = field(default_factory=Ladder)
    acceptance_working_days: int = 2
    transfer_after: int = 20
    rules: Rules = field(default_factory=Rules)
    version: str = ""

    @property
    def handing_over(self) -> Stage:
        """The stage whose gate brings in the incoming rep; the loader promises that there is exactly one."""
        return next(stage for stage in self.stages if stage.hands_over)

    def stage(self, key: str) -> Stage | None:
        """The stage with that key, or None."""
        return next((stage for stage in self.stages if stage.key == key), None)

    def steps_for(self, stage: Stage, sales_channel: SalesChannel, tier: Tier, overseas: bool) -> tuple[Step, ...]:
        """The stage's steps for such an account, in order; a repeated step once for each time, keys and dates apart."""
        wanted = (step for step in stage.steps if step.when.holds(sales_channel, tier, overseas))
        return tuple(one for step in wanted for one in repetitions(step))

    def asks_for(self, sales_channel: SalesChannel, tier: Tier, overseas: bool) -> tuple[Ask, ...]:
        """The feedback to ask for about such an account."""
        return tuple(ask for ask in self.feedback if ask.when.holds(sales_channel, tier, overseas))


@dataclass(frozen=True)
class Choice:
    """`why`: the fields that decided, of "reason", "sales_channel", "tier"; empty when the catch-all playbook won."""

    playbook: Playbook
    why: tuple[str, ...]


class NoPlaybook(LookupError):
    """No playbook is for this reason, sales channel and tier; the loader refuses folders that leave such a hole."""

    def __init__(self, reason: Reason, sales_channel: SalesChannel, tier: Tier) -> None:
        super().__init__(f"no playbook for {reason}, {sales_channel}, {tier}")
        self.reason, self.sales_channel, self.tier = reason, sales_channel, tier


def choose(playbooks: Iterable[Playbook], reason: Reason, sales_channel: SalesChannel, tier: Tier) -> Choice:
    """The most specific playbook that matches (A1, A5); raises NoPlaybook when none does."""
    matching = [playbook for playbook in playbooks if playbook.match.matches(reason, sales_channel, tier)]
    if not matching:
        raise NoPlaybook(reason, sales_channel, tier)
    best = max(matching, key=lambda playbook: playbook.match.rank)
    return Choice(best, best.match.named)


def due_date(
    due: Due,
    start: date,
    last_day: date | None,
    transfer: date | None,
    calendar: WorkTime,
    transfer_after: int | None = None,
) -> date | None:
    """The working day on which something is due; never before the handoff's first working day.

    An unknown last day is taken to be the transfer date. An unknown transfer date is taken to be the last day, or
    `transfer_after` working days after the start if that is later (a rep who left yesterday has no successor today).
    None comes out when none of these is known. "On the last day" moves back when that is no working day (afterwards
    the person is gone), every other date moves forward. What would lie before the start (a sudden departure, B5) is
    due at the start.
    """
    expected = None if transfer_after is None else calendar.add_working_days(start, transfer_after)
    handover = transfer or max(filter(None, (last_day, expected)), default=None)
    anchor = {Anchor.START: start, Anchor.LAST_DAY: last_day or handover, Anchor.TRANSFER: handover}[due.anchor]
    if anchor is None:
        return None
    back = due.working_days == 0 and due.anchor is Anchor.LAST_DAY and not calendar.working_day(anchor)
    day = calendar.add_working_days(anchor, -1 if back else due.working_days)
    return max(day, calendar.add_working_days(start, 0))


def ask_due(ask: Ask, pack: Pack) -> Due:
    """The ask's own due rule, else the pack's response target counted from the start (U19)."""
    return ask.due or Due(Anchor.START, pack.response_working_days)


def repetitions(step: Step) -> tuple[Step, ...]:
    """The step as often as it stands on the list, keys and dates apart."""
    if step.repeat is None:
        return (step,)
    times, every = step.repeat.times, step.repeat.every
    return tuple(
        replace(
            step,
            key=f"{step.key}_{number}",
            title=f"{step.title} ({number}/{times})",
            due=replace(step.due, working_days=step.due.working_days + (number - 1) * every),
            repeat=None,
        )
        for number in range(1, times + 1)
    )
