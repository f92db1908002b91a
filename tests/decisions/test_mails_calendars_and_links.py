"""What leaves Slack about a customer: addresses, the words of mails, calendar files, links and their file names."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bot.domain.customer import (
    Meeting,
    Mode,
    NobodyReads,
    NoMailAddress,
    mail_address,
)
from bot.domain.mails import MAILTO_LONGEST, Mail, eml, mailto
from bot.files.ics import URL_LONGEST, Entry, calendar_file, google_link, outlook_link
from bot.files.signed_links import Expired, Forged, SignedLinks, Ticket, safe_name
from bot.playbooks.files import SHIPPED
from bot.slack.plaintext import PlainText

FRIDAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=400)


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
