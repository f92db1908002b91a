"""The sections of the brief, made from what is known about an account and its handoff (PRODUCT section 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.domain.briefing import (
    HEADING,
    Audience,
    Brief,
    Line,
    Part,
    PartKind,
    Section,
    day,
    line,
    link,
    moment,
    money,
    number,
    percent,
    person,
    text,
    word,
)
from bot.domain.commission import Commission
from bot.domain.customer import Contact, ContactRole, Meeting
from bot.domain.deals import Deal
from bot.domain.feedback import FeedbackRequest, RequestState
from bot.domain.handoff import Handoff
from bot.domain.pack import Pack
from bot.domain.people import Person
from bot.domain.rules import DossierRule
from bot.domain.special import Special
from bot.domain.vocabulary import Role
from bot.store.briefs import Dossier
from bot.usecases.brief.state import fresh, missing, work
from bot.usecases.customers.customer_view import NOTHING_RECORDED, CustomerView

WHO = (Role.OUTGOING, Role.INCOMING, Role.MANAGER, Role.COVER, Role.INSIDE, Role.HELPER)


@dataclass(frozen=True)
class Known:
    """All that a brief is made of. `handoff`: None for an account that is not on the move; `rule`: what its
    playbook wants to be known."""

    dossier: Dossier
    handoff: Handoff | None = None
    customer: CustomerView = NOTHING_RECORDED
    agreed: Sequence[tuple[Commission, Deal]] = ()
    owner: Person | None = None
    today: date = date.min
    rule: DossierRule = field(default_factory=DossierRule)


def made(known: Known) -> Brief:
    """Every section that says something, with everything confidential in it."""
    handoff = known.handoff
    sections = [
        Section("move", tuple(_move(known))),
        Section("people", tuple(_people(known))),
        Section("buying", tuple(_buying(known.dossier))),
        Section("deals", tuple(_deals(known.dossier))),
        Section("answers", tuple(_answers(handoff.requests)) if handoff else ()),
        Section("customer", tuple(_customer(known.customer))),
        Section("history", tuple(_history(known.dossier))),
        Section("dates", tuple(_dates(known))),
        Section("commission", tuple(_commission(known))),
        Section("missing", tuple(missing(known.dossier, handoff, known.rule, known.today))),
        Section("work", tuple(work(handoff)) if handoff else ()),
        Section("fresh", tuple(fresh(known.dossier, known.rule, known.today))),
    ]
    return Brief(tuple(one for one in sections if one.lines))


def _move(known: Known) -> Iterator[Line]:
    handoff, account = known.handoff, known.dossier.account
    about = handoff or account
    yield line(
        "account",
        word("tiers", about.tier.value),
        word("sales_channels", about.sales_channel.value),
        word("marks", "overseas") if about.overseas else None,
        word("reasons", handoff.reason.value) if handoff else None,
        text(account.territory, "territory"),
        text(account.region, "region"),
    )
    if handoff is None:
        return
    yield line("benefit", text(handoff.benefit))
    days = (day(handoff.last_day, "last_day"), day(handoff.transfer_on, "transfer_on"))
    if any(days):
        yield line("days", *days)
    if handoff.cancel_reason:
        yield line("cancelled", text(handoff.cancel_reason))
    for stage in handoff.stages:
        if stage.override_reason:
            yield line("override", text(stage.title, "stage"), person(stage.left_by), text(stage.override_reason))


def _people(known: Known) -> Iterator[Line]:
    handoff, found = known.handoff, known.dossier
    if handoff is not None:
        outgoing = person(handoff.outgoing, Role.OUTGOING.value, handoff.outgoing_name)
        others = (person(handoff.holder(role), role.value) for role in WHO[1:])
        yield line("ours", outgoing, *others)
    elif known.owner is not None:
        yield line("ours", person(known.owner, "owner"))
    for one in found.contacts:
        yield from _contact(one)
    if found.account.org_chart:
        yield line("org_chart", link(found.account.org_chart))


def _contact(one: Contact) -> Iterator[Line]:
    """Who makes trouble is a contact like others to those who may not know it."""
    about = (text(one.name, "name"), text(one.title))
    reach = (text(one.mail), text(one.phone))
    if one.role != ContactRole.TROUBLE_MAKER:
        role = word("contact_roles", one.role) if one.role else None
        yield line("contact", *about, role, *reach, text(one.note, "note"))
        return
    yield line("contact", *about, *reach)
    yield line("trouble", word("contact_roles", one.role), text(one.name), text(one.note), only=Audience.TROUBLE)


def _buying(found: Dossier) -> Iterator[Line]:
    account = found.account
    for order in found.orders:
        yield line("order", text(order.what, "name"), text(order.quantity), text(order.note, "note"))
    if account.next_order_on or account.order_every_days:
        yield line("next_order", day(account.next_order_on), number(account.order_every_days, "every_days"))
    for one in found.agreements:
        days = (day(one.starts_on, "from"), day(one.expires_on, "until"))
        yield line("agreement", text(one.title, "name"), *days, text(one.terms, "terms"))
    for special in found.specials:
        yield _special(special)
    if account.needs:
        yield line("needs", text(account.needs))
    if account.opportunities:
        yield line("opportunities", text(account.opportunities))
    if account.access:
        yield line("access", *(word("access", one) for one in account.access))
    if account.none_of:
        yield line("none", *(word("facts", one) for one in account.none_of))


def _special(one: Special) -> Line:
    days = (day(one.expires_on, "until"), day(one.transfer_on, "hands_over"))
    who = person(one.owner, "with")
    return line("special", text(one.title, "name"), word("specials", one.kind.value), who, *days, text(one.terms))


def _deals(found: Dossier) -> Iterator[Line]:
    for deal in found.deals:
        about = (money(deal.amount), text(deal.stage), day(deal.expected_close, "expected"))
        yield line("deal", text(deal.name, "name"), *about, text(deal.source, "source"), only=Audience.DEALS)


def _answers(requests: Sequence[FeedbackRequest]) -> Iterator[Line]:
    for request in requests:
        if request.state is RequestState.WITHDRAWN or not (request.current or request.note or not request.open):
            continue
        yield line(HEADING, word("functions", request.function), person(request.closed_by))
        current = request.current
        for question in Pack.from_dict(request.pack).questions:
            answer = current.get(question.key)
            if answer is not None:
                only = Audience.REPS if question.confidential or answer.confidential else None
                yield line("answer", text(question.text), text(answer.label, "answer"), only=only)
        if request.state is RequestState.NOTHING:
            yield line("nothing")
        if request.note:
            yield line("note", text(request.note))


def _customer(view: CustomerView) -> Iterator[Line]:
    told = view.told
    if told is not None:
        how = word("told_how", told.how)
        yield line("told", day(told.on), person_of(told.by, "by"), how, text(told.contact))
    if view.meeting is not None:
        yield line("reps_meeting", moment(view.meeting.at))
    if view.introduction is not None:
        yield from _introduction(view.introduction)
    for pulse in view.pulses:
        when = number(pulse.day, "day_number") if pulse.day is not None else moment(pulse.record.at)
        yield line("pulse", when, word("moods", pulse.mood, "mood"))
        if pulse.note:
            yield line("said", text(pulse.note), only=Audience.REPS)
    for one in view.declined:
        yield line("declined", person_of(one.person), text(one.reason), only=Audience.REPS)


def _introduction(meeting: Meeting) -> Iterator[Line]:
    who = (person_of(one) for one in meeting.attendees)
    yield line("introduction", moment(meeting.at), word("modes", meeting.mode.value), text(meeting.place), *who)
    if meeting.endorsement:
        yield line("endorsement", text(meeting.endorsement))


def person_of(slack_id: str, name: str = "") -> Part | None:
    """Somebody of whom a record keeps the Slack id."""
    return Part(name, PartKind.PERSON, [slack_id, ""]) if slack_id else None


def _history(found: Dossier) -> Iterator[Line]:
    for one in found.entries:
        settled = day(one.settled_on, "settled") if one.settled_on else None
        parts = (day(one.happened_on), word("entries", one.kind.value), text(one.text), person(one.by), settled)
        yield line("entry", *parts, link(one.link, "said_in"))
    if found.older:
        yield line("older")


def _dates(known: Known) -> Iterator[Line]:
    for one in known.dossier.dates:
        yearly = word("marks", "yearly") if one.yearly else None
        yield line("date", day(one.occasion(known.today) or one.day), text(one.title, "name"), yearly)


def _commission(known: Known) -> Iterator[Line]:
    for agreed, deal in known.agreed:
        shares = (percent(agreed.outgoing_bp, "outgoing_share"), percent(agreed.incoming_bp, "incoming_share"))
        terms = (word("pay_modes", agreed.mode.value), percent(agreed.rate_bp, "rate"), *shares)
        state = (day(agreed.until_on, "until"), word("terms_states", agreed.state.value))
        yield line("terms", text(deal.name, "name"), *terms, *state, only=Audience.PAY)
