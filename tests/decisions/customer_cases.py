"""What the customer's side shows: the forms, the thread, the direct message, for any text that people may type."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import timedelta

from bot.domain.addressee import Told
from bot.domain.customer import Contact, Meeting, Mode
from bot.domain.handoff import Acceptance
from bot.domain.mails import Mail, mailto
from bot.domain.records import Record
from bot.domain.vocabulary import Reason, StepForm
from bot.usecases.customers.contacts import OFFERED, SOMEBODY_ELSE, Named, Whom
from bot.usecases.customers.customer_view import CustomerView, Declined, Pulse
from bot.usecases.customers.customers import Warned, WarningForm
from bot.usecases.customers.mails import MailView
from bot.usecases.customers.meeting_files import MeetingLinks
from bot.usecases.customers.meetings import MeetingForm, MeetingSent, Planned
from tests.decisions import samples as s
from tests.decisions.shown import Case, message, view

LINK = "https://baton.example/files/x/Acme.ics"
LINKS = MeetingLinks(LINK, "https://calendar.google.com/calendar/render?action=TEMPLATE", "https://outlook.example/c")


def mail_of(words: str) -> MailView:
    """A mail as the forms show it."""
    mail = Mail("ada@acme.example", words[:120] or "Ada Lind", words[:200] or "A new contact", words or "Hello,")
    return MailView(mail, mailto(mail, "(the rest)"), LINK, bool(words))


def meeting_of(words: str, **more: object) -> Meeting:
    meeting = Meeting(
        "1-1", s.NOW + timedelta(days=9), "Europe/Berlin", Mode.VIDEO, words[:300], (s.OLAF.slack_id, s.INES.slack_id)
    )
    return replace(meeting, **more)  # type: ignore[arg-type]


def view_of(words: str) -> CustomerView:
    """Everything that can be recorded."""
    record = Record(1, 1, StepForm.PULSE, s.INES.id, s.NOW, {})
    pulses = tuple(Pulse(mood, words[:1000], day, record) for mood, day in (("good", 7), ("bad", None), ("mixed", 90)))
    text = words[:1000] or "They asked to see her"
    intro = meeting_of(words, endorsement=text, lead_days=2, override=text, override_by=s.MIA.slack_id)
    return CustomerView(
        told=Told(s.OLAF.slack_id, s.TODAY, "call", words[:120] or "Ada Lind", words),
        meeting=meeting_of(words, held=True),
        introduction=intro,
        pulses=pulses,
        declined=(Declined(s.INES.slack_id, text, record),),
        moves=3,
        within=90,
    )


def _several(words: str) -> Iterator[Whom]:
    """Many are known, and one of them, nobody, or somebody else is chosen."""
    people = [Contact(1, 1, words[:120] or f"Person {n}", title=words[:120], mail=words[:254]) for n in range(OFFERED)]
    for n, one in enumerate(people):
        one.id = n + 1
    yield Whom(people[0], tuple(people), 500)
    yield Whom(None, tuple(people[:2]), 2)
    yield Whom(None, tuple(people[:2]), 2, typed=True)
    yield Whom(people[0], tuple(people[1:]), OFFERED, typed=True, wrote=1)


def of_the_customer(words: str) -> Iterator[Case]:
    handoff = s.handoff(words)
    contact = Contact(1, 1, words[:120] or "Ada Lind", mail="ada@acme.example")
    warning = s.item(handoff.stage, words[:150] or "Warn the customer", form=StepForm.WARNING)
    mail = mail_of(words)
    whom, nobody = Whom(contact, known=1), Whom(None)
    form = WarningForm(warning, handoff, whom, mail, s.OLAF, s.TODAY)
    named = Named(None, words[:120], "ada@acme.example")
    typed = Warned(s.OLAF.slack_id, s.TODAY, "visit", named)
    yield view("form/warning", form=form, so_far=None, round=0)
    yield view("form/warning", form=replace(form, whom=nobody, mail=replace(mail, file=None)), so_far=typed, round=3)
    several = list(_several(words))
    for one in several:
        chosen = replace(typed, named=replace(named, contact=SOMEBODY_ELSE))
        yield view("form/warning", form=replace(form, whom=one), so_far=chosen if one.typed else None, round=1)
    call = s.item(handoff.stage, words[:150] or "Call them", form=StepForm.PULSE)
    yield view("form/pulse", item=call, account=handoff.account)
    for kind in (StepForm.MEETING, StepForm.INTRODUCTION):
        item = s.item(handoff.stage, words[:150] or "Meet the customer", form=kind)
        meeting = meeting_of(words, endorsement=words[:1000], override=words[:1000])
        people = (s.OLAF.slack_id, s.INES.slack_id)
        planned = MeetingForm(item, handoff, meeting, 1, people, whom, True, 5)
        yield view("form/meeting", form=planned, so_far=None, round=0)
        yield view("form/meeting", form=MeetingForm(item, handoff, None, 0, (), nobody, False, 5), so_far=None, round=0)
        sent = MeetingSent(None, None, words[:300], people, True, 1, words[:1000], named, words[:1000])
        for one in several:
            yield view("form/meeting", form=replace(planned, whom=one), so_far=sent if one.typed else None, round=1)
        yield view("form/planned", planned=Planned(item, handoff, meeting, LINKS, mail, item))
        yield view("form/planned", planned=Planned(item, handoff, meeting, replace(LINKS, file=None), None))
        values = {"meeting": meeting.to_dict(), "links": LINKS.to_dict(), "when": "soon", "by": s.OLAF.slack_id}
        yield message("thread/meeting", handoff=handoff, kind=kind.value, **values)
    mia = s.MIA.slack_id
    yield view("decline", handoff=handoff)
    early = copy(handoff)
    early.reason, early.acceptance = Reason.STAGE_MOVE, Acceptance.NOT_ASKED
    yield view("decline", handoff=early)
    yield message("thread/declined", handoff=handoff)
    yield message("dm/declined", handoff=handoff, person=s.INES)
    yield message("dm/rematch", handoff=handoff, who=s.INES.slack_id, by=mia, reason=words[:1000] or "No")
    yield message("dm/pulse", handoff=handoff, by=s.INES.slack_id, note=words[:1000])
