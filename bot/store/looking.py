"""Handoffs and people to look at: of the domain's classes, without what the ORM keeps in order to save a change.

Making them costs a fraction of loading them, and every message to Slack shows a whole handoff. They belong to no
session: whoever tries to change one gets an error, so that nothing is ever decided on them and lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import Answer, FeedbackRequest
from bot.domain.handoff import Handoff, StageRun
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.domain.vocabulary import Role
from bot.store import schema as t
from bot.store.among import by_ids

Kind = TypeVar("Kind")

ROLES = tuple((role.value, f"{role.value}_id") for role in Role)


def whole_handoff(session: Session, workspace_id: int, handoff_id: int) -> Handoff:
    """One handoff with stages, items, requests, answers, account and everybody in it. Raises NoSuchThing."""
    found = whole_handoffs(session, [handoff_id])
    if not found or found[0].workspace_id != workspace_id:
        raise NoSuchThing()
    return found[0]


def whole_handoffs(session: Session, handoff_ids: Iterable[int]) -> list[Handoff]:
    """Several handoffs with all their parts, in the order of the ids."""
    ids = list(handoff_ids)
    if not ids:
        return []
    connection, several = session.connection(), len(ids) > 1
    values = {"ids": ids if several else ids[0]}
    found = {row[0]: with_account(row) for row in connection.execute(_handoffs(several), values)}
    rows = {name: connection.execute(query, values).all() for name, query in _parts(several)}
    requests = {row[0]: _REQUEST(row) for row in rows["requests"]}
    stages, items = [_STAGE(row) for row in rows["stages"]], [ITEM(row) for row in rows["items"]]
    answers = [_ANSWER(row) for row in connection.execute(_answers(several), values)] if requests else []
    _put(requests, "answers", answers, "request_id")
    _put(found, "stages", stages, "handoff_id")
    _put(found, "items", items, "handoff_id")
    _put(found, "requests", requests.values(), "handoff_id")
    _introduce(session, [(found.values(), ROLES), (stages, LEFT), (items, OWNED), (requests.values(), ASKED)])
    return [found[number] for number in ids if number in found]


def people_by_id(session: Session, ids: Iterable[int | None]) -> dict[int, Person]:
    """The people with these ids, by id; each is read once per session: mostly they are the same few again."""
    met: dict[int, Person] = session.info.setdefault("met", {})
    wanted = sorted({number for number in ids if number is not None})
    missing = [number for number in wanted if number not in met]
    if missing:
        several = len(missing) > 1
        rows = session.connection().execute(_people(several), {"ids": missing if several else missing[0]})
        met.update((row[0], PERSON(row)) for row in rows)
    return {number: met[number] for number in wanted if number in met}


def met(session: Session, ids: Iterable[int | None]) -> Mapping[int, Person]:
    """Everybody whom this session has met so far, these among them."""
    people_by_id(session, ids)
    known: dict[int, Person] = session.info["met"]
    return known


def maker(kind: type[Kind], names: Iterable[str]) -> Callable[[Sequence[Any]], Kind]:
    """What makes an object of `kind` from a row with values of these names, in this order; further ones are left."""
    known = tuple(names)

    def make(row: Sequence[Any]) -> Kind:
        one = object.__new__(kind)
        one.__dict__.update(zip(known, row, strict=False))
        return one

    return make


def with_account(row: Sequence[Any]) -> Handoff:
    """From the columns of the handoff, and those of its account behind them."""
    handoff = HANDOFF(row)
    handoff.__dict__["account"] = ACCOUNT(row[len(t.handoffs.c) :])
    return handoff


def beside(things: Iterable[object], places: Iterable[tuple[str, str]], people: Mapping[int, Person]) -> None:
    """Put people beside their numbers: of each place the name, and the name of the number."""
    for one in things:
        values = one.__dict__
        for name, number in places:
            values[name] = people.get(values[number])


LEFT, OWNED = (("left_by", "left_by_id"),), (("owner", "owner_id"), ("closed_by", "closed_by_id"))
ASKED = (("asked", "asked_id"), ("closed_by", "closed_by_id"))

HANDOFF, ACCOUNT = maker(Handoff, t.handoffs.c.keys()), maker(Account, t.accounts.c.keys())
_STAGE, ITEM = maker(StageRun, t.stages.c.keys()), maker(ChecklistItem, t.checklist_items.c.keys())
_REQUEST, _ANSWER = maker(FeedbackRequest, t.feedback_requests.c.keys()), maker(Answer, t.answers.c.keys())
PERSON = maker(Person, t.people.c.keys())


def _put(wholes: Mapping[int, Any], name: str, parts: Iterable[Any], number: str) -> None:
    """Give each whole its list of parts; `number` names whose a part is."""
    lists: dict[int, list[Any]] = {}
    for key, one in wholes.items():
        one.__dict__[name] = lists[key] = []
    for part in parts:
        lists[part.__dict__[number]].append(part)


def _introduce(session: Session, groups: Sequence[tuple[Iterable[Any], Sequence[tuple[str, str]]]]) -> None:
    ids = {one.__dict__[number] for things, places in groups for one in things for _, number in places}
    people = people_by_id(session, ids)
    for things, places in groups:
        beside(things, places, people)


@cache
def _handoffs(several: bool) -> Select[Any]:
    account = t.accounts.c.id == t.handoffs.c.account_id
    return select(t.handoffs, t.accounts).join(t.accounts, account).where(by_ids(t.handoffs.c.id, several))


@cache
def _parts(several: bool) -> tuple[tuple[str, Select[Any]], ...]:
    s, i, r = t.stages.c, t.checklist_items.c, t.feedback_requests.c
    return (
        ("stages", select(t.stages).where(by_ids(s.handoff_id, several)).order_by(s.handoff_id, s.position)),
        ("items", select(t.checklist_items).where(by_ids(i.handoff_id, several)).order_by(i.position, i.id)),
        ("requests", select(t.feedback_requests).where(by_ids(r.handoff_id, several)).order_by(r.id)),
    )


@cache
def _answers(several: bool) -> Select[Any]:
    a, r = t.answers.c, t.feedback_requests.c
    mine = select(t.answers).join(t.feedback_requests, r.id == a.request_id).where(by_ids(r.handoff_id, several))
    return mine.order_by(a.at, a.id)


@cache
def _people(several: bool) -> Select[Any]:
    return select(t.people).where(by_ids(t.people.c.id, several))
