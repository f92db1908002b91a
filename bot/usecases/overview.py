"""Looking around: the menu, App Home, lists, one handoff, the brief. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.checklist import ChecklistItem, ItemState
from bot.domain.feedback import FeedbackRequest, RequestState
from bot.domain.handoff import Acceptance, Handoff, HandoffState, Missing
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoHandoff, NoSuchThing
from bot.domain.vocabulary import Role
from bot.store import glance, loading
from bot.store import schema as t
from bot.store.glance import Glance, Place, Stage
from bot.store.letters import Letter, Priority, freshen
from bot.usecases import reading, undelivered
from bot.usecases.accounts import one_account
from bot.usecases.brief import BriefView, brief
from bot.usecases.desk import Actor, Desk
from bot.usecases.leaves import AwayView, away_view
from bot.usecases.links import card_link, card_links
from bot.usecases.reading import CardView, ItemLine, StageView
from bot.usecases.undelivered import Undelivered

Steps = Mapping[int, Sequence[ChecklistItem]]  # by handoff
Asked = Mapping[int, Sequence[FeedbackRequest]]
LIST_LIMIT = 40
ROOM = 100
"""Blocks that App Home has room for: longer lists are not drawn only to be folded."""


@dataclass(frozen=True)
class Row:
    """A handoff in a list: the stage it is in with its steps, what is late, and where the card stands."""

    handoff: Handoff
    stage: Stage
    done: int
    total: int
    late: int
    link: str


@dataclass(frozen=True)
class MyItem:
    handoff: Handoff
    line: ItemLine


@dataclass(frozen=True)
class MyQuestion:
    handoff: Handoff
    request: FeedbackRequest
    title: str


@dataclass(frozen=True)
class Waiting:
    """Something this person waits for because it holds up a handoff of theirs."""

    handoff: Handoff
    missing: Missing


@dataclass(frozen=True)
class HomeView:
    """`runs`: may start handoffs and change the setup; `open_house`: because no managers are named yet."""

    person: Person
    items: tuple[MyItem, ...]
    questions: tuple[MyQuestion, ...]
    to_accept: tuple[Handoff, ...]
    waiting: tuple[Waiting, ...]
    handoffs: tuple[Row, ...]
    runs: bool
    open_house: bool
    today: date
    away: AwayView | None = None
    undelivered: tuple[Undelivered, ...] = ()
    """The latest of the messages that were given up, for those who may have them sent again; `given_up` counts all."""
    given_up: int = 0


@dataclass(frozen=True)
class ListView:
    scope: str
    rows: tuple[Row, ...]
    more: int
    today: date


@dataclass(frozen=True)
class ShowView:
    card: CardView
    link: str
    others: tuple[Account, ...]


@dataclass(frozen=True)
class MenuView:
    person: Person
    runs: bool
    open_house: bool
    items: int
    today: date


@dataclass(frozen=True)
class Overview:
    desk: Desk

    def menu(self, actor: Actor) -> MenuView:
        """What `/handoff` alone offers this person."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            standing = self.desk.standing(session, person)
            today = self.desk.today(person)
            involved = glance.places(session, involving(session, person))
            count = len(_my_items(glance.open_items(session, involved), involved, person, today))
            return MenuView(person, standing.starts, standing.open_house, count, today)

    def list(self, actor: Actor, scope: str) -> ListView:
        """`scope` is mine, team or overdue."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            today, number = self.desk.today(person), person.workspace_id
            who, late_on = person if scope == "mine" else None, today if scope == "overdue" else None
            ids, count = glance.page(session, number, LIST_LIMIT, who, late_on)
            rows = _rows(session, glance.glances(session, ids, today))
            return ListView(scope, rows, count - len(rows), today)

    def show(self, actor: Actor, query: str) -> ShowView:
        """`/handoff show ACME`: the latest handoff of the account. Raises NoAccount, NoHandoff."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            handoff, others = self._latest(session, person, query)
            return ShowView(
                reading.card(session, handoff, self.desk.today(person)), card_link(session, handoff), others
            )

    def brief(self, actor: Actor, handoff_id: int | None = None, query: str = "") -> BriefView:
        """The brief of one handoff, by number or by account name. Raises NoAccount, NoHandoff, NoSuchThing."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            if handoff_id is None:
                handoff, _ = self._latest(session, person, query)
            else:
                handoff = loading.whole_handoff(session, person.workspace_id, handoff_id)
            return brief(handoff, person.id, self.desk.today(person))

    def handoff(self, actor: Actor, handoff_id: int) -> Handoff:
        """One whole handoff, to fill a form with. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            return loading.whole_handoff(session, self.desk.workspace_id(session, actor.team_id), handoff_id)

    def stage(self, actor: Actor, handoff_id: int, stage_id: int) -> StageView:
        """One stage's whole checklist. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, person.workspace_id, handoff_id)
            run = next((one for one in handoff.stages if one.id == stage_id), None)
            if run is None:
                raise NoSuchThing()
            return reading.stage(handoff, run, self.desk.today(person))

    def require(self, actor: Actor, action: Action, handoff_id: int, item_id: int | None = None) -> None:
        """Before a form is opened, rather than after it is filled in: raises NotAllowed, naming who can.

        Raises HandoffClosed too, and to accept or return also AlreadyAccepted or NothingToAccept.
        """
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, person.workspace_id, handoff_id)
            item = next((one for one in handoff.items if one.id == item_id), None)
            self.desk.require(session, action, person, handoff, item)
            if action is Action.ACCEPT:
                handoff.require_asked()
            else:
                handoff.require_open()

    def may(self, actor: Actor, action: Action, handoff_id: int) -> bool:
        """Whether to offer the action to this person."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            return self.desk.may(session, action, person, loading.handoff(session, person.workspace_id, handoff_id))

    def opened_home(self, actor: Actor) -> None:
        """The person looks at App Home: from now on it is kept current."""
        with self.desk.db.write() as session:
            person = self.desk.actor(session, actor)
            letter = Letter(f"home:{person.id}", "home", person.id, priority=Priority.ANSWER)
            freshen(session, person.workspace_id, self.desk.now(), [letter])

    def _latest(self, session: Session, person: Person, query: str) -> tuple[Handoff, tuple[Account, ...]]:
        account, others = one_account(session, person.workspace_id, query)
        latest = loading.latest_handoff_of(session, person.workspace_id, account.id)
        if latest is None:
            raise NoHandoff(account=account.name)
        return loading.whole_handoff(session, person.workspace_id, latest.id), others


