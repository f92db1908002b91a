"""What the form of a territory run holds, and what can be wrong with it by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.refusals import Refusal
from bot.domain.vocabulary import Reason
from bot.usecases.territory.listed import Listed

PER_WAVE, EVERY = 25, 5
MOST_PER_WAVE, MOST_DAYS_APART = 5_000, 60


class NoAccounts(Refusal):
    sentence = "There is no account that you could hand over: choose a rep who looks after some, or a list."


class TooMany(Refusal):
    sentence = "That is more than %(limit)s accounts. Do it in two runs."


class NobodyGets(Refusal):
    sentence = "Choose who may get the accounts, or have the list say it."


class PlanIsOld(Refusal):
    sentence = "This plan has been confirmed or changed meanwhile. Open it again."


class NothingToStart(Refusal):
    sentence = "None of these accounts can be handed over as planned. Change the plan."


class Already(Refusal):
    sentence = "They are to get these accounts already. Choose somebody else."


@dataclass(frozen=True)
class RunForm:
    """What the form says; people and channel are Slack ids. `listed`: the lines of a file, else a rep's whole book."""

    title: str
    book: str | None
    reason: Reason | None
    benefit: str
    last_day: date | None
    assign: str | None
    reps: Sequence[str]
    channel: str | None
    first_on: date | None
    per_wave: str = str(PER_WAVE)
    every: str = str(EVERY)
    brief_tiers: Sequence[str] = ()
    listed: Sequence[Listed] | None = None
