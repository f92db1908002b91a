"""Days of the customer's of which whoever looks after the account then is reminded (E20, E22): key dates, the next
expected order, agreements that expire. They come with the day's alarms (bot/usecases/nudges/alarms.py), few times each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.dossier import Agreement, KeyDate
from bot.domain.occasions import EXPIRY_OFFSETS, ORDER_OFFSETS, date_offsets, is_raised, upcoming
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import Refusal
from bot.domain.worktime import WorkTime
from bot.errors import FieldErrors
from bot.store import account_dates as store
from bot.store import journal, lines, loading, trail
from bot.usecases import changes
from bot.usecases.accounts.dossier_access import require
from bot.usecases.coverage.cover_alarms import confided, managers_of
from bot.usecases.coverage.tending import in_charge, known_account
from bot.usecases.desk import Actor, Desk, presence, worktime
from bot.usecases.nudges import alarms
from bot.usecases.nudges.alarms import Line

SEEN, EXPIRY_SEEN, ORDERED = "key_date.seen", "agreement.seen", "account.ordered"
MOST_DAYS = 730
"""So far ahead an order may be expected."""


class WholeDays(Refusal):
    sentence = "Write a whole number of days, from 1 to %(most)s."


class SettledMeanwhile(Refusal):
    sentence = "That is settled already."


@dataclass(frozen=True)
class OrderForm:
    """What is asked when an order came; `every`: the days between orders so far, if anybody said."""

    account: Account
    every: int | None


@dataclass(frozen=True)
class Due:
    """Something with a day that may be raised: its words, and on which days, counted from that."""

    account_id: int
    day: date
    offsets: tuple[int, ...]
    kind: str
    about: Mapping[str, Any]


def source(session: Session, workspace_id: int, today: date) -> Mapping[int, Sequence[Line]]:
    """What is to be said on that day, for whoever looks after the account, or its managers while nobody does."""
    due = [*_dates(session, workspace_id, today), *_orders(session, workspace_id, today)]
    due += _expiries(session, workspace_id, today)
    accounts = store.accounts_by_id(session, {one.account_id for one in due})
    if not accounts:
        return {}
    hear = _hear(session, workspace_id, accounts, today)
    hidden = confided(session, (one.id for one in accounts.values() if one.quiet))
    told: dict[int, list[Line]] = {}
    for one in sorted(due, key=lambda each: (each.day, each.account_id)):
        account, only = accounts[one.account_id], hidden.get(one.account_id)
        about = {"account": account.name, "account_id": account.id, "day": one.day, **one.about}
        for person in hear.get(account.id, ()):
            knows = only is None or person.id in only
            if knows and is_raised(one.day, one.offsets, today, _hours(person, today)):
                told.setdefault(person.id, []).append(Line(one.kind, about, only))
    return told


def _hear(
    session: Session, workspace_id: int, accounts: Mapping[int, Account], today: date
) -> Mapping[int, Sequence[Person]]:
    """Who hears of each: the one who looks after it that day, else those who answer for it."""
    found = lines.lines_of(session, accounts)
    first = {number: next(iter(in_charge(found.get(number, ()), today)), None) for number in accounts}
    people = loading.people_by_id(session, first.values())
    here: dict[int, Sequence[Person]] = {}
    for number, person_id in first.items():
        person = people.get(person_id or 0)
        if person is not None and person.reachable:
            here[number] = (person,)
    return {**managers_of(session, workspace_id, accounts.keys() - here.keys()), **here}


def _hours(person: Person, today: date) -> WorkTime:
    """Their working days: without those away, unless somebody stands in and hears of it in their place."""
    absence = person.absence_on(today)
    in_their_place = absence is not None and (absence.delegate_id or person.manager_id)
    return worktime(person) if in_their_place else presence(person)


def _dates(session: Session, workspace_id: int, today: date) -> Iterator[Due]:
    for one in store.key_dates_around(session, workspace_id, today):
        occasion = upcoming(one, today)
        if occasion is not None:
            about = {"id": one.id, "title": one.title, "yearly": one.yearly}
            yield Due(one.account_id, occasion, date_offsets(one.ahead_days), "key_date", about)


def _orders(session: Session, workspace_id: int, today: date) -> Iterator[Due]:
    for row in store.orders_around(session, workspace_id, today):
        yield Due(row.id, row.next_order_on, ORDER_OFFSETS, "order", {"late": row.next_order_on < today})


def _expiries(session: Session, workspace_id: int, today: date) -> Iterator[Due]:
    for one in store.agreements_around(session, workspace_id, today):
        if one.expires_on is not None:
            about = {"id": one.id, "title": one.title, "late": one.expires_on < today}
            yield Due(one.account_id, one.expires_on, EXPIRY_OFFSETS, "expiry", about)


@dataclass(frozen=True)
class AccountDates:
    desk: Desk

    def seen(self, actor: Actor, number: int, day: date) -> None:
        """That occasion of a key date is dealt with; a yearly one comes again next year. Raises NotAllowed."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            one = store.key_date(session, by.workspace_id, number)
            self._require(session, by, one.account_id)
            if one.occasion(self.desk.today(by)) != day or one.seen_on == day:
                raise SettledMeanwhile()
            self._dealt_with(session, by, one, SEEN, day)

    def expiry_seen(self, actor: Actor, number: int, day: date) -> None:
        """Somebody has dealt with the expiry of an agreement. Raises NotAllowed, SettledMeanwhile."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            one = store.agreement(session, by.workspace_id, number)
            self._require(session, by, one.account_id)
            if one.expires_on != day or one.seen_on == day:
                raise SettledMeanwhile()
            self._dealt_with(session, by, one, EXPIRY_SEEN, day)

    def order_form(self, actor: Actor, account_id: int) -> OrderForm:
        """Raises NotAllowed, NoSuchThing."""
        with self.desk.db.read() as session:
            reader = self.desk.viewer(session, actor)
            account = self._require(session, reader, account_id)
            return OrderForm(account, account.order_every_days)

    def ordered(self, actor: Actor, account_id: int, days: str) -> None:
        """They ordered today; the next order is expected after so many days, or (empty) at no known time.

        Raises FieldErrors, NotAllowed.
        """
        every = _whole(days)
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            account = self._require(session, by, account_id, lock=True)
            before = {"next_order_on": _iso(account.next_order_on), "order_every_days": account.order_every_days}
            store.expect(session, account, self.desk.today(by), every)
            after = {"next_order_on": _iso(account.next_order_on), "order_every_days": account.order_every_days}
            self._recorded(session, by, ORDERED, account.id, account.id, before, after)
            changes.facts_touched(session, self.desk.now(), by.workspace_id, [account.id])

    def _dealt_with(self, session: Session, by: Person, one: KeyDate | Agreement, verb: str, day: date) -> None:
        before = {"title": one.title, "seen_on": _iso(one.seen_on)}
        one.seen_on = day
        one.version += 1
        after = {"title": one.title, "seen_on": _iso(day)}
        self._recorded(session, by, verb, one.id, one.account_id, before, after)

    def _recorded(
        self,
        session: Session,
        by: Person,
        verb: str,
        number: int,
        account_id: int,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        session.flush()
        now, about = self.desk.now(), trail.public_of(session, account_id)
        journal.record(session, by, now, verb, number, about, before, after)
        alarms.redraw(session, by.workspace_id, now)

    def _require(self, session: Session, by: Person, account_id: int, *, lock: bool = False) -> Account:
        account = known_account(session, by, account_id)
        require(self.desk, session, Action.DOSSIER, by, account)
        if lock:
            store.lock(session, account)
        return account


def _whole(days: str) -> int | None:
    text = days.strip()
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_DAYS:
        raise FieldErrors({"days": WholeDays(most=MOST_DAYS)})
    return int(text)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
