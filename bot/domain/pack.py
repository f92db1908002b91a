"""A feedback pack: the short questions one function (credit, warranty, ...) is asked about a customer (A20-A23)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class QuestionKind(StrEnum):
    """`CHOICE` is answered with one tap on an option, `TEXT` with a sentence."""

    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True)
class Option:
    """One tap; `key` is what is stored, `label` what stands on the button (at most 75 characters, Slack's limit)."""

    key: str
    label: str


@dataclass(frozen=True)
class Question:
    """`options` is empty exactly when `kind` is text; a confidential answer is for the manager and both reps only."""

    key: str
    text: str
    kind: QuestionKind = QuestionKind.CHOICE
    options: tuple[Option, ...] = ()
    necessary: bool = False
    confidential: bool = False

    def option(self, key: str) -> Option | None:
        """The option with that key, or None when the pack (in this version) has none."""
        return next((option for option in self.options if option.key == key), None)


@dataclass(frozen=True)
class Pack:
    """The questions for one function; `response_working_days` is its target for an answer (U19)."""

    key: str
    title: str
    intro: str
    questions: tuple[Question, ...]
    response_working_days: int = 2
    version: str = ""

    @property
    def first(self) -> Question:
        """The question that one tap answers; every pack has at least one question."""
        return self.questions[0]

    def question(self, key: str) -> Question | None:
        """The question with that key, or None when the pack (in this version) has none."""
        return next((question for question in self.questions if question.key == key), None)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; a request keeps the pack it was asked with, so that its answers stay readable."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Pack:
        """The inverse of `to_dict`; a key that an older version did not store takes its default."""
        questions = tuple(_question(question) for question in stored["questions"])
        return cls(**{**stored, "questions": questions})


def _question(stored: Mapping[str, Any]) -> Question:
    options = tuple(Option(**option) for option in stored.get("options", ()))
    return Question(**{**stored, "kind": QuestionKind(stored.get("kind", "choice")), "options": options})


def content_version(content: Mapping[str, Any]) -> str:
    """Twelve hex digits of the SHA-256 of the content's canonical JSON, `version` itself left out."""
    plain = {key: value for key, value in content.items() if key != "version"}
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