def home(desk: Desk, session: Session, person: Person) -> HomeView:
    """App Home of one person: what is theirs, what they wait for, the handoffs they are in."""
    today = desk.today(person)
    standing = desk.standing(session, person)
    involved = glance.glances(session, involving(session, person), today)
    steps, asked = glance.open_items(session, involved), glance.open_requests(session, involved, person)
    mine = [one for one in involved if any(one.handoff.holder_id(role) == person.id for role in Role)]
    items, questions = _my_items(steps, involved, person, today), _my_questions(session, asked, involved, person)
    waiting = [wait for one in mine for wait in _waits(one, steps, asked, person)]
    share = share_of_room(len(items), len(questions), len(waiting), len(mine))
    letters, given_up = undelivered.given_up(desk, session, person)
    return HomeView(
        person=person,
        items=tuple(items[:share]),
        questions=tuple(questions[:share]),
        to_accept=tuple(one.handoff for one in mine if _asks(one.handoff, person)),
        waiting=tuple(waiting[:share]),
        handoffs=_rows(session, mine[:share]),
        runs=standing.starts or person.is_admin,
        open_house=standing.open_house,
        today=today,
        away=away_view(desk, session, person, person),
        undelivered=tuple(letters),
        given_up=given_up,
    )


def involving(session: Session, person: Person, limit: int = 50) -> list[int]:
    """Open handoffs with a role, an open item or an open question of this person."""
    ids = loading.handoff_ids_of(session, person, limit)
    i, r, h = t.checklist_items.c, t.feedback_requests.c, t.handoffs.c
    assigned = select(i.handoff_id).where(i.owner_id == person.id, i.state == ItemState.OPEN)
    asked = select(r.handoff_id).where(r.asked_id == person.id, r.state == RequestState.OPEN)
    others = select(h.id).where(h.state == HandoffState.OPEN, or_(h.id.in_(assigned), h.id.in_(asked))).limit(limit)
    return list(dict.fromkeys([*ids, *session.scalars(others)]))


def share_of_room(*lengths: int) -> int:
    """How many rows of each list there can be room for, and two more, by which the fold sees that there is more.

    The longest gives way first, as in `bot/slack/fitting.py`.
    """
    room, lists = ROOM, sorted(lengths)
    for place, length in enumerate(lists):
        share = room // (len(lists) - place)
        if length > share:
            return share + 2
        room -= length
    return ROOM


def _rows(session: Session, shown: Sequence[Glance]) -> tuple[Row, ...]:
    links = card_links(session, [one.handoff for one in shown])
    return tuple(Row(one.handoff, one.stage, one.done, one.total, one.late, links[one.handoff.id]) for one in shown)


def _my_items(steps: Steps, involved: Sequence[Place], person: Person, today: date) -> list[MyItem]:
    """What this person has to do now, the most pressing first."""
    lines = (
        (h, reading.line(h, item, today)) for h in (one.handoff for one in involved) for item in steps.get(h.id, ())
    )
    found = (MyItem(handoff, line) for handoff, line in lines)
    return sorted((one for one in found if one.line.owner is not None and one.line.owner.id == person.id), key=_by_date)


def _my_questions(session: Session, requests: Asked, involved: Sequence[Place], person: Person) -> list[MyQuestion]:
    asked = [
        (one.handoff, request)
        for one in involved
        for request in requests.get(one.handoff.id, ())
        if request.asked_id == person.id
    ]
    titles = glance.titles(session, [request.id for _, request in asked])
    return [MyQuestion(handoff, request, titles[request.id] or request.function) for handoff, request in asked]


def _asks(handoff: Handoff, person: Person) -> bool:
    """Whether it waits for this person to accept it."""
    return handoff.acceptance is Acceptance.ASKED and handoff.incoming_id == person.id


def _waits(one: Glance, steps: Steps, asked: Asked, person: Person) -> Iterator[Waiting]:
    handoff, number = one.handoff, one.handoff.id
    for missing in handoff.missing_of(one.stage.hands_over, steps.get(number, ()), asked.get(number, ())):
        if missing.owner is not None and missing.owner.id != person.id:
            yield Waiting(handoff, missing)


def _by_date(one: MyItem) -> tuple[date, int]:
    return (one.line.item.due_on or date.max, one.line.item.id)
