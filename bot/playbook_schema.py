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
from bot.domain.vocabulary import Reason, Role, SalesChannel, StepForm, Tier
from bot.rules_schema import RulesSpec

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
    reason: Reasons | None = None
    sales_channel: SalesChannels | None = None
    tier: Tiers | None = None

    def value(self) -> books.Match:
        return books.Match(
            frozenset(self.reason or ()), frozenset(self.sales_channel or ()), frozenset(self.tier or ())
        )


class WhenSpec(Spec):
    sales_channel: SalesChannels | None = None
    tier: Tiers | None = None
    overseas: StrictBool | None = None

    def value(self) -> books.Condition:
        return books.Condition(frozenset(self.sales_channel or ()), frozenset(self.tier or ()), self.overseas)


class StepSpec(Spec):
    key: Key
    title: Line150
    owner: Role
    due: DueText
    detail: Paragraph | None = None
    necessary: StrictBool = True
    when: WhenSpec = WhenSpec()
    evidence: Line150 | None = None
    repeat: RepeatText | None = None
    form: StepForm | None = None
    outgoing_only: StrictBool = False

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
    key: Key
    title: Line60
    goal: Sentence
    due: DueText
    steps: Annotated[list[StepSpec], Field(min_length=1, max_length=MAX_STEPS)]
    hands_over: StrictBool = False

    def value(self) -> books.Stage:
        steps = tuple(step.value() for step in self.steps)
        return books.Stage(self.key, self.title, self.goal, self.due, steps, self.hands_over)


class AskSpec(Spec):
    function: Key
    pack: Key
    necessary: StrictBool = True
    due: DueText | None = None
    when: WhenSpec = WhenSpec()

    def value(self) -> books.Ask:
        return books.Ask(self.function, self.pack, self.necessary, self.due, self.when.value())


class LadderSpec(Spec):
    heads_up: Annotated[list[WorkingDays], Field(max_length=5)] = [1]
    on_day: StrictBool = True
    repeat_every: WorkingDays = 2
    manager_after: WorkingDays = 3
    managers_manager_after: WorkingDays = 8

    def value(self) -> books.Ladder:
        heads_up = tuple(sorted(set(self.heads_up), reverse=True))
        return books.Ladder(heads_up, self.on_day, self.repeat_every, self.manager_after, self.managers_manager_after)


class PlaybookSpec(Spec):
    title: Line75
    summary: Sentence
    for_: ForSpec = Field(default=ForSpec(), alias="for")
    transfer_after: WorkingDays = 20
    acceptance_working_days: WorkingDays = 2
    ladder: LadderSpec = LadderSpec()
    rules: RulesSpec = RulesSpec()
    feedback: Annotated[list[AskSpec], Field(max_length=20)] = []
    stages: Annotated[list[StageSpec], Field(min_length=1, max_length=8)]

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
    key: Key
    label: Line75


class QuestionSpec(Spec):
    key: Key
    text: Line150
    kind: packs.QuestionKind = packs.QuestionKind.CHOICE
    options: Annotated[list[OptionSpec], Field(max_length=10)] = []
    necessary: StrictBool = False
    confidential: StrictBool = False

    def value(self) -> packs.Question:
        options = tuple(packs.Option(option.key, option.label) for option in self.options)
        return packs.Question(self.key, self.text, self.kind, options, self.necessary, self.confidential)


class PackSpec(Spec):
    title: Line75
    intro: Sentence
    response_working_days: WorkingDays = 2
    questions: Annotated[list[QuestionSpec], Field(min_length=1, max_length=10)]

    def value(self, key: str) -> packs.Pack:
        questions = tuple(question.value() for question in self.questions)
        pack = packs.Pack(key, self.title, self.intro, questions, self.response_working_days)
        return replace(pack, version=packs.content_version(pack.to_dict()))
