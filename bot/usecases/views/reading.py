"""What people see, made from the state of the moment: the values that templates are rendered from.

Nothing here decides; domain objects are handed over as they are, with what would cost a query or a calculation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.dossier import Fact
from bot.domain.feedback import Answer, FeedbackRequest, RequestState
from bot.domain.gate import Missing
from bot.domain.gate import missing as keeps_shut
from bot.domain.handoff import Handoff, HandoffState, StageRun
from bot.domain.pack import Pack, Question
from bot.domain.people import Person
from bot.domain.phases import Stay
from bot.domain.vocabulary import Phase
from bot.usecases.coverage import cover_views
from bot.usecases.coverage.cover_views import AccountCover
from bot.usecases.customers.customer_view import NOTHING_RECORDED, CustomerView, customer_view
from bot.usecases.desk import worktime
from bot.usecases.handoffs.lacking import lacking
from bot.usecases.handoffs.phases import stays
from bot.usecases.handoffs.support import SupportView, support_view
from bot.usecases.workspace.playbooks import playbook_of, stage_due


@dataclass(frozen=True)
class CardView:
    """`days` counts to the last day (negative: since then); None while no last day is known."""

    handoff: Handoff
    today: date
    phase: Phase
    days: int | None
    done: int
    total: int
    stage_due: date | None
    missing: tuple[Missing, ...]
    next: Missing | None
    overrides: tuple[StageRun, ...]
    answered: int
    asked: int
    customer: CustomerView = NOTHING_RECORDED
    support: SupportView | None = None
    stay: Stay | None = None
    """The phase it is in, since how many days, against its target; of one that is open."""
    cover: AccountCover | None = None
    """Who looks after the account meanwhile; of one that waits to be taken over."""
    nice: tuple[Fact, ...] = ()
    """Facts that are nice to have and not known, where the gate asks for facts; they never hold it."""


@dataclass(frozen=True)
class ItemLine:
    """`owner` is who has to do it now; `late` whether its day has passed.

    `last`: nobody but the outgoing rep can do it; `gone`: and they have left, so that somebody else has to see.
    """

    item: ChecklistItem
    owner: Person | None
    late: bool
    last: bool = False
    gone: bool = False


@dataclass(frozen=True)
class StageView:
    handoff: Handoff
    stage: StageRun
    lines: tuple[ItemLine, ...]
    done: int
    today: date
    current: bool
    last: int = 0
    """Open items that nobody but the outgoing rep can do, while they are here; they come first (A11)."""
    days_left: int | None = None
    """Until their last day; None while none is known."""


@dataclass(frozen=True)
class AnswerLine:
    """One question with the answer that stands, or None."""

    question: Question
    answer: Answer | None


@dataclass(frozen=True)
class PromptView:
    """One copy of a feedback prompt. `place`: open, unassigned (the manager's), moved, closed or off (cancelled)."""

    handoff: Handoff
    request: FeedbackRequest
    pack: Pack
    lines: tuple[AnswerLine, ...]
    place: str
    today: date


@dataclass(frozen=True)
class AnsweredView:
    """The message in the thread; `hidden` counts confidential answers, which are not shown there."""

    handoff: Handoff
    request: FeedbackRequest
    pack: Pack
    lines: tuple[AnswerLine, ...]
    hidden: int


def card(session: Session, handoff: Handoff, today: date) -> CardView:
    items = handoff.items_of(handoff.stage)
    calendar = worktime(handoff.manager) if handoff.manager else None
    playbook = playbook_of(session, handoff)
    facts = lacking(session, handoff, playbook.rules.dossier, today)
    missing = tuple(keeps_shut(handoff, facts.necessary)) if handoff.state is HandoffState.OPEN else ()
    due = stage_due(handoff, playbook, calendar) if calendar else None
    dated = [one for one in missing if one.due_on is not None]
    return CardView(
        handoff=handoff,
        today=today,
        phase=handoff.phase(today),
        days=(handoff.last_day - today).days if handoff.last_day else None,
        done=sum(not item.open for item in items),
        total=len(items),
        stage_due=due,
        missing=missing,
        next=min(dated, key=lambda one: one.due_on or today) if dated else next(iter(missing), None),
        overrides=tuple(stage for stage in handoff.stages if stage.override_reason),
        answered=sum(request.state in (RequestState.ANSWERED, RequestState.NOTHING) for request in handoff.requests),
        asked=len(handoff.requests),
        customer=customer_view(session, handoff, playbook.rules.customer, today),
        support=support_view(session, handoff),
        stay=stays(session, [handoff], today)[handoff.id] if handoff.state is HandoffState.OPEN else None,
        cover=cover_views.of_handoff(session, handoff, today),
        nice=facts.nice,
    )


def stage(handoff: Handoff, run: StageRun, today: date) -> StageView:
    items = handoff.items_of(run)
    lines = sorted((line(handoff, item, today) for item in items), key=lambda one: not one.last)
    days = (handoff.last_day - today).days if handoff.last_day else None
    return StageView(
        handoff=handoff,
        stage=run,
        lines=tuple(lines),
        done=sum(not item.open for item in items),
        today=today,
        current=handoff.state is HandoffState.OPEN and handoff.stage.id == run.id,
        last=sum(one.last for one in lines),
        days_left=days if days is not None and days >= 0 else None,
    )


def line(handoff: Handoff, item: ChecklistItem, today: date) -> ItemLine:
    late = item.open and item.due_on is not None and item.due_on < today
    only = item.open and item.outgoing_only and handoff.outgoing is not None
    here = handoff.outgoing is not None and handoff.outgoing.reachable
    return ItemLine(item, handoff.owner_of(item), late, last=only and here, gone=only and not here)


def prompt(handoff: Handoff, request: FeedbackRequest, copy_for: int | None, today: date) -> PromptView:
    """`copy_for` is the number of the person whose copy this is."""
    pack = Pack.from_dict(request.pack)
    return PromptView(
        handoff,
        request,
        pack,
        answer_lines(pack, request, confidential=True),
        _place(handoff, request, copy_for),
        today,
    )


def _place(handoff: Handoff, request: FeedbackRequest, copy_for: int | None) -> str:
    if request.state is RequestState.WITHDRAWN or handoff.state is not HandoffState.OPEN:
        return "off"
    if request.asked_id is not None and request.asked_id != copy_for:
        return "moved"
    if not request.open:
        return "closed"
    nobody = request.asked_id is None and request.group_slack_id is None
    return "unassigned" if nobody else "open"


def answered(handoff: Handoff, request: FeedbackRequest) -> AnsweredView:
    pack = Pack.from_dict(request.pack)
    shown = tuple(one for one in answer_lines(pack, request, confidential=False) if one.answer is not None)
    return AnsweredView(handoff, request, pack, shown, hidden(request))


def working_days_late(owner: Person | None, due: date | None, today: date) -> int:
    """In working days of the owner, 100 at most; 0 on the day (and for what has no date), -1 before it."""
    if due is None or owner is None:
        return 0
    if today <= due:
        return -1 if today < due else 0
    hours, day, late = worktime(owner), due, 0
    while day < today and late < 100:
        day = hours.add_working_days(day, 1)
        late += day <= today
    return late


def answer_lines(pack: Pack, request: FeedbackRequest, *, confidential: bool) -> tuple[AnswerLine, ...]:
    current = request.current
    return tuple(
        AnswerLine(question, current.get(question.key))
        for question in pack.questions
        if confidential or not question.confidential
    )


def hidden(request: FeedbackRequest) -> int:
    return sum(answer.confidential for answer in request.current.values())
