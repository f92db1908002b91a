"""From a letter to what Slack gets: rendered at delivery, from the state of that moment (DESIGN section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.handoff import Handoff
from bot.domain.imports.job import JobState
from bot.domain.numbered import numbered
from bot.domain.people import Person
from bot.domain.refusals import NoSuchThing
from bot.outbox.composed import (
    Composed,
    Fallback,
    HomeTab,
    Lookup,
    Message,
    Nothing,
    PutOff,
    Unreached,
)
from bot.outbox.queue import Claimed
from bot.outbox.reminders import Back, Reminders, Told, overtaken
from bot.outbox.saying import Saying
from bot.outbox.steps import Steps
from bot.slack.render import Renderer
from bot.slack.wording import worded
from bot.store import entries, looking, runs
from bot.store.queues import MOVED, outbox
from bot.store.redrawing import PASSED
from bot.usecases.brief import brief
from bot.usecases.coverage.cover_views import by_now
from bot.usecases.crm.owner_changes import KIND, OwnerChanges
from bot.usecases.deals.deal_views import terms_message
from bot.usecases.desk import Desk
from bot.usecases.handoffs.links import card_link
from bot.usecases.imports.views import Imported, no_files
from bot.usecases.nudges.alarms import Alarms
from bot.usecases.nudges.leaves import days_of
from bot.usecases.nudges.reminders import subject_of
from bot.usecases.territory import barred
from bot.usecases.territory.view import run_view
from bot.usecases.views import home, reading

COVERS = frozenset({"cover_needed", "cover_offered"})
"""What stands in the thread about a cover, and says how it became."""


class Composer(Saying):
    """Turns letters into content, one small look at the database each."""

    def __init__(
        self,
        desk: Desk,
        renderer: Renderer,
        reminders: Reminders | None = None,
        alarms: Alarms | None = None,
        imported: Imported = no_files,
    ) -> None:
        super().__init__(desk, renderer)
        self._imported = imported
        self._alarms = alarms or Alarms(desk)
        self._reminders = reminders or Reminders(desk)
        self._by_kind: dict[str, Callable[[Session, Claimed], Composed]] = {
            "card": self._card,
            "stage": self._stage,
            "request": self._request,
            "answered": self._answered,
            MOVED: self._moved,
            "acceptance": self._acceptance,
            "terms": self._terms,
            "nudge": self._nudge,
            "digest": self._digest,
            "alarms": self._raised,
            "thread": self._thread,
            "dm": self._direct,
            "leave": self._leave,
            KIND: self._owner_change,
            "import": self._import,
            "board": self._board,
            barred.KIND: self._barred,
            **dict.fromkeys(PASSED.values(), self._passed),
            "home": self._home,
            "person": self._lookup,
            "group": self._lookup,
            "step": Steps(desk, renderer).compose,
        }

    def compose(self, letter: Claimed) -> Composed:
        """What to send for this letter now."""
        with self._desk.db.read() as session:
            try:
                return self._by_kind[letter.kind](session, letter)
            except NoSuchThing:
                return Nothing()

    def _whole(self, session: Session, letter: Claimed) -> Handoff:
        return looking.whole_handoff(session, letter.workspace_id, letter.handoff_id or 0)

    def _about(self, session: Session, letter: Claimed) -> tuple[Handoff, Person]:
        """The whole handoff, and whom of those who may know of it the letter is for."""
        handoff = self._whole(session, letter)
        return handoff, self._addressee(session, letter, handoff)

    def _card(self, session: Session, letter: Claimed) -> Composed:
        handoff = self._whole(session, letter)
        if handoff.quiet or self._left_behind(session, letter):
            return Nothing()
        reader = handoff.manager
        card = reading.card(session, handoff, self._today(handoff))
        return Message(handoff.channel_id, self._say("messages/card", reader, card=card), keeps_link=True)

    def _stage(self, session: Session, letter: Claimed) -> Composed:
        handoff = self._whole(session, letter)
        run = numbered(handoff.stages, letter.subject_id)
        if run is None or run.entered_at is None or self._left_behind(session, letter):
            return Nothing()
        stage = reading.stage(handoff, run, self._today(handoff))
        return self._in_thread(session, letter, handoff, self._say("messages/stage", handoff.manager, stage=stage))

    def _moved(self, session: Session, letter: Claimed) -> Composed:
        """Where the handoff is now, in the place of a card or checklist that it left behind; or the run, of a board."""
        if not letter.channel:
            return Nothing()
        if letter.handoff_id is None:
            view = run_view(self._desk, session, runs.run(session, letter.workspace_id, letter.subject_id))
            return Message(letter.channel, self._say("messages/board_moved", view.by, run=view.run))
        handoff = self._whole(session, letter)
        link = card_link(session, handoff)
        return Message(letter.channel, self._say("messages/moved", handoff.manager, handoff=handoff, link=link))

    def _left_behind(self, session: Session, letter: Claimed) -> bool:
        """Whether the handoff or run went to another channel after this letter was claimed for its first post."""
        return not letter.posted and session.scalar(_key(), {"number": letter.id}) != letter.key

    def _request(self, session: Session, letter: Claimed) -> Composed:
        handoff, person = self._about(session, letter)
        request = _by_id(handoff.requests, letter.subject_id)
        prompt = reading.prompt(handoff, request, person.id, self._desk.today(person))
        if (prompt.place in ("off", "moved") or handoff.run_id is not None) and not letter.posted:
            return Nothing()  # of a territory run they are told together, in the day's message and on their Home
        return self._to_person(person, letter, self._say("messages/prompt", person, prompt=prompt))

    def _answered(self, session: Session, letter: Claimed) -> Composed:
        handoff = self._whole(session, letter)
        answered = reading.answered(handoff, _by_id(handoff.requests, letter.subject_id))
        return self._in_thread(
            session, letter, handoff, self._say("messages/answered", handoff.manager, answered=answered)
        )

    def _acceptance(self, session: Session, letter: Claimed) -> Composed:
        handoff, person = self._about(session, letter)
        acceptance = brief.acceptance(self._desk, session, handoff, person, letter.detail.get("asked_at", ""))
        if (acceptance.place != "open" or handoff.run_id is not None) and not letter.posted:
            return Nothing()
        return self._to_person(person, letter, self._say("messages/acceptance", person, acceptance=acceptance))

    def _terms(self, session: Session, letter: Claimed) -> Composed:
        """What a rep is asked to agree to; an older version says that it does not stand any more."""
        handoff, person = self._about(session, letter)
        terms = terms_message(self._desk, session, handoff, letter.subject_id, letter.detail["version"], person)
        if terms.place == "old" and not letter.posted:
            return Nothing()
        return self._to_person(person, letter, self._say("messages/terms", person, terms=terms))

    def _nudge(self, session: Session, letter: Claimed) -> Composed:
        return self._reminder(self._reminders.single(session, letter), letter)

    def _digest(self, session: Session, letter: Claimed) -> Composed:
        return self._reminder(self._reminders.digest(session, letter), letter)

    def _reminder(self, found: Told | Back | None, letter: Claimed) -> Composed:
        if found is None:
            return Nothing() if letter.posted else PutOff(partial(overtaken, letter=letter))
        if isinstance(found, Back):
            return PutOff(found.change)
        content = self._say(found.template, found.person, **found.values)
        message = self._to_person(found.person, letter, content)
        said_instead = tuple(Fallback(found.person.slack_id, number) for number in found.handoffs)
        if isinstance(message, Unreached):
            return Unreached(said_instead)
        return replace(message, nudges=found.nudges, fallback=said_instead) if isinstance(message, Message) else message

    def _raised(self, session: Session, letter: Claimed) -> Composed:
        """What cannot wait; overtaken when nothing is left of it, or their day is over before it could leave."""
        person = self._addressee(session, letter)
        view = self._alarms.view(session, person, self._desk.today(person))
        timely = view.lines and self._alarms.timely(person, letter.detail["day"])
        if not (timely or letter.posted):
            return Nothing()
        return self._to_person(person, letter, self._say("messages/alarms", person, alarms=view))

    def _thread(self, session: Session, letter: Claimed) -> Composed:
        handoff = self._whole(session, letter)
        asked = letter.detail["values"].get("request")
        if asked is not None and not letter.posted and not _by_id(handoff.requests, asked).open:
            return Nothing()  # answered before the reminder of it could leave
        template = f"messages/thread/{letter.detail['template']}"
        values = letter.detail["values"]
        if letter.detail["template"] == "entry":
            values = {"entry": entries.told_of(session, values["entry"])}
        if letter.detail["template"] in COVERS:
            values = {**values, "cover": by_now(session, handoff, self._today(handoff))}
        content = self._say(template, handoff.manager, handoff=handoff, **values)
        return self._in_thread(session, letter, handoff, content)

    def _direct(self, session: Session, letter: Claimed) -> Composed:
        handoff, person = self._about(session, letter)
        template = f"messages/dm/{letter.detail['template']}"
        content = self._say(template, person, handoff=handoff, person=person, **letter.detail["values"])
        return self._to_person(person, letter, content)

    def _import(self, session: Session, letter: Claimed) -> Composed:
        """How a file stands that somebody gave to be imported."""
        person = self._addressee(session, letter)
        words = self._renderer.words(person.locale).gettext
        view = self._imported(session, letter.workspace_id, letter.subject_id, lambda error: worded(error, words))
        if view.job.state is JobState.ARRIVED:
            return Nothing()
        return self._to_person(person, letter, self._say("messages/import", person, view=view))

    def _passed(self, session: Session, letter: Claimed) -> Composed:
        """To whoever an item or a question was passed on to: open, somebody else's by now, or settled."""
        handoff, person = self._about(session, letter)
        about = subject_of(handoff, letter.detail["values"]["kind"], letter.subject_id)
        owner = about.owner if about is not None and about.owed else None
        theirs = owner is not None and owner.id == person.id
        if not theirs and not letter.posted:
            return Nothing()
        became = {"settled": not theirs, "moved_to": owner}
        content = self._say("messages/dm/passed", person, handoff=handoff, **letter.detail["values"], **became)
        return self._to_person(person, letter, content)

    def _leave(self, session: Session, letter: Claimed) -> Composed:
        """To a delegate, or to whoever named one: nobody else is told in their place."""
        person, absent = self._addressee(session, letter), self._person(session, letter.subject_id)
        if not person.reachable:
            return Nothing()
        days = ("begins", "ends", "lost")
        values = {
            name: [days_of(each) for each in value] if name in days else value
            for name, value in letter.detail["values"].items()
        }
        template = f"messages/dm/{letter.detail['what']}"
        return self._to_person(
            person, letter, self._say(template, person, absent=absent, own=absent.id == person.id, **values)
        )

    def _owner_change(self, session: Session, letter: Claimed) -> Composed:
        """Whether an owner who changed in the CRM is a handoff; overtaken when that was settled before it could go."""
        person = self._addressee(session, letter)
        change = OwnerChanges(self._desk).view(session, person, letter.subject_id)
        if not (change.open or letter.posted):
            return Nothing()
        return self._to_person(person, letter, self._say("messages/owner_change", person, change=change))

    def _board(self, session: Session, letter: Claimed) -> Composed:
        view = run_view(self._desk, session, runs.run(session, letter.workspace_id, letter.subject_id))
        if self._left_behind(session, letter):
            return Nothing()
        return Message(letter.channel or view.run.channel_id, self._say("messages/board", view.by, view=view))

    def _barred(self, session: Session, letter: Claimed) -> Composed:
        run = runs.run(session, letter.workspace_id, letter.subject_id)
        person = self._addressee(session, letter)
        channel = letter.detail.get("channel", run.channel_id)
        content = self._say("messages/dm/barred", person, run=run, error=letter.detail["error"], channel=channel)
        return self._to_person(person, letter, content)

    def _home(self, session: Session, letter: Claimed) -> Composed:
        person = looking.people_by_id(session, [letter.subject_id]).get(letter.subject_id)
        if person is None or not person.reachable:
            return Nothing()
        view = home.home(self._desk, session, person)
        content = self._renderer.home("views/home", person.locale, home=view, now=self._desk.now())
        return HomeTab(person.slack_id, content)

    def _lookup(self, _session: Session, letter: Claimed) -> Composed:
        return Lookup(letter.kind, letter.detail.get("slack_id") or letter.detail.get("group", ""))


@cache
def _key() -> Select[Any]:
    return select(outbox.c.key).where(outbox.c.id == bindparam("number"))


def _by_id(rows: list[Any], number: int) -> Any:
    found = next((row for row in rows if row.id == number), None)
    if found is None:
        raise NoSuchThing()
    return found
