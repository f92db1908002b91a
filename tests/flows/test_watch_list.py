"""The watch list: managers see who might leave and what hangs on them; nobody else does, least of all the person."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text

from bot.domain.refusals import NoSuchThing, NotAllowed
from bot.domain.vocabulary import Reason
from bot.domain.watching import may_see
from bot.errors import FieldErrors
from bot.usecases.leaving.quietly import QuietForm
from bot.usecases.leaving.watching import NobodyManages, WatchForm
from bot.usecases.workspace.setup import SetupView
from tests.databases import mostly_sqlite
from tests.town import Town

PLACE = "#general"


@pytest.fixture
def town(lite_town):
    """Mia, Cora and Olaf are managers; Olaf looks after Acme and Bolt Works, and nobody hands anything over."""
    return peopled(lite_town)


@pytest.fixture
def everywhere(database_url):
    """The same town, on both databases."""
    place = Town(database_url)
    yield peopled(place)
    place.close()


def peopled(place):
    named = tuple(place.sandbox.person(name).id for name in ("mia", "cora", "olaf"))
    place.bot.setup.save(place.actor("mia"), SetupView({}, named, None))
    for name in ("Acme", "Bolt Works"):
        owns(place, name)
    return place


def owns(town, account):
    """Olaf is the owner of record: a handoff to him would say so, and it was called off."""
    town.starts(account)
    number = town.rows("SELECT max(id) AS id FROM handoffs")[0].id
    town.settle()
    town.bot.handoffs.cancel(town.actor("mia"), number, "He stays for now.")
    town.settle()


def watches(town, who="mia", whom="@olaf", days=7):
    person = town.sandbox.person(who)
    assert person.types("/handoff watch", in_=PLACE).ok
    person.modal.click("Add somebody")
    form = person.modal
    form.choose("Who?", whom)
    form.choose("What have you noticed?", ["Productivity drops", "Single days off"])
    form.choose("What did you offer?", ["Rotation"])
    form.choose("Talk again on", (town.clock.now() + timedelta(days=days)).date().isoformat())
    form.fill("Note", "Asked twice about the northern region.")
    return form.submit()


def prepares(town, channel="#accounts"):
    assert town.mia.modal.click("Prepare quietly").ok
    form = town.mia.modal
    form.fill("Benefit to the customer", "Somebody who stays with them.")
    if channel:
        form.choose("Channel", channel)
    return form.submit()


def leaves(town, who):
    """Their account in Slack ends."""
    town.sandbox.actions.deactivate(town.sandbox.person(who).id)
    town.settle()


@pytest.mark.parametrize(("manager", "reader"), list(product((True, False), (1, 2, None))))
def test_the_rule_managers_only_and_never_the_person(manager, reader):
    assert may_see(reader, manager=manager, watched_id=1) == (manager and reader == 2)


def test_managers_write_down_what_they_noticed_and_see_what_hangs_on_one_person(everywhere):
    town = everywhere
    assert watches(town).ok
    shown = town.mia.modal.text
    for words in (
        "@olaf", "2 accounts", "Productivity drops, Single days off", "Offered: Rotation",
        "Asked twice about the northern region.", "Acme: no contact is written down.", "Bolt Works",
    ):  # fmt: skip
        assert words in shown.replace("*", "")
    town.mia.modal.click("Change")
    form = town.mia.modal
    form.choose("What did you offer?", ["Rotation", "Relocation"])
    assert form.submit().ok
    assert "Offered: Rotation, Relocation" in town.mia.modal.text
    town.mia.modal.click("Close")
    assert "Nobody is on it" in town.mia.modal.text
    verbs = [row.verb for row in town.rows("SELECT verb FROM audit WHERE verb LIKE 'watched.%' ORDER BY id")]
    assert verbs == ["watched.added", "watched.changed", "watched.closed"]


def test_a_long_deal_that_nobody_else_knows_gets_somebody_safe_beside_it(town):
    town.bot.setup.save(town.actor("mia"), SetupView({}, (town.mia.id, town.cora.id), None))
    town.starts("Cedar")
    town.settle()
    account = town.rows("SELECT id FROM accounts WHERE name = 'Acme'")[0].id
    workspace = town.rows("SELECT id FROM workspaces")[0].id
    with town.bot.db.write() as session:
        session.execute(
            text(
                "INSERT INTO deals (workspace_id, account_id, name, stage, currency, expected_close, state, created_at,"
                " version) VALUES (:w, :a, 'Pumps for the new hall', '', '', :close, 'open', :now, 0)"
            ),
            {
                "w": workspace,
                "a": account,
                "close": (town.clock.now() + timedelta(days=200)).date().isoformat(),
                "now": town.clock.now().isoformat(),
            },
        )
        ines = session.execute(text("SELECT id FROM people WHERE slack_id = :i"), {"i": town.ines.id}).scalar_one()
        other = session.execute(text("SELECT id FROM accounts WHERE name = 'Bolt Works'")).scalar_one()
        session.execute(text("UPDATE coverage SET person_id = :p WHERE account_id = :a"), {"p": ines, "a": other})
    assert watches(town).ok
    shown = town.mia.modal.text.replace("*", "")
    assert "Acme: nobody else knows the long deal “Pumps for the new hall”. @ines could be a second person." in shown
    assert watches(town, whom="@ines").ok
    assert "@ines could be" not in town.mia.modal.text, "who might leave is nobody to rely on"


def test_while_nobody_is_named_a_manager_there_is_no_list(lite_town):
    town = lite_town
    town.mia.types("/handoff watch", in_=PLACE)
    assert "none are named yet" in town.mia.ephemerals(PLACE)[-1].text
    with pytest.raises(NobodyManages):
        town.bot.watching.list(town.actor("mia"))


def test_what_is_missing_past_or_there_already_is_said_under_its_field(town):
    assert "That day has passed" in watches(town, days=-1).errors["Talk again on"]
    assert watches(town).ok
    assert "is on the list already" in watches(town).errors["Who?"]
    assert "cannot put yourself" in watches(town, whom="@mia").errors["Who?"]


def test_somebody_who_left_while_the_form_was_open_is_not_put_on_it(town):
    assert town.mia.types("/handoff watch", in_=PLACE).ok
    town.mia.modal.click("Add somebody")
    form = town.mia.modal
    form.choose("Who?", "@ines")
    form.choose("Talk again on", town.clock.now().date().isoformat())
    leaves(town, "ines")
    assert "cannot be reached" in form.submit().errors["Who?"]
    assert not town.rows("SELECT 1 FROM watched")


@mostly_sqlite
def test_nobody_else_hears_of_it_and_the_person_never_though_a_manager(everywhere):
    town = everywhere
    assert watches(town).ok
    watch = town.actor
    for name in ("otto", "ines", "carl"):
        with pytest.raises(NotAllowed):
            town.bot.watching.list(watch(name))
        with pytest.raises(NotAllowed):
            town.bot.watching.close(watch(name), 1)
        assert "Watch list" not in town.sandbox.person(name).opens_home().buttons
    assert town.bot.watching.list(watch("cora"))
    assert town.bot.watching.list(watch("olaf")) == ()
    form = WatchForm(None, (), (), town.clock.now().date(), "")
    for attempt in (
        lambda: town.bot.watching.entry(watch("olaf"), 1),
        lambda: town.bot.watching.save(watch("olaf"), form, 1, 0),
        lambda: town.bot.quietly(watch("olaf"), 1, QuietForm(None, "Better", "C0ACCOUNTS0")),
    ):
        with pytest.raises(NoSuchThing):
            attempt()
    town.bot.watching.close(watch("olaf"), 1)
    assert town.rows("SELECT state FROM watched")[0].state == "open"
    town.passes(days=9)
    for name in ("olaf", "otto", "ines", "cora"):
        person = town.sandbox.person(name)
        person.opens_home()
        assert not any(person.sees(words) for words in ("northern region", "talk again", "Productivity"))
        person.types("/handoff history acme", in_=PLACE)
        assert "northern region" not in str([message.text for message in person.ephemerals(PLACE)])


@mostly_sqlite
def test_the_day_to_talk_again_is_raised_to_whoever_entered_it_and_to_nobody_who_stands_in(everywhere):
    town = everywhere
    assert watches(town, days=2).ok
    town.passes(days=1)
    assert not [one for one in town.mia.dms("baton") if "talk again" in one.text]
    town.passes(days=2)
    told = [one for one in town.mia.dms("baton") if "talk again" in one.text]
    assert told
    assert "@olaf: you wanted to talk again" in told[-1].text
    assert not [one for one in town.cora.dms("baton") if "talk again" in one.text]
    assert told[-1].click("Watch list").ok
    town.mia.modal.click("Close")
    many = len(told)
    town.passes(days=3)
    assert len([one for one in town.mia.dms("baton") if "you wanted to talk again" in one.text]) <= many


@mostly_sqlite
def test_one_button_prepares_all_accounts_quietly_and_a_second_click_starts_nothing_twice(everywhere):
    town = everywhere
    town.starts("Cedar")
    town.settle()
    assert watches(town).ok
    before = {name: len(town.sandbox.person(name).dms("baton")) for name in ("olaf", "cora", "otto")}
    posted = len(town.otto.messages("#accounts"))
    outcome = prepares(town)
    assert outcome.ok
    assert not outcome.errors
    shown = town.mia.modal.text
    assert "2 quiet handoffs started" in shown
    assert shown.index("Acme") < shown.index("Bolt Works") < shown.index("Not started") < shown.index("Cedar")
    rows = town.rows("SELECT count(*) AS n FROM handoffs WHERE quiet AND state = 'open'")
    assert rows[0].n == 2
    town.settle()
    assert len(town.otto.messages("#accounts")) == posted
    assert before == {name: len(town.sandbox.person(name).dms("baton")) for name in before}
    again = town.bot.quietly(town.actor("mia"), 1, QuietForm(Reason.VOLUNTARY, "Better", "C0ACCOUNTS0"))
    assert again.started == ()
    assert len(again.left) == 3
    elsewhere = town.bot.quietly(town.actor("cora"), 1, QuietForm(Reason.VOLUNTARY, "Better", "C0ACCOUNTS0"))
    assert elsewhere.started == ()
    assert town.rows("SELECT count(*) AS n FROM handoffs WHERE quiet AND state = 'open'")[0].n == 2


def test_what_is_wrong_with_the_form_stands_under_its_field_and_nothing_is_started(town):
    assert watches(town).ok
    many = len(town.rows("SELECT 1 FROM handoffs"))
    for form, field in (
        (QuietForm(Reason.VOLUNTARY, "Better", None), "channel"),
        (QuietForm(None, "Better", "C0ACCOUNTS0"), "reason"),
        (QuietForm(Reason.VOLUNTARY, " ", "C0ACCOUNTS0"), "benefit"),
    ):
        with pytest.raises(FieldErrors) as refused:
            town.bot.quietly(town.actor("mia"), 1, form)
        assert set(refused.value.errors) == {field}
    assert len(town.rows("SELECT 1 FROM handoffs")) == many
