"""Who looks after an account: naming a cover, offering to, confirming, extending, ending; and another owner (D18, D21).

Each change is one transaction over the account's line of time and the handoff that is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from bot.domain import coverage as lines
from bot.domain.accounts import Account, CoverageKind
from bot.domain.coverage import Line, NoSuchCover, Stretch
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import AwayThroughout, NoSuchThing, Refusal, Unreachable
from bot.domain.trail import stored
from bot.domain.vocabulary import StepForm
from bot.errors import FieldErrors
from bot.store import journal, known, loading, trail
from bot.store import lines as store
from bot.store.letters import Letter, freshen_existing
from bot.usecases import changes
from bot.usecases.coverage import covering
from bot.usecases.coverage.cover_refusals import (
    ConfirmedAlready,
    CoveredAlready,
    DeclinedOffer,
    HandoffUnderWay,
    NotNeeded,
    OfferedAlready,
    YouAreAway,
    YouConfirmed,
    YouOffered,
    YouWereDeclined,
)
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import Missing, unfit
from bot.usecases.handoffs.checklist import Checklist, require_confidant
from bot.usecases.handoffs.handoffs import Handoffs
from bot.usecases.handoffs.rematch import naming
from bot.usecases.nudges import alarms

A_DAY = timedelta(days=1)


class Wish(StrEnum):
    """What a form about coverage asks for."""

    COVER = "cover"
    OWNER = "owner"
    NOBODY = "nobody"
    """The cover ends today."""
    LAPSE = "lapse"
    """The cover ends on its day: the answer to an item that asks."""


@dataclass(frozen=True)
class CoverForm:
    """What was filled in: who (a Slack id), as what, from and until when (both days included).

    `anyway`: name them although the customer has declined them before.
    """

    wish: Wish
    person: str | None
    first: date | None
    last: date | None
    anyway: bool = False


@dataclass(frozen=True)
class _Change:
    """What one transaction works on. `today` is the date of the handoff's manager, else of whoever acts."""

    session: Session
    by: Person
    account: Account
    handoff: Handoff | None
    line: Line
    today: date


