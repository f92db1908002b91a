"""Who covers what, as people see it: on the card, in lists, on Home, and in the form that changes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.domain import coverage as lines
from bot.domain.accounts import Account, CoverageKind
from bot.domain.coverage import Line, Stretch
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.suggesting import Suggestion, suggested
from bot.domain.vocabulary import StepForm
from bot.store import covers, known, loading, looking
from bot.store import lines as store
from bot.store.loading import people_by_id
from bot.usecases.accounts.accounts import one_account
from bot.usecases.coverage import covering
from bot.usecases.coverage.bench import Entry, on_the_bench
from bot.usecases.desk import Actor, Desk
from bot.usecases.handoffs.rematch import declined_before

A_DAY = timedelta(days=1)
SHOWN = 20
"""Accounts of one kind in a list."""


@dataclass(frozen=True)
class Named:
    """Somebody who covers, or offers to; both days included."""

    person: Person
    first: date
    last: date


@dataclass(frozen=True)
class AccountCover:
    """Who looks after an account. `needed`: the first day for which a cover has to be named.

    `vacant_since`: the first day of the vacancy of today; `vacant_days` in all, since the handoff began (or of this
    vacancy, outside a handoff).
    """

    account: Account
    owner: Person | None
    since: date | None
    cover: Named | None
    offer: Named | None
    vacant_since: date | None
    vacant_days: int
    needed: date | None
    today: date
    theirs: bool = False
    """Its handoff is the reader's to manage: they may say who covers."""


@dataclass(frozen=True)
class CoverList:
    """`/handoff cover`: the reader's accounts and covers; for whom that is to manage, what is not plainly owned."""

    mine: tuple[AccountCover, ...]
    team: tuple[AccountCover, ...]
    manages: bool
    more: int
    today: date


@dataclass(frozen=True)
class Suggested:
    person: Person
    why: Suggestion


@dataclass(frozen=True)
class CoverForm:
    """What the form about one account begins with. `item_id`: the step that asks; `lapses`: it asks what comes next."""

    now: AccountCover
    person: Person | None
    first: date
    last: date
    suggestions: tuple[Suggested, ...]
    bench: tuple[Entry, ...]
    item_id: int | None
    lapses: bool
    owners: bool
    """Another owner may be named here: no handoff is under way."""
    declined: bool = False
    """Whether the customer has declined somebody before."""


def of_handoff(session: Session, handoff: Handoff, today: date) -> AccountCover | None:
    """For the card of a handoff that waits to be taken over; None once it is, or when it is closed, or a test run."""
    if handoff.test_run or handoff.state is not HandoffState.OPEN or handoff.acceptance is Acceptance.ACCEPTED:
        return None
    line = store.line_of(session, handoff.account_id)
    people = people_by_id(session, (one.person_id for one in line))
    return _read(handoff.account, line, handoff, people, today)


def by_now(session: Session, handoff: Handoff, today: date) -> AccountCover:
    """How it stands with the account of a handoff, for what was said about it in the thread: as everybody knows it."""
    line = store.public_line(session, handoff.account_id)
    return _read(handoff.account, line, handoff, people_by_id(session, (one.person_id for one in line)), today)


def of_accounts(session: Session, reader: Person, accounts: Collection[Account], today: date) -> list[AccountCover]:
    """What the reader may know of these accounts, in their order."""
    return _shown(session, reader, _known(session, reader, accounts), today)


@dataclass(frozen=True)
class Looked:
    """The accounts that somebody owns, covers or offers to cover, and of the team's as many as were asked for."""

    mine: tuple[AccountCover, ...]
    team: tuple[AccountCover, ...]
    more: int


def look(session: Session, reader: Person, today: date, *, team: int, gaps: bool = True) -> Looked:
    """What the reader may know of their own, and of those of the team that nobody plainly owns; strategic ones first.

    `team`: how many of these, those for which somebody is needed (or offers) before the others; `gaps`: no others.
    """
    own = covers.mine(session, reader, today, SHOWN)
    others = covers.unowned(session, reader, today, 10 * SHOWN) if team else []
    every = {one.id: one for one in (*own, *others)}
    found = {one.account.id: one for one in _known(session, reader, every.values())}
    theirs = sorted((found[one.id] for one in others), key=lambda one: not one.gap(today))
    theirs = [one for one in theirs if one.gap(today)] if gaps else theirs
    shown = _shown(session, reader, [*(found[one.id] for one in own), *theirs[:team]], today)
    return Looked(tuple(shown[: len(own)]), tuple(shown[len(own) :]), len(theirs[team:]))


@dataclass(frozen=True)
class _Known:
    """What a reader may know of one account, before anybody is named."""

    account: Account
    line: Line
    handoff: Handoff | None

    def gap(self, today: date) -> bool:
        """Whether somebody is needed for it, or offers."""
        needed = covering.open_from(self.handoff, self.line, today)
        return bool(lines.vacant_since(self.line, today) or needed or lines.offer_from(self.line, today))


def _known(session: Session, reader: Person, accounts: Collection[Account]) -> list[_Known]:
    if not accounts:
        return []
    ids = [one.id for one in accounts]
    found = store.known_lines(session, reader, ids)
    handoffs = {one.account_id: one for one in known.open_handoffs_of(session, reader, ids) if not one.test_run}
    return [_Known(one, found.get(one.id, ()), handoffs.get(one.id)) for one in accounts]


