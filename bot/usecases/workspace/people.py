"""The directory: who people are in Slack, kept current by events and look-ups, never by listing the workspace (U31)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.domain.calendars import country_of
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.quiet import knows
from bot.domain.routing import local_date
from bot.domain.vocabulary import Role
from bot.store import loading
from bot.store import schema as t
from bot.store.letters import freshen, freshen_existing
from bot.usecases import changes
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.feedback.asking import redate_questions
from bot.usecases.handoffs.links import card_link
from bot.usecases.handoffs.phases import follow_phase
from bot.usecases.leaving import leaving
from bot.usecases.leaving.succession import hand_on
from bot.usecases.nudges.leaves import delegate_lost
from bot.usecases.nudges.replanning import decide_anew, open_handoffs
from bot.usecases.workspace.playbooks import playbook_of, redate

if TYPE_CHECKING:
    from bot.slack.answers import UserGroup, UserInfo

OPTIONS_AT_MOST = 50
LISTED = 20
"""Handoffs of a leaver that one message lists."""


@dataclass(frozen=True)
class People:
    """`user_groups` asks Slack for the workspace's user groups; `left` sees to the accounts of whoever is gone."""

    desk: Desk
    user_groups: Callable[[], Sequence[UserGroup]]
    read_user: Callable[[Mapping[str, Any]], UserInfo]
    left: Callable[[Session, Person, date], object] = lambda *_: None

    def changed(self, team_id: str, user: Mapping[str, Any]) -> None:
        """Slack says that somebody's profile changed. Strangers are not entered: only who matters here is kept.

        What a leaver owes is the manager's from now on, who is told once (U33). Whoever was erased is a stranger too:
        nothing of what Slack goes on to say about them is kept.
        """
        info = self.read_user(user)
        with self.desk.db.write() as session:
            workspace_id = self.desk.workspace_id(session, team_id)
            known = loading.person_by_slack_id(session, workspace_id, info.id)
            if known is not None:
                self._noted(session, known, info)
            elif info.deleted:
                self.desk.departed.went(workspace_id, info.id, self.desk.now())
            else:
                self.desk.departed.came_back(workspace_id, info.id)

    def learned(self, workspace_id: int, info: UserInfo) -> None:
        """A look-up came back: name, zone and locale of somebody new.

        They may have been chosen before Slack said that they are an app or gone: then the managers hear of it.
        """
        with self.desk.db.write() as session:
            known = loading.person_by_slack_id(session, workspace_id, info.id)
            if known is not None:
                self._noted(session, known, info)

    def unknown(self, session: Session, person_id: int) -> None:
        """Slack does not say who this is: they are treated as being in UTC, rather than never be written to."""
        now = self.desk.now()
        session.execute(update(t.people).where(t.people.c.id == person_id).values(refreshed_at=now))

    def greeted(self, session: Session, person_id: int) -> None:
        """They have been told once what Baton is and what it keeps."""
        session.execute(update(t.people).where(t.people.c.id == person_id).values(greeted_at=self.desk.now()))

    def group_learned(self, workspace_id: int, group: str, members: Sequence[str]) -> None:
        """Who is in a user group; open questions to the group go to each of them."""
        now = self.desk.now()
        with self.desk.db.write() as session:
            g = t.group_members.c
            session.execute(delete(t.group_members).where(g.workspace_id == workspace_id, g.group_slack_id == group))
            people = [self.desk.person(session, workspace_id, slack_id) for slack_id in dict.fromkeys(members)]
            for person in people:
                values = {"workspace_id": workspace_id, "group_slack_id": group, "person_slack_id": person.slack_id}
                session.execute(insert(t.group_members).values(values))
            r = t.feedback_requests.c
            where = (r.workspace_id == workspace_id, r.group_slack_id == group, r.state == "open")
            for row in session.execute(select(r.id, r.handoff_id).where(*where)).all():
                prompts = [changes.request_message(row.handoff_id, row.id, person.id) for person in people]
                freshen(session, workspace_id, now, prompts)

    def groups(self, typed: str) -> list[tuple[str, str]]:
        """User groups whose handle or name contains what was typed: (Slack id, what to show)."""
        wanted = typed.casefold().strip().lstrip("@")
        found = [
            (group.id, f"@{group.handle}")
            for group in self.user_groups()
            if wanted in group.handle.casefold() or wanted in group.name.casefold()
        ]
        return found[:OPTIONS_AT_MOST]

    def locale(self, actor: Actor) -> str:
        """The language in which to answer somebody."""
        with self.desk.db.read() as session:
            return self.desk.viewer(session, actor).locale

    def _noted(self, session: Session, person: Person, info: UserInfo) -> None:
        """What Slack says of somebody now, and what follows from it."""
        before, hoped = (person.tz, person.country, person.reachable), person.reachable
        stranger = person.refreshed_at is None
        self._update(session, person, info)
        if (person.tz, person.country, person.reachable) == before:
            return
        now = self.desk.now()
        handoffs = open_handoffs(session, person)
        gone = hoped and person.deactivated
        held = {handoff.id: _held(session, handoff, person) for handoff in handoffs}
        if gone:
            handoffs = self._moved(session, person, handoffs, held)
        if stranger:
            redate_first(session, person, handoffs)
        decide_anew(session, person, now, handoffs)
        for handoff in handoffs:
            follow_phase(session, handoff, self.desk.today(handoff.manager or person))
            changes.touched(session, now, handoff)
            if stranger or gone:  # their dates may have moved, or who does what
                freshen_existing(
                    session, handoff.workspace_id, now, [changes.stage_message(handoff.id, handoff.stage.id).key]
                )
                changes.redraw_letters(session, now, handoff)
        if hoped and not person.reachable:
            self._warn(session, person, handoffs, held)
            delegate_lost(self.desk, session, person)

    def _moved(
        self, session: Session, person: Person, handoffs: list[Handoff], held: dict[int, dict[str, Any]]
    ) -> list[Handoff]:
        """What they looked after and owed is somebody else's now. Returns the handoffs as they are then."""
        handoffs = leaving.locked(session, handoffs)
        inherited = hand_on(self.desk, session, person, handoffs)
        for handoff in handoffs:
            held[handoff.id] |= {"inherits": handoff.id in inherited, "quiet": handoff.quiet}
        self.left(session, person, self.desk.today(person))
        moved = leaving.move(self.desk, session, person, sorted(held))
        for number, one in moved.items():
            to = one.to.slack_id if one.to is not None and one.to.id != one.handoff.manager_id else ""
            held[number] |= {"to": to, "skipped": one.skipped, "brief": one.brief, "ended": one.ended}
            held[number]["items"] = [title for title in held[number]["items"] if title not in one.ended]
        return [one.handoff for one in moved.values()]

    def _update(self, session: Session, person: Person, info: UserInfo) -> None:
        person.name = info.shown_name or person.name
        person.tz = info.tz or person.tz
        person.locale = info.locale or person.locale
        person.deactivated, person.is_bot = info.deleted, info.is_bot
        person.is_admin = info.is_admin or info.is_owner
        person.refreshed_at = self.desk.now()
        if not person.country_own:
            person.country = country_of(person.tz, person.locale, country_by_setup(session, person.workspace_id))
        session.flush()

    def _warn(
        self, session: Session, person: Person, handoffs: Iterable[Handoff], hangs: Mapping[int, dict[str, Any]]
    ) -> None:
        """Whoever answers for a handoff is told once what hangs on somebody who cannot be reached: all in one message.

        Usually the handoffs' managers; else who started them, else whom the leaver reported to.
        """
        told: dict[int, list[Handoff]] = {}
        chiefs = loading.people_by_id(
            session, {person.manager_id}.union(*({one.manager_id, one.started_by_id} for one in handoffs))
        )
        for handoff in handoffs:
            ids = (handoff.manager_id, handoff.started_by_id, person.manager_id)
            known = (chiefs[number] for number in ids if number in chiefs and knows(handoff, number))
            to = next((one for one in known if one.reachable), None)
            if to is not None:
                told.setdefault(to.id, []).append(handoff)
        for number, mine in told.items():
            held = [hangs[handoff.id] for handoff in mine]
            letter = changes.direct_message(
                mine[0].id, chiefs[number], f"unreachable:{person.id}", "unreachable",
                who=person.slack_id, left=person.deactivated, held=held[:LISTED], more=len(held[LISTED:]),
            )  # fmt: skip
            changes.say(session, self.desk.now(), mine[0], letter)