@dataclass(frozen=True)
class Coverages:
    desk: Desk
    handoffs: Handoffs
    checklist: Checklist

    def change(self, actor: Actor, account_id: int, form: CoverForm, item_id: int | None = None) -> None:
        """Name, extend, pass on or end a cover, or name another owner. `item_id`: the step that asked for it.

        Raises FieldErrors (person, first, last), NotAllowed, NoSuchCover, HandoffUnderWay, AlreadyDone.
        """
        with self.desk.db.write() as session:
            played = item_id is not None and self._finish(session, actor, account_id, item_id, form)
            it = self._begin(session, actor, account_id, None if item_id is not None else Action.COVER)
            if form.wish is not Wish.LAPSE:
                after = self._changed(it, form)
                if not played:
                    self._settle(it, after, f"coverage.{form.wish.value}")

    def claim(self, actor: Actor, account_id: int) -> bool:
        """ "I'll cover": from the first day that nobody is named for. Returns whether it holds without confirmation.

        Raises CoveredAlready, OfferedAlready, YouOffered, NotNeeded, YouAreAway, YouWereDeclined, NoSuchThing.
        """
        with self.desk.db.write() as session:
            it = self._begin(session, actor, account_id, None)
            first = self._claimable(it)
            last = covering.proposed_end(session, it.handoff, first)
            self._require_person(it.by)
            self._require_fit_to_claim(it, max(first, it.today), last)
            holds = self._may(it)
            number = it.handoff.id if it.handoff else None
            offer = Stretch(CoverageKind.COVER, first, last + A_DAY, it.by.id, number, it.by.id, holds)
            after = lines.covered(it.line, offer, it.today, comes_back=False)
            told = None if holds else self._thread(it, "cover_offered", it.by, first, last)
            self._settle(it, after, "coverage.offered", told)
            return holds

    def confirm(self, actor: Actor, account_id: int, person_id: int) -> None:
        """The offer of this person holds.

        Raises ConfirmedAlready (naming who was first), DeclinedOffer, NoSuchCover, NotAllowed.
        """
        with self.desk.db.write() as session:
            it = self._begin(session, actor, account_id, Action.COVER)
            people = loading.people_by_id(session, [person_id, *(one.by_id for one in it.line)])
            standing = lines.cover_from(it.line, it.today)
            if standing is not None and standing.person_id == person_id and person_id in people:
                raise self._confirmed_before(it, standing, people)
            after = lines.confirmed(it.line, person_id, it.by.id)
            if person_id in people and not people[person_id].reachable:
                raise Unreachable(person=people[person_id].slack_id)
            if person_id in people and self._declined(it, people[person_id]):
                raise DeclinedOffer(account=it.account.name, person=people[person_id].slack_id)
            self._settle(it, after, "coverage.confirmed")

    def _begin(self, session: Session, actor: Actor, account_id: int, action: Action | None) -> _Change:
        """Lock handoff, then account: the order in which everybody does. Raises NoSuchThing, NotAllowed.

        A test run is not under way: it says nothing of who looks after the account.
        """
        by = self.desk.actor(session, actor)
        account = loading.account(session, by.workspace_id, account_id)
        if not known.is_known(session, by, account):
            raise NoSuchThing()
        running = loading.open_handoff_of(session, by.workspace_id, account_id)
        running = None if running is not None and running.test_run else running
        handoff = loading.whole_handoff(session, by.workspace_id, running.id, lock=True) if running else None
        if action is not None:
            self.desk.require(session, action, by, handoff)
        self.desk.sight(by, handoff)
        today = self.desk.today(handoff.manager if handoff is not None and handoff.manager else by)
        return _Change(session, by, account, handoff, store.line_of(session, account_id, lock=True), today)

    def _changed(self, it: _Change, form: CoverForm) -> Line:
        """The line as the form wants it."""
        if form.wish is Wish.NOBODY:
            return self._ended(it)
        person = self._person(it, form)
        return self._owned(it, person, form) if form.wish is Wish.OWNER else self._covered(it, person, form)

    def _finish(self, session: Session, actor: Actor, account_id: int, item_id: int, form: CoverForm) -> bool:
        """The step that asked is done by what the form says. Raises NoSuchThing for a step about another account.

        Returns whether that was only played, in a test run.
        """
        workspace_id = self.desk.workspace_id(session, actor.team_id)
        item = loading.item(session, workspace_id, item_id)
        handoff = loading.handoff(session, workspace_id, item.handoff_id)
        if handoff.account_id != account_id:
            raise NoSuchThing()
        days = {name: day.isoformat() for name, day in (("first", form.first), ("last", form.last)) if day is not None}
        body = {"wish": form.wish.value, "person": form.person, **days}
        self.checklist.written_down(session, actor, item_id, item.form or StepForm.COVER, body)
        return handoff.test_run

    def _person(self, it: _Change, form: CoverForm) -> Person:
        if form.person is None:
            raise FieldErrors({"person": Missing()})
        person = self.desk.person(it.session, it.by.workspace_id, form.person)
        self._require_person(person)
        if it.handoff is not None:
            require_confidant(it.handoff, person)
        subject = (it.account.id, it.handoff.id if it.handoff else None)
        welcome = naming(it.session, it.by, subject[0], person, subject[1], anyway=form.anyway)
        if welcome.problem is not None:
            raise FieldErrors({"person": welcome.problem})
        welcome.note(self.desk, it.session, it.by, *subject, form.wish.value)
        return person

    def _require_fit_to_claim(self, it: _Change, first: date, last: date) -> None:
        """Raise YouAreAway, or YouWereDeclined: whom the customer declined, a manager names knowingly in the form."""
        if it.by.away_throughout(first, last):
            raise YouAreAway(account=it.account.name, first=first, last=last)
        if self._declined(it, it.by):
            raise YouWereDeclined(account=it.account.name)

    def _declined(self, it: _Change, person: Person) -> bool:
        number = it.handoff.id if it.handoff else None
        return naming(it.session, it.by, it.account.id, person, number, anyway=False).problem is not None

    def _require_person(self, person: Person) -> None:
        problem = unfit(person)
        if problem is not None:
            raise FieldErrors({"person": problem})

    def _covered(self, it: _Change, person: Person, form: CoverForm) -> Line:
        first = form.first or covering.open_from(it.handoff, it.line, it.today) or it.today
        if form.last is None:
            raise FieldErrors({"last": Missing()})
        handoff_id = it.handoff.id if it.handoff else None
        new = Stretch(CoverageKind.COVER, first, form.last + A_DAY, person.id, handoff_id, it.by.id)
        try:
            line = covering.with_cover(it.session, it.handoff, it.line, new, it.today)
        except (lines.EndsBeforeItBegins, lines.TooLongACover) as problem:
            raise FieldErrors({"last": problem}) from problem
        except lines.CoverIsOver as problem:
            raise FieldErrors({"last" if first >= it.today else "first": problem}) from problem
        except lines.CoversThemselves as problem:
            raise FieldErrors({"person": problem}) from problem
        if person.away_throughout(max(first, it.today), form.last):
            raise FieldErrors({"person": AwayThroughout(person=person.slack_id)})
        return line

    def _owned(self, it: _Change, person: Person, form: CoverForm) -> Line:
        if it.handoff is not None:
            raise HandoffUnderWay(account=it.account.name)
        first = form.first or it.today
        if first < it.today:
            raise FieldErrors({"first": lines.CoverIsOver()})
        return lines.taken_over(it.line, person.id, first, None, it.by.id)

    def _ended(self, it: _Change) -> Line:
        cover = lines.cover_from(it.line, it.today) or lines.offer_from(it.line, it.today)
        if cover is None:
            raise NoSuchCover()
        return lines.ended(it.line, cover, max(it.today, cover.from_on), it.today)

    def _claimable(self, it: _Change) -> date:
        """The first day for which somebody may offer to cover."""
        offer = lines.offer_from(it.line, it.today)
        named = offer or lines.cover_from(it.line, it.today)
        first = covering.open_from(it.handoff, it.line, it.today)
        if first is not None and offer is None:
            return first
        account = it.account.name
        if named is None:
            raise NotNeeded(account=account)
        if offer is not None and offer.person_id == it.by.id:
            raise YouOffered(account=account)
        who = loading.people_by_id(it.session, [named.person_id])[named.person_id or 0]
        raise (OfferedAlready if offer is not None else CoveredAlready)(account=account, person=who.slack_id)

    def _confirmed_before(self, it: _Change, cover: Stretch, people: dict[int, Person]) -> Refusal:
        who, first = people[cover.person_id or 0], people.get(cover.by_id or 0)
        if first is None or first.id == it.by.id:
            return YouConfirmed(account=it.account.name, person=who.slack_id)
        return ConfirmedAlready(account=it.account.name, person=who.slack_id, people=[first.slack_id])

    def _may(self, it: _Change) -> bool:
        """Whether they could confirm it themselves, as a named manager: then nobody else has to."""
        if it.handoff is not None and it.handoff.manager_id == it.by.id:
            return True
        return self.desk.standing(it.session, it.by).manager

    def _settle(self, it: _Change, after: Line, verb: str, told: Letter | None = None) -> None:
        """Write the line, and bring in step whatever follows it."""
        session, now = it.session, self.desk.now()
        store.write(session, it.account.workspace_id, it.account.id, it.line, after)
        facts = (stored(it.line, it.today), stored(after, it.today))
        number = it.handoff.id if it.handoff is not None else trail.public_of(session, it.account.id)
        journal.record(session, it.by, now, verb, it.account.id, number, *facts)
        concerned = {one.person_id for one in (*it.line, *after)} - {None}
        if it.handoff is not None:
            covering.follow_line(session, it.handoff, it.today, it.by, now, anew=True)
            cover = lines.cover_from(after, it.today)
            if cover is not None and cover != lines.cover_from(it.line, it.today) and told is None:
                told = self._named(it, cover)
            self.handoffs.moved(session, it.by, it.handoff, *([told] if told is not None else []))
        freshen_existing(session, it.account.workspace_id, now, [changes.home(n) for n in concerned if n is not None])
        alarms.redraw(session, it.account.workspace_id, now)

    def _named(self, it: _Change, cover: Stretch) -> Letter | None:
        person = loading.people_by_id(it.session, [cover.person_id]).get(cover.person_id or 0)
        if person is None or cover.until_on is None:
            return None
        return self._thread(it, "covered", person, cover.from_on, cover.until_on - A_DAY)

    def _thread(self, it: _Change, template: str, person: Person, first: date, last: date) -> Letter | None:
        if it.handoff is None:
            return None
        values: dict[str, Any] = {"account_id": it.account.id, "person": person.slack_id, "person_id": person.id}
        days = {"first": first.isoformat(), "last": last.isoformat()}
        slot = f"{template}:{person.id}:{first.isoformat()}:{last.isoformat()}"
        return changes.thread_message(it.handoff.id, slot, template, **values, **days, by=it.by.slack_id)
