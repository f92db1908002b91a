"""The reps' meeting and the introduction: planned with calendar files, held, and not sooner than the customer can take.

A plan is a record of an item that is still open; each change takes the place of the one before and grows its sequence.
The item falls due on the day of the meeting, so that its reminders ask whether it took place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.checklist import ChecklistItem
from bot.domain.customer import (
    ChangedMeanwhile,
    Meeting,
    Mode,
    NotWarned,
    TooSoon,
    earliest_introduction,
    lead_time,
    require_moment,
)
from bot.domain.handoff import Handoff
from bot.domain.people import Person
from bot.domain.permissions import Action
from bot.domain.records import Record
from bot.domain.refusals import TooFarOff
from bot.domain.support import comes_before_reading, unread_of
from bot.domain.typed import trimmed
from bot.domain.vocabulary import StepForm
from bot.errors import BotError, FieldErrors
from bot.slack.filters import moment
from bot.store import journal, loading
from bot.store.recorded import record_of_item, records_of
from bot.usecases import changes
from bot.usecases.customers.contacts import Contacts, Named, Whom
from bot.usecases.customers.customer_view import told_of
from bot.usecases.customers.mails import CustomerMails, MailView
from bot.usecases.customers.meeting_files import MeetingFiles, MeetingLinks
from bot.usecases.desk import Actor, Desk, worktime
from bot.usecases.fields import Missing, one_of, tried, unfit
from bot.usecases.handoffs.checklist import Checklist, written
from bot.usecases.workspace.playbooks import playbook_of

PLACE_LIMIT, WORDS_LIMIT = 300, 1000
FURTHEST_DAYS = 400
FORMS = (StepForm.MEETING, StepForm.INTRODUCTION)


@dataclass(frozen=True)
class MeetingForm:
    """What the form shows. `seen` counts the changes so far; `attendees` are Slack ids; `early`: whether this person
    may set it before the customer has had the lead time, and there is one to go by."""

    item: ChecklistItem
    handoff: Handoff
    meeting: Meeting | None
    seen: int
    attendees: tuple[str, ...]
    whom: Whom
    early: bool
    lead_days: int


@dataclass(frozen=True)
class MeetingSent:
    """What was written into it; `named` is None where nobody was asked who comes from the customer."""

    at: datetime | None
    mode: str | None
    place: str
    attendees: Sequence[str]
    held: bool
    seen: int
    endorsement: str = ""
    named: Named | None = None
    override: str = ""


@dataclass(frozen=True)
class Planned:
    """What follows from a plan: links for calendars, and the mail that introduces the new rep."""

    item: ChecklistItem
    handoff: Handoff
    meeting: Meeting
    links: MeetingLinks
    mail: MailView | None
    unread: ChecklistItem | None = None
    """What the new rep has still to read before this visit."""


@dataclass(frozen=True)
class Meetings:
    desk: Desk
    checklist: Checklist
    contacts: Contacts
    mails: CustomerMails
    files: MeetingFiles

    def form(self, actor: Actor, item_id: int, named: Named | None = None) -> MeetingForm:
        """What the form begins with. `named`: who comes, when it is drawn anew. Raises NoSuchThing."""
        with self.desk.db.read() as session:
            me = self.desk.viewer(session, actor)
            item, handoff = loading.item_in_whole_handoff(session, me.workspace_id, item_id)
            self.desk.sight(me, handoff)
            plan = _plan_of(session, item)
            meeting = Meeting.read(plan.body) if plan else None
            usual = [one.slack_id for one in (handoff.outgoing, handoff.incoming) if one is not None and one.reachable]
            rule = playbook_of(session, handoff).rules.customer
            early = item.form is StepForm.INTRODUCTION and self.desk.may(session, Action.OVERRIDE, me, handoff)
            return MeetingForm(
                item=item,
                handoff=handoff,
                meeting=meeting,
                seen=_seen(meeting),
                attendees=meeting.attendees if meeting else tuple(usual),
                whom=self.contacts.whom(session, handoff, me, named, meeting),
                early=early,
                lead_days=rule.lead_working_days,
            )

    def write(self, actor: Actor, item_id: int, form: MeetingSent) -> Planned | None:
        """Plan it, change the plan, or say that it took place (then the item is finished, and None comes back).

        Raises FieldErrors, ChangedMeanwhile, and as `Checklist.write_down`.
        """
        with self.desk.db.write() as session:
            by = self.desk.actor(session, actor)
            item, bare, _ = loading.item_with_handoff(session, by.workspace_id, item_id, actor.user_id)
            handoff = loading.whole_handoff(session, by.workspace_id, bare.id)
            self.desk.require(session, Action.TICK, by, handoff, item)
            handoff.require_open()
            item.require_open()
            plan = _plan_of(session, item)
            before = Meeting.read(plan.body) if plan else None
            if _seen(before) != form.seen:
                raise ChangedMeanwhile(person=plan.by.slack_id if plan and plan.by else "")
            meeting = self._checked(session, by, handoff, item, form, before)
            if plan is not None:
                plan.withdrawn_at = self.desk.now()
            if meeting.held:
                self.checklist.written_down(session, actor, item_id, item_form(item), meeting.to_dict())
                return None
            return self._planned(session, actor, by, handoff, item, meeting)

    def _planned(
        self, session: Session, actor: Actor, by: Person, handoff: Handoff, item: ChecklistItem, meeting: Meeting
    ) -> Planned:
        now, kind = self.desk.now(), item_form(item)
        record = Record(item.workspace_id, handoff.id, kind, by.id, now, meeting.to_dict(), item.id)
        session.add(record)
        session.flush()
        journal.record(session, by, now, "record.planned", record.id, handoff.id, after=record.body)
        self.checklist.move(session, actor, item.id, worktime(by).local_date(meeting.at))
        links = self.files.links(session, handoff, item, meeting, record.at, by)
        slot = f"meeting:{item.id}:{record.id}"
        values = {"by": by.slack_id, "kind": kind.value, "when": moment(meeting.at), "links": links.to_dict()}
        told = changes.thread_message(handoff.id, slot, "meeting", meeting=meeting.to_dict(), **values)
        changes.say(session, now, handoff, told)
        mail = None
        if kind is StepForm.INTRODUCTION:
            contact = self.contacts.addressee(session, handoff, by, meeting)
            mail = self.mails.introduction(session, handoff, item, by, meeting, contact)
        visit = kind is StepForm.INTRODUCTION and meeting.mode is Mode.IN_PERSON
        return Planned(item, handoff, meeting, links, mail, unread_of(handoff) if visit else None)

    def _checked(
        self,
        session: Session,
        by: Person,
        handoff: Handoff,
        item: ChecklistItem,
        form: MeetingSent,
        before: Meeting | None,
    ) -> Meeting:
        """The meeting as it is to be kept. Raises FieldErrors."""
        errors: dict[str, BotError] = {}
        mode, at = one_of(Mode, form.mode, "mode", errors), form.at
        now, calendar = self.desk.now(), worktime(by)
        if at is None:
            errors["at"] = Missing()
        elif (at - now).days > FURTHEST_DAYS:
            errors["at"] = TooFarOff()
        else:
            moment = at
            tried(errors, "at", lambda: require_moment(moment, form.held, handoff.start_on, now, calendar))
        self._attendees(session, by, form, errors)
        place, endorsement, override = trimmed(form.place), trimmed(form.endorsement), trimmed(form.override)
        for name, words, limit in (
            ("place", place, PLACE_LIMIT),
            ("endorsement", endorsement, WORDS_LIMIT),
            ("override", override, WORDS_LIMIT),
        ):
            if words:
                tried(errors, name, lambda words=words, limit=limit: written(words, limit))  # type: ignore[misc]
        contact = None
        if form.named is not None:
            contact = self.contacts.keep(session, by, handoff, form.named, errors)
        elif item.form is StepForm.INTRODUCTION:
            contact = self.contacts.addressee(session, handoff, by, before)
        if errors or at is None or mode is None:
            raise FieldErrors(errors)
        meeting = Meeting(
            uid=before.uid if before else f"{item.id}-{int(now.timestamp())}",
            at=at,
            zone=by.tz,
            mode=mode,
            place=place,
            attendees=tuple(dict.fromkeys(form.attendees)),
            endorsement=endorsement,
            sequence=before.sequence + 1 if before else 0,
            held=form.held,
            contact_id=contact.id if contact is not None else None,
        )
        return self._in_time(session, by, handoff, item, meeting, override, before)

    def _attendees(self, session: Session, by: Person, form: MeetingSent, errors: dict[str, BotError]) -> None:
        if not form.attendees:
            errors["attendees"] = Missing()
        for slack_id in form.attendees:
            person = self.desk.person(session, by.workspace_id, slack_id)
            problem = unfit(person, may_have_left=form.held)
            if problem is not None:
                errors["attendees"] = problem

    def _in_time(
        self,
        session: Session,
        by: Person,
        handoff: Handoff,
        item: ChecklistItem,
        meeting: Meeting,
        override: str,
        before: Meeting | None,
    ) -> Meeting:
        """An introduction has its lead time, and a visit comes after the reading, or a manager says why not (A27, B4).

        Raises FieldErrors, NotAllowed.
        """
        if item.form is not StepForm.INTRODUCTION:
            return meeting
        calendar = worktime(handoff.manager or by)
        told = told_of(records_of(session, handoff.id, (StepForm.WARNING,)))
        on = calendar.local_date(meeting.at)
        problem: BotError | None = None
        if told is not None:
            rule = playbook_of(session, handoff).rules.customer
            day = earliest_introduction(told.on, rule, calendar)
            meeting = replace(meeting, lead_days=lead_time(told.on, on, calendar))
            if on < day:
                problem = TooSoon(told=told.on, days=rule.lead_working_days, day=day)
        else:
            owed = [one for one in handoff.items if one.open and one.form is StepForm.WARNING]
            problem = NotWarned(title=owed[0].title) if owed else None
        if problem is None and meeting.mode is Mode.IN_PERSON:
            problem = comes_before_reading(handoff, on, meeting.held)
        if problem is None:
            return meeting
        if override:
            self.desk.require(session, Action.OVERRIDE, by, handoff)
            return replace(meeting, override=override, override_by=by.slack_id)
        if before is not None and before.override and meeting.at >= before.at:
            return replace(meeting, override=before.override, override_by=before.override_by)
        raise FieldErrors({"at": problem})


def item_form(item: ChecklistItem) -> StepForm:
    """What the item asks for."""
    return StepForm(item.form) if item.form else StepForm.MEETING


def _plan_of(session: Session, item: ChecklistItem) -> Record | None:
    """The plan that stands; none for a meeting that took place."""
    record = record_of_item(session, item.id)
    planned = record is not None and record.kind in FORMS and "at" in record.body and not record.body["held"]
    return record if planned else None


def _seen(meeting: Meeting | None) -> int:
    """How many times it was planned or changed."""
    return meeting.sequence + 1 if meeting else 0
