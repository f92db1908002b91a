"""Looking around: the menu, App Home, lists, one handoff. Nothing here changes anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.handoff import Handoff
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.phases import PhaseDays
from bot.domain.refusals import NoHandoff, NoSuchThing
from bot.store import glance, known, loading
from bot.store.involved import involving
from bot.store.letters import Letter, Priority, freshen
from bot.usecases.accounts.accounts import one_account
from bot.usecases.desk import Actor, Desk
from bot.usecases.handoffs.links import card_link
from bot.usecases.handoffs.phases import days_spent
from bot.usecases.views import reading
from bot.usecases.views.home import prepared_quietly
from bot.usecases.views.lists import Row, my_items, rows_of
from bot.usecases.views.reading import CardView, StageView

LIST_LIMIT = 40


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
    days: tuple[PhaseDays, ...] = ()
    """What the handoff has spent in each phase so far."""
    opens: bool = False
    """It is quiet, and the reader may open it."""


@dataclass(frozen=True)
class MenuView:
    """`quiet`: what this person prepares quietly."""

    person: Person
    runs: bool
    open_house: bool
    items: int
    today: date
    quiet: tuple[Handoff, ...] = ()
    manages: bool = False


@dataclass(frozen=True)
class Overview:
    desk: Desk

    def menu(self, actor: Actor) -> MenuView:
        """What `/handoff` alone offers this person."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            standing = self.desk.standing(session, person)
            today = self.desk.today(person)
            involved = glance.places(session, involving(session, person, seen=True))
            count = len(my_items(glance.work(session, involved, person).steps, involved, person, today))
            quiet = prepared_quietly((one.handoff for one in involved), person)
            return MenuView(person, standing.starts, standing.open_house, count, today, quiet, standing.manager)

    def list(self, actor: Actor, scope: str) -> ListView:
        """`scope` is mine, team or overdue."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            today = self.desk.today(person)
            late_on = today if scope == "overdue" else None
            ids, count = glance.page(session, person, LIST_LIMIT, mine=scope == "mine", late_on=late_on)
            rows = rows_of(session, glance.glances(session, glance.places(session, ids), today), today)
            return ListView(scope, rows, count - len(rows), today)

    def show(self, actor: Actor, query: str) -> ShowView:
        """`/handoff show ACME`: the latest handoff of the account. Raises NoAccount, NoHandoff."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            handoff, others = self._latest(session, person, query)
            today = self.desk.today(person)
            opens = handoff.quiet and self.desk.may(session, Action.OPEN_QUIET, person, handoff)
            card, days = reading.card(session, handoff, today), days_spent(session, handoff, today)
            return ShowView(card, card_link(session, handoff), others, days, opens)

    def handoff(self, actor: Actor, handoff_id: int) -> Handoff:
        """One whole handoff, to fill a form with. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            return self._whole(session, self.desk.viewer(session, actor), handoff_id)

    def stage(self, actor: Actor, handoff_id: int, stage_id: int) -> StageView:
        """One stage's whole checklist. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            person = self.desk.viewer(session, actor)
            handoff = self._whole(session, person, handoff_id)
            run = numbered(handoff.stages, stage_id)
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
            item = numbered(handoff.items, item_id)
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
        account, others = one_account(session, person, query)
        latest = known.latest_handoff_of(session, person, account.id)
        if latest is None:
            raise NoHandoff(account=account.name)
        return loading.whole_handoff(session, person.workspace_id, latest.id), others

    def _whole(self, session: Session, reader: Person, handoff_id: int) -> Handoff:
        """Of a handoff that the reader may know of. Raises NoSuchThing."""
        found = loading.whole_handoff(session, reader.workspace_id, handoff_id)
        self.desk.sight(reader, found)
        return found
