"""Who changed what, when, from what to what: for whoever may know it, in sentences, a page at a time."""

from __future__ import annotations

from datetime import timedelta
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from bot.domain.accounts import Account
from bot.usecases.coverage.coverage import CoverForm, Wish
from bot.usecases.handoffs.editing import Edit


@pytest.fixture
def started(lite_town):
    return lite_town.begun()


def told(town, who="mia", line="/handoff history acme"):
    """The newest private answer."""
    person = town.sandbox.person(who)
    assert person.types(line, in_="#general").ok
    return person.ephemerals("#general")[-1]


def file_of(town, shown):
    """Where the file behind the button is."""
    elements = [one for block in shown.blocks for one in block.get("elements", ())]
    (address,) = (one["url"] for one in elements if "/files/" in one.get("url", ""))
    return town.request_url.replace("/slack/events", urlsplit(address).path)


def without_a_handoff(town, name):
    """An account as an import brings it. Returns its number."""
    with town.bot.db.write() as session:
        account = Account(workspace_id=1, name=name)
        session.add(account)
        session.flush()
        return account.id


def test_changes_are_told_in_sentences_with_names_the_newest_first(started):
    started.checklist("olaf").click("Done", near="Send the org chart")
    mia, handoff = started.actor("mia"), started.rows("SELECT id FROM handoffs")[0].id
    started.bot.editing(mia, handoff, Edit({"incoming": started.cora.id, "last_day": "2026-12-11", "tier": "key"}))
    skipped = started.rows("SELECT id FROM checklist_items WHERE key = 'vouch'")[0].id
    started.bot.checklist.skip(mia, skipped, "They know us <!channel>")
    said = told(started).text
    lines = [line for line in said.split("\n") if "@" in line]
    order = [
        "@mia skipped “Check the record and vouch for it”: “They know us <!channel>”",
        "@mia changed the handoff",
        "@olaf ticked off “Send the org chart”",
        "@mia started the handoff",
    ]
    places = [next(n for n, line in enumerate(lines) if words in line) for words in order]
    assert places == sorted(places)
    for words in (
        "incoming rep: from @ines to @cora",
        "last day: from Fri 18 Dec to Fri 11 Dec",
        "tier: from Standard to Key",
    ):
        assert words in said
    assert "moved with the dates of the handoff: due date: from" in said


def test_twenty_at_a_time_with_a_button_for_more(started):
    mia, handoff = started.actor("mia"), started.rows("SELECT id FROM handoffs")[0].id
    for number in range(30):
        started.bot.editing(mia, handoff, Edit({"benefit": f"Benefit number {number}."}))
    first = told(started)
    assert "Benefit number 29." in first.text
    assert "Benefit number 8." not in first.text
    assert "started the handoff" not in first.text
    assert first.click("Older").ok
    second = started.mia.ephemerals("#general")[-1]
    assert "Benefit number 9." in second.text
    assert "started the handoff" in second.text
    assert "Older" not in second.buttons


def test_it_is_in_the_form_in_which_a_handoff_is_edited(started):
    mia, handoff = started.actor("mia"), started.rows("SELECT id FROM handoffs")[0].id
    for number in range(25):
        started.bot.editing(mia, handoff, Edit({"benefit": f"Benefit number {number}."}))
    started.card().menu("Edit")
    assert started.mia.modal.click("History").ok
    assert "Benefit number 24." in started.mia.modal.text
    assert started.mia.modal.click("Older").ok
    assert "started the handoff" in started.mia.modal.text


def test_confidential_things_are_told_to_those_who_may_read_them(started):
    handoff = started.rows("SELECT id, workspace_id FROM handoffs")[0]
    mia = started.rows("SELECT id FROM people WHERE slack_id = :who", who=started.mia.id)[0].id
    with started.bot.db.write() as session:
        from bot.store import journal, loading

        by = loading.people_by_id(session, [mia])[mia]
        now = started.bot.clock.now()
        for verb, after in (
            ("commission.signed", {"outgoing_percent": "sixty percent"}),
            ("record.coaching", {"note": "has to listen more"}),
            ("record.pulse", {"note": "they are unhappy"}),
            ("weather.changed", {"to": "sunny"}),
        ):
            journal.record(session, by, now, verb, 1, handoff.id, after=after)
    said = {who: told(started, who).text for who in ("mia", "olaf", "ines", "otto")}
    assert {who: "sixty percent" in text for who, text in said.items()} == {
        "mia": True, "olaf": True, "ines": True, "otto": False,
    }  # fmt: skip
    assert {who: "has to listen more" in text for who, text in said.items()} == {
        "mia": True, "olaf": False, "ines": True, "otto": False,
    }  # fmt: skip
    assert "commission" not in said["otto"]
    assert "coaching" not in said["otto"]
    assert "@mia wrote down how the customer feels" in said["otto"]
    assert "they are unhappy" not in said["otto"]
    assert "they are unhappy" in said["olaf"]
    assert "@mia: weather, changed: to: “sunny”" in said["otto"]


def test_managers_fetch_it_as_a_file_for_a_while_and_nobody_else(started):
    started.checklist("olaf").click("Done", near="Send the org chart")
    assert "As a file" not in told(started, "olaf").buttons
    shown = told(started)
    assert "As a file" in shown.buttons
    address = file_of(started, shown)
    with urlopen(address, timeout=10) as answer:
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "item.completed,Send the org chart" in answer.read().decode("utf-8")
    started.passes(hours=1)
    with pytest.raises(HTTPError, match="410"):
        urlopen(address, timeout=10)


def test_an_account_that_nobody_knows_or_that_has_no_handoff_is_said(started):
    assert "I do not know an account like" in told(started, line="/handoff history zzz").text
    assert "Which account?" in told(started, line="/handoff history").text


def test_an_account_without_a_handoff_has_a_history_of_its_own_also_as_a_file(lite_town):
    lite_town.set_up()
    number = without_a_handoff(lite_town, "Bolt Works")
    assert "no handoff" in told(lite_town, line="/handoff history bolt").text
    mia, changes = lite_town.actor("mia"), lite_town.bot.coverage.changes
    changes.change(mia, number, CoverForm(Wish.OWNER, lite_town.olaf.id, None, None))
    last = (lite_town.clock.now() + timedelta(days=10)).date()
    changes.change(mia, number, CoverForm(Wish.COVER, lite_town.cora.id, None, last))
    shown = told(lite_town, line="/handoff history bolt")
    assert "@mia named another owner: @olaf owns it from Mon 23 Nov on" in shown.text
    assert "@mia named who covers: @cora covers from Mon 23 Nov until Thu 3 Dec" in shown.text
    assert "As a file" not in told(lite_town, "olaf", line="/handoff history bolt").buttons
    with urlopen(file_of(lite_town, shown), timeout=10) as answer:
        lines = answer.read().decode("utf-8-sig").splitlines()
    assert all(",Bolt Works,," in line for line in lines[1:]), lines
    assert any("covers from 2026-11-23 until 2026-12-03; " in line for line in lines)
    assert not any("{" in line for line in lines)


def test_what_was_changed_before_the_first_handoff_is_not_forgotten(lite_town):
    lite_town.set_up()
    number = without_a_handoff(lite_town, "Acme")
    changes = lite_town.bot.coverage.changes
    changes.change(lite_town.actor("mia"), number, CoverForm(Wish.OWNER, lite_town.olaf.id, None, None))
    lite_town.starts("Acme")
    said = told(lite_town).text
    assert "@mia named another owner" in said
    assert "@mia started the handoff" in said
