"""Accounts, contacts and deals as a CSV file that can be imported again and then changes nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.coverage import as_known, owner_of_record
from bot.domain.customer import ContactRole
from bot.domain.imports.fields import exported
from bot.domain.imports.report import ImportKind
from bot.domain.money import Money
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.files.spreadsheet import marked
from bot.store import importing as store
from bot.store import lines
from bot.store import schema as t
from bot.store.visibility import known_to
from bot.usecases.accounts.dossier_things import CONFIDENTIAL
from bot.usecases.desk import Actor, Desk

OWNER_NAME = "owner_name"
"""A column for people; whose it is stands in `owner`, as the Slack id."""


@dataclass(frozen=True)
class Exporting:
    """For managers and admins. `operator`: whoever runs the command, who gets what everybody may know."""

    desk: Desk
    operator: bool = False

    def write(self, actor: Actor, kind: ImportKind, out: TextIO, *, confidential: bool = False) -> int:
        """Write the file; `confidential`: who makes trouble too. Returns how many rows. Raises NotAllowed."""
        with self.desk.db.read() as session:
            by = self.desk.viewer(session, actor)
            if not self.operator:
                self.desk.require(session, Action.IMPORT, by)
                if confidential:
                    self.desk.require(session, Action.TROUBLE_MAKERS, by)
            text = csv.writer(out, lineterminator="\r\n")
            columns = exported(kind)
            more = (OWNER_NAME,) if kind is ImportKind.ACCOUNTS else ()
            text.writerow((*columns, *more))
            count = 0
            for row in self._rows(session, by, kind, confidential=confidential):
                text.writerow([marked(_plain(row.get(name))) for name in (*columns, *more)])
                count += 1
            return count

    def _rows(self, session: Session, by: Person, kind: ImportKind, *, confidential: bool) -> Iterator[dict[str, Any]]:
        a = t.accounts.c
        known = select(t.accounts).where(a.workspace_id == by.workspace_id, known_to(by)).order_by(a.id)
        hidden = store.hidden_handoffs(session, by)
        people = {row.id: row for row in store.people(session, by.workspace_id)}
        today, after = self.desk.today(by), 0
        while batch := session.execute(known.where(a.id > after).limit(store.BATCH)).all():
            after = batch[-1].id
            if kind is ImportKind.ACCOUNTS:
                yield from _accounts(session, batch, people, hidden, today)
            elif kind is ImportKind.CONTACTS:
                yield from _contacts(session, batch, confidential=confidential)
            else:
                yield from _deals(session, by.workspace_id, batch)


def _accounts(
    session: Session, batch: Any, people: dict[int, Any], hidden: frozenset[int], today: date
) -> Iterator[dict[str, Any]]:
    there = lines.lines_of(session, [one.id for one in batch])
    for one in batch:
        owner = owner_of_record(as_known(there.get(one.id, ()), hidden), today)
        person = people.get(owner.person_id or 0) if owner is not None else None
        whose = {"owner": person.slack_id, OWNER_NAME: person.name} if person is not None else {}
        yield {**one._mapping, **whose}


def _contacts(session: Session, batch: Any, *, confidential: bool) -> Iterator[dict[str, Any]]:
    accounts = {one.id: one for one in batch}
    for one in store.contacts(session, accounts):
        hidden = dict.fromkeys(CONFIDENTIAL, "") if one.role == ContactRole.TROUBLE_MAKER and not confidential else {}
        yield {**one._mapping, **_of(accounts[one.account_id]), **hidden}


def _deals(session: Session, workspace_id: int, batch: Any) -> Iterator[dict[str, Any]]:
    accounts = {one.id: one for one in batch}
    for one in store.deals(session, workspace_id, "account_id", accounts):
        amount = Money(one.amount_minor, one.currency).plain if one.amount_minor is not None else ""
        closed = Money(one.closed_minor, one.currency).plain if one.closed_minor is not None else ""
        yield {**one._mapping, **_of(accounts[one.account_id]), "amount": amount, "closed_amount": closed}


def _of(account: Any) -> dict[str, Any]:
    return {"account": account.name, "account_crm_id": account.crm_id}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
