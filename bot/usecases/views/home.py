"""App Home of one person: what is theirs, what they wait for, the handoffs they are in, and their team's board."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.facts import NOTHING_MISSING, Completeness
from bot.domain.feedback import FeedbackRequest
from bot.domain.gate import Missing, missing_of
from bot.domain.handoff import Acceptance, Handoff
from bot.domain.people import Person
from bot.store import glance
from bot.store.glance import Glance, Place
from bot.usecases.coverage import cover_views
from bot.usecases.coverage.cover_views import AccountCover
from bot.usecases.desk import Desk
from bot.usecases.handoffs.lacking import lacking_in
from bot.usecases.handoffs.phases import BoardRow, board
from bot.usecases.nudges.leaves import AwayView, away_view
from bot.usecases.views.lists import MyItem, Row, Steps, involving, my_items, rows_of
from bot.usecases.workspace import undelivered
from bot.usecases.workspace.undelivered import Undelivered

Asked = Mapping[int, Sequence[FeedbackRequest]]
Lacks = Mapping[int, Completeness]
HOLES = 10
ROOM = 100
"""Blocks that App Home has room for: longer lists are not drawn only to be folded."""


@dataclass(frozen=True)
class MyQuestion:
    handoff: Handoff
    request: FeedbackRequest
    title: str


@dataclass(frozen=True)
class Waiting:
    """Something that holds up a handoff of this person's, and whose it is to do."""

    handoff: Handoff
    missing: Missing
    owner: Person


@dataclass(frozen=True)
class HomeView:
    """`runs`: may start handoffs and change the setup; `open_house`: because no managers are named yet."""

    person: Person
    items: tuple[MyItem, ...]
    questions: tuple[MyQuestion, ...]
    to_accept: tuple[Handoff, ...]
    waiting: tuple[Waiting, ...]
    handoffs: tuple[Row, ...]
    runs: bool
    open_house: bool
    today: date
    away: AwayView | None = None
    undelivered: tuple[Undelivered, ...] = ()
    """The latest of the messages that were given up, for those who may have them sent again; `given_up` counts all."""
    given_up: int = 0
    board: tuple[BoardRow, ...] = ()
    """For managers: all open handoffs that they may know of, by phase and stage."""
    quiet: tuple[Handoff, ...] = ()
    """Those that this person prepares quietly and may open."""
    covers: tuple[AccountCover, ...] = ()
    """The accounts that this person owns, covers or offers to cover."""
    to_say: tuple[Waiting, ...] = ()
    """Facts that a gate waits for and that this person is to say."""
    holes: tuple[AccountCover, ...] = ()
    """For managers: accounts for which somebody is needed."""
    manages: bool = False


def home(desk: Desk, session: Session, person: Person) -> HomeView:
    """App Home of one person: what is theirs, what they wait for, the handoffs they are in."""
    today = desk.today(person)
    standing = desk.standing(session, person)
    involved = glance.glances(session, involving(session, person, seen=True), today)
    steps, asked = glance.open_items(session, involved), glance.open_requests(session, involved, person)
    mine = [one for one in involved if one.handoff.involves(person.id)]
    items, questions = my_items(steps, involved, person, today), _my_questions(session, asked, involved, person)
    lacks = lacking_in(session, mine, today)
    gates = [gate for one in mine for gate in _gates(one, steps, asked, lacks)]
    waiting = [one for one in gates if one.owner.id != person.id]
    to_say = [one for one in gates if one.owner.id == person.id and one.missing.kind == "fact"]
    share = share_of_room(len(items), len(questions), len(to_say), len(waiting), len(mine))
    letters, given_up = undelivered.given_up(desk, session, person)
    return HomeView(
        person=person,
        items=tuple(items[:share]),
        questions=tuple(questions[:share]),
        to_accept=tuple(one.handoff for one in mine if _asks(one.handoff, person)),
        to_say=tuple(to_say[:share]),
        waiting=tuple(waiting[:share]),
        handoffs=rows_of(session, mine[:share], today),
        runs=standing.starts or person.is_admin,
        open_house=standing.open_house,
        today=today,
        away=away_view(desk, session, person, person),
        undelivered=tuple(letters),
        given_up=given_up,
        board=board(session, person, today) if standing.manager else (),
        quiet=prepared_quietly((one.handoff for one in mine), person)[:share],
        covers=tuple(cover_views.mine(session, person, today)),
        holes=tuple(cover_views.holes(session, person, today)[:HOLES]) if standing.manager else (),
        manages=standing.manager,
    )


def prepared_quietly(handoffs: Iterable[Handoff], person: Person) -> tuple[Handoff, ...]:
    """Those that are this manager's to open."""
    return tuple(one for one in handoffs if one.quiet and one.manager_id == person.id)


def share_of_room(*lengths: int) -> int:
    """How many rows of each list there can be room for, and two more, by which the fold sees that there is more.

    The longest gives way first, as in `bot/slack/fitting.py`.
    """
    room, lists = ROOM, sorted(lengths)
    for place, length in enumerate(lists):
        share = room // (len(lists) - place)
        if length > share:
            return share + 2
        room -= length
    return ROOM


def _my_questions(session: Session, requests: Asked, involved: Sequence[Place], person: Person) -> list[MyQuestion]:
    asked = [
        (one.handoff, request)
        for one in involved
        for request in requests.get(one.handoff.id, ())
        if request.asked_id == person.id
    ]
    titles = glance.titles(session, [request.id for _, request in asked])
    return [MyQuestion(handoff, request, titles[request.id] or request.function) for handoff, request in asked]


def _asks(handoff: Handoff, person: Person) -> bool:
    """Whether it waits for this person to accept it."""
    return handoff.acceptance is Acceptance.ASKED and handoff.incoming_id == person.id


def _gates(one: Glance, steps: Steps, asked: Asked, lacks: Lacks) -> Iterator[Waiting]:
    """What keeps the gate of a handoff shut, as far as somebody owns it."""
    handoff, number = one.handoff, one.handoff.id
    unknown = lacks.get(number, NOTHING_MISSING).necessary
    here = (one.stage.hands_over, steps.get(number, ()), asked.get(number, ()))
    for missing in missing_of(handoff, *here, unknown):
        if missing.owner is not None:
            yield Waiting(handoff, missing, missing.owner)
