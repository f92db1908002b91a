"""Opening a quiet handoff: card and thread appear, people are told and asked, all in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.domain.feedback import RequestState
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.refusals import AlreadyOpened
from bot.domain.vocabulary import INSIDE_SALES, Role
from bot.store import journal, loading
from bot.store.letters import Letter
from bot.usecases import changes
from bot.usecases.coverage.covering import ask_in_thread
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.feedback.asking import ask, stakeholder
from bot.usecases.feedback.feedback import answered_message
from bot.usecases.handoffs.phases import follow_phase
from bot.usecases.nudges.nudges import replan
from bot.usecases.workspace.playbooks import playbook_of, redate


@dataclass(frozen=True)
class Opened:
    account: str
    channel_id: str


@dataclass(frozen=True)
class Opening:
    desk: Desk

    def __call__(self, actor: Actor, handoff_id: int) -> Opened:
        """Open it. Raises AlreadyOpened, NotAllowed, HandoffClosed, and NoSuchThing to those who may not know of it."""
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            handoff = loading.whole_handoff(session, by.workspace_id, handoff_id, lock=True)
            self.desk.require(session, Action.OPEN_QUIET, by, handoff)
            handoff.require_open()
            if not handoff.quiet:
                raise AlreadyOpened(account=handoff.account.name)
            self._open(session, by, handoff)
            return Opened(handoff.account.name, handoff.channel_id)

    def _open(self, session: Session, by: Person, handoff: Handoff) -> None:
        now, today = self.desk.now(), self.desk.today(handoff.manager or by)
        handoff.quiet = handoff.account.quiet = False
        handoff.start_on = today  # what follows the start follows the day on which people hear of it
        if handoff.inside_id is None:
            inside = stakeholder(session, handoff.workspace_id, INSIDE_SALES).person
            handoff.inside_id = inside.id if inside is not None else None
        journal.record(session, by, now, "handoff.opened", handoff.id, handoff.id, {"quiet": True}, {"quiet": False})
        session.flush()
        session.expire_all()
        whole = loading.whole_handoff(session, handoff.workspace_id, handoff.id)
        self._begin(session, by, whole, today)

    def _begin(self, session: Session, by: Person, whole: Handoff, today: date) -> None:
        """As at the start: dates, questions, messages, schedule."""
        now, playbook, calendar = self.desk.now(), playbook_of(session, whole), worktime(whole.manager or by)
        for item, before in redate(whole, playbook, calendar):
            dates = ({"due_on": day.isoformat() if day else None} for day in (before, item.due_on))
            journal.record(session, by, now, "item.redated", item.id, whole.id, *dates)
        ask(self.desk, session, whole, playbook, calendar)
        entered = [changes.stage_message(whole.id, stage.id) for stage in whole.stages if stage.entered_at is not None]
        asked = [one.asked_id for one in whole.requests]
        changes.touched(session, now, whole, *entered, *_answers(whole), homes_of=asked)
        changes.say(session, now, whole, *_told(by, whole))
        session.flush()
        session.expire_all()
        opened = loading.whole_handoff(session, whole.workspace_id, whole.id)
        follow_phase(session, opened, today)
        ask_in_thread(session, opened, today, now)
        replan(session, opened, playbook, now)


def _answers(handoff: Handoff) -> list[Letter]:
    """What was answered while it was quiet stands in the thread now."""
    given = (RequestState.ANSWERED, RequestState.NOTHING)
    return [answered_message(handoff.id, one.id) for one in handoff.requests if one.state in given]


def _told(by: Person, handoff: Handoff) -> list[Letter]:
    """A word to everybody who has a part in it, but to the one who opened it."""
    held: dict[int, list[str]] = {}
    for role in Role:
        person = handoff.holder(role)
        if person is not None and person.reachable and person.id != by.id:
            held.setdefault(person.id, []).append(role.value)
    people = {person.id: person for role in Role if (person := handoff.holder(role)) is not None}
    return [
        changes.direct_message(handoff.id, people[number], "opened", "opened", by=by.slack_id, roles=roles)
        for number, roles in held.items()
    ]
