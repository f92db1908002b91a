"""What three years leave behind: handoffs with stages, items, questions, answers, nudges, messages and the audit trail.

Twelve items and ten nudges a handoff. Of the nudges of a closed one most were sent and some were met in time; an open
one has what it waits for planned, two of them for the very same minute (`crowd.MOMENT`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from bench.crowd import CHANNELS, TEAM_ROW, YEARS_BACK, Crowd, Row, text
from bot.domain.playbook import Step

PER_STAGE, STAGES, NUDGES = 4, 3, 10
ITEMS = PER_STAGE * STAGES
STAGE_DAYS = 15
COLUMNS: dict[str, tuple[str, ...]] = {
    "handoffs": (
        *("id", "workspace_id", "account_id", "playbook_id", "reason", "sales_channel", "tier", "overseas", "test_run"),
        *("benefit", "channel_id", "start_on", "last_day", "drawn_on", "outgoing_id", "incoming_id", "manager_id"),
        *("inside_id", "state", "stage_position", "acceptance", "accepted_at", "started_at", "started_by_id"),
        "closed_at",
    ),
    "stages": (
        *("id", "workspace_id", "handoff_id", "position", "key", "title", "goal", "hands_over", "entered_at"),
        *("left_at", "left_by_id"),
    ),
    "checklist_items": (
        *("id", "workspace_id", "handoff_id", "stage_id", "position", "key", "title", "detail", "evidence_wanted"),
        *("owner_role", "owner_id", "due_anchor", "due_days", "due_on", "necessary", "state", "closed_by_id"),
        *("closed_at", "version"),
    ),
    "feedback_requests": (
        *("id", "workspace_id", "handoff_id", "function", "pack", "necessary", "asked_id", "asked_at", "due_on"),
        *("state", "closed_by_id", "closed_at", "version"),
    ),
    "answers": ("id", "workspace_id", "request_id", "question", "value", "label", "by_id", "at", "confidential"),
    "nudges": (
        *("id", "workspace_id", "handoff_id", "obligation", "subject_id", "slot", "due_at", "state", "person_id"),
        *("queued_at", "sent_at"),
    ),
    "outbox": (
        *("id", "workspace_id", "key", "kind", "subject_id", "handoff_id", "person_id", "detail", "priority", "wanted"),
        *("shown", "state", "not_before", "channel", "ts", "link", "created_at", "sent_at"),
    ),
    "audit": ("id", "workspace_id", "at", "by_id", "handoff_id", "verb", "subject_id", "before", "after"),
}
_BEFORE, _AFTER = json.dumps({"state": "open"}), json.dumps({"state": "done"})


@dataclass(frozen=True, slots=True)
class Life:
    """One handoff in outline. `entered` has the day of each stage; those after `position` lie in the future."""

    number: int
    open: bool
    cancelled: bool
    position: int
    entered: tuple[date, ...]
    manager: int
    outgoing: int
    incoming: int

    def past(self, stage: int) -> bool:
        """Whether that stage has been left."""
        return stage < self.position or not (self.open or self.cancelled)

    def owner(self, step: Step) -> int:
        return {"outgoing": self.outgoing, "incoming": self.incoming}.get(step.owner.value, self.manager)


class Past:
    """Rows of one handoff after the other, collected by table in `rows` until somebody takes them away."""

    def __init__(self, crowd: Crowd, random: Random) -> None:
        self._crowd, self._random, self._today = crowd, random, crowd.today
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self._numbers: dict[str, int] = defaultdict(int)
        book = crowd.playbook
        self._asks = [(ask, crowd.library.packs[ask.pack]) for ask in book.feedback]
        self._packs = [json.dumps(pack.to_dict()) for _, pack in self._asks]
        self._stages = [(stage, [*stage.steps[: PER_STAGE - 1], stage.steps[-1]]) for stage in book.stages]

    def homes(self) -> None:
        """Everybody has opened App Home once."""
        at = _at(self._today - timedelta(days=20))
        for person in range(1, self._crowd.size.people + 1):
            self._letter("home", f"home:{person}", person, None, None, 7, at, None)

    def handoff(self, number: int) -> None:
        """Handoff `number` (from 1) with all that belongs to it."""
        life = self._life(number)
        self._head(life)
        for stage in range(STAGES):
            self._stage(life, stage)
        planned = self._requests(life)
        if life.open:
            self._current_nudges(life, planned)
        else:
            self._old_nudges(life)

    def _life(self, number: int) -> Life:
        random, crowd = self._random.random, self._crowd
        running = crowd.size.is_open(number)
        cancelled = not running and random() < 0.08
        if running:
            position = int(3 * random() ** 1.6)  # a half is in its first stage
            first = self._today - timedelta(days=4 + int(9 * random()) + STAGE_DAYS * position)
        else:
            position = 1 if cancelled else STAGES - 1
            age = 365 * YEARS_BACK * (1 - number / crowd.size.handoffs)
            first = self._today - timedelta(days=STAGE_DAYS * STAGES + 1 + int(age))
        entered = tuple(first + timedelta(days=STAGE_DAYS * stage) for stage in range(STAGES))
        return Life(number, running, cancelled, position, entered, crowd.manager(), crowd.rep(), crowd.rep())

    def _head(self, life: Life) -> None:
        n, start, last_day = life.number, life.entered[0], life.entered[0] + timedelta(days=2 * STAGE_DAYS)
        state = "open" if life.open else "cancelled" if life.cancelled else "completed"
        acceptance = "accepted" if life.past(0) else "asked" if n % 40 == 3 else "not_asked"
        began, closed = _at(start), None if life.open else _at(life.entered[-1] + timedelta(days=STAGE_DAYS))
        channel = f"C0{n % CHANNELS:04}"
        # one open handoff an account at most
        account = self._next("open") if life.open else 1 + n % self._crowd.size.accounts
        self.rows["handoffs"].append(
            (
                *(n, TEAM_ROW, account, 1, "retirement", "direct", "standard", 0, 0),
                *("A rep who lives nearby and knows their plants.", channel, start.isoformat(), last_day.isoformat()),
                *(self._today.isoformat(), life.outgoing, life.incoming, life.manager, life.manager, state),
                *(life.position, acceptance, _at(life.entered[1]) if acceptance == "accepted" else None, began),
                *(life.manager, closed),
            )
        )
        self._letter("card", f"card:{n}", n, n, None, 1, began, f"https://bench/{channel}/{n}")

    def _stage(self, life: Life, place: int) -> None:
        stage, steps = self._stages[place]
        n, number, entered, past = life.number, self.stage_id(life.number, place), life.entered[place], life.past(place)
        begun = past or place == life.position
        left = _at(entered + timedelta(days=STAGE_DAYS)) if past else None
        self.rows["stages"].append(
            (
                *(number, TEAM_ROW, n, place, stage.key, stage.title, stage.goal, int(stage.hands_over)),
                *(_at(entered) if begun else None, left, life.manager if past else None),
            )
        )
        if begun:
            self._letter("stage", f"stage:{number}", number, n, None, 1, _at(entered), None)
        for rank, step in enumerate(steps):
            self._item(life, place, rank, step)

    def _item(self, life: Life, place: int, rank: int, step: Step) -> None:
        number, due, owner = self.item_id(life.number, place, rank), self._due(life, place, rank), life.owner(step)
        chance = self._random.random()
        state, by, at = "open", None, None
        if (life.past(place) and chance > 0.03) or (place == life.position and rank == 0):
            state, by, at = "skipped" if chance > 0.96 else "done", owner, _at(due)
            self._record(at, owner, life.number, "item.completed", number)
        self.rows["checklist_items"].append(
            (
                *(number, TEAM_ROW, life.number, self.stage_id(life.number, place), place * PER_STAGE + rank + 1),
                *(step.key, step.title, step.detail, step.evidence, step.owner.value, owner if chance > 0.9 else None),
                *(step.due.anchor.value, step.due.working_days, due.isoformat(), int(step.necessary), state, by, at),
                int(state != "open"),
            )
        )

    def _due(self, life: Life, place: int, rank: int) -> date:
        """In the current stage of an open one: the second is due today, the third may be late."""
        if not life.open or place != life.position or rank == 0:
            return life.entered[place] + timedelta(days=1 + rank * 3)
        return self._today + timedelta(days=(0, self._third(life), 6)[rank - 1])

    def _third(self, life: Life) -> int:
        """Days from today: with its next reminder this very minute, or late since yesterday, or ahead."""
        if life.position > 0:
            return -4
        return -1 if life.number % 10 < 3 else 2

    def _requests(self, life: Life) -> list[tuple[str, int, date, int]]:
        """Returns what is still open: obligation, number, due date, in how many days its next nudge goes."""
        waiting = []
        asked_on = life.entered[0]
        count = 2 + (life.number % 5 > 1) + (life.number % 5 > 3)
        for place, (ask, pack) in enumerate(self._asks[:count]):
            number = 4 * life.number - 3 + place
            who, running = self._crowd.stakeholder(place), life.open and life.position == 0 and place != 1
            due = self._today + timedelta(days=place) if running else asked_on + timedelta(days=2)
            state = "open" if running else "withdrawn" if life.cancelled else "answered"
            closed = None if running else _at(due)
            by = who if state == "answered" else None
            self.rows["feedback_requests"].append(
                (
                    *(number, TEAM_ROW, life.number, ask.function, self._packs[place], int(ask.necessary), who),
                    *(_at(asked_on), due.isoformat(), state, by, closed, int(not running)),
                )
            )
            detail = json.dumps({"person_id": who})
            key = f"request:{number}:{who}"
            self._letter("request", key, number, life.number, who, 4, _at(asked_on), None, detail)
            if state == "answered":
                self._answer(number, pack.first, who, _at(due))
            elif running:
                waiting.append(("answer", number, due, place))
        return waiting

    def _answer(self, request: int, question: Any, who: int, at: str) -> None:
        value, label = (question.options[0].key, question.options[0].label) if question.options else ("", "Nothing new")
        row = (request, question.key, value, label, who, at, 0)
        self.rows["answers"].append((self._next("answers"), TEAM_ROW, *row))

    def _old_nudges(self, life: Life) -> None:
        for place in range(NUDGES):
            stage, rank = divmod(place, PER_STAGE)
            due, item = self._due(life, stage, rank), self.item_id(life.number, stage, rank)
            rung = ("heads_up:3", "heads_up:1", "due")[place % 3]
            sent = self._random.random() < 0.6
            self._nudge(life, "item", item, due, rung, due, "sent" if sent else "met", life.outgoing)

    def _current_nudges(self, life: Life, waiting: list[tuple[str, int, date, int]]) -> None:
        today, third = self._today, self._third(life)
        items = [
            (self.item_id(life.number, life.position, rank), self._due(life, life.position, rank)) for rank in range(4)
        ]
        planned = [("item", *items[1], "due", 0), ("item", *items[3], "heads_up:3", 3)]
        planned.append(("item", *items[2], *{-4: ("repeat:1", 0), -1: ("repeat:1", 1), 2: ("heads_up:1", 1)}[third]))
        planned += [(kind, number, due, "due", days) for kind, number, due, days in waiting]
        for kind, subject, due, rung, days in planned:
            self._nudge(life, kind, subject, due, rung, today + timedelta(days=days), "planned", life.outgoing)
        gone = [
            (0, "heads_up:3"),
            (0, "heads_up:1"),
            (0, "due"),
            (1, "heads_up:3"),
            (1, "heads_up:1"),
            (2, "heads_up:3"),
        ]
        gone += [(2, "heads_up:1"), (2, "due")] if third < 0 else []
        for rank, rung in gone[: NUDGES - len(planned)]:
            before = today - timedelta(days=5)
            self._nudge(life, "item", *items[rank], rung, before, "sent", life.outgoing)

    def _nudge(
        self, life: Life, kind: str, subject: int, due: date, rung: str, on: date, state: str, person: int
    ) -> None:
        number, sent = self._next("nudges"), state == "sent"
        at = text(self._crowd.moment) if on == self._today else _at(on, number % 60)
        slot = f"{due:%Y%m%d}/{rung}"
        whom, when = (person, at) if sent else (None, None)
        self.rows["nudges"].append((number, TEAM_ROW, life.number, kind, subject, slot, at, state, whom, when, when))
        if sent:
            self._letter("nudge", f"nudge:{number}", number, life.number, person, 6, at, None)

    def _letter(
        self,
        kind: str,
        key: str,
        subject: int,
        handoff: int | None,
        person: int | None,
        priority: int,
        at: str,
        link: str | None,
        detail: str | None = None,
    ) -> None:
        number = self._next("outbox")
        channel = None if kind == "home" else f"D0P{person:05}" if person else f"C0{handoff or 0:06}"
        ts = None if kind == "home" else f"17{number:08}.000100"
        self.rows["outbox"].append(
            (
                *(number, TEAM_ROW, key, kind, subject, handoff, person, detail, priority, 1, 1, "sent", at, channel),
                *(ts, link, at, at),
            )
        )

    def _record(self, at: str, by: int, handoff: int, verb: str, subject: int) -> None:
        self.rows["audit"].append((self._next("audit"), TEAM_ROW, at, by, handoff, verb, subject, _BEFORE, _AFTER))

    def _next(self, table: str) -> int:
        self._numbers[table] += 1
        return self._numbers[table]

    @staticmethod
    def stage_id(handoff: int, place: int) -> int:
        return STAGES * (handoff - 1) + place + 1

    @staticmethod
    def item_id(handoff: int, place: int, rank: int) -> int:
        return ITEMS * (handoff - 1) + PER_STAGE * place + rank + 1


@cache
def _at(on: date, minute: int = 0) -> str:
    """Nine o'clock (UTC) and some minutes on that day."""
    return f"{on.isoformat()} 09:{minute:02}:00.000000"
