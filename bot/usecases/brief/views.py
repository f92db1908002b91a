"""What one reader sees of a brief: its sections as they may see them, what they read, what changed since a version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from bot.domain.accounts import Account
from bot.domain.briefing import READ, TO_READ, Audience, Brief, Change, Line, PartKind, change, read_up
from bot.domain.checklist import ChecklistItem
from bot.domain.coverage import owner_of_record
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action, Relation, allowed, relations
from bot.domain.support import unread_of
from bot.slack.text import length, quiet
from bot.store import briefs as store
from bot.store import dealing, lines, loading
from bot.usecases.accounts.dossier_access import access
from bot.usecases.brief.sections import Known, made
from bot.usecases.customers.customer_view import customer_view
from bot.usecases.desk import Desk
from bot.usecases.workspace.playbooks import playbook_of

HOURS = 12
LASTS = timedelta(hours=HOURS)
"""So long a link to the page answers."""
ROOM = 20_000
"""Characters of a page in a modal, as Slack counts them: less than it shows, more than anybody scrolls through."""
LINES = 60
"""Lines of such a page."""
PAIR = frozenset({Relation.HANDOFF_MANAGER, Relation.OUTGOING, Relation.INCOMING})
"""Who reads what is confidential (PRODUCT section 3)."""
SERVE = frozenset({Relation.ACCOUNT_OWNER, Relation.ACCOUNT_COVER})
SAME = Change()
PASSING = frozenset({"missing", "work", "fresh"})
"""Sections that change by the hour: nobody needs to hear that they did."""

Sight = frozenset[Audience]


@dataclass(frozen=True)
class ReadBy:
    """Somebody read a section; not `current`: it says something else by now."""

    person: Person
    at: datetime
    current: bool


@dataclass(frozen=True)
class SectionView:
    """A section, or a piece of one: `first` is the number of its first line, `last` whether the section ends here.

    `mine`: None where there is nothing to attest, else unread, read or changed. `readers`: None for those who do not
    see who read what. `change`: since the version it is compared with.
    """

    key: str
    lines: tuple[Line, ...]
    digest: str
    hidden: int = 0
    change: Change = SAME
    mine: str | None = None
    read_at: datetime | None = None
    readers: tuple[ReadBy, ...] | None = None
    first: int = 0
    last: bool = True


@dataclass(frozen=True)
class BriefView:
    """`handoff`: None where only the dossier is shown. `attest`: the step that the reader can finish with what they
    read. `link`: the page, for those who may have it; `keeps`: whether to offer to keep a version. `note`: what a
    click led to.
    """

    account: Account
    handoff: Handoff | None
    sections: tuple[SectionView, ...]
    today: date
    versions: tuple[store.Version, ...] = ()
    compared: store.Version | None = None
    keeps: bool = False
    attest: ChecklistItem | None = None
    link: str | None = None
    page: int = 0
    pages: int = 1
    note: str = ""
    hours: int = HOURS


@dataclass(frozen=True)
class PageView:
    """`version`: None for the brief as it stands. `names`: what people are called, by their Slack ids."""

    brief: BriefView
    version: store.Version | None
    names: Mapping[str, str]
    reader: Person


def whole_brief(session: Session, handoff: Handoff, today: date) -> Brief:
    """Everything, for nobody's eyes as it is: `seen` takes out what is not for a reader. The handoff is whole."""
    dossier = store.dossier_of(session, handoff.account, handoff.id)
    rules = playbook_of(session, handoff).rules
    customer = customer_view(session, handoff, rules.customer, today)
    agreed = dealing.agreed_in(session, handoff.id)
    return made(Known(dossier, handoff, customer, agreed, today=today, rule=rules.dossier))


def standing_to(
    desk: Desk, session: Session, reader: Person, account: Account, handoff: Handoff | None
) -> frozenset[Relation]:
    """How somebody stands to an account and a handoff of it, together."""
    near = access(desk, session, reader, account).held
    return near if handoff is None else near | relations(reader, desk.standing(session, reader), handoff)


def sight_of(desk: Desk, session: Session, reader: Person, account: Account, handoff: Handoff | None) -> Sight:
    """For whom this reader counts; empty for somebody who may read only what everybody may."""
    return _sight(desk, session, reader, handoff, standing_to(desk, session, reader, account, handoff))


def _sight(desk: Desk, session: Session, reader: Person, handoff: Handoff | None, held: frozenset[Relation]) -> Sight:
    own = relations(reader, desk.standing(session, reader), handoff) if handoff is not None else frozenset()
    dealt = allowed(Action.DOSSIER_DEALS, held)
    sees = {
        Audience.REPS: bool(PAIR & own),
        Audience.DEALS: (allowed(Action.DEALS, own) or bool(SERVE & held)) if handoff is not None else dealt,
        Audience.PAY: allowed(Action.COMMISSION, own),
        Audience.TROUBLE: allowed(Action.TROUBLE_MAKERS, held),
    }
    return frozenset(one for one, holds in sees.items() if holds)


def seen(desk: Desk, session: Session, whole: Brief, reader: Person, handoff: Handoff) -> Brief:
    """What this reader sees of it."""
    return whole.seen_with(sight_of(desk, session, reader, handoff.account, handoff))


