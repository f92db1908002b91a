"""The brief as a page and as a file: its links, who may open them, and that what was typed stays text."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from bot.domain.accounts import Account
from bot.domain.customer import Contact
from bot.domain.dossier import Agreement, Entry, EntryKind, KeyDate, RegularOrder
from bot.domain.handoff import Handoff
from bot.files.signed_links import Ticket
from bot.usecases.brief.brief import BRIEF, LASTS
from tests.brief_steps import ENTRY, filled, link_of, opens_brief, opens_page
from tests.town import Town


def test_the_page_takes_nothing_from_elsewhere_and_is_kept_by_nobody(begun):
    filled(begun)
    status, headers, text = opens_page(begun, link_of(begun, "ines"))
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
        status, headers, file = opens_page(begun, link_of(begun, "ines"), f"/file.{ending}")
        assert (status, headers.get_content_type()) == (200, kind)
        assert headers["Content-Disposition"] == f'attachment; filename="Brief-Acme.{ending}"'
        assert "Two pumps came late" in file
        assert "/brief/" not in file, "a file that is passed on leads nowhere"


def test_a_link_shows_what_its_reader_may_see_when_it_is_opened(begun):
    filled(begun)
    answered = begun.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    begun.bot.feedback.note(begun.actor("carl"), answered, {"payment": "on_time", "limit": "250,000"}, "")
    link = link_of(begun, "ines")
    assert "250,000" in opens_page(begun, link)[2]
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET incoming_id = NULL")
    status, _, text = opens_page(begun, link)
    assert (status, "no part in this handoff any more" in text) == (403, True)
    assert "Acme" not in text
    with begun.bot.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE handoffs SET quiet = true")
    status, _, text = opens_page(begun, link)
    assert (status, "not there any more" in text) == (410, True)


def test_links_that_are_over_forged_or_of_somebody_who_left_show_nothing(begun):
    link = link_of(begun, "ines")
    token = urlsplit(link).path.split("/")[2]
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace("brief", "history", 1), "x", "%00"):
        assert opens_page(begun, link.replace(token, forged))[0] == 404, forged
    elsewhere = begun.bot.briefs.links.link(Ticket("history", (1, 1, 1)), begun.clock.now() + LASTS, "x", "/brief")
    assert opens_page(begun, elsewhere)[0] == 404
    for numbers in ((1, 10**18, 1), (1, 1, 10**18), (1, 1), (10**18, 1, 1)):
        ticket = begun.bot.briefs.links.link(Ticket(BRIEF, numbers), begun.clock.now() + LASTS, "x", "/brief")
        assert opens_page(begun, ticket)[0] == 410, numbers
    assert opens_page(begun, link, "/version/99999999999999999999")[0] == 410
    begun.sandbox.actions.deactivate(begun.ines.id)
    begun.settle()
    assert opens_page(begun, link)[0] == 410
    link = link_of(begun, "mia")
    begun.clock.jump_to(begun.clock.now() + LASTS + timedelta(seconds=1))
    status, headers, text = opens_page(begun, link)
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
    _, headers, page = opens_page(begun, link)
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "49 " not in page
    assert not re.search("[\u202a-\u202e\ue000-\ue004]", page)
    text = opens_page(begun, link, "/file.md")[2]
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
    modal = opens_brief(begun, "ines")
    assert "Page 1 of 9" in modal.text
    shown = ""
    while "Next page" in begun.ines.modal.buttons:
        shown += begun.ines.modal.text
        assert begun.ines.modal.click("Next page").ok
    shown += begun.ines.modal.text
    assert all(f"entry {number} end" in shown for number in range(500))
    assert begun.ines.modal.click("Page before").ok
    _, _, page = opens_page(begun, link_of(begun, "ines"))
    assert all(f"entry {number} end" in page for number in range(500))
