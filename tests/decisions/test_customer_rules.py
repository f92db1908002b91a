"""The customer's side, decided: lead times, sudden changes, mail addresses, moves, rematch, words that fit a link."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bot.domain.accounts import Coverage, CoverageKind
from bot.domain.customer import (
    BeforeTheStart,
    Meeting,
    Mode,
    NobodyReads,
    NoMailAddress,
    NotYetHeld,
    PastMoment,
    StillToCome,
    earliest_introduction,
    is_sudden,
    lead_time,
    mail_address,
    moves,
    require_moment,
    require_told_on,
)
from bot.domain.handoff import Acceptance
from bot.domain.mails import MAILTO_LONGEST, Mail, eml, mailto
from bot.domain.rematch import NobodyToDecline, SomebodyElseByNow, rematch
from bot.domain.rules import CustomerRule
from bot.domain.vocabulary import Role, StepForm
from bot.domain.worktime import WorkTime
from bot.files.ics import URL_LONGEST, Entry, calendar_file, google_link, outlook_link
from bot.files.signed_links import Expired, Forged, SignedLinks, Ticket, safe_name
from bot.playbooks.files import SHIPPED
from bot.slack.plaintext import PlainText
from tests.decisions import samples as s

WORK = WorkTime("Europe/Berlin")
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=400)


# -- dates ------------------------------------------------------------------------------------------------------------


def test_the_lead_time_counts_working_days_only():
    rule = CustomerRule(lead_working_days=5)
    assert earliest_introduction(FRIDAY, rule, WORK) == date(2026, 12, 4)
    assert lead_time(FRIDAY, FRIDAY, WORK) == 0
    assert lead_time(FRIDAY, date(2026, 11, 30), WORK) == 1
    assert lead_time(FRIDAY, date(2026, 11, 29), WORK) == 0
    assert lead_time(FRIDAY, MONDAY, WORK) == 0


@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(1, 40))
def test_the_first_day_allowed_has_exactly_the_lead_time(told, days):
    day = earliest_introduction(told, CustomerRule(lead_working_days=days), WORK)
    assert lead_time(told, day, WORK) == days
    assert lead_time(told, day - timedelta(days=1), WORK) < days


@pytest.mark.parametrize(
    ("last_day", "gone", "sudden"),
    [
        (MONDAY, False, True),
        (FRIDAY, False, True),
        (date(2026, 12, 1), False, True),
        (date(2026, 12, 2), False, False),
        (None, False, False),
        (None, True, True),
    ],
)
def test_a_last_day_two_working_days_away_is_sudden(last_day, gone, sudden):
    assert is_sudden(last_day, FRIDAY, gone, WORK) is sudden


def test_nobody_was_told_tomorrow_or_before_it_began():
    require_told_on(FRIDAY, MONDAY, FRIDAY)
    with pytest.raises(StillToCome):
        require_told_on(date(2026, 11, 28), MONDAY, FRIDAY)
    with pytest.raises(BeforeTheStart):
        require_told_on(date(2026, 11, 22), MONDAY, FRIDAY)


def test_a_plan_lies_ahead_and_what_took_place_behind():
    require_moment(NOW + timedelta(hours=1), False, MONDAY, NOW, WORK)
    require_moment(NOW - timedelta(hours=1), True, MONDAY, NOW, WORK)
    for at, held, error in (
        (NOW, False, PastMoment),
        (NOW + timedelta(seconds=1), True, NotYetHeld),
        (NOW - timedelta(days=3), True, BeforeTheStart),
    ):
        with pytest.raises(error):
            require_moment(at, held, MONDAY, NOW, WORK)


# -- mail addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ada@acme.example ", "ada@acme.example"),
        ("Ada.Lind+x@ACME.co.uk", "Ada.Lind+x@acme.co.uk"),
        ("mailto:ada@acme.com", "ada@acme.com"),
        ("ada@müller.de", "ada@xn--mller-kva.de"),
    ],
)
def test_an_address_is_kept_as_the_network_writes_it(typed, kept):
    assert mail_address(typed).casefold() == kept.casefold()


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "ada@", "@acme.com", "ada@acme", "a b@acme.com", "ada@@acme.com", ".ada@acme.com", "ada@acme..com",
     "ada@1.2.3.4", "ada@acme.com\nBcc: x@y.com", "ada@-acme.com", "x" * 65 + "@acme.com", "ada@" + "x." * 130 + "com",
     "<ada@acme.com>", "ada@acme.com, bob@acme.com"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(NoMailAddress):
        mail_address(typed)


@pytest.mark.parametrize(
    "typed",
    ["no-reply@acme.com", "NoReply@acme.com", "mailer-daemon@acme.com", "ada@acme.invalid", "ada@mail.localhost",
     "do_not_reply@acme.com", "bounces+12@acme.com"],
)  # fmt: skip
def test_an_address_that_nobody_reads_is_refused(typed):
    with pytest.raises(NobodyReads):
        mail_address(typed)


@settings(deadline=None)
@given(ANY_TEXT)
def test_whatever_is_typed_is_an_address_or_is_refused(typed):
    try:
        found = mail_address(typed)
    except (NoMailAddress, NobodyReads):
        return
    assert found.isascii()
    assert not set(found) & set(" \r\n<>,;\"'()") - {"'"}


# -- words ------------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(ANY_TEXT, st.text(st.characters(codec="utf-8"), max_size=3000))
def test_a_link_to_a_mail_program_is_never_too_long_and_says_what_is_missing(subject, body):
    mail = Mail("ada@acme.example", "Ada", " ".join(subject.split()), body)
    address = mailto(mail, "(the rest is in Slack)")
    assert address.isascii()
    assert len(address) <= MAILTO_LONGEST or len(mail.subject) > 100
    asked = parse_qs(urlsplit(address).query, keep_blank_values=True)
    said = asked["body"][0].replace("\r\n", "\n")
    whole = body.replace("\r\n", "\n")
    assert said == whole or said.endswith("(the rest is in Slack)")
    assert unquote(urlsplit(address).path) == "ada@acme.example"


@settings(deadline=None)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_mail_file_holds_what_was_written_and_no_other_headers(name, subject, body):
    mail = Mail("ada@acme.example", " ".join(name.split()), " ".join(subject.split()), body)
    read = message_from_bytes(eml(mail), policy=policy.default)
    assert set(read.keys()) == {
        "Subject",
        "To",
        "X-Unsent",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    }
    assert read["To"].addresses[0].addr_spec == "ada@acme.example"


VALUES = {
    "account": "Acme", "company": "Northfield", "contact": "Ada", "outgoing": "Olaf", "incoming": "Ines", "cover": "",
    "manager": "Mia", "me": "Mia", "last_day": FRIDAY, "benefit": "Near to you.", "endorsement": "", "on": FRIDAY,
    "time": "10:00", "zone": "Europe/Berlin", "mode": "call", "place": "", "attendees": ["Olaf", "Ines"],
}  # fmt: skip
MAILS = ("mail/warning", "mail/sudden", "mail/introduction")


@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize("missing", [(), ("contact",), ("incoming",), ("company", "last_day"), ("outgoing", "manager")])
def test_every_mail_has_the_benefit_the_names_and_no_markup(name, missing):
    values = VALUES | {one: None if one == "last_day" else "" for one in missing}
    written = PlainText([SHIPPED])(name, **values)
    assert "Near to you." in written.text
    assert "Acme" in written.headings["subject"]
    assert written.text.endswith("Mia" if "company" in missing else "Mia, Northfield")
    assert "Hello Ada," in written.text or "contact" in missing
    for wrong in ("None", "  ", "*", "<", "{", " ,", "..", "Hello ,", "nobody"):
        assert wrong not in written.text, wrong


@settings(deadline=None)
@given(st.sampled_from(MAILS), ANY_TEXT)
def test_whatever_is_typed_a_mail_keeps_its_headings(name, text):
    written = PlainText([SHIPPED])(name, **VALUES | {"account": text, "benefit": text, "contact": text})
    assert set(written.headings) == {"subject"}
    assert "\n" not in written.headings["subject"]


# -- calendars --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@example("Europe/Berlin", "", "", datetime(2028, 10, 29, 0, 0, tzinfo=UTC))
@example("Europe/Berlin", "", "", datetime(2028, 10, 29, 1, 0, tzinfo=UTC))
@given(st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "UTC", "nowhere"]), ANY_TEXT, ANY_TEXT,
       st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)))  # fmt: skip
def test_a_calendar_file_says_the_moment_in_the_organisers_zone(zone, summary, place, at):
    at = at.replace(microsecond=0)
    entry = Entry("1@t.baton", 3, NOW, at, zone, summary, place, place)
    read = Calendar.from_ical(calendar_file(entry))
    (event,) = read.walk("VEVENT")
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    assert (start.astimezone(UTC), end.astimezone(UTC)) == (at, at + timedelta(hours=1))
    assert (event["UID"], event["SEQUENCE"], read["METHOD"]) == ("1@t.baton", 3, "PUBLISH")
    assert "ATTENDEE" not in event
    if zone not in ("UTC", "nowhere") and not any(one.astimezone(ZoneInfo(zone)).fold for one in (start, end)):
        assert [one["TZID"] for one in read.walk("VTIMEZONE")] == [zone]
    for address in (google_link(entry), outlook_link(entry)):
        assert address.isascii()
        assert len(address) <= URL_LONGEST + 100 or len(summary) + len(place) > 200


def test_a_meeting_is_read_as_it_was_kept():
    meeting = Meeting("7-1", NOW, "Europe/Berlin", Mode.VIDEO, "x", ("U1", "U2"), "words", 2, True, 3, "why", "U3")
    assert Meeting.read(meeting.to_dict()) == meeting


# -- links ------------------------------------------------------------------------------------------------------------


def test_a_link_opens_one_thing_for_a_while():
    clock = [NOW]
    links = SignedLinks("secret", "https://baton.example/", lambda: clock[0])
    token = links.token(Ticket("mail", (1, 22, 3)), NOW + timedelta(hours=1))
    assert links.read(token) == Ticket("mail", (1, 22, 3))
    address = links.link(Ticket("mail", (1,)), NOW, "a b.eml")
    assert address is not None
    assert address.startswith("https://baton.example/files/mail-1-")
    assert address.endswith("/a%20b.eml")
    for other in (token.replace("mail", "event", 1), token.replace("-1.22.3-", "-1.23.3-"), token[:-1], token + "x", "",
                  "mail-1-1-" + "A" * 43, "é"):  # fmt: skip
        with pytest.raises(Forged):
            links.read(other)
    with pytest.raises(Forged):
        SignedLinks("another", None, lambda: NOW).read(token)
    clock[0] = NOW + timedelta(hours=1, seconds=1)
    with pytest.raises(Expired):
        links.read(token)
    assert SignedLinks("secret", None, lambda: NOW).link(Ticket("mail", (1,)), NOW, "a") is None


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_forged_link_is_only_ever_forged(token):
    with pytest.raises(Forged):
        SignedLinks("secret", None, lambda: NOW).read(token)


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_file_name_is_safe(words):
    name = safe_name(words, ".ics")
    assert name.endswith(".ics")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")
    assert 4 < len(name) <= 64


# -- moves and rematch ------------------------------------------------------------------------------------------------


def _line(*rows):
    kinds = {"o": CoverageKind.OWNER, "c": CoverageKind.COVER, "v": CoverageKind.VACANT}
    return [
        Coverage(1, 1, person, kinds[kind], MONDAY + timedelta(days=day))  # type: ignore[arg-type]
        for kind, person, day in rows
    ]


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 0),
        ([("o", 1, 0)], 0),
        ([("o", 1, 0), ("o", 2, 3)], 1),
        ([("o", 1, 0), ("c", 3, 2), ("o", 1, 5)], 0),
        ([("o", 1, 0), ("v", None, 2), ("o", 2, 5)], 1),
        ([("v", None, 0), ("o", 2, 5)], 1),
        ([("o", 1, 0), ("o", 2, 1), ("o", 1, 2), ("o", 3, 3)], 3),
        ([("o", 1, 0), ("o", 2, 3), ("o", 4, 90)], 1),
    ],
)
def test_only_new_faces_are_moves(rows, count):
    assert moves(_line(*rows), MONDAY, MONDAY + timedelta(days=30)) == count


def test_moves_before_the_window_are_forgotten():
    line = _line(("o", 1, 0), ("o", 2, 3), ("o", 4, 20))
    assert moves(line, MONDAY + timedelta(days=10), MONDAY + timedelta(days=30)) == 1


@pytest.mark.parametrize(("outgoing", "count"), [(7, 1), (None, 1), (2, 0)])
def test_whoever_took_it_over_on_the_day_the_line_begins_is_a_new_face(outgoing, count):
    line = _line(("o", 2, 0))
    line[0].handoff_id = 5
    assert moves(line, MONDAY, MONDAY + timedelta(days=30), {5: outgoing}) == count


def test_a_rematch_reopens_what_another_person_has_to_do_and_nothing_else():
    handoff = s.accepted(s.handoff(items=0))
    first, second = handoff.stages[0], handoff.stages[1]
    kept = s.done(s.item(first, "Send the org chart"))
    met = s.done(s.item(second, "Meet the customer", form=StepForm.INTRODUCTION))
    read = s.done(s.item(second, "Read the history", owner_role=Role.INCOMING, owner_id=None))
    told = s.done(s.item(second, "Tell everyone", owner_role=Role.MANAGER, owner_id=None))
    agreed = s.done(s.item(second, "Agree who is paid", form=StepForm.TERMS))
    theirs = s.item(second, "Call them", owner_role=None, owner_id=s.INES.id)
    handoff.items += [kept, met, read, told, agreed, theirs]
    assert set(rematch(handoff, s.INES.id)) == {met, read, theirs}
    assert [one.open for one in (kept, met, read, told, agreed)] == [False, True, True, False, False]
    assert theirs.owner_id == s.MIA.id
    assert (handoff.incoming_id, handoff.acceptance, handoff.stage_position) == (None, Acceptance.NOT_ASKED, 0)
    assert (handoff.accepted_at, handoff.transfer_on) == (None, None)
    with pytest.raises(NobodyToDecline):
        rematch(handoff, s.INES.id)


def test_whoever_was_named_meanwhile_is_not_the_one_declined():
    handoff = s.handoff(items=0)
    with pytest.raises(SomebodyElseByNow):
        rematch(handoff, s.OLAF.id)
    assert handoff.incoming_id == s.INES.id
