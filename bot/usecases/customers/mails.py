"""The words for the customer: from templates and what the handoff knows, for the one who is going to send them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.customer import Contact, Meeting, is_sudden
from bot.domain.handoff import Handoff
from bot.domain.mails import Mail, mailto
from bot.domain.people import Person
from bot.domain.vocabulary import StepForm
from bot.domain.worktime import zone_or_utc
from bot.files.signed_links import SignedLinks, Ticket, safe_name
from bot.slack.plaintext import PlainText
from bot.store import customers
from bot.usecases.desk import Desk, worktime

MAIL = "mail"
"""The purpose of a link to a mail file; its numbers: workspace, item, who is going to send it, and whom it is for.

The last is NOBODY where nobody was named, and is missing in links of older versions.
"""
NOBODY = 0
MAIL_LASTS = timedelta(days=1)
"""The words follow the handoff, so a link is for the form at hand; opening it again makes another."""


@dataclass(frozen=True)
class MailView:
    """A mail in three ways: its text to copy, `address` (mailto:), and `file` (a link), which may be None."""

    mail: Mail
    address: str
    file: str | None
    sudden: bool = False


@dataclass(frozen=True)
class CustomerMails:
    desk: Desk
    words: PlainText
    links: SignedLinks

    def warning(
        self, session: Session, handoff: Handoff, item: ChecklistItem, writer: Person, contact: Contact | None
    ) -> MailView:
        """What tells the customer that their contact changes; another text where it comes suddenly (B5)."""
        today, calendar = self.desk.today(writer), worktime(handoff.manager or writer)
        gone = handoff.outgoing is None or handoff.outgoing.deactivated
        sudden = is_sudden(handoff.last_day, today, gone, calendar)
        values = self._values(session, handoff, writer, contact)
        template = "mail/sudden" if sudden else "mail/warning"
        return self._view(handoff, item, writer, contact, template, values, sudden)

    def introduction(
        self,
        session: Session,
        handoff: Handoff,
        item: ChecklistItem,
        writer: Person,
        meeting: Meeting,
        contact: Contact | None,
    ) -> MailView:
        """What introduces the new rep, with the outgoing rep's own words (B7)."""
        values = {**self._values(session, handoff, writer, contact), **when_of(meeting)}
        values |= {"endorsement": meeting.endorsement, "mode": meeting.mode.value, "place": meeting.place}
        return self._view(handoff, item, writer, contact, "mail/introduction", values)

    def _view(
        self,
        handoff: Handoff,
        item: ChecklistItem,
        writer: Person,
        contact: Contact | None,
        template: str,
        values: dict[str, Any],
        sudden: bool = False,
    ) -> MailView:
        written = self.words(template, **values)
        mail = Mail(
            to=contact.mail if contact else "",
            to_name=" ".join(contact.name.split()) if contact else "",
            subject=written.headings.get("subject", handoff.account.name),
            body=written.text,
        )
        ticket = Ticket(MAIL, (handoff.workspace_id, item.id, writer.id or 0, contact.id if contact else NOBODY))
        file = self.links.link(ticket, self.desk.now() + MAIL_LASTS, mail_file(handoff))
        return MailView(mail, mailto(mail, self.words("mail/shortened").text), file, sudden)

    def _values(self, session: Session, handoff: Handoff, writer: Person, contact: Contact | None) -> dict[str, Any]:
        return {
            "account": handoff.account.name,
            "company": customers.company_of(session, handoff.workspace_id),
            "contact": contact.name if contact else "",
            "outgoing": handoff.outgoing.name if handoff.outgoing else handoff.outgoing_name,
            "incoming": handoff.incoming.name if handoff.incoming else "",
            "cover": handoff.cover.name if handoff.cover else "",
            "manager": handoff.manager.name if handoff.manager else "",
            "me": writer.name,
            "last_day": handoff.last_day,
            "benefit": handoff.benefit,
        }


def when_of(meeting: Meeting) -> dict[str, Any]:
    """Day, time and zone of a meeting on its organiser's clock."""
    zone: ZoneInfo = zone_or_utc(meeting.zone)
    local = meeting.at.astimezone(zone)
    return {"on": local.date(), "time": f"{local:%H:%M}", "zone": zone.key}


def mail_file(handoff: Handoff) -> str:
    """What the mail is called as a file."""
    return safe_name(handoff.account.name, ".eml")


FORMS = (StepForm.WARNING, StepForm.INTRODUCTION)
"""The steps that a mail belongs to."""
