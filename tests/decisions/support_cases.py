"""The support of the new rep: its forms, its line on the card, the word about a loss."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.domain.support import COUNTED, REPORTS, TO_READ, Count
from bot.domain.vocabulary import StepForm
from bot.usecases.handoffs.support import EndForm, PlanForm, ReportForm
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view


def of_support(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    item = s.item(handoff.stage, words[:150] or "Hold a 1:1 about this account")
    for form, choices in REPORTS.items():
        asked = tuple((one.key, tuple(word.value for word in one.kind)) for one in choices)
        read = TO_READ if form is StepForm.ATTEST else ()
        yield view("form/report", form=ReportForm(item, handoff, form, asked, read, s.TODAY))
    until = s.TODAY + timedelta(days=60)
    yield view("form/support_plan", form=PlanForm(item, handoff, until, until))
    handoff.support_until = until
    counts = tuple(Count(form, 1, 3) for form in COUNTED)
    for lacks in (True, False):
        yield view("form/support_end", form=EndForm(item, handoff, counts if lacks else (), lacks, s.TODAY))
    yield message("dm/account_lost", handoff=handoff, person=s.MIA, by=s.OLAF.slack_id)
