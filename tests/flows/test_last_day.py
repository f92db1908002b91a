"""The last day: what only the outgoing rep can do comes first, and what they owed moves when they are gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.playbook_json import with_version
from bot.domain.rules import LeavingRule
from bot.domain.vocabulary import Role

ONLY_OLAF = "Only @olaf can do the first"


def _leaves(town, who="olaf"):
    town.sandbox.actions.deactivate(town.sandbox.person(who).id)
    town.settle()


def _comes_back(town, who="olaf"):
    town.sandbox.actions.change_user(town.sandbox.person(who).id, deleted=False)
    town.settle()


def _told(town):
    return [message for message in town.mia.dms("baton") if "has left Slack" in message.text]


def _items(town, account="Acme"):
    return town.rows(
        "SELECT i.title, i.state, i.skip_reason, i.outgoing_only, i.necessary, i.form, p.name AS owner"
        " FROM checklist_items i JOIN handoffs h ON h.id = i.handoff_id JOIN accounts a ON a.id = h.account_id"
        " LEFT JOIN people p ON p.id = i.owner_id WHERE a.name = :account ORDER BY i.position",
        account=account,
    )


def test_what_only_the_outgoing_rep_can_do_comes_first_with_the_days_that_are_left(lite_town):
    town = lite_town.begun()
    shown = town.checklist().text
    only = [row.title for row in _items(town) if row.outgoing_only and row.title in shown]
    other = [row.title for row in _items(town) if not row.outgoing_only and row.title in shown]
    assert only
    assert max(shown.index(title) for title in only) < min(shown.index(title) for title in other)
    assert f"{ONLY_OLAF} {len(only)} of these: 25 days left" in shown
    town.passes(days=5)
    assert "20 days left" in town.checklist().text
    town.bot.checklist.add(town.actor("mia"), 1, "Book a room", town.olaf.id, town.clock.now().date(), False)
    home = town.olaf.opens_home().text
    assert max(home.index(title) for title in only) < home.index("Book a room")


def test_once_they_have_left_nothing_is_said_of_days_left_and_the_hint_says_what_to_do(lite_town):
    town = lite_town.begun()
    _leaves(town)
    shown = town.checklist().text
    assert ONLY_OLAF not in shown
    assert "Only the outgoing rep could do this, and they have left" in shown
    assert not [row for row in _items(town) if row.state == "open" and row.owner == "Olaf"]
    only = [row for row in _items(town) if row.state == "open" and row.outgoing_only]
    assert only
    assert {row.owner.split()[0] for row in only} == {"Mia"}


def test_the_meeting_of_the_reps_gives_way_to_a_brief_by_the_manager(lite_town):
    town = lite_town.begun()
    _leaves(town)
    meetings = [row for row in _items(town) if row.form == "meeting"]
    assert meetings
    assert {(row.state, row.skip_reason) for row in meetings} == {
        ("skipped", "The outgoing rep has left; the manager briefs the new one.")
    }
    (brief,) = [row for row in _items(town) if row.title == "Brief the new rep yourself"]
    assert brief.necessary
    assert brief.owner.startswith("Mia")
    (told,) = _told(town)
    assert "Brief the new rep yourself" in told.text


def test_what_they_owed_is_somebody_else_s_with_an_audit_trail_and_their_roles_are_empty(lite_town):
    town = lite_town.begun()
    mia, request = town.actor("mia"), town.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    town.bot.feedback.redirect(mia, request, town.olaf.id)
    _leaves(town)
    assert town.rows(
        "SELECT p.name FROM feedback_requests r JOIN people p ON p.id = r.asked_id WHERE r.id = :i", i=request
    )[0].name.startswith("Mia")
    given = town.rows("SELECT before, after FROM audit WHERE verb = 'item.assigned' ORDER BY id")
    assert len(given) == sum(row.state == "open" and (row.owner or "").startswith("Mia") for row in _items(town)) - 1
    assert town.rows("SELECT 1 FROM audit WHERE verb = 'answer.redirected' AND after LIKE :mia", mia=f"%{town.mia.id}%")
    assert not town.rows("SELECT 1 FROM coverage WHERE kind = 'owner'")
    _leaves(town, "ida")
    assert not town.rows("SELECT 1 FROM handoffs WHERE inside_id IS NOT NULL")
    town.passes(days=4)
    assert not [message for message in town.olaf.dms("baton") if "Send the org chart" in message.text]
    assert [message for message in town.mia.dms("baton") if "Send the org chart" in message.text]


def test_another_word_of_it_and_coming_back_change_nothing_more(lite_town):
    town = lite_town.begun()
    _leaves(town)
    before, many = _items(town), len(town.rows("SELECT 1 FROM audit"))
    town.sandbox.actions.change_user(town.olaf.id, title="Gone")
    town.settle()
    _comes_back(town)
    assert _items(town) == before
    assert len(town.rows("SELECT 1 FROM audit")) == many
    _leaves(town)
    assert _items(town) == before
    assert len(_told(town)) == 1


def test_what_waits_for_a_successor_waits_for_whoever_is_named(lite_town):
    town = lite_town.begun()
    before = _items(town)
    _leaves(town, "ines")
    assert _items(town) == before


def test_the_playbook_says_who_takes_over_and_what_nobody_else_can_do_is_the_manager_s(lite_town):
    town, desk = lite_town, lite_town.bot.desk
    town.set_up()
    rule = LeavingRule(items_to=Role.INCOMING)
    own = [with_version(replace(one, rules=replace(one.rules, leaving=rule))) for one in desk.library.playbooks]
    desk.library = replace(desk.library, playbooks=tuple(own))
    town.starts("Acme")
    town.settle()
    mia, request = town.actor("mia"), town.rows("SELECT id FROM feedback_requests WHERE function = 'credit'")[0].id
    town.bot.feedback.redirect(mia, request, town.olaf.id)
    before = {row.title for row in _items(town) if row.state == "open" and row.owner is None}
    _leaves(town)
    moved = [row for row in _items(town) if row.title in before and row.owner is not None and row.state == "open"]
    assert {row.owner.split()[0] for row in moved if row.outgoing_only} == {"Mia"}
    assert {row.owner.split()[0] for row in moved if not row.outgoing_only} == {"Ines"}
    (told,) = _told(town)
    assert "What they had to do is @ines’s now" in told.text
    town.bot.feedback.answer(town.actor("ines"), request, "payment", "on_time")
    assert [message for message in town.ines.dms("baton") if "Acme" in message.text and message.buttons]


def _without_a_rep(town, gone):
    """Olaf leaves while Mia fills in the form, or she only knows a name."""
    town.set_up()
    town.olaf.opens_home()
    if gone == "named":
        town.handoff("Acme", **{"Outgoing rep": None, "Already gone? Their name": "Peter", "Last day": None})
        return
    assert town.mia.types("/handoff start Acme", in_="#accounts").ok
    form = town.mia.modal
    town.fill(form, "Acme", "Retirement", {"Last day": None})
    _leaves(town)
    outcome = form.submit()
    assert outcome.ok
    assert not outcome.errors


@pytest.mark.parametrize("gone", ["left", "named"])
def test_a_handoff_of_a_rep_who_is_gone_begins_with_the_manager_s_brief_instead_of_their_meeting(town, gone):
    _without_a_rep(town, gone)
    meetings = [row for row in _items(town) if row.form == "meeting"]
    assert {(row.state, row.skip_reason) for row in meetings} == {
        ("skipped", "The outgoing rep has left; the manager briefs the new one.")
    }
    (brief,) = [row for row in _items(town) if row.title == "Brief the new rep yourself"]
    assert brief.necessary
    assert brief.owner.startswith("Mia")
    owners = {(row.owner or "").split(" ")[0] for row in _items(town) if row.outgoing_only and row.state == "open"}
    assert owners == ({"Mia"} if gone == "left" else {""}), "without a rep, the manager is who sees to it"
    assert ONLY_OLAF not in town.checklist().text
    town.passes(days=4)
    late = [one for one in town.mia.dms("baton") if "Send the org chart" in one.text]
    assert late


def test_naming_a_rep_who_is_gone_later_does_the_same(lite_town):
    town = lite_town.begun()
    town.cora.opens_home()
    town.card().menu("Edit")
    form = town.mia.modal
    form.choose("Outgoing rep", "@cora")
    _leaves(town, "cora")
    assert form.submit().ok
    assert {row.state for row in _items(town) if row.form == "meeting"} == {"skipped"}
    assert len([row for row in _items(town) if row.title == "Brief the new rep yourself"]) == 1
