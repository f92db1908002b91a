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
from bot.store.glance import Place, Work
from bot.store.involved import involving
from bot.usecases.coverage import cover_views
from bot.usecases.coverage.cover_views import AccountCover
from bot.usecases.desk import Desk
from bot.usecases.handoffs.lacking import lacking_in
from bot.usecases.handoffs.phases import BoardRow, board
from bot.usecases.nudges.leaves import AwayView, away_view
from bot.usecases.views.lists import MyItem, Row, my_items, rows_of
from bot.usecases.workspace import undelivered
from bot.usecases.workspace.undelivered import Undelivered

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
    involved = glance.places(session, involving(session, person, seen=True))
    work = glance.work(session, involved, person)
    mine = [one for one in involved if one.handoff.involves(person.id)]
    items, questions = my_items(work.steps, involved, person, today), _asked(work, involved, person)
    lacks = lacking_in(session, mine, today)
    gates = [gate for one in mine for gate in _gates(one, work, lacks)]
    waiting = [one for one in gates if one.owner.id != person.id]
    to_say = [one for one in gates if one.owner.id == person.id and one.missing.kind == "fact"]
    to_accept = tuple(one.handoff for one in mine if _asks(one.handoff, person))
    quiet = prepared_quietly((one.handoff for one in mine), person)
    letters, given_up = undelivered.given_up(session, person, standing)
    phases = board(session, person, today) if standing.manager else ()
    covers = cover_views.look(session, person, today, team=HOLES if standing.manager else 0)
    share = share_of_room(
        Rows(len(items), after=2 + 2 * len(to_accept) + len(letters)),
        *(Rows(len(some)) for some in (questions, to_say, waiting, quiet)),
        Rows(len(mine), after=len(phases) + len(covers.team)),
        Rows(2 * len(covers.mine)),
    )
    return HomeView(
        person=person,
        items=tuple(items[: share[0]]),
        questions=_titled(session, questions[: share[1]]),
        to_accept=to_accept,
        to_say=tuple(to_say[: share[2]]),
        waiting=tuple(waiting[: share[3]]),
        handoffs=rows_of(session, glance.glances(session, mine[: share[5]], today), today),
        runs=standing.starts or person.is_admin,
        open_house=standing.open_house,
        today=today,
        away=away_view(desk, session, person, person),
        undelivered=tuple(letters),
        given_up=given_up,
        board=phases,
        quiet=quiet[: share[4]],
        covers=covers.mine[: share[6] // 2 + 1],
        holes=covers.team,
        manages=standing.manager,
    )


def prepared_quietly(handoffs: Iterable[Handoff], person: Person) -> tuple[Handoff, ...]:
    """Those that are this manager's to open."""
    return tuple(one for one in handoffs if one.quiet and one.manager_id == person.id)


@dataclass(frozen=True)
class Rows:
    """A list that App Home folds: how many blocks it has, and at least how many stand between it and the list before.

    Those go with it when it is folded; where it is empty, with the next one.
    """

    count: int
    after: int = 0


def share_of_room(*lists: Rows) -> list[int]:
    """How many blocks of each list there can be room for, and two more, by which the fold sees that there is more.

    The longest gives way first, as in `bot/slack/fitting.py`.
    """
    before, carried = [], 0
    for one in lists:
        carried += one.after
        before.append(carried)
        carried = 0 if one.count else carried
    room, lengths = ROOM, sorted(first + one.count for first, one in zip(before, lists, strict=True) if one.count)
    for place, length in enumerate(lengths):
        share = room // (len(lengths) - place)
        if length > share:
            return [max(share - first, 0) + 2 for first in before]
        room -= length
    return [one.count for one in lists]


def _asked(work: Work, involved: Sequence[Place], person: Person) -> list[tuple[Handoff, FeedbackRequest]]:
    """What this person is asked."""
    return [
        (one.handoff, request)
        for one in involved
        for request in work.questions.get(one.handoff.id, ())
        if request.asked_id == person.id
    ]


def _titled(session: Session, asked: Sequence[tuple[Handoff, FeedbackRequest]]) -> tuple[MyQuestion, ...]:
    titles = glance.titles(session, [request.id for _, request in asked])
    return tuple(MyQuestion(handoff, request, titles[request.id] or request.function) for handoff, request in asked)


def _asks(handoff: Handoff, person: Person) -> bool:
    """Whether it waits for this person to accept it."""
    return handoff.acceptance is Acceptance.ASKED and handoff.incoming_id == person.id


def _gates(one: Place, work: Work, lacks: Lacks) -> Iterator[Waiting]:
    """What keeps the gate of a handoff shut, as far as somebody owns it."""
    handoff, number = one.handoff, one.handoff.id
    unknown = lacks.get(number, NOTHING_MISSING).necessary
    here = (one.stage.hands_over, work.steps.get(number, ()), work.questions.get(number, ()))
    for missing in missing_of(handoff, *here, unknown):
        if missing.owner is not None:
            yield Waiting(handoff, missing, missing.owner)
