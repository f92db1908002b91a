"""What a reminder shows, from the state of the moment: by itself, and as an entry of the day's digest.

One view for both, so that a thing reads and is settled the same way wherever it stands. Nothing here decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.cadence import Recipient
from bot.domain.checklist import ChecklistItem
from bot.domain.feedback import FeedbackRequest
from bot.domain.handoff import Acceptance, Handoff, HandoffState
from bot.domain.numbered import numbered
from bot.domain.pack import Pack
from bot.domain.people import Person
from bot.domain.routing import local_date, recipient_of
from bot.domain.vocabulary import StepForm
from bot.domain.worktime import zone_or_utc
from bot.store import looking, trail
from bot.store.reminded import put_off_until, rung_in
from bot.usecases.coverage.cover_views import AccountCover, of_accounts
from bot.usecases.handoffs.links import card_links
from bot.usecases.views.reading import working_days_late

SHOWN = 12
"""Entries of a digest with buttons; the rest is on Home."""
NOON = 12


@dataclass(frozen=True)
class NudgeView:
    """`kind` is item, answer or acceptance; `late_days` working days past due (0: today, negative: ahead).

    `settled`: the reader has nothing to do about it any more; with `moved_to`, because somebody else has it now.
    `to_manager`: it tells the reader of the delay of somebody else, `owner`. `stand_in`: who is away (until
    `away_until`) and for whom the reader stands in. `asked_by`: who waits and asked for this reminder.
    `urgent`: it holds up the handoff and is late, or those above hear of it. `acts`: the reader may settle it;
    `gives`: the reader may give it to somebody else.
    """

    nudge_id: int
    kind: str
    handoff: Handoff
    title: str
    due_on: date | None
    late_days: int
    owner: Person | None
    to_manager: bool
    settled: bool
    snoozed_until: datetime | None
    item: ChecklistItem | None
    request: FeedbackRequest | None
    today: date
    link: str
    urgent: bool = False
    acts: bool = True
    gives: bool = True
    moved_to: Person | None = None
    stand_in: Person | None = None
    away_until: date | None = None
    asked_by: Person | None = None
    cover: AccountCover | None = None
    """Who covers, and until when, for the step that asks what comes after the cover."""


@dataclass(frozen=True)
class DigestView:
    """The day's digest of one person: `entries` have buttons, `more` stand on Home only.

    `open` and `late` count all that is not settled. `morning`: it was begun before noon on the reader's clock.
    """

    digest_id: int
    entries: tuple[NudgeView, ...]
    more: int
    open: int
    late: int
    morning: bool
    today: date


@dataclass(frozen=True)
class Subject:
    """What an obligation is about, read from its handoff: whose it is now, and whether it is still owed."""

    title: str
    due_on: date | None
    owner: Person | None
    owed: bool
    necessary: bool
    item: ChecklistItem | None = None
    request: FeedbackRequest | None = None


def nudge(session: Session, row: Row[Any], handoff: Handoff, person: Person, now: datetime) -> NudgeView:
    """One reminder as `person`, its recipient, sees it now. `row` is of the nudges table; the handoff is whole."""
    return nudges(session, [row], {handoff.id: handoff}, person, now)[0]


def nudges(
    session: Session, rows: Sequence[Row[Any]], handoffs: Mapping[int, Handoff], person: Person, now: datetime
) -> list[NudgeView]:
    """Several reminders to one person, with few queries. `handoffs` are whole, by id."""
    back = put_off_until(session, rows, now)
    links = card_links(session, handoffs.values())
    people = looking.people_by_id(session, [row.asked_by_id for row in rows])
    found = [
        _view(
            row,
            about,
            handoffs[row.handoff_id],
            person,
            now,
            back.get(rung_in(row)),
            links,
            people.get(row.asked_by_id),
        )
        for row, about in zip(rows, _subjects(session, rows, handoffs), strict=True)
    ]
    return [replace(one, cover=_cover_of(session, one, person)) if _asks_after_a_cover(one) else one for one in found]


def _subjects(session: Session, rows: Sequence[Row[Any]], handoffs: Mapping[int, Handoff]) -> list[Subject]:
    """What each is about; of what is not there any more, the name that it had."""
    found = [subject_of(handoffs[row.handoff_id], row.obligation, row.subject_id) for row in rows]
    gone = [
        row.subject_id for row, about in zip(rows, found, strict=True) if about is None and row.obligation == "item"
    ]
    titles = trail.removed(session, list(handoffs), gone)
    nothing = Subject("", None, None, False, False)
    return [
        about or replace(nothing, title=titles.get(row.subject_id, "")) for row, about in zip(rows, found, strict=True)
    ]


def _asks_after_a_cover(one: NudgeView) -> bool:
    return one.item is not None and one.item.form is StepForm.COVER_END and not one.settled


def _cover_of(session: Session, one: NudgeView, person: Person) -> AccountCover:
    (found,) = of_accounts(session, person, [one.handoff.account], one.today)
    return found


def digest(
    session: Session,
    row: Row[Any],
    rows: Sequence[Row[Any]],
    handoffs: Mapping[int, Handoff],
    person: Person,
    now: datetime,
    *,
    posted: bool,
) -> DigestView:
    """The digest `row` (of the digests table) with its nudges `rows`, as `person` sees it now.

    What is settled is left out until the digest has been posted, and struck through after. No entries: say nothing.
    """
    shown = [one for one in nudges(session, rows, handoffs, person, now) if posted or not one.settled]
    shown.sort(key=lambda one: _place(one, row.day))
    still = [one for one in shown if not one.settled]
    opened = (row.opened_at or now).astimezone(zone_or_utc(person.tz))
    return DigestView(
        digest_id=row.id,
        entries=tuple(shown[:SHOWN]),
        more=sum(not one.settled for one in shown[SHOWN:]),
        open=len(still),
        late=sum(_late(one, local_date(person, now)) for one in still),
        morning=opened.hour < NOON,
        today=local_date(person, now),
    )


def subject_of(handoff: Handoff, obligation: str, subject_id: int) -> Subject | None:
    """What an obligation of this (whole) handoff is about; None for one that is not there any more."""
    running = handoff.state is HandoffState.OPEN
    if obligation == "item":
        item = numbered(handoff.items, subject_id)
        if item is None:
            return None
        owed = running and item.open and item.stage_id == handoff.stage.id
        return Subject(item.title, item.due_on, handoff.owner_of(item), owed, item.necessary, item=item)
    if obligation == "answer":
        request = numbered(handoff.requests, subject_id)
        if request is None:
            return None
        title, owner = Pack.from_dict(request.pack).title, handoff.asked_of(request)
        return Subject(title, request.due_on, owner, running and request.open, request.necessary, request=request)
    owed = running and handoff.acceptance is Acceptance.ASKED
    return Subject(handoff.account.name, handoff.acceptance_due_on, handoff.accepter, owed, True)


def _view(
    row: Row[Any],
    about: Subject,
    handoff: Handoff,
    person: Person,
    now: datetime,
    back: datetime | None,
    links: Mapping[int, str],
    asked_by: Person | None,
) -> NudgeView:
    today = local_date(person, now)
    to = recipient_of(row.slot)
    above = to is not Recipient.OWNER
    target = {Recipient.OWNER: about.owner, Recipient.MANAGER: handoff.manager}.get(to)
    away = _stood_in_for(target, person, handoff, now)
    moved = about.owner if about.owed and not above and away is None and _is_another(about.owner, person) else None
    late = about.due_on is not None and about.due_on < today
    acts, gives = _may(row.obligation, about, handoff, person, away is not None and not above)
    return NudgeView(
        nudge_id=row.id,
        kind=row.obligation,
        handoff=handoff,
        title=about.title,
        due_on=about.due_on,
        late_days=working_days_late(about.owner, about.due_on, today),
        owner=about.owner,
        to_manager=above,
        settled=not about.owed or moved is not None,
        snoozed_until=back,
        item=about.item,
        request=about.request,
        today=today,
        link=links.get(handoff.id, ""),
        urgent=about.necessary and (late or above),
        acts=acts,
        gives=gives,
        moved_to=moved,
        stand_in=target if away is not None else None,
        away_until=away,
        asked_by=asked_by,
    )


def _stood_in_for(owner: Person | None, person: Person, handoff: Handoff, now: datetime) -> date | None:
    """The last day of the owner's absence, if they are away today and this person stands in for them."""
    if owner is None or owner.id == person.id:
        return None
    absence = owner.absence_on(local_date(owner, now))
    if absence is None:
        return None
    stands_in = person.id in (absence.delegate_id, handoff.manager_id) or owner.id == handoff.manager_id
    return absence.last if stands_in else None


def _is_another(owner: Person | None, person: Person) -> bool:
    return owner is not None and owner.reachable and owner.id != person.id


def _may(kind: str, about: Subject, handoff: Handoff, person: Person, stands_in: bool) -> tuple[bool, bool]:
    """Whether this person may settle it, and whether they may give it to somebody else."""
    mine = about.owner is not None and about.owner.id == person.id
    chief = person.id == handoff.manager_id
    if kind == "item":
        acts = mine or chief or stands_in or person.id == handoff.cover_id
        return acts, acts
    if kind == "answer":
        of_group = about.request is not None and about.request.asked_id is None and bool(about.request.group_slack_id)
        return (mine and not of_group) or stands_in, mine or stands_in or chief
    return person.id == handoff.incoming_id, False


def _place(one: NudgeView, day: date) -> tuple[bool, date, int]:
    """Urgent ones first, then by date; as things stood on the digest's own day, so that nothing moves about later."""
    urgent = one.urgent and (one.to_manager or _late(one, day))
    return (not urgent, one.due_on or date.max, one.nudge_id)


def _late(one: NudgeView, day: date) -> bool:
    return one.due_on is not None and one.due_on < day