def brief_view(
    desk: Desk, session: Session, reader: Person, handoff: Handoff, kept: store.Version | None = None
) -> BriefView:
    """The brief as it stands, against the last version; or the version `kept`, against what stands now."""
    today = desk.today(reader)
    whole = whole_brief(session, handoff, today)
    held = standing_to(desk, session, reader, handoff.account, handoff)
    sight, versions = _sight(desk, session, reader, handoff, held), store.versions_of(session, handoff.id)
    now = whole.seen_with(sight)
    other = kept or (store.version(session, handoff.id) if versions else None)
    before = Brief.read(other.body).seen_with(sight) if other is not None else None
    shown = before if kept is not None and before is not None else now
    readings = store.readings_of(session, handoff.id)
    mine = {one.section: one for one in readings if one.person.id == reader.id}
    attests = kept is None and allowed(Action.BRIEF, held)
    told = desk.may(session, Action.KEEP_BRIEF, reader, handoff) and kept is None
    read_by = _readers(desk, session, readings, whole, handoff) if told else None
    sections = []
    for section in shown.sections:
        view = SectionView(section.key, section.lines, section.digest, section.hidden)
        if before is not None and section.key not in PASSING:
            earlier = now if kept is not None else before
            view = replace(view, change=change(earlier.section(section.key), section))
        if section.key in READ:
            view = _attested(view, mine.get(section.key)) if attests else view
            view = replace(view, readers=read_by.get(section.key, ())) if read_by is not None else view
        sections.append(view)
    return BriefView(
        account=handoff.account,
        handoff=handoff,
        sections=tuple(sections),
        today=today,
        versions=tuple(versions),
        compared=other,
        keeps=told,
        attest=_to_finish(reader, handoff, {one.section: one.digest for one in mine.values()}, now),
    )


def dossier_view(desk: Desk, session: Session, reader: Person, account: Account) -> tuple[BriefView, bool]:
    """What is known about an account without a handoff; and whether the reader has to do with it."""
    today = desk.today(reader)
    owner = owner_of_record(lines.known_line(session, reader, account.id), today)
    people = loading.people_by_id(session, [owner.person_id] if owner is not None else [])
    found = Known(
        store.dossier_of(session, account, None),
        owner=people.get(owner.person_id or 0) if owner is not None else None,
        today=today,
    )
    shown = made(found).seen_with(sight_of(desk, session, reader, account, None))
    involved = reader.id is not None and access(desk, session, reader, account).may(Action.BRIEF)
    sections = tuple(SectionView(one.key, one.lines, one.digest, one.hidden) for one in shown.sections)
    return BriefView(account, None, sections, today), involved


def read_words(desk: Desk, session: Session, reader: Person, handoff: Handoff) -> frozenset[str]:
    """Which words of the step before the first visit this reader has read, as they stand now."""
    now = seen(desk, session, whole_brief(session, handoff, desk.today(reader)), reader, handoff)
    readings = store.readings_of(session, handoff.id)
    return read_up({one.section: one.digest for one in readings if one.person.id == reader.id}, now)


def _attested(view: SectionView, mine: store.Reading | None) -> SectionView:
    if mine is None:
        return replace(view, mine="unread")
    return replace(view, mine="read" if mine.digest == view.digest else "changed", read_at=mine.at)


def _readers(
    desk: Desk, session: Session, readings: Iterable[store.Reading], whole: Brief, handoff: Handoff
) -> dict[str, tuple[ReadBy, ...]]:
    """By section. Each is held against what the section says to that reader."""
    found: dict[str, tuple[ReadBy, ...]] = {}
    theirs: dict[int, Brief] = {}
    for one in readings:
        if one.person.id not in theirs:
            theirs[one.person.id] = seen(desk, session, whole, one.person, handoff)
        stands = theirs[one.person.id].section(one.section)
        found[one.section] = (*found.get(one.section, ()), ReadBy(one.person, one.at, stands.digest == one.digest))
    return found


def _to_finish(reader: Person, handoff: Handoff, read: Mapping[str, str], now: Brief) -> ChecklistItem | None:
    item = unread_of(handoff)
    theirs = item is not None and reader.id is not None and reader.id == handoff.incoming_id
    return item if theirs and read and read_up(read, now) == TO_READ.keys() else None


def names_in(session: Session, reader: Person, sections: Iterable[SectionView]) -> dict[str, str]:
    """What everybody in these sections is called, by their Slack ids."""
    shown = [line for one in sections for line in (*one.lines, *one.change.gone)]
    ids = {part.value[0] for line in shown for part in line.parts if part.kind is PartKind.PERSON and part.value[0]}
    return store.names_of(session, reader.workspace_id, ids)


def on_paper(view: BriefView, page: int | None, link: str | None, note: str = "") -> BriefView:
    """One page of it for a modal, the nearest there is; all of it where `page` is None."""
    if page is None:
        return replace(view, link=link)
    pages = _pages(view.sections)
    number = min(max(page, 0), len(pages) - 1)
    return replace(view, sections=tuple(pages[number]), page=number, pages=len(pages), link=link, note=note)


def _pages(sections: Sequence[SectionView]) -> list[list[SectionView]]:
    """Sections cut where a page is full; at least one page."""
    pages: list[list[SectionView]] = [[]]
    room, left = ROOM, LINES
    for section in sections:
        start = 0
        for number, line in enumerate(section.lines):
            size = length(quiet(line.essence))
            if (size > room or not left) and (number > start or pages[-1]):
                if number > start:
                    pages[-1].append(replace(section, lines=section.lines[start:number], first=start, last=False))
                pages.append([])
                start, room, left = number, ROOM, LINES
            room, left = room - size, left - 1
        pages[-1].append(replace(section, lines=section.lines[start:], first=start))
    return pages
