"""What a playbook file and a feedback pack file may say, and how that becomes the domain's values.

The limits on lengths are Slack's (a select option holds 75 characters, a header 150) or what a phone shows at once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from bot.domain import pack as packs
from bot.domain import playbook as books
from bot.domain.playbook_json import with_version
from bot.domain.vocabulary import NO_STEPS, Reason, Role, SalesChannel, StepForm, Tier
from bot.playbooks.rules_schema import RulesSpec

MAX_STEPS = 30
_DUE = re.compile(
    r"(?:on|(?P<number>\d{1,3}) working days? (?P<side>before|after)) (?:the )?(?P<anchor>start|last day|transfer)"
)
_REPEAT = re.compile(r"(?P<times>\d{1,2}) times every (?P<every>\d{1,3}) working days?")


def _one_line(text: str) -> str:
    if "\n" in text:
        raise PydanticCustomError("one_line", "must be one line")
    return text


def _listed(value: Any) -> Any:
    """A single word may stand where a list is meant."""
    return [value] if isinstance(value, str) else value


def _due(value: Any) -> books.Due:
    found = _DUE.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if found is None:
        fix = "write it like '5 working days before last day', '2 working days after start' or 'on transfer'"
        raise PydanticCustomError("due", "{shown} is not a due date", {"shown": repr(value)[:60], "fix": fix})
    days = int(found["number"] or 0) * (-1 if found["side"] == "before" else 1)
    return books.Due(books.Anchor(found["anchor"].replace(" ", "_")), days)


def _repeat(value: Any) -> books.Repeat | None:
    found = _REPEAT.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if found is None or not (2 <= int(found["times"]) <= 12 and int(found["every"]) >= 1):
        fix = "write it like '3 times every 10 working days' (2 to 12 times)"
        raise PydanticCustomError("repeat", "{shown} is not a repetition", {"shown": repr(value)[:60], "fix": fix})
    return books.Repeat(int(found["times"]), int(found["every"]))


def _form(form: StepForm) -> StepForm:
    if form in NO_STEPS:
        raise PydanticCustomError("form", "'{form}' is no step's form", {"form": form.value, "fix": "leave it out"})
    return form


def _text(longest: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line60 = Annotated[str, _text(60), AfterValidator(_one_line)]
Line75 = Annotated[str, _text(75), AfterValidator(_one_line)]
Line150 = Annotated[str, _text(150), AfterValidator(_one_line)]
Sentence = Annotated[str, _text(300)]
Paragraph = Annotated[str, _text(1000)]
WorkingDays = Annotated[int, Field(strict=True, ge=1, le=250)]
DueText = Annotated[books.Due, BeforeValidator(_due)]
RepeatText = Annotated[books.Repeat, BeforeValidator(_repeat)]
Reasons = Annotated[list[Reason], BeforeValidator(_listed), Field(min_length=1)]
SalesChannels = Annotated[list[SalesChannel], BeforeValidator(_listed), Field(min_length=1)]
Tiers = Annotated[list[Tier], BeforeValidator(_listed), Field(min_length=1)]


class Spec(BaseModel):
    """A mapping in a file; unknown words are errors, never ignored."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


class ForSpec(Spec):
    """Which handoffs follow the playbook; a word that is left out means "any"."""

    reason: Reasons | None = Field(default=None, description="Why the account changes hands.")
    sales_channel: SalesChannels | None = Field(default=None, description="How the customer buys.")
    tier: Tiers | None = Field(default=None, description="How much hangs on the account.")

    def value(self) -> books.Match:
        return books.Match(
            frozenset(self.reason or ()), frozenset(self.sales_channel or ()), frozenset(self.tier or ())
        )


class WhenSpec(Spec):
    """For which accounts; all that is named must hold, a word that is left out means "any"."""

    sales_channel: SalesChannels | None = Field(default=None, description="How the customer buys.")
    tier: Tiers | None = Field(default=None, description="How much hangs on the account.")
    overseas: StrictBool | None = Field(
        default=None, description="`yes`: only for customers overseas; `no`: only for others."
    )

    def value(self) -> books.Condition:
        return books.Condition(frozenset(self.sales_channel or ()), frozenset(self.tier or ()), self.overseas)


class StepSpec(Spec):
    """One line of the checklist."""

    key: Key = Field(
        description="A short name, used once in the file. Keep it when you reword the title: reports compare by it."
    )
    title: Line150 = Field(description="An order in a few words: “Warn the customer”.")
    owner: Role = Field(description="The role that does it. Up to the handover this cannot be `incoming`.")
    due: DueText = Field(description="When.")
    detail: Paragraph | None = Field(
        default=None, description="One or two sentences for whoever does it for the first time."
    )
    necessary: StrictBool = Field(default=True, description="`yes`: the stage waits for it. `no`: nice to have.")
    when: WhenSpec = Field(default=WhenSpec(), description="For which accounts the step is.")
    evidence: Line150 | None = Field(default=None, description="What to attach: a link, who was there.")
    repeat: RepeatText | None = Field(default=None, description="The step stands on the list that often, numbered.")
    form: Annotated[StepForm, AfterValidator(_form)] | None = Field(
        default=None,
        description="What Done asks for; without it, Done is a tick. What was written is kept as a record.",
    )
    outgoing_only: StrictBool = Field(
        default=False,
        description="`yes`: nobody but the outgoing rep can do it, so it comes first while they are here.",
    )

    def value(self) -> books.Step:
        return books.Step(
            key=self.key,
            title=self.title,
            owner=self.owner,
            due=self.due,
            detail=self.detail or "",
            necessary=self.necessary,
            when=self.when.value(),
            evidence=self.evidence or "",
            repeat=self.repeat,
            form=self.form,
            outgoing_only=self.outgoing_only,
        )


