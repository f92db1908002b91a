"""A planned meeting in people's calendars: the file behind the signed link, and the links to calendars on the web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.customer import Meeting
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.vocabulary import StepForm
from bot.files.ics import LASTS, Entry, calendar_file, google_link, outlook_link
from bot.files.signed_links import SignedLinks, Ticket, safe_name
from bot.slack.plaintext import PlainText
from bot.store import schema as t
from bot.usecases.customers.contacts import Contacts
from bot.usecases.desk import Desk

EVENT = "event"
"""The purpose of a link to a calendar file; its numbers: workspace, item, and in a quiet handoff for whom it is."""
AFTERWARDS = timedelta(days=7)


@dataclass(frozen=True)
class MeetingLinks:
    """`file` leads to the .ics; None while nobody has said where Baton is reached."""

    file: str | None
    google: str
    outlook: str

    def to_dict(self) -> Mapping[str, str | None]:
        """As a letter keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class MeetingFiles:
    desk: Desk
    words: PlainText
    links_to: SignedLinks
    contacts: Contacts

    def links(
        self,
        session: Session,
        handoff: Handoff,
        item: ChecklistItem,
        meeting: Meeting,
        changed: datetime,
        reader: Person,
    ) -> MeetingLinks:
        """Where people add it to their calendars; the file is open until a week after the meeting.

        In a quiet handoff it is this reader's, and ends when they are taken out of it. Nobody logs in, so whoever they
        pass it on to has it as long as they do.
        """
        entry = self.entry(session, handoff, item, meeting, changed)
        until = max(meeting.at, self.desk.now()) + LASTS + AFTERWARDS
        mine = (reader.id,) if handoff.quiet and reader.id is not None else ()
        ticket = Ticket(EVENT, (handoff.workspace_id, item.id, *mine))
        file = self.links_to.link(ticket, until, event_file(handoff))
        return MeetingLinks(file, google_link(entry), outlook_link(entry))

    def content(
        self, session: Session, handoff: Handoff, item: ChecklistItem, meeting: Meeting, changed: datetime
    ) -> bytes:
        """The .ics file."""
        return calendar_file(self.entry(session, handoff, item, meeting, changed))

    def entry(
        self, session: Session, handoff: Handoff, item: ChecklistItem, meeting: Meeting, changed: datetime
    ) -> Entry:
        """The meeting in a calendar's words."""
        contact = self.contacts.addressee(session, handoff, None, meeting)
        template = "introduction" if item.form is StepForm.INTRODUCTION else "meeting"
        written = self.words(
            f"calendar/{template}",
            account=handoff.account.name,
            attendees=_names(session, handoff, meeting),
            contact=contact.name if contact else "",
            manager=handoff.manager.name if handoff.manager else "",
            mode=meeting.mode.value,
            place=meeting.place,
        )
        team = session.scalar(select(t.workspaces.c.team_id).where(t.workspaces.c.id == handoff.workspace_id)) or ""
        return Entry(
            uid=f"{meeting.uid}@{team.lower()}.baton",
            sequence=meeting.sequence,
            changed=changed,
            at=meeting.at,
            zone=meeting.zone,
            summary=written.headings.get("summary", handoff.account.name),
            description=written.text,
            place=" ".join(meeting.place.split()),
        )


def event_file(handoff: Handoff) -> str:
    """What the calendar entry is called as a file."""
    return safe_name(handoff.account.name, ".ics")


def _names(session: Session, handoff: Handoff, meeting: Meeting) -> list[str]:
    people = t.people.c
    where = (people.workspace_id == handoff.workspace_id, people.slack_id.in_(meeting.attendees))
    found: dict[str, Person] = {one.slack_id: one for one in session.scalars(select(Person).where(*where))}
    return [found[one].name or "…" for one in meeting.attendees if one in found]
