"""The customer's side of a handoff: warned in time, introduced, asked how it feels, and never forced (A9, B3, B4, B21).

Dates are calendar days of the person who acts; lead times are working days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.domain.accounts import Coverage, CoverageKind
from bot.domain.refusals import Refusal
from bot.domain.rules import CustomerRule
from bot.domain.worktime import WorkTime

SUDDEN_WORKING_DAYS = 2
"""A last day that is as near as this, or past, is a sudden change: the customer gets another text (B5)."""
MAIL_LONGEST = 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?")
_NOBODY = re.compile(
    r"(?:no|do[-_.]?not|dont)[-_.]?reply.*|mailer-daemon|postmaster|bounces?(?:[+_.-].*)?", re.IGNORECASE
)
NO_HANDOFFS: Mapping[int, int | None] = {}
_NOWHERE = ("invalid", "localhost", "local", "test", "internal", "lan")
"""Top-level names that lead nowhere on the internet (RFC 2606, RFC 6761, RFC 6762)."""


class How(StrEnum):
    """How the customer was told."""

    VISIT = "visit"
    CALL = "call"
    MAIL = "mail"
    VIDEO = "video"


class Mode(StrEnum):
    """How people meet (A10)."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    CALL = "call"


class Mood(StrEnum):
    """The customer's pulse: how they take the change."""

    GOOD = "good"
    MIXED = "mixed"
    BAD = "bad"


class ContactRole(StrEnum):
    """What somebody at the customer is when it is decided (E11); the last is confidential (E13)."""

    DECISION_MAKER = "decision_maker"
    INFLUENCER = "influencer"
    USER = "user"
    GATEKEEPER = "gatekeeper"
    TROUBLE_MAKER = "trouble_maker"


class StillToCome(Refusal):
    sentence = "That is still to come. Say when it was done, today at the latest."


class BeforeTheStart(Refusal):
    sentence = "The handoff began on %(day)s. Choose that day or a later one."


class PastMoment(Refusal):
    sentence = "That moment has passed. Choose a later one, or say that it took place."


class NotYetHeld(Refusal):
    sentence = "That moment is still to come: keep it as planned, and say that it took place afterwards."


class NoMailAddress(Refusal):
    sentence = "That is no mail address. It looks like name@company.com."


class NobodyReads(Refusal):
    sentence = "No person reads mail sent to %(mail)s. Write the address of somebody at the customer."


class TooSoon(Refusal):
    """The lead time from the warning to the introduction is too short (B4)."""

    sentence = (
        "The customer was told on %(told)s and gets %(days)s working days to get used to it: from %(day)s on. "
        "A manager can set it earlier, saying why."
    )


class NotWarned(Refusal):
    sentence = (
        "The customer has not been warned yet: finish “%(title)s” first. A manager can go on without it, saying why."
    )


class ChangedMeanwhile(Refusal):
    sentence = "%(person)s has changed this meeting meanwhile. Open it again to see how it stands."


class CustomerDeclined(Refusal):
    sentence = "The customer asked for somebody else than %(person)s. Tick the box below to name them all the same."


@dataclass(eq=False)
class Contact:
    """A person at the customer. `role` is a ContactRole; empty while nobody said."""

    workspace_id: int
    account_id: int
    name: str
    role: str = ""
    title: str = ""
    mail: str = ""
    phone: str = ""
    note: str = ""
    crm_id: str = ""
    crm_at: datetime | None = None
    removed_at: datetime | None = None
    version: int = 0
    id: int = field(default=None, init=False)  # type: ignore[assignment]  # the database gives it


def left_to_others(role: str, note: str, *, confided: bool) -> bool:
    """Whether what a contact is, and what is noted about them, is not this reader's to say.

    Who makes trouble is confidential (E13), so such a contact looks to others like one of whom neither is known: of
    both they change neither, and take neither away, or what becomes of it would tell.
    """
    return not confided and (role == ContactRole.TROUBLE_MAKER or not (role or note))


