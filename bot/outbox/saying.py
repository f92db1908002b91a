"""What composing any letter takes: whom it is for and whether they may know of it, where it goes, in whose language."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import sees
from bot.domain.refusals import NoSuchThing
from bot.outbox.composed import Composed, Fallback, Message, Nothing, NoThread, Unreached
from bot.outbox.queue import Claimed
from bot.slack.render import Renderer
from bot.store import looking
from bot.store.queues import LetterState, outbox
from bot.usecases.desk import Desk


class Saying:
    """Words for a reader, as a message to them or into a thread."""

    def __init__(self, desk: Desk, renderer: Renderer) -> None:
        self._desk, self._renderer = desk, renderer

    def _addressee(self, session: Session, letter: Claimed, about: Handoff | None = None) -> Person:
        """Whom it is for, if they may know of its handoff (`about`, where that is at hand). Raises NoSuchThing."""
        person = self._person(session, letter.detail.get("person_id") or 0)
        if about is None and letter.handoff_id:
            about = session.get(Handoff, letter.handoff_id)
        if about is not None and not sees(person, about):
            raise NoSuchThing()
        return person

    def _person(self, session: Session, number: int) -> Person:
        person = looking.people_by_id(session, [number]).get(number)
        if person is None:
            raise NoSuchThing()
        return person

    def _to_person(self, person: Person, letter: Claimed, content: dict[str, Any]) -> Composed:
        fallback = (Fallback(person.slack_id, letter.handoff_id),) if letter.handoff_id else ()
        if not person.reachable:  # Slack would take it without a word, and nobody would read it
            return Nothing() if letter.posted else Unreached(fallback)
        greets = None
        if person.greeted_at is None and not letter.posted:
            greets = person.id
            content["blocks"] += self._renderer.render("messages/greeting", person.locale).blocks
        return Message(letter.channel or person.slack_id, content, fallback=fallback, greets=greets)

    def _in_thread(self, session: Session, letter: Claimed, handoff: Handoff, content: dict[str, Any]) -> Composed:
        values = {"workspace": letter.workspace_id, "key_is": f"card:{handoff.id}"}
        card = session.connection().execute(_place(), values).one_or_none()
        if handoff.quiet:  # nothing is said in a channel, whoever wrote the letter
            return Nothing()
        if letter.posted and letter.channel:
            return Message(letter.channel, content)
        if card is None or (card.ts is None and card.state == LetterState.MOOT):
            return Nothing()
        return NoThread() if card.ts is None else Message(card.channel, content, thread_ts=card.ts)

    def _say(self, template: str, reader: Person | None, **context: Any) -> dict[str, Any]:
        locale = reader.locale if reader is not None else "en"
        return self._renderer.message(template, locale, now=self._desk.now(), **context)

    def _today(self, handoff: Handoff) -> Any:
        return self._desk.today(handoff.manager) if handoff.manager else self._desk.now().date()


@cache
def _place() -> Select[Any]:
    c = outbox.c
    return select(c.channel, c.ts, c.state).where(
        c.workspace_id == bindparam("workspace"), c.key == bindparam("key_is")
    )