def _shown(session: Session, reader: Person, accounts: Sequence[_Known], today: date) -> list[AccountCover]:
    people = looking.met(session, (stretch.person_id for one in accounts for stretch in one.line))
    shown = []
    for one in accounts:
        theirs = one.handoff is not None and one.handoff.manager_id == reader.id
        shown.append(replace(_read(one.account, one.line, one.handoff, people, today), theirs=theirs))
    return shown


@dataclass(frozen=True)
class CoverViews:
    desk: Desk

    def list(self, actor: Actor) -> CoverList:
        """Who covers what: one's own, and for managers all that is not plainly owned, holes first."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            today, standing = self.desk.today(reader), self.desk.standing(session, reader)
            found = look(session, reader, today, team=SHOWN, gaps=not standing.starts)
            return CoverList(found.mine, found.team, standing.starts, found.more, today)

    def account(self, actor: Actor, query: str) -> tuple[AccountCover, bool]:
        """One account, found as ever, and whether the reader may change who looks after it. Raises NoAccount."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account, _ = one_account(session, reader, query)
            (found,) = of_accounts(session, reader, [account], self.desk.today(reader))
            return found, self._may(session, reader, account)

    def form(self, actor: Actor, account_id: int, item_id: int | None = None) -> CoverForm:
        """What the form begins with. Raises NotAllowed, NoSuchThing; who may do an item may fill in its form."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = loading.account(session, reader.workspace_id, account_id)
            running = known.open_handoff_of(session, reader, account_id)
            handoff = loading.whole_handoff(session, reader.workspace_id, running.id) if running else None
            item = numbered(handoff.items, item_id) if handoff else None
            if handoff is not None and handoff.test_run and item is None:
                handoff = None  # of the account itself it changes nothing
            action = Action.COVER if item is None else Action.TICK
            self.desk.require(session, action, reader, handoff, item)
            today = self.desk.today(handoff.manager if handoff is not None and handoff.manager else reader)
            (now,) = of_accounts(session, reader, [account], today)
            bench = on_the_bench(self.desk, session, reader)
            lapses = item is not None and item.form is StepForm.COVER_END
            return _form(session, reader, now, handoff, bench, item.id if item is not None else None, lapses=lapses)

    def _may(self, session: Session, reader: Person, account: Account) -> bool:
        running = known.open_handoff_of(session, reader, account.id)
        if running is not None and not running.test_run:
            return self.desk.may(session, Action.COVER, reader, running)
        return self.desk.standing(session, reader).starts


def _form(
    session: Session,
    reader: Person,
    now: AccountCover,
    handoff: Handoff | None,
    bench: Sequence[Entry],
    item_id: int | None,
    *,
    lapses: bool,
) -> CoverForm:
    named = now.cover or now.offer
    first = max(named.first, now.today) if named is not None else now.needed or now.today
    begins = named.last + A_DAY if now.cover is not None and named is not None else first
    last = (
        named.last if now.offer is not None and named is not None else covering.proposed_end(session, handoff, begins)
    )
    return CoverForm(
        now=now,
        person=named.person if named is not None else None,
        first=first,
        last=last,
        suggestions=tuple(_suggestions(session, reader, now, handoff, bench, first)),
        bench=tuple(one for one in bench if one.outside),
        item_id=item_id,
        lapses=lapses,
        owners=handoff is None,
        declined=bool(declined_before(session, reader, now.account.id, handoff.id if handoff else None)),
    )


def _suggestions(
    session: Session, reader: Person, now: AccountCover, handoff: Handoff | None, bench: Sequence[Entry], first: date
) -> Iterable[Suggested]:
    """Who could cover: whoever looks after accounts or stands on the bench, is here, and neither away nor leaving."""
    account, held = now.account, covers.held(session, reader, now.today)
    ids = {one.person_id for one in held} | {one.person.id for one in bench if one.person is not None}
    if handoff is not None and handoff.manager_id is not None:
        ids.add(handoff.manager_id)
    people = people_by_id(session, ids - covers.leaving(session, reader))
    not_them = {one.id for one in (now.owner, now.cover.person if now.cover else None) if one is not None}
    if handoff is not None:
        not_them |= {number for number in (handoff.outgoing_id,) if number is not None}
    here = [
        one.id
        for one in people.values()
        if one.reachable and one.id not in not_them and not any(one.absence_on(day) for day in (now.today, first))
    ]
    for found in suggested(held, here, account.territory, account.region):
        yield Suggested(people[found.person_id], found)


def _read(
    account: Account, line: Line, handoff: Handoff | None, people: Mapping[int, Person], today: date
) -> AccountCover:
    owner, since = lines.owner_of_record(line, today), lines.vacant_since(line, today)
    begun = handoff.start_on if handoff is not None else since or today
    person = people.get(owner.person_id or 0) if owner is not None else None
    return AccountCover(
        account=account,
        owner=person,
        since=owner.from_on if owner is not None else None,
        cover=_named(lines.cover_from(line, today), people),
        offer=_named(lines.offer_from(line, today), people),
        vacant_since=since,
        vacant_days=lines.days_vacant(line, begun, today),
        needed=covering.open_from(handoff, line, today),
        today=today,
    )


def _named(one: Stretch | None, people: Mapping[int, Person]) -> Named | None:
    person = people.get(one.person_id or 0) if one is not None else None
    if one is None or person is None or one.until_on is None:
        return None
    assert one.kind is CoverageKind.COVER, "covers and offers"
    return Named(person, one.from_on, one.until_on - A_DAY)