@dataclass(frozen=True)
class Meeting:
    """A meeting of the two reps, or the introduction. People are Slack ids; `zone` is the organiser's.

    `uid` and `sequence` are what calendars know it by (RFC 5545): the one stays, the other counts the changes.
    `override`: why it is sooner than the lead time. `contact_id`: of an introduction, whom its mail is for.
    """

    uid: str
    at: datetime
    zone: str
    mode: Mode
    place: str
    attendees: tuple[str, ...]
    endorsement: str = ""
    sequence: int = 0
    held: bool = False
    lead_days: int | None = None
    override: str = ""
    override_by: str = ""
    contact_id: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """As a record keeps it."""
        return {
            **asdict(self),
            "at": self.at.isoformat(),
            "mode": self.mode.value,
            "attendees": list(self.attendees),
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Meeting:
        """From what a record keeps."""
        parts = {**body, "at": datetime.fromisoformat(body["at"]), "mode": Mode(body["mode"])}
        return cls(**{**parts, "attendees": tuple(body["attendees"])})


def require_told_on(on: date, start: date, today: date) -> None:
    """Raise StillToCome or BeforeTheStart unless it can have been on that day."""
    if on > today:
        raise StillToCome()
    if on < start:
        raise BeforeTheStart(day=start)


def require_moment(at: datetime, held: bool, start: date, now: datetime, calendar: WorkTime) -> None:
    """Raise PastMoment for a plan in the past, NotYetHeld or BeforeTheStart for what cannot have taken place."""
    if not held and at <= now:
        raise PastMoment()
    if held and at > now:
        raise NotYetHeld()
    if held and calendar.local_date(at) < start:
        raise BeforeTheStart(day=start)


def is_sudden(last_day: date | None, today: date, gone: bool, calendar: WorkTime) -> bool:
    """Whether the customer hears of it too late for the usual text."""
    return gone or (last_day is not None and last_day <= calendar.add_working_days(today, SUDDEN_WORKING_DAYS))


def earliest_introduction(told_on: date, rule: CustomerRule, calendar: WorkTime) -> date:
    """The first day on which the customer has had time to get used to the idea (B4)."""
    return calendar.add_working_days(told_on, rule.lead_working_days)


def lead_time(told_on: date, on: date, calendar: WorkTime, most: int = 250) -> int:
    """Working days from the warning to the introduction; 0 on the same day, `most` at most."""
    days, day = 0, told_on
    while days < most:
        day = calendar.add_working_days(day, 1)
        if day > on:
            break
        days += 1
    return days


def mail_address(typed: str) -> str:
    """A mail address that a person may read; names beyond ASCII in its domain as the network writes them.

    Raises NoMailAddress, and NobodyReads for addresses behind which there is nobody.
    """
    address = typed.strip().removeprefix("mailto:")
    local, _, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local) or len(local) > 64:
        raise NoMailAddress()
    labels = domain.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or len(labels) < 2 or labels[-1].isdigit():
        raise NoMailAddress()
    if labels[-1].casefold() in _NOWHERE or _NOBODY.fullmatch(local):
        raise NobodyReads(mail=address)
    try:
        found = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise NoMailAddress() from None
    if len(found) > MAIL_LONGEST:
        raise NoMailAddress()
    return found


def moves(line: Iterable[Coverage], since: date, today: date, handed: Mapping[int, int | None] = NO_HANDOFFS) -> int:
    """How often an account changed hands from that day until today. `handed`: who hands over, by handoff.

    Interim covers and vacancies in between are no move; neither is the owner with whom the line begins, unless they
    have it from the outgoing rep of a handoff that began on that very day.
    """
    count, last, begun = 0, None, False
    for one in sorted(line, key=lambda row: row.from_on):
        if one.kind is CoverageKind.OWNER and one.person_id != last:
            new = handed.get(one.handoff_id or 0, one.person_id) != one.person_id
            count += (begun or new) and since <= one.from_on <= today
            last = one.person_id
        begun = True
    return count


def moved_too_often(count: int, rule: CustomerRule) -> bool:
    """Whether the customer has seen more new faces than the rule wants (PRODUCT section 5)."""
    return count > rule.most_moves
