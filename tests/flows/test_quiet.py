"""A quiet handoff is known to its manager and to those named in it, on every surface, until it is opened."""

from __future__ import annotations

from datetime import timedelta
from urllib.error import HTTPError

import pytest

from bot.domain.refusals import NoSuchThing
from bot.files.signed_links import Ticket
from bot.store.queues import IN_A_THREAD
from bot.usecases.customers.meeting_files import EVENT
from bot.usecases.customers.meetings import MeetingSent
from bot.usecases.handoffs.editing import Edit
from tests.customer_steps import fetch

OUTSIDERS = ("otto", "cora", "olaf", "carl")
"""Somebody of another team, another manager of the workspace, the outgoing rep, somebody who would be asked."""
EVERYBODY = (*OUTSIDERS, "wanda", "marek", "ida")
PLACE = "#general"


@pytest.fixture
def town(lite_town):
    """Mia and Cora are managers, and managers report to Otto; Mia prepares Zenith with Ines, Olaf is to go."""
    lite_town.appoints("mia", "cora", above="otto")
    for name in EVERYBODY:
        lite_town.sandbox.person(name).opens_home()
    prepare(lite_town, "Zenith")
    return lite_town


def prepare(town, account):
    """Mia fills in the start form and ticks "Quiet"."""
    assert town.mia.types(f"/handoff start {account}", in_="#accounts").ok
    form = town.mia.modal
    town.fill(form, account, "Retirement")
    form.choose("Options", ["Quiet"])
    outcome = form.submit()
    assert outcome.ok, outcome
    assert "started quietly" in town.mia.modal.text
    town.mia.modal.close()


def _types(line):
    def read(person):
        assert person.types(line, in_=PLACE).ok
        return person.ephemerals(PLACE)[-1].text

    return read


def _completes(typed):
    def read(person):
        assert person.types("/handoff start", in_=PLACE).ok
        form = person.modal
        found = form.options("Account", typed=typed) if "Account" in form.labels else []
        form.close()
        return "\n".join(one for one in found if not one.startswith("New account"))

    return read


def _starts(person):
    assert person.types("/handoff start Zenith", in_=PLACE).ok
    shown = person.modal.text
    person.modal.close()
    return shown.replace("New account: Zenith", "").replace("Zenith\n", "")


SURFACES = {
    "the menu": _types("/handoff"),
    "my list": _types("/handoff list mine"),
    "the team's list": _types("/handoff list team"),
    "the late ones": _types("/handoff list overdue"),
    "show": _types("/handoff show zen"),
    "owner": _types("/handoff owner zen"),
    "brief": _types("/handoff brief zen"),
    "reminders to come": _types("/handoff nudges"),
    "completion by letters": _completes("zen"),
    "completion of nothing": _completes(""),
    "the start form": _starts,
    "Home": lambda person: person.opens_home().text,
    "direct messages": lambda person: "\n".join(one.text for one in person.dms("baton")),
    "the channel": lambda person: "\n".join(one.text for one in person.messages("#general")),
}


def _leaks(town):
    people = {name: town.sandbox.person(name) for name in OUTSIDERS}
    return {(surface, name) for surface, read in SURFACES.items() for name in people if "Zenith" in read(people[name])}


def test_nobody_else_reads_of_it_on_any_surface(town):
    town.passes(days=6)  # it has late things by then
    assert _leaks(town) == set()
    town.bot.opening(town.actor("mia"), _number(town))
    town.settle()
    town.passes(days=4)
    told = {surface for surface, _ in _leaks(town)}
    assert told == SURFACES.keys() - {"the menu", "the channel"}, "these surfaces would have told of it"


def test_those_who_know_find_it(town):
    for person in (town.mia, town.ines):
        assert "Zenith · quiet" in _types("/handoff list mine")(person).replace("*", "")
        assert "Zenith" in person.opens_home().text
        assert "Stage 1 of 3" in _types("/handoff show zenith")(person)
        assert "Zenith" in _completes("zen")(person) or person is town.ines  # who may not start
    assert "Open it" in town.mia.ephemerals(PLACE)[-1].buttons
    assert "Open it" not in town.ines.ephemerals(PLACE)[-1].buttons
    town.passes(days=3)
    assert any("Zenith" in one.text for one in town.mia.dms("baton")), "what the outgoing rep would do is hers for now"


