"""Finding rows: by Slack id, by number, by name; always within one workspace.

`lock=True` takes the row lock that makes two people's clicks on one handoff wait for each other (PostgreSQL; on SQLite
the transaction itself is the lock).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.orm.util import identity_key

from bot.domain.accounts import Account, fold
from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import Answer, FeedbackRequest
from bot.domain.handoff import Handoff, HandoffState, StageRun
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.domain.vocabulary import Role
from bot.store import schema as t
from bot.store.among import among, by_ids


def served(session: Session, *, lock: bool = False) -> int | None:
    """The number of the workspace that this installation serves; None before Slack has named it."""
    w = t.workspaces.c
    latest = select(w.id).order_by(w.active.desc(), w.id.desc()).limit(1)
    found: int | None = session.scalar(latest.with_for_update(key_share=True) if lock else latest)
    return found


def person_by_slack_id(session: Session, workspace_id: int, slack_id: str) -> Person | None:
    return session.scalars(_person(), {"workspace": workspace_id, "slack_id": slack_id}).one_or_none()


# Statements of the hot path (a click) are built once: building one costs more than running it.
@cache
def _person() -> Select[Person]:
    c = t.people.c
    return select(Person).where(c.workspace_id == bindparam("workspace"), c.slack_id == bindparam("slack_id"))


def people_by_id(session: Session, ids: Iterable[int | None]) -> dict[int, Person]:
    """The people with these ids, by id. Holding on to the result makes their relationships free to read."""
    wanted = sorted({number for number in ids if number is not None})
    found = {number: one for number in wanted if (one := _at_hand(session, number)) is not None}
    missing = [number for number in wanted if number not in found]
    if missing:
        values = {"ids": missing if len(missing) > 1 else missing[0]}
        found |= {one.id: one for one in session.scalars(_people(len(missing) > 1), values)}
        session.info.get("people", {}).update(found)  # a look keeps them
    elif wanted and session.autoflush:
        session.flush()  # as a query would have: whoever asks next may pass the session by
    return {number: found[number] for number in wanted if number in found}


def _at_hand(session: Session, number: int) -> Person | None:
    """Somebody whom this session holds: a query would answer with the very same object, as it is."""
    one: Person | None = session.identity_map.get(identity_key(Person, number))
    return None if one is None or instance_state(one).expired_attributes else one


@cache
def _people(several: bool) -> Select[Person]:
    return select(Person).where(by_ids(t.people.c.id, several))


def handoff(session: Session, workspace_id: int, handoff_id: int, *, lock: bool = False) -> Handoff:
    """One handoff without its parts. Raises NoSuchThing."""
    query = select(Handoff).where(t.handoffs.c.id == handoff_id, t.handoffs.c.workspace_id == workspace_id)
    found = session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if found is None:
        raise NoSuchThing()
    return found


def whole_handoff(session: Session, workspace_id: int, handoff_id: int, *, lock: bool = False) -> Handoff:
    """One handoff with stages, items, requests, answers, account and everybody in it. Raises NoSuchThing."""
    found = session.scalars(_one(lock), {"handoff": handoff_id, "workspace": workspace_id}).one_or_none()
    if found is None:
        raise NoSuchThing()
    _complete(session, [found])
    return found


def whole_handoffs(session: Session, handoff_ids: Iterable[int]) -> list[Handoff]:
    """Several handoffs with all their parts, in the order of the ids."""
    ids = list(handoff_ids)
    found = session.scalars(_several(), {"ids": ids}).all() if ids else []
    _complete(session, found)
    order = {number: place for place, number in enumerate(ids)}
    return sorted(found, key=lambda h: order[h.id])


def item(session: Session, workspace_id: int, item_id: int) -> ChecklistItem:
    """One checklist item. Raises NoSuchThing."""
    query = select(ChecklistItem).where(
        t.checklist_items.c.id == item_id, t.checklist_items.c.workspace_id == workspace_id
    )
    found = session.scalars(query.options(joinedload(ChecklistItem.closed_by))).one_or_none()  # type: ignore[arg-type]
    if found is None:
        raise NoSuchThing()
    return found


def item_in_whole_handoff(session: Session, workspace_id: int, item_id: int) -> tuple[ChecklistItem, Handoff]:
    """One item and its handoff with everything in it. Raises NoSuchThing."""
    number = item(session, workspace_id, item_id).handoff_id
    handoff = whole_handoff(session, workspace_id, number)
    return next(one for one in handoff.items if one.id == item_id), handoff


def item_with_handoff(
    session: Session, workspace_id: int, item_id: int, slack_id: str
) -> tuple[ChecklistItem, Handoff, Person | None]:
    """One item and its handoff (without parts), locked for a change, and who acts, if known. Raises NoSuchThing."""
    query = _item_with_handoff()
    values = {"workspace": workspace_id, "item": item_id, "slack_id": slack_id}
    found = session.execute(query, values).one_or_none()
    if found is None:
        raise NoSuchThing()
    item, handoff, person = found
    if not item.open:  # a second look, because a joined row could be older than the lock
        session.info.setdefault("cast", []).append(people_by_id(session, [item.closed_by_id]))
    return item, handoff, person


@cache
def _item_with_handoff() -> Select[ChecklistItem, Handoff, Person]:
    p = t.people.c
    acting = and_(p.workspace_id == t.checklist_items.c.workspace_id, p.slack_id == bindparam("slack_id"))
    return (
        select(ChecklistItem, Handoff, Person)
        .join(t.handoffs, t.handoffs.c.id == t.checklist_items.c.handoff_id)
        .join(t.people, acting, isouter=True)
        .where(t.checklist_items.c.id == bindparam("item"), t.checklist_items.c.workspace_id == bindparam("workspace"))
        # both rows: whoever waited for the lock must see what the one before them made of the item
        .with_for_update(of=(t.handoffs, t.checklist_items), key_share=True)
    )


def request(session: Session, workspace_id: int, request_id: int) -> FeedbackRequest:
    """One feedback request with its answers. Raises NoSuchThing."""
    query = select(FeedbackRequest).where(
        t.feedback_requests.c.id == request_id, t.feedback_requests.c.workspace_id == workspace_id
    )
    found = session.scalars(
        query.options(
            joinedload(FeedbackRequest.closed_by),  # type: ignore[arg-type]
            joinedload(FeedbackRequest.asked),  # type: ignore[arg-type]
        )
    ).one_or_none()
    if found is None:
        raise NoSuchThing()
    return found


def account_by_name(session: Session, workspace_id: int, name: str) -> Account | None:
    """Whoever may know of it; what people read comes from `bot/store/known.py`."""
    where = (t.accounts.c.workspace_id == workspace_id, t.accounts.c.name_key == fold(name))
    return session.scalars(select(Account).where(*where)).one_or_none()


def account(session: Session, workspace_id: int, account_id: int) -> Account:
    """One account. Raises NoSuchThing."""
    found = session.scalars(_account(), {"account": account_id, "workspace": workspace_id}).one_or_none()
    if found is None:
        raise NoSuchThing()
    return found


@cache
def _account() -> Select[Account]:
    a = t.accounts.c
    return select(Account).where(a.workspace_id == bindparam("workspace"), a.id == bindparam("account"))


def open_handoff_of(session: Session, workspace_id: int, account_id: int) -> Handoff | None:
    return session.scalars(_open_one(), {"account": account_id, "workspace": workspace_id}).one_or_none()


@cache
def _open_one() -> Select[Handoff]:
    h = t.handoffs.c
    mine = (h.workspace_id == bindparam("workspace"), h.account_id == bindparam("account"))
    return select(Handoff).where(*mine, h.state == HandoffState.OPEN)


@cache
def _one(lock: bool) -> Select[Handoff]:
    h = t.handoffs.c
    query = _with_account().where(h.id == bindparam("handoff"), h.workspace_id == bindparam("workspace"))
    return query.with_for_update(of=t.handoffs, key_share=True) if lock else query


@cache
def _several() -> Select[Handoff]:
    return _with_account().where(among(t.handoffs.c.id, "ids"))


def _with_account() -> Select[Handoff]:
    return select(Handoff).options(joinedload(Handoff.account, innerjoin=True))  # type: ignore[arg-type]


@cache
def _parts() -> tuple[tuple[str, Select[Any]], ...]:
    """The collections of a handoff, each in its order; by hand, because loader options cost three times as much."""
    s, i, r = t.stages.c, t.checklist_items.c, t.feedback_requests.c
    requests = select(FeedbackRequest).options(lazyload(FeedbackRequest.answers))  # type: ignore[arg-type]
    return (
        ("stages", select(StageRun).where(among(s.handoff_id, "ids")).order_by(s.handoff_id, s.position)),
        ("items", select(ChecklistItem).where(among(i.handoff_id, "ids")).order_by(i.handoff_id, i.position, i.id)),
        ("requests", requests.where(among(r.handoff_id, "ids")).order_by(r.handoff_id, r.id)),
    )


@cache
def _answers() -> Select[Answer]:
    a = t.answers.c
    return select(Answer).where(among(a.request_id, "ids")).order_by(a.at, a.id)


def _complete(session: Session, handoffs: Sequence[Handoff]) -> None:
    """Bring in the parts of these handoffs, where they are not there already, and everybody in them."""
    for name, query in _parts():
        _fill(session, handoffs, name, query, "handoff_id")
    _fill(session, [asked for one in handoffs for asked in one.requests], "answers", _answers(), "request_id")
    _with_people(session, handoffs)


def _fill(session: Session, wholes: Sequence[Any], name: str, query: Select[Any], number: str) -> None:
    """Read one collection of all of these, unless it is there already; `number` names whose part a row is."""
    bare = {one.id: one for one in wholes if name not in one.__dict__}
    if not bare:
        return
    parts: dict[int, list[Any]] = {key: [] for key in bare}
    for part in session.scalars(query, {"ids": list(bare)}):
        parts[getattr(part, number)].append(part)
    for key, one in bare.items():
        set_committed_value(one, name, parts[key])


def _with_people(session: Session, handoffs: Sequence[Handoff]) -> None:
    """Bring in everybody named anywhere in these handoffs with one query, and keep them as long as the session."""
    ids: set[int | None] = set()
    for one in handoffs:
        ids.update(one.holder_id(role) for role in Role)
        ids.update(stage.left_by_id for stage in one.stages)
        for entry in one.items:
            ids.update((entry.owner_id, entry.closed_by_id))
        for asked in one.requests:
            ids.update((asked.asked_id, asked.closed_by_id))
    people = people_by_id(session, ids)
    session.info.setdefault("cast", []).append(people)
    for one in handoffs:
        _introduce(one, people)


def _introduce(one: Handoff, people: dict[int, Person]) -> None:
    """Put the people beside their numbers; views are shown after the session is closed, an empty role included."""
    for role in Role:
        _beside(one, role.value, one.holder_id(role), people)
    for stage in one.stages:
        _beside(stage, "left_by", stage.left_by_id, people)
    for entry in one.items:
        _beside(entry, "owner", entry.owner_id, people)
        _beside(entry, "closed_by", entry.closed_by_id, people)
    for asked in one.requests:
        _beside(asked, "asked", asked.asked_id, people)
        _beside(asked, "closed_by", asked.closed_by_id, people)


def _beside(row: object, name: str, number: int | None, people: dict[int, Person]) -> None:
    set_committed_value(row, name, people.get(number) if number is not None else None)
