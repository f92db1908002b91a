"""The forms that steps are finished with, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.vocabulary import StepForm
from tests.decisions import samples as s
from tests.decisions.shown import Case, view


def of_forms(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    asked = s.item(handoff.stage, words[:150] or "Joint visit", form=StepForm.VISIT)
    yield view("form/note", item=asked, account=handoff.account)
