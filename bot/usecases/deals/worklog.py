"""The joint work log: who did what for a shared deal on which day. What is not in it does not count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.commission import Commission
from bot.domain.deals import BeforeIt, Deal, NotYet, WorkEntry
from bot.domain.handoff import Handoff
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import NoDay, NotAllowed, Refusal
from bot.domain.vocabulary import StepForm
from bot.errors import BotError, FieldErrors
from bot.store import dealing, journal, loading
from bot.usecases.deals.deals import locked
from bot.usecases.deals.duties import agreement_of
from bot.usecases.desk import Actor, Desk
from bot.usecases.fields import tried
from bot.usecases.handoffs.checklist import Checklist, written

WHAT_LIMIT = 500


class NothingShared(Refusal):
    sentence = "No deal of %(account)s is shared now, so there is no work to write down."


class ChooseDeals(Refusal):
    sentence = "Choose at least one deal."


class AfterWindow(Refusal):
    sentence = "The commission window of “%(deal)s” ended before that day, so it would not count."


@dataclass(frozen=True)
class LogDraft:
    """To fill the form with: the deals that work can be written down for, and those that are chosen already."""

    handoff: Handoff
    deals: tuple[Deal, ...]
    chosen: tuple[int, ...]
    today: date
    item_id: int | None = None


@dataclass(frozen=True)
class WorkLog:
    desk: Desk
    checklist: Checklist

    def draft(self, actor: Actor, handoff_id: int, deal_id: int | None = None, item_id: int | None = None) -> LogDraft:
        """Raises NothingShared, NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            handoff = loading.whole_handoff(session, reader.workspace_id, handoff_id)
            self.desk.sight(reader, handoff)
            if item_id is None:
                self.desk.require(session, Action.WORK_LOG, reader, handoff)
            shared = self._shared(session, reader, handoff)
            chosen = {deal_id} if deal_id is not None else set()
            item = numbered(handoff.items, item_id)
            about = agreement_of(item) if item is not None else None
            chosen |= {deal.id for found, deal in shared if found.id == about}
            deals = tuple(deal for _, deal in shared)
            if len(deals) == 1:
                chosen = {deals[0].id}
            return LogDraft(handoff, deals, tuple(sorted(chosen)), self.desk.today(reader), item_id)

    def write(
        self,
        actor: Actor,
        handoff_id: int,
        deal_ids: Collection[int],
        on: date | None,
        what: str,
        item_id: int | None = None,
    ) -> None:
        """An entry for each of these deals; with `item_id` it finishes that step. Raises FieldErrors, NotAllowed."""
        with self.desk.db.write() as session:
            if item_id is None:
                by, handoff = locked(self.desk, session, actor, handoff_id, action=Action.WORK_LOG)
                self._enter(session, by, handoff, deal_ids, on, what)
                return

            def follow(session: Session, handoff: Handoff, _item: ChecklistItem, by: Person) -> None:
                whole = loading.whole_handoff(session, by.workspace_id, handoff.id)
                self._enter(session, by, whole, deal_ids, on, what)

            body = {"deals": sorted(deal_ids), "on": on.isoformat() if on else None, "what": what}
            self.checklist.written_down(session, actor, item_id, StepForm.WORK_LOG, body, follow)

    def _enter(
        self, session: Session, by: Person, handoff: Handoff, deal_ids: Collection[int], on: date | None, what: str
    ) -> None:
        shared = {deal.id: (found, deal) for found, deal in self._shared(session, by, handoff)}
        errors: dict[str, BotError] = {}
        chosen = [shared[number] for number in deal_ids if number in shared]
        if not chosen:
            errors["deals"] = ChooseDeals()
        problem = self._wrong_day(by, handoff, chosen, on)
        if problem is not None:
            errors["day"] = problem
        words = tried(errors, "what", lambda: written(what, WHAT_LIMIT))
        if errors or on is None:
            raise FieldErrors(errors)
        now = self.desk.now()
        for _found, deal in chosen:
            entry = WorkEntry(by.workspace_id, handoff.id, deal.id, by.id, on, words, now)
            session.add(entry)
            session.flush()
            after = {"deal": deal.name, "on": on.isoformat(), "what": words}
            journal.record(session, by, now, "work.recorded", entry.id, handoff.id, after=after)

    def _wrong_day(
        self, by: Person, handoff: Handoff, chosen: Collection[tuple[Commission, Deal]], on: date | None
    ) -> BotError | None:
        if on is None:
            return NoDay()
        if on > self.desk.today(by):
            return NotYet()
        if on < handoff.start_on:
            return BeforeIt()
        late = [deal.name for found, deal in chosen if found.until_on is not None and on > found.until_on]
        return AfterWindow(deal=late[0]) if late else None

    def _shared(self, session: Session, person: Person, handoff: Handoff) -> list[tuple[Commission, Deal]]:
        """Open deals with terms that both have signed, and of which this person is one of the two."""
        agreed = [(found, deal) for found, deal in dealing.agreed_in(session, handoff.id) if deal.open and found.signed]
        if not agreed:
            raise NothingShared(account=handoff.account.name)
        mine = [pair for pair in agreed if pair[0].role_of(person.id) is not None]
        if not mine:
            ids = [number for found, _ in agreed for number in (found.outgoing_id, found.incoming_id)]
            raise NotAllowed(people=[one.slack_id for one in loading.people_by_id(session, ids).values()])
        return mine