def test_the_manager_works_on_it_without_a_thread(town):
    _types("/handoff show zenith")(town.mia)
    assert town.mia.ephemerals(PLACE)[-1].click("Checklist").ok
    assert town.mia.modal.click("Done", near="Send the org chart").ok
    assert "done by" in town.mia.modal.text


def test_nothing_is_written_for_anybody_else_whatever_happens(town):
    number = _number(town)
    town.mia.types("/handoff away", in_=PLACE)
    form = town.mia.modal
    form.choose("First day away", (town.clock.now() + timedelta(days=7)).date().isoformat())
    form.choose("Last day away", (town.clock.now() + timedelta(days=12)).date().isoformat())
    form.choose("Who stands in?", "@otto")
    assert form.submit().ok
    town.passes(days=20)
    town.bot.checklist.complete(town.actor("mia"), _item(town, "Send the org chart"))
    town.passes(days=20)
    town.sandbox.actions.deactivate(town.ines.id)
    town.settle()
    town.passes(days=5)
    kinds = town.rows("SELECT kind, channel FROM outbox WHERE handoff_id = :n", n=number)
    assert not [row for row in kinds if row.kind in IN_A_THREAD]
    assert not [row for row in kinds if row.channel and row.channel.startswith("C")]
    to = town.rows(
        "SELECT p.slack_id FROM outbox o JOIN people p ON p.id = o.person_id WHERE handoff_id = :n", n=number
    )
    assert {row.slack_id for row in to} <= {town.mia.id, town.ines.id}
    for name in EVERYBODY:
        assert not [one for one in town.sandbox.person(name).dms("baton") if "Zenith" in one.text], name
    assert not [one for one in town.mia.messages("#accounts") if "Zenith" in one.text]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_old_buttons_and_guessed_numbers_find_nothing(town, name):
    actor, number, item = town.actor(name), _number(town), _item(town, "Send the org chart")
    stage = town.rows("SELECT id FROM stages WHERE handoff_id = :n", n=number)[0].id
    bot = town.bot
    tries = [
        lambda: bot.opening(actor, number),
        lambda: bot.handoffs.gate(actor, number),
        lambda: bot.handoffs.override(actor, number, "now"),
        lambda: bot.handoffs.cancel(actor, number, "no"),
        lambda: bot.handoffs.accept(actor, number),
        lambda: bot.checklist.complete(actor, item),
        lambda: bot.checklist.assign(actor, item, actor.user_id),
        lambda: bot.checklist.add(actor, number, "More", actor.user_id, None, True),
        lambda: bot.checklist.item(actor, item),
        lambda: bot.briefs.look(actor, number),
        lambda: bot.overview.handoff(actor, number),
        lambda: bot.overview.stage(actor, number, stage),
        lambda: bot.ask_after.everybody(actor, number),
    ]
    for act in tries:
        with pytest.raises(NoSuchThing):
            act()
    assert town.rows("SELECT quiet FROM handoffs WHERE id = :n", n=number)[0].quiet


def test_a_second_start_is_refused_without_saying_why(town):
    assert town.cora.types("/handoff start", in_="#accounts").ok
    form = town.cora.modal
    assert form.options("Account", typed="zenith") == ["New account: zenith"]
    town.fill(form, "zenith", "Promotion")
    assert "already has" not in form.text
    assert form.submit().errors == {"Account": "A handoff of Zenith cannot be started at the moment."}
    town.mia.types("/handoff start zenith", in_="#accounts")
    assert "already has a quiet handoff" in town.mia.modal.text
    town.mia.modal.close()
    assert town.mia.types("/handoff start", in_="#accounts").ok
    town.mia.modal.choose("Account", "Zenith")
    assert "already has a quiet handoff" in town.mia.modal.text
    town.fill(town.mia.modal, "Zenith", "Promotion")
    assert "already has a quiet handoff" in town.mia.modal.submit().errors["Account"]