class StageSpec(Spec):
    """A part of the way, with a gate at its end. Stages come one after the other."""

    key: Key = Field(description="A short name, used once in the file.")
    title: Line60 = Field(description="What people read.")
    goal: Sentence = Field(description="One sentence: what is true when the stage is over.")
    due: DueText = Field(description="By when the stage should be left.")
    steps: Annotated[list[StepSpec], Field(min_length=1, max_length=MAX_STEPS)] = Field(
        description="The checklist, in order. Fewer is better: the shipped lists have 6 to 9."
    )
    hands_over: StrictBool = Field(
        default=False, description="`yes` in exactly one stage: when it is complete, the incoming rep is brought in."
    )

    def value(self) -> books.Stage:
        steps = tuple(step.value() for step in self.steps)
        return books.Stage(self.key, self.title, self.goal, self.due, steps, self.hands_over)


class AskSpec(Spec):
    """Who is asked about the customer, and what. All are asked when the handoff starts."""

    function: Key = Field(description="Who answers, as the setup maps it to people: `credit`, `warranty`, …")
    pack: Key = Field(description="The file with the questions, in the folder `feedback`.")
    necessary: StrictBool = Field(default=True, description="`yes`: the handover waits for the answer.")
    due: DueText | None = Field(
        default=None, description="By when; without it the pack’s `response_working_days` count."
    )
    when: WhenSpec = Field(default=WhenSpec(), description="For which accounts they are asked.")

    def value(self) -> books.Ask:
        return books.Ask(self.function, self.pack, self.necessary, self.due, self.when.value())


class LadderSpec(Spec):
    """When to nudge, in working days of the person who owes the step."""

    heads_up: Annotated[list[WorkingDays], Field(max_length=5)] = Field(
        default=[1], description="How many days before it is due. `[]`: no warnings."
    )
    on_day: StrictBool = Field(default=True, description="On the day itself.")
    repeat_every: WorkingDays = Field(default=2, description="Afterwards, every so many days until it is done.")
    manager_after: WorkingDays = Field(default=3, description="So many days late, the manager is told.")
    managers_manager_after: WorkingDays = Field(default=8, description="And so many, the manager’s manager.")

    def value(self) -> books.Ladder:
        heads_up = tuple(sorted(set(self.heads_up), reverse=True))
        return books.Ladder(heads_up, self.on_day, self.repeat_every, self.manager_after, self.managers_manager_after)


class PlaybookSpec(Spec):
    """A file in the folder `playbooks`. Its name is the playbook’s key."""

    title: Line75 = Field(description="What people see when they start a handoff.")
    summary: Sentence = Field(description="What kind of handoff this is for, in a sentence or two.")
    for_: ForSpec = Field(default=ForSpec(), alias="for", description="Which handoffs follow this playbook.")
    transfer_after: WorkingDays = Field(
        default=20,
        description="Working days from the start to the transfer: the estimate as long as nobody has set a date.",
    )
    acceptance_working_days: WorkingDays = Field(
        default=2, description="How long the incoming rep has to accept or return the handoff."
    )
    ladder: LadderSpec = Field(default=LadderSpec(), description="When to nudge.")
    rules: RulesSpec = Field(default=RulesSpec(), description="Targets, terms and what happens by itself.")
    feedback: Annotated[list[AskSpec], Field(max_length=20)] = Field(default=[], description="Who is asked.")
    stages: Annotated[list[StageSpec], Field(min_length=1, max_length=8)] = Field(description="The stages, in order.")

    def value(self, key: str) -> books.Playbook:
        playbook = books.Playbook(
            key=key,
            title=self.title,
            summary=self.summary,
            match=self.for_.value(),
            stages=tuple(stage.value() for stage in self.stages),
            feedback=tuple(ask.value() for ask in self.feedback),
            ladder=self.ladder.value(),
            rules=self.rules.value(),
            acceptance_working_days=self.acceptance_working_days,
            transfer_after=self.transfer_after,
        )
        return with_version(playbook)


class OptionSpec(Spec):
    """One answer to a choice: a button."""

    key: Key = Field(description="A short name, used once in the question.")
    label: Line75 = Field(description="What stands on the button.")


class QuestionSpec(Spec):
    """One question. Make the first one a choice and the only necessary one: then a single tap answers."""

    key: Key = Field(description="A short name, used once in the file.")
    text: Line150 = Field(description="The question.")
    kind: packs.QuestionKind = Field(default=packs.QuestionKind.CHOICE, description="Tap one of the options, or write.")
    options: Annotated[list[OptionSpec], Field(max_length=10)] = Field(default=[], description="What a choice offers.")
    necessary: StrictBool = Field(default=False, description="`yes`: without it the request is not answered.")
    confidential: StrictBool = Field(
        default=False, description="`yes`: the answer is shown to the manager and the two reps only."
    )

    def value(self) -> packs.Question:
        options = tuple(packs.Option(option.key, option.label) for option in self.options)
        return packs.Question(self.key, self.text, self.kind, options, self.necessary, self.confidential)


class PackSpec(Spec):
    """A file in the folder `feedback`: what one function is asked. Its name is the pack’s key."""

    title: Line75 = Field(description="What people read above the questions.")
    intro: Sentence = Field(description="Why they are asked, in a sentence or two.")
    response_working_days: WorkingDays = Field(default=2, description="By when, counted from the start of the handoff.")
    questions: Annotated[list[QuestionSpec], Field(min_length=1, max_length=10)] = Field(
        description="The questions, in order."
    )

    def value(self, key: str) -> packs.Pack:
        questions = tuple(question.value() for question in self.questions)
        pack = packs.Pack(key, self.title, self.intro, questions, self.response_working_days)
        return replace(pack, version=packs.content_version(pack.to_dict()))