def redate_first(session: Session, person: Person, handoffs: Iterable[Handoff]) -> None:
    """Dates that were laid before Slack said where this person lives are laid again, by their days and holidays."""
    for handoff in handoffs:
        playbook = playbook_of(session, handoff)
        if handoff.manager_id == person.id:
            handoff.start_on = local_date(person, handoff.started_at)
            redate(handoff, playbook, worktime(person))
        redate_questions(session, handoff, playbook, person)
    session.flush()


def country_by_setup(session: Session, workspace_id: int) -> str:
    """The country of whoever's zone and locale do not tell theirs."""
    w = t.workspaces.c
    return session.scalar(select(w.country).where(w.id == workspace_id)) or ""


def follow_country(desk: Desk, session: Session, workspace_id: int, default: str) -> None:
    """Setup says another country: it is now that of everybody whose zone and locale do not tell theirs."""
    p = t.people.c
    where = (p.workspace_id == workspace_id, p.country_own.is_(False), p.refreshed_at.is_not(None))
    moved = []
    for person in session.scalars(select(Person).where(*where)):
        country = country_of(person.tz, person.locale, default)
        if country != person.country:
            person.country = country
            moved.append(person)
    session.flush()
    for person in moved:
        decide_anew(session, person, desk.now())


def find_countries(session: Session, workspace_id: int, default: str) -> None:
    """Of people whom an older version entered, without a country. Their nudges are decided anew when they fall due."""
    p = t.people.c
    where = (p.workspace_id == workspace_id, p.country == "", p.refreshed_at.is_not(None))
    for person in session.scalars(select(Person).where(*where)):
        person.country = country_of(person.tz, person.locale, default)


def _held(session: Session, handoff: Handoff, person: Person) -> dict[str, Any]:
    """What hangs on a person in one handoff, as plain values."""
    return {
        "account": handoff.account.name,
        "link": card_link(session, handoff),
        "roles": [role.value for role in Role if handoff.holder_id(role) == person.id],
        "items": [item.title for item in handoff.items if item.open and item.owner_id == person.id],
        "functions": [one.function for one in handoff.requests if one.open and one.asked_id == person.id],
    }
