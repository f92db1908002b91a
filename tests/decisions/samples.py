"""Domain objects as the database would give them, for tests that show them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.domain.accounts import Account
from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.feedback import Answer, FeedbackRequest, RequestState
from bot.domain.handoff import Acceptance, Handoff, HandoffState, StageRun
from bot.domain.pack import Pack
from bot.domain.people import Person
from bot.domain.playbook import Choice, Playbook
from bot.domain.vocabulary import Reason, Role, SalesChannel, Tier
from bot.playbooks.files import SHIPPED, load_library
from bot.store.mapping import start_mappers

start_mappers()  # before the first object is made: the people below are used by every test

NOW = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
LIBRARY = load_library([SHIPPED])

_ids = count(1)


def numbered(thing: Any) -> Any:
    """With an id, as after a flush."""
    thing.id = next(_ids)
    return thing


def person(name: str, **more: Any) -> Person:
    found: Person = numbered(Person(1, f"U{name.upper()[:9]:0<9}", name, **more))
    return found


MIA, OLAF, INES, CARL = (person(name) for name in ("mia", "olaf", "ines", "carl"))


def item(stage: StageRun, title: str = "Read the purchase history", **more: Any) -> ChecklistItem:
    values: dict[str, Any] = {"owner": OLAF, "owner_id": OLAF.id, "owner_role": Role.OUTGOING, "due_on": TODAY, **more}
    found: ChecklistItem = numbered(ChecklistItem(1, 1, stage.id, position=next(_ids), title=title, **values))
    return found


def done(one: ChecklistItem, state: ItemState = ItemState.DONE, reason: str = "") -> ChecklistItem:
    one.state, one.closed_by, one.closed_by_id = state, MIA, MIA.id
    one.closed_at, one.skip_reason = NOW - timedelta(days=1), reason
    return one


def request(function: str = "credit", **more: Any) -> FeedbackRequest:
    pack: Pack = LIBRARY.packs[function]
    values: dict[str, Any] = {"asked": CARL, "asked_id": CARL.id, "asked_at": NOW, "due_on": TODAY, **more}
    found: FeedbackRequest = numbered(FeedbackRequest(1, 1, function, json.loads(json.dumps(pack.to_dict())), **values))
    return found


def answered(one: FeedbackRequest, words: str = "On time") -> FeedbackRequest:
    for question in one.questions:
        text = words if question["kind"] == "text" else str(question["options"][0]["label"])  # type: ignore[index]
        key = "text" if question["kind"] == "text" else str(question["options"][0]["key"])  # type: ignore[index]
        hidden = bool(question["confidential"])
        one.answers.append(numbered(Answer(1, one.id, str(question["key"]), key, text, CARL.id, NOW, hidden)))
    one.state, one.closed_by, one.closed_by_id, one.closed_at = RequestState.ANSWERED, CARL, CARL.id, NOW
    return one


def handoff(words: str = "", items: int = 6, **more: Any) -> Handoff:
    """A running one. `words` take the place of everything that people type."""
    account = numbered(Account(1, (words or "Acme Corp")[:120]))
    values: dict[str, Any] = {
        "outgoing": OLAF, "outgoing_id": OLAF.id, "incoming": INES, "incoming_id": INES.id,
        "manager": MIA, "manager_id": MIA.id, "last_day": TODAY + timedelta(days=9),
        "benefit": words or "A rep who lives nearby and knows their plants.", **more,
    }  # fmt: skip
    one: Handoff = numbered(
        Handoff(
            1, account.id, 1, Reason.RETIREMENT, SalesChannel.DIRECT, Tier.STRATEGIC,
            channel_id="C0ACCOUNTS0", start_on=TODAY, started_at=NOW, started_by_id=MIA.id, **values,
        )
    )  # fmt: skip
    one.account = account
    titles = [("prepare", "Prepare"), ("introduce", "Introduce"), ("support", "Support")]
    for position, (key, title) in enumerate(titles):
        stage = numbered(StageRun(1, position, key, words[:300] or title, words, hands_over=position == 0))
        one.stages.append(stage)
    one.stages[0].entered_at = NOW
    for number in range(items):
        one.items.append(item(one.stages[0], words[:150] or f"Do thing {number}", detail=words, evidence=words))
    one.requests = [request("credit", note=words), request("marketing", note=words)]
    return one


def accepted(one: Handoff) -> Handoff:
    one.acceptance, one.accepted_at, one.transfer_on = Acceptance.ACCEPTED, NOW, TODAY
    one.acceptance_asked_at, one.stage_position = NOW, 1
    one.stages[0].override_reason, one.stages[0].left_by = one.benefit, MIA
    return one


def asked(one: Handoff) -> Handoff:
    one.acceptance, one.acceptance_asked_at, one.acceptance_due_on = Acceptance.ASKED, NOW, TODAY
    return one


def closed(one: Handoff, state: HandoffState, reason: str = "") -> Handoff:
    one.state, one.closed_at, one.cancel_reason = state, NOW, reason
    return one


def choice(playbook: Playbook, why: tuple[str, ...]) -> Choice:
    return Choice(playbook, why)
