"""What keeps the gate of a stage shut, and who owns each thing of it: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bot.domain.checklist import ChecklistItem
from bot.domain.dossier import Fact
from bot.domain.feedback import FeedbackRequest, RequestState
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.people import Person
from bot.domain.quiet import knows
from bot.domain.vocabulary import Role


@dataclass(frozen=True)
class Missing:
    """One thing that keeps a gate shut. `kind` is item, answer, fact, role, acceptance or opening; `ref` its id.

    Of a fact `title` is the `Fact` and `ref` the account. `group`: the user group that was asked (Slack's id), where no
    person was; then `owner` is who looks after it.
    """

    kind: str
    title: str
    ref: int
    owner: Person | None
    due_on: date | None
    group: str | None = None


def missing(handoff: Handoff, unknown: Iterable[Fact]) -> list[Missing]:
    """Exactly what keeps the current stage's gate shut and who owns it (C17, C19).

    `unknown`: the necessary facts of the handoff's playbook that nobody has said about the account.
    """
    return missing_of(handoff, handoff.stage.hands_over, handoff.items_of(handoff.stage), handoff.requests, unknown)


def missing_of(
    handoff: Handoff,
    hands_over: bool,
    items: Iterable[ChecklistItem],
    requests: Iterable[FeedbackRequest],
    unknown: Iterable[Fact],
) -> list[Missing]:
    """`missing` of a handoff that is not loaded whole: whether the current stage hands over, and its items.

    What is closed may be left out.
    """
    if handoff.acceptance is Acceptance.ASKED:
        return [Missing("acceptance", handoff.account.name, handoff.id, handoff.accepter, handoff.acceptance_due_on)]
    found = [*_items(handoff, items)]
    if hands_over:
        found += [*_answers(handoff, requests), *_facts(handoff, hands_over, unknown), *_roles(handoff)]
        found += [Missing("opening", handoff.account.name, handoff.id, handoff.manager, None)] if handoff.quiet else []
    return found


def wants_facts(handoff: Handoff, hands_over: bool) -> bool:
    """Whether facts count now: at the gate of the stage that hands the account over (`hands_over`), until it is passed.

    What the stages before and after it need is in their steps.
    """
    return hands_over and handoff.state is HandoffState.OPEN and handoff.acceptance is Acceptance.NOT_ASKED


def teller(handoff: Handoff) -> Person | None:
    """Who is to say what is missing about the account: who has served it, else the manager."""
    outgoing = handoff.outgoing
    return outgoing if outgoing is not None and outgoing.reachable and knows(handoff, outgoing.id) else handoff.manager


def _items(handoff: Handoff, items: Iterable[ChecklistItem]) -> Iterator[Missing]:
    for item in items:
        if item.open and item.necessary:
            yield Missing("item", item.title, item.id, handoff.owner_of(item), item.due_on)


def _answers(handoff: Handoff, requests: Iterable[FeedbackRequest]) -> Iterator[Missing]:
    for request in requests:
        if request.necessary and request.state is RequestState.OPEN:
            group = request.group_slack_id if request.asked_id is None else None
            yield Missing("answer", request.function, request.id, handoff.asked_of(request), request.due_on, group)


def _facts(handoff: Handoff, hands_over: bool, unknown: Iterable[Fact]) -> Iterator[Missing]:
    if wants_facts(handoff, hands_over):
        for fact in unknown:
            yield Missing("fact", fact.value, handoff.account_id, teller(handoff), None)


def _roles(handoff: Handoff) -> Iterator[Missing]:
    if handoff.incoming_id is None or handoff.incoming_is_gone:
        yield Missing("role", Role.INCOMING.value, handoff.id, handoff.manager, handoff.last_day)
