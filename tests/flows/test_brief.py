"""The brief: everything about an account for one reader, in Slack, as a page, as a file; read, kept, compared."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from bot.domain.accounts import Account
from bot.domain.customer import Contact
from bot.domain.dossier import Agreement, Entry, EntryKind, KeyDate, RegularOrder
from bot.domain.handoff import Handoff
from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.files.signed_links import Ticket
from bot.usecases.brief.brief import BRIEF, LASTS
from tests.town import Town


@pytest.fixture
def begun(lite_town: Town) -> Town:
    return lite_town.begun()


def _knows(town: Town, *statements: str) -> None:
    """What is in the dossier of Acme."""
    with town.bot.db.engine.begin() as connection:
        for one in statements:
            connection.exec_driver_sql(one)


ENTRY = (
    "INSERT INTO entries (workspace_id, account_id, kind, happened_on, text, link, by_id, created_at, version) "
    "VALUES (1, 1, '{kind}', '{day}', '{text}', '', {by}, '2026-11-23 09:00:00', 0)"
)
CONTACT = (
    "INSERT INTO contacts (workspace_id, account_id, name, role, title, mail, phone, note) VALUES (1, 1, {values})"
)


def _filled(town: Town) -> None:
    _knows(
        town,
        CONTACT.format(values="'Ada Lind', 'decision_maker', 'Head of buying', 'ada@acme.example', '', ''"),
        CONTACT.format(values="'Rolf Stone', 'trouble_maker', '', '', '', 'Blocks every order'"),
        ENTRY.format(kind="call", day="2026-11-20", text="Wants a quote by Friday", by=2),
        ENTRY.format(kind="complaint", day="2026-10-02", text="Two pumps came late", by=2),
        "INSERT INTO regular_orders (workspace_id, account_id, what, quantity, note, version) "
        "VALUES (1, 1, 'Seals', '40 boxes a month', '', 0)",
        "INSERT INTO agreements (workspace_id, account_id, title, terms, expires_on, version) "
        "VALUES (1, 1, 'Framework 2026', '3 % at 100 boxes', '2027-03-31', 0)",
        "INSERT INTO key_dates (workspace_id, account_id, title, day, yearly, ahead_days, version) "
        "VALUES (1, 1, 'Founder''s day', '2020-12-12', true, 7, 0)",
        "UPDATE accounts SET next_order_on = '2026-12-15', order_every_days = 30 WHERE id = 1",
    )


def _modal(town: Town, who: str):
    person = town.sandbox.person(who)
    if person.modal is not None:
        person.modal.close()
    assert person.types("/handoff brief Acme", in_="#accounts").ok
    return person.modal


def _link(town: Town, who: str) -> str:
    return str(town.bot.briefs.look(town.actor(who), query="Acme").link)


def _fetch(town: Town, link: str, more: str = ""):
    """Status, headers and text of what the browser gets."""
    address = town.request_url.replace("/slack/events", urlsplit(link).path + more)
    try:
        with urlopen(address, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as problem:
        return problem.code, problem.headers, problem.read().decode()


def _accepted(town: Town) -> None:
    town.bot.handoffs.override(town.actor("mia"), 1, "We are in a hurry")
    town.bot.handoffs.accept(town.actor("ines"), 1)
    town.settle()


def test_the_whole_account_stands_in_it(begun):
    _filled(begun)
    text = _modal(begun, "ines").text
    for words in (
        "A rep who lives nearby",
        "outgoing @olaf · incoming @ines · manager @mia",
        "Ada Lind · Head of buying · decision maker · ada@acme.example",
        "Confidential, trouble maker · Rolf Stone · Blocks every order",
        "Seals · 40 boxes a month",
        "Next order: Tue 15 Dec · every 30 days",
        "Framework 2026 · until Wed 31 Mar 2027 · 3 % at 100 boxes",
        "Fri 20 Nov · Call · Wants a quote by Friday",
        "Sat 12 Dec · Founder's day · every year",
        "No answer yet from",
    ):
        assert words in text, words


def test_who_makes_trouble_and_the_deals_are_not_for_everybody(begun):
    _filled(begun)
    _knows(
        begun,
        "INSERT INTO deals (workspace_id, account_id, name, stage, amount_minor, currency, state, created_at, version) "
        "VALUES (1, 1, 'Packing line', 'Offer', 1250000, 'EUR', 'open', '2026-11-23 09:00:00', 0)",
    )
    for who, sees in (("mia", True), ("olaf", True), ("ines", True), ("ida", False), ("otto", False)):
        begun.sandbox.actions.invite("C0ACCOUNTS0", begun.sandbox.person(who).id)
        text = _modal(begun, who).text
        assert "Rolf Stone" in text, "that they work there is no secret"
        assert ("Blocks every order" in text) is sees, who
        assert ("Packing line · €12,500.00" in text) is sees, who
    assert _fetch(begun, _link(begun, "mia"))[2].count("Packing line") == 1
    assert begun.bot.briefs.look(begun.actor("otto"), query="Acme").link is None, "otto has no part in it"


def test_at_the_acceptance_a_version_is_kept_and_what_comes_after_shows_as_changed(begun):
    _filled(begun)
    assert begun.rows("SELECT id FROM briefs") == []
    _accepted(begun)
    [row] = begun.rows("SELECT version, why, body FROM briefs")
    assert (row.version, row.why) == (1, "accepted")
    assert "Two pumps came late" in str(row.body)
    _knows(begun, ENTRY.format(kind="note", day="2026-11-23", text="They moved to Ulm", by=1))
    text = _modal(begun, "ines").text
    assert "→ • Mon 23 Nov · Note · They moved to Ulm" in text
    assert "Changed since it was kept: 1 new, 0 gone" in text
    link = _link(begun, "ines")
    _, _, now = _fetch(begun, link)
    assert "They moved to Ulm" in now
    assert now.count("changed since it was accepted") == 1
    _, _, then = _fetch(begun, link, "/version/1")
    assert "As accepted" in then
    assert "They moved to Ulm" not in then
    assert "1 line is new since then" in then
    assert _fetch(begun, link, "/version/2")[0] == 410


def test_the_manager_keeps_a_version_when_there_is_something_new(begun):
    modal = _modal(begun, "mia")
    assert modal.click("Keep a version").ok
    assert "Kept as version 1" in begun.mia.modal.text
    assert begun.mia.modal.click("Keep a version").ok
    assert "Nothing has changed since version 1" in begun.mia.modal.text
    _filled(begun)
    assert begun.mia.modal.click("Keep a version").ok
    assert [row.why for row in begun.rows("SELECT why FROM briefs")] == ["kept", "kept"]
    assert begun.rows("SELECT after FROM audit WHERE verb = 'brief.kept'")
    assert "Keep a version" not in _modal(begun, "ines").buttons


def test_a_section_is_read_by_name_and_asks_again_once_it_says_something_else(begun):
    _filled(begun)
    modal = _modal(begun, "ines")
    assert modal.click("I have read this", near="History").ok
    assert "You read this" in begun.ines.modal.text
    [row] = begun.rows("SELECT section, person_id, digest FROM brief_reads")
    assert row.section == "history"
    assert "Read by @ines" in _modal(begun, "mia").text
    assert "Nobody has said yet" in begun.mia.modal.text
    modal = _modal(begun, "ines")
    _knows(begun, ENTRY.format(kind="note", day="2026-11-22", text="They moved to Ulm", by=1))
    assert modal.click("I have read this", near="People").ok
    assert "Changed since you read it" in begun.ines.modal.text
    assert "(changed since)" in _modal(begun, "mia").text
    old = _modal(begun, "ines")
    _knows(begun, ENTRY.format(kind="note", day="2026-11-21", text="And back again", by=1))
    assert old.click("I have read this", near="History").ok
    assert "This has changed since you opened it" in begun.ines.modal.text
    assert begun.rows("SELECT digest FROM brief_reads WHERE section = 'history'")[0].digest == row.digest
    assert begun.ines.modal.click("I have read this", near="History").ok
    assert begun.rows("SELECT digest FROM brief_reads WHERE section = 'history'")[0].digest != row.digest
    assert len(begun.rows("SELECT id FROM audit WHERE verb = 'brief.read'")) == 3


def test_nobody_from_outside_says_that_they_read_it_or_keeps_it(begun):
    begun.sandbox.actions.invite("C0ACCOUNTS0", begun.otto.id)
    modal = _modal(begun, "otto")
    assert "I have read this" not in modal.buttons
    assert "Open as a page" not in modal.buttons
    view = begun.bot.briefs.look(begun.actor("mia"), query="Acme")
    for act in (
        lambda: begun.bot.briefs.read(begun.actor("otto"), 1, "move", view.sections[0].digest),
        lambda: begun.bot.briefs.keep(begun.actor("otto"), 1),
    ):
        with pytest.raises(NotAllowed):
            act()
    for section in ("work", "nonsense"):
        with pytest.raises(NoSuchThing):
            begun.bot.briefs.read(begun.actor("mia"), 1, section, "x")
    assert not begun.rows("SELECT id FROM brief_reads")


def test_who_has_read_what_the_first_visit_asks_for_finishes_that_step_from_here(begun):
    _filled(begun)
    _accepted(begun)
    ines = begun.actor("ines")
    for _ in range(2):
        for one in begun.bot.briefs.look(ines, 1).sections:
            if one.mine == "unread" and one.key in ("buying", "people", "history", "deals"):
                begun.bot.briefs.read(ines, 1, one.key, one.digest)
    modal = _modal(begun, "ines")
    assert "You have read all that “Read the purchase history" in modal.text
    assert modal.click("Finish it").ok
    outcome = begun.ines.modal.submit()
    assert outcome.ok, outcome
    assert not outcome.errors, "what was read is ticked already"
    assert "done by @ines" in begun.checklist().text
    assert "Finish it" not in _modal(begun, "ines").buttons


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_takes_nothing_from_elsewhere_and_is_kept_by_nobody(begun):
    _filled(begun)
    status, headers, text = _fetch(begun, _link(begun, "ines"))
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for word in ("<script", "<img", "<link", "src=", "@import", "url("):
        assert word not in text, word
    assert "Ada Lind" in text
    assert "for Ines" in text
    assert "Outgoing Olaf · incoming Ines · manager Mia" in text.replace("outgoing", "Outgoing")
    for ending, kind in (("html", "text/html"), ("md", "text/markdown")):
        status, headers, file = _fetch(begun, _link(begun, "ines"), f"/file.{ending}")
        assert (status, headers.get_content_type()) == (200, kind)
        assert headers["Content-Disposition"] == f'attachment; filename="Brief-Acme.{ending}"'
        assert "Two pumps came late" in file
        assert "/brief/" not in file, "a file that is passed on leads nowhere"


def test_a_link_shows_what_its_reader_may_see_when_it_is_opened(begun):
    _filled(begun)
    answered = begun.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    begun.bot.feedback.note(begun.actor("carl"), answered, {"payment": "on_time", "limit": "250,000"}, "")
    link = _link(begun, "ines")
    assert "250,000" in _fetch(begun, link)[2]
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET incoming_id = NULL")
    status, _, text = _fetch(begun, link)
    assert (status, "no part in this handoff any more" in text) == (403, True)
    assert "Acme" not in text
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET quiet = true")
    status, _, text = _fetch(begun, link)
    assert (status, "not there any more" in text) == (410, True)


def test_links_that_are_over_forged_or_of_somebody_who_left_show_nothing(begun):
    link = _link(begun, "ines")
    token = urlsplit(link).path.split("/")[2]
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace("brief", "history", 1), "x", "%00"):
        assert _fetch(begun, link.replace(token, forged))[0] == 404, forged
    elsewhere = begun.bot.briefs.links.link(Ticket("history", (1, 1, 1)), begun.clock.now() + LASTS, "x", "/brief")
    assert _fetch(begun, elsewhere)[0] == 404
    for numbers in ((1, 10**18, 1), (1, 1, 10**18), (1, 1), (10**18, 1, 1)):
        ticket = begun.bot.briefs.links.link(Ticket(BRIEF, numbers), begun.clock.now() + LASTS, "x", "/brief")
        assert _fetch(begun, ticket)[0] == 410, numbers
    assert _fetch(begun, link, "/version/99999999999999999999")[0] == 410
    begun.sandbox.actions.deactivate(begun.ines.id)
    begun.settle()
    assert _fetch(begun, link)[0] == 410
    link = _link(begun, "mia")
    begun.clock.jump_to(begun.clock.now() + LASTS + timedelta(seconds=1))
    status, headers, text = _fetch(begun, link)
    assert (status, "expired" in text) == (410, True)
    assert headers["Cache-Control"] == "no-store"


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe\u202c [x](javascript:alert(1)) **b** # `c`",
    "{{ 7*7 }} {% raw %} %s %(n)d",
    "\ue000\ue002javascript:alert(1)\ue003x\ue004",
    "x" * 3000,
]


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_was_typed_stays_text_on_the_page_and_in_the_file(begun, said):
    with begun.bot.db.write() as session:
        session.add(Contact(1, 1, said[:120], "user", said, said, said, said))
        session.add(Entry(1, 1, EntryKind.NOTE, begun.clock.now().date(), said, begun.clock.now(), 1, link=said))
        session.add(Agreement(1, 1, said, said))
        session.add(RegularOrder(1, 1, said, said, said))
        session.add(KeyDate(1, 1, said, begun.clock.now().date()))
        handoff = session.get(Handoff, 1)
        account = session.get(Account, 1)
        handoff.benefit, account.name, account.org_chart, account.needs = said, said[:120], said, said
    link = str(begun.bot.briefs.look(begun.actor("mia"), 1).link)
    _, headers, page = _fetch(begun, link)
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "49 " not in page
    assert not re.search("[\u202a-\u202e\ue000-\ue004]", page)
    text = _fetch(begun, link, "/file.md")[2]
    assert "<script" not in text.replace("\\<", "")
    assert "](javascript" not in text.replace("\\]", "").replace("\\(", "")
    assert "\n# " not in text[2:], "nothing typed becomes a heading"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert len(_modal_of(begun).text) > 0


def _modal_of(town: Town):
    assert town.card(account="", who="mia").click("Brief").ok
    return town.mia.modal


def test_five_hundred_entries_are_pages_in_slack_and_one_page_in_the_browser(begun):
    with begun.bot.db.engine.begin() as connection:
        for number in range(500):
            connection.exec_driver_sql(ENTRY.format(kind="note", day="2026-11-20", text=f"entry {number} end", by=1))
    modal = _modal(begun, "ines")
    assert "Page 1 of 9" in modal.text
    shown = ""
    while "Next page" in begun.ines.modal.buttons:
        shown += begun.ines.modal.text
        assert begun.ines.modal.click("Next page").ok
    shown += begun.ines.modal.text
    assert all(f"entry {number} end" in shown for number in range(500))
    assert begun.ines.modal.click("Page before").ok
    _, _, page = _fetch(begun, _link(begun, "ines"))
    assert all(f"entry {number} end" in page for number in range(500))


def test_of_an_account_without_a_handoff_the_dossier_is_shown(begun):
    _filled(begun)
    begun.bot.handoffs.cancel(begun.actor("mia"), 1, "A test")
    _knows(
        begun,
        "UPDATE handoffs SET account_id = account_id, quiet = true",
        "UPDATE handoffs SET manager_id = NULL, incoming_id = NULL, cover_id = NULL, inside_id = NULL",
    )
    text = _modal(begun, "mia").text
    assert "Wants a quote by Friday" in text
    assert "A rep who lives nearby" not in text
    assert "I have read this" not in begun.mia.modal.buttons
    assert "Wants a quote by Friday" in _fetch(begun, _link(begun, "mia"))[2]
    begun.sandbox.actions.invite("C0ACCOUNTS0", begun.otto.id)
    text = _modal(begun, "otto").text
    assert "Ada Lind" in text
    assert "Blocks every order" not in text
    assert "Open as a page" not in begun.otto.modal.buttons


def test_what_came_up_in_somebody_else_s_quiet_handoff_is_in_no_brief(begun):
    _filled(begun)
    begun.bot.handoffs.cancel(begun.actor("mia"), 1, "A test")
    begun.starts("Acme")
    begun.settle()
    _knows(
        begun, "UPDATE handoffs SET quiet = true WHERE id = 1", "UPDATE entries SET handoff_id = 1 WHERE kind = 'call'"
    )
    text = begun.bot.briefs.look(begun.actor("ines"), 2)
    said = str([line.essence for one in text.sections for line in one.lines])
    assert "Two pumps came late" in said
    assert "Wants a quote by Friday" not in said
