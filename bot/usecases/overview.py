"""Looking around: the menu, App Home, lists, one handoff, the brief. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.checklist import ItemState
from bot.domain.feedback import FeedbackRequest, RequestState
from bot.domain.handoff import Acceptance, Handoff, HandoffState, Missing
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoHandoff, NoSuchThing
from bot.domain.vocabulary import Role
from bot.store import loading
from bot.store import schema as t
from bot.store.letters import Letter, Priority, freshen
from bot.usecases import reading
from bot.usecases.accounts import one_account
from bot.usecases.brief import BriefView, brief
from bot.usecases.desk import Actor, Desk
from bot.usecases.links import card_link
from bot.usecases.reading import CardView, ItemLine, StageView

LIST_LIMIT = 40


@dataclass(frozen=True)
class Row:
    """A handoff in a list: its card's facts and where the card stands."""

    card: CardView
    link: str
    late: int


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
            count = len(home(self.desk, session, person).items) if person.id else 0
            return MenuView(person, standing.starts, standing.open_house, count, self.desk.today(person))

    def list(self, actor: Actor, scope: str) -> ListView:
        """`scope` is mine, team or overdue."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            ids = loading.handoff_ids_of(session, person) if scope == "mine" else self._open_ids(session, person)
            rows = [row(session, one, self.desk.today(person)) for one in loading.whole_handoffs(session, ids)]
            if scope == "overdue":
                rows = [one for one in rows if one.late]
            return ListView(scope, tuple(rows[:LIST_LIMIT]), max(0, len(rows) - LIST_LIMIT), self.desk.today(person))

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

    def _open_ids(self, session: Session, person: Person) -> Sequence[int]:
        c = t.handoffs.c
        where = (c.workspace_id == person.workspace_id, c.state == HandoffState.OPEN)
        return session.scalars(select(c.id).where(*where).order_by(c.last_day, c.id).limit(200)).all()


def home(desk: Desk, session: Session, person: Person) -> HomeView:
    """App Home of one person: what is theirs, what they wait for, the handoffs they are in."""
    today = desk.today(person)
    standing = desk.standing(session, person)
    involved = loading.whole_handoffs(session, involving(session, person))
    mine = [h for h in involved if any(h.holder_id(role) == person.id for role in Role)]
    return HomeView(
        person=person,
        items=tuple(sorted((i for h in involved for i in _items(h, person, today)), key=_by_date)),
        questions=tuple(q for h in involved for q in _questions(h, person)),
        to_accept=tuple(h for h in mine if h.acceptance is Acceptance.ASKED and h.incoming_id == person.id),
        waiting=tuple(w for h in mine for w in _waits(h, person)),
        handoffs=tuple(row(session, h, today) for h in mine),
        runs=standing.starts or person.is_admin,
        open_house=standing.open_house,
        today=today,
    )


def row(session: Session, handoff: Handoff, today: date) -> Row:
    late = sum(i.open and i.due_on is not None and i.due_on < today for i in handoff.items_of(handoff.stage))
    late += sum(r.open and r.due_on is not None and r.due_on < today for r in handoff.requests)
    return Row(reading.card(session, handoff, today), card_link(session, handoff), late)


def involving(session: Session, person: Person, limit: int = 50) -> list[int]:
    """Open handoffs with a role, an open item or an open question of this person."""
    ids = loading.handoff_ids_of(session, person, limit)
    i, r, h = t.checklist_items.c, t.feedback_requests.c, t.handoffs.c
    assigned = select(i.handoff_id).where(i.owner_id == person.id, i.state == ItemState.OPEN)
    asked = select(r.handoff_id).where(r.asked_id == person.id, r.state == RequestState.OPEN)
    others = select(h.id).where(h.state == HandoffState.OPEN, or_(h.id.in_(assigned), h.id.in_(asked))).limit(limit)
    return list(dict.fromkeys([*ids, *session.scalars(others)]))


def _items(handoff: Handoff, person: Person, today: date) -> list[MyItem]:
    lines = (reading.line(handoff, item, today) for item in handoff.items_of(handoff.stage) if item.open)
    return [MyItem(handoff, one) for one in lines if one.owner is not None and one.owner.id == person.id]


def _questions(handoff: Handoff, person: Person) -> list[MyQuestion]:
    return [
        MyQuestion(handoff, request, str(request.pack.get("title", request.function)))
        for request in handoff.requests
        if request.open and request.asked_id == person.id
    ]


def _waits(handoff: Handoff, person: Person) -> list[Waiting]:
    return [Waiting(handoff, one) for one in handoff.missing() if one.owner is not None and one.owner.id != person.id]


def _by_date(one: MyItem) -> tuple[date, int]:
    return (one.line.item.due_on or date.max, one.line.item.id)
