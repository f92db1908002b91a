"""The parts of the customer's side, put together: what `bot/app.py` would else have to know one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.customer import Meeting
from bot.domain.mails import eml
from bot.domain.permissions import sees
from bot.domain.quiet import knows
from bot.domain.refusals import NoSuchThing
from bot.domain.vocabulary import StepForm
from bot.files.downloads import EML, ICS, Downloads, File
from bot.files.signed_links import SignedLinks, Ticket
from bot.settings import Settings
from bot.slack.plaintext import PlainText
from bot.store import loading
from bot.store.recorded import record_of_item
from bot.usecases.customers.contacts import Contacts
from bot.usecases.customers.customers import Customers
from bot.usecases.customers.mails import MAIL, NOBODY, CustomerMails, mail_file
from bot.usecases.customers.meeting_files import EVENT, MeetingFiles, event_file
from bot.usecases.customers.meetings import Meetings
from bot.usecases.desk import Desk
from bot.usecases.handoffs.checklist import Checklist


@dataclass(frozen=True)
class CustomerSide:
    customers: Customers
    meetings: Meetings
    links: SignedLinks
    downloads: Downloads


def customer_side(desk: Desk, checklist: Checklist, settings: Settings, folders: Sequence[Path]) -> CustomerSide:
    """Everything about the customer, for one process."""
    words = PlainText(folders)
    links = SignedLinks(settings.signing_secret, settings.public_url, desk.now)
    mails = CustomerMails(desk, words, links)
    contacts = Contacts(desk)
    files = MeetingFiles(desk, words, links, contacts)
    customers = Customers(desk, checklist, mails, contacts)
    meetings = Meetings(desk, checklist, contacts, mails, files)
    sources = {MAIL: lambda ticket: _mail(desk, customers, ticket), EVENT: lambda ticket: _event(desk, files, ticket)}
    return CustomerSide(customers, meetings, links, Downloads(links, sources))


def _mail(desk: Desk, customers: Customers, ticket: Ticket) -> File | None:
    """The mail as it would be written now, to whom the link names; None once they are known there no more.

    A link of an older version names nobody: its mail is for whom the rule suggests.
    """
    if len(ticket.numbers) not in (3, 4):
        return None
    workspace_id, item_id, person_id, *whom = ticket.numbers
    with desk.db.read() as session:
        try:
            item, handoff = loading.item_in_whole_handoff(session, workspace_id, item_id)
        except NoSuchThing:
            return None
        writer = loading.people_by_id(session, [person_id]).get(person_id)
        if writer is None or writer.deactivated or not knows(handoff, writer.id):
            return None
        plan = record_of_item(session, item.id) if item.form is StepForm.INTRODUCTION else None
        if plan is None and item.form is StepForm.INTRODUCTION:
            return None
        meeting = Meeting.read(plan.body) if plan is not None else None
        if whom:
            contact = customers.contacts.known(session, handoff, whom[0])
            if contact is None and whom[0] != NOBODY:
                return None
        else:
            contact = customers.contacts.addressee(session, handoff, writer, meeting)
        if meeting is not None:
            view = customers.mails.introduction(session, handoff, item, writer, meeting, contact)
        else:
            view = customers.mails.warning(session, handoff, item, writer, contact)
        return File(mail_file(handoff), EML, eml(view.mail))


def _event(desk: Desk, files: MeetingFiles, ticket: Ticket) -> File | None:
    """The meeting as it stands now: an old link brings the newest time; of a quiet handoff only to who may know it."""
    if len(ticket.numbers) not in (2, 3):
        return None
    workspace_id, item_id, *whose = ticket.numbers
    with desk.db.read() as session:
        try:
            item, handoff = loading.item_in_whole_handoff(session, workspace_id, item_id)
        except NoSuchThing:
            return None
        reader = desk.still_here(session, workspace_id, whose[0]) if whose else None
        if handoff.quiet and (reader is None or not sees(reader, handoff)):
            return None
        plan = record_of_item(session, item.id)
        if plan is None or "at" not in plan.body:
            return None
        content = files.content(session, handoff, item, Meeting.read(plan.body), plan.at)
        return File(event_file(handoff), ICS, content, opens=True)
