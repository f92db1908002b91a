"""What people and workers do most, each as one call: measured by `bench/scale.py`, explained by `bench/plans.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from bench.slack import TEAM
from bot.app import Bot
from bot.domain.checklist import ItemState
from bot.domain.feedback import RequestState
from bot.domain.handoff import Handoff, HandoffState
from bot.domain.people import Person
from bot.outbox.claiming import claim, next_waiting
from bot.store import loading, schedule
from bot.store import schema as t
from bot.usecases.desk import Actor
from bot.usecases.views import home
from bot.usecases.views.home import HomeView
from bot.usecases.views.overview import ListView

BATCH = 100


@dataclass(frozen=True)
class Busy:
    """The busiest of each kind, and how much they have open: a rep, a manager, somebody who is asked."""

    rep: Person
    boss: Person
    asked: Person
    handoffs: tuple[int, int]
    questions: int


@dataclass(frozen=True)
class Tick:
    """A click on "Done": an open item of a current stage, and its owner."""

    item_id: int
    actor: Actor


class Paths:
    """On one bot, whose clock stands at the moment at which nudges are due."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.busy = self._busiest()

    def ticks(self, count: int) -> list[Tick]:
        """Open items of current stages, `count` at most, spread over all handoffs."""
        h, s, i = t.handoffs.c, t.stages.c, t.checklist_items.c
        here = and_(s.handoff_id == h.id, s.position == h.stage_position)
        query = (
            select(i.id, h.id)
            .select_from(t.handoffs)
            .join(t.stages, here)
            .join(t.checklist_items, and_(i.handoff_id == h.id, i.stage_id == s.id))
            .where(h.state == HandoffState.OPEN, i.state == ItemState.OPEN, i.form.is_(None))
        )
        with self._bot.db.read() as session:
            rows = session.execute(query.order_by(i.position, h.id)).all()
            chosen = rows[:: max(1, len(rows) // count)][:count]
            whole = {one.id: one for one in loading.whole_handoffs(session, {handoff for _, handoff in chosen})}
            return [Tick(item, _actor(_owner(whole[handoff], item))) for item, handoff in chosen]

    def tick(self, one: Tick) -> None:
        self._bot.checklist.complete(one.actor, one.item_id)

    def next_due(self) -> None:
        self._bot.due.next_due()

    def claim_nudges(self) -> int:
        """Claims a batch and gives it back; returns how many."""
        with self._bot.db.write() as session:
            found = len(schedule.claim_due(session, self._bot.clock.now(), BATCH))
            session.rollback()
        return found

    def decide(self) -> int:
        """Claims a batch, decides it, writes the letters; returns how many there were."""
        return self._bot.due.queue_due(BATCH)

    def claim_letter(self, posting: bool) -> None:
        """As each of the courier's threads does before a letter; given back."""
        with self._bot.db.write() as session:
            claim(session, self._bot.clock.now(), posting)
            session.rollback()

    def next_letter(self) -> None:
        with self._bot.db.read() as session:
            next_waiting(session, self._bot.clock.now())

    def orphans(self) -> None:
        self._bot.courier.take_up_orphans(alone=False)

    def metrics(self) -> bytes:
        return self._bot.metrics.page()

    def new_day(self) -> int:
        return self._bot.daybreak.draw_cards()

    def home(self, person: Person) -> HomeView:
        with self._bot.db.read() as session:
            return home.home(self._bot.desk, session, loading.people_by_id(session, [person.id])[person.id])

    def render_home(self, view: HomeView) -> None:
        self._bot.renderer.home("views/home", view.person.locale, home=view, now=self._bot.clock.now())

    def menu(self, person: Person) -> None:
        self._bot.overview.menu(_actor(person))

    def list(self, person: Person, scope: str) -> ListView:
        return self._bot.overview.list(_actor(person), scope)

    def render_list(self, view: ListView) -> None:
        now = self._bot.clock.now()
        self._bot.renderer.message("messages/private/list", "en-US", view=view, today=view.today, now=now)

    def all(self) -> dict[str, Callable[[], object]]:
        """Every path once, by what people would call it. Those that change something come last."""
        looks: dict[str, Callable[[], object]] = {
            "next due nudge": self.next_due,
            "claim nudges": self.claim_nudges,
            "next waiting letter": self.next_letter,
            "orphaned letters": self.orphans,
            "/metrics": self.metrics,
        }
        for kind in ("rep", "boss", "asked"):
            person: Person = getattr(self.busy, kind)
            looks[f"App Home, {kind}"] = lambda who=person: self.home(who)  # type: ignore[misc]
            looks[f"menu, {kind}"] = lambda who=person: self.menu(who)  # type: ignore[misc]
        for scope in ("mine", "team", "overdue"):
            looks[f"list {scope}"] = lambda scope=scope: self.list(self.busy.boss, scope)  # type: ignore[misc]
        (click,) = self.ticks(1)
        return looks | {
            "click on Done": lambda: self.tick(click),
            "decide nudges": self.decide,
            "claim a post": lambda: self.claim_letter(True),
            "claim an edit": lambda: self.claim_letter(False),
            "new day": self.new_day,
        }

    def _busiest(self) -> Busy:
        h, r = t.handoffs.c, t.feedback_requests.c
        with self._bot.db.read() as session:
            found: list[tuple[int, int]] = []
            for column, is_open in (
                (h.outgoing_id, h.state == HandoffState.OPEN),
                (h.manager_id, h.state == HandoffState.OPEN),
                (r.asked_id, r.state == RequestState.OPEN),
            ):
                query = select(column, func.count()).where(is_open).group_by(column)
                found.append(session.execute(query.order_by(func.count().desc(), column).limit(1)).one())
            people = loading.people_by_id(session, [number for number, _ in found])
            who = [people[number] for number, _ in found]
            return Busy(who[0], who[1], who[2], (found[0][1], found[1][1]), found[2][1])


def _owner(handoff: Handoff, item_id: int) -> Person:
    owner = handoff.owner_of(next(one for one in handoff.items if one.id == item_id))
    assert owner is not None, "every handoff here has a manager"
    return owner


def _actor(person: Person) -> Actor:
    return Actor(TEAM, person.slack_id)