def test_an_account_that_everybody_knows_stays_known(town):
    town.handoff("Acme")
    _cancel(town, "Acme")
    prepare(town, "Acme")
    for name in ("otto", "olaf"):
        person = town.sandbox.person(name)
        assert "Cancelled" in _types("/handoff show acme")(person), "the one before is no secret"
        assert "is to take it over" not in _types("/handoff owner acme")(person)
    town.cora.types("/handoff start acme", in_="#accounts")
    assert "already has" not in town.cora.modal.text


def test_it_is_given_to_nobody_who_does_not_know(town):
    _types("/handoff show zenith")(town.mia)
    town.mia.ephemerals(PLACE)[-1].click("Checklist")
    town.mia.modal.menu("Assign", near="Send the org chart")
    form = town.mia.modal
    form.choose("Owner", "@carl")
    assert "does not know of it" in " ".join(form.submit().errors.values())
    form.choose("Owner", "@ines")
    assert form.submit().ok


def test_it_is_opened_before_it_is_handed_over(town):
    result = town.bot.handoffs.gate(town.actor("mia"), _number(town))
    assert "opening" in [one.kind for one in result.missing]
    assert not result.may_override


def test_opening_posts_tells_and_asks_in_one_go(town):
    number = _number(town)
    town.passes(days=4)
    _types("/handoff show zenith")(town.mia)
    assert town.mia.ephemerals(PLACE)[-1].click("Open it").ok
    assert town.mia.sees("everybody who has a part in it is told and asked")
    card = town.card("Zenith")
    assert "Stage 1 of 3" in card.text
    assert "quiet" not in card.text
    assert "Warn the customer" in town.checklist(account="Zenith").text
    assert "late" not in town.checklist(account="Zenith").text, "nobody is late with what they have just heard of"
    assert any("opened the handoff of Zenith" in one.text for one in town.olaf.dms("baton"))
    assert any("Zenith: how do they pay" in one.text or "Zenith" in one.text for one in town.carl.dms("baton"))
    assert "Zenith" in _types("/handoff list team")(town.otto)
    assert "Zenith" in town.olaf.opens_home().text
    assert _completes("zen")(town.cora) == "Zenith"
    with pytest.raises(Exception, match="open already"):
        town.bot.opening(town.actor("mia"), number)
    town.passes(days=3)
    assert any("Zenith" in one.text for one in town.olaf.dms("baton")[1:]), "and is reminded from now on"


def test_opening_from_home(town):
    assert town.mia.opens_home().click("Open it", near="Zenith").ok
    assert "Zenith" in town.card("Zenith").text
    assert "Quiet, until" not in town.mia.home.text


def _number(town):
    return town.rows("SELECT max(id) AS id FROM handoffs WHERE quiet")[0].id


def _item(town, title):
    rows = town.rows(
        "SELECT i.id FROM checklist_items i WHERE i.title = :t AND handoff_id = :n", t=title, n=_number(town)
    )
    return rows[0].id


def _cancel(town, account):
    town.card(account).menu("Cancel")
    town.mia.modal.fill("Reason", "Later")
    assert town.mia.modal.submit().ok


def test_a_calendar_link_of_somebody_who_is_taken_out_leads_nowhere(town):
    number = town.rows("SELECT id FROM handoffs WHERE quiet")[0].id
    mia, ida = town.actor("mia"), town.actor("ida")
    town.bot.editing(mia, number, Edit({"helper": town.ida.id}))
    item = town.rows("SELECT id FROM checklist_items WHERE form = 'meeting' AND handoff_id = :n", n=number)[0].id
    town.bot.checklist.assign(mia, item, town.ida.id)
    at = town.clock.now() + timedelta(days=9)
    planned = town.bot.meetings.write(ida, item, MeetingSent(at, "video", "", [town.ida.id], False, 0))
    assert fetch(town, planned.links.file).status == 200
    of_nobody = town.bot.meetings.files.links_to.link(Ticket(EVENT, (1, item)), at, "acme.ics")
    town.bot.checklist.assign(mia, item, town.mia.id)
    town.bot.editing(mia, number, Edit({"helper": None}))
    for link in (planned.links.file, of_nobody):
        with pytest.raises(HTTPError, match="410"):
            fetch(town, link)
