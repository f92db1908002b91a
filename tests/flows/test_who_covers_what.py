"""Who covers what, as people are shown and offered it, inside and outside a handoff; who has room (D18 to D21)."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import update

from bot.domain.accounts import Account
from bot.domain.vocabulary import Tier
from bot.store import schema as t
from bot.usecases.accounts.accounts import give_account
from tests.cover_steps import cover_line, told, without_incoming


def test_who_covers_what_is_shown_to_everybody_as_far_as_it_is_theirs(lite_town):
    town = lite_town
    without_incoming(town, "Strategic")
    town.handoff("Bolt Works")
    listed = told(town, "mia", "/handoff cover")
    assert "Acme (strategic): with @olaf since Mon 23 Nov · nobody is named from Sat 19 Dec" in listed
    assert "Bolt Works" not in listed
    mine = told(town, "olaf", "/handoff cover")
    assert "Your accounts and covers" in mine
    assert "Bolt Works: with @olaf" in mine
    alone = told(town, "otto", "/handoff cover acme", "#general")
    assert "nobody is named from Sat 19 Dec" in alone
    town.otto.ephemerals("#general")[-1].click("I’ll cover")
    assert ("offer", "otto", "12-19") in cover_line(town)
    home = town.mia.opens_home()
    assert "Accounts that need somebody" in home.text
    home.click("Confirm")
    assert "@otto covers from Sat 19 Dec" in told(town, "mia", "/handoff cover")
    assert "@otto covers from" in town.otto.opens_home().text


def _own(town):
    """Bolt Works is Olaf's: its handoff is called off."""
    town.begun("Bolt Works")
    town.bot.handoffs.cancel(town.actor("mia"), 1, "They stay")
    town.settle()


def test_outside_a_handoff_an_owner_who_is_away_is_covered_and_has_the_account_again(lite_town):
    town = lite_town
    _own(town)
    assert town.mia.types("/handoff cover bolt", in_="#accounts").ok
    form = town.mia.modal
    form.choose("Who?", "@cora")
    form.choose("Last day", "2026-12-04")
    assert form.submit().ok
    assert cover_line(town, "Bolt Works") == [("cover", "cora", "11-23"), ("owner", "olaf", "12-05")]
    assert town.mia.types("/handoff cover bolt", in_="#accounts").ok
    form = town.mia.modal
    form.choose("What is to happen?", "Somebody becomes the owner")
    form.choose("Who?", "@ines")
    form.choose("From", "2026-12-01")
    assert form.submit().ok
    assert cover_line(town, "Bolt Works") == [("cover", "cora", "11-23"), ("owner", "ines", "12-01")]


def test_outside_a_handoff_the_end_of_a_cover_comes_with_what_cannot_wait(lite_town):
    town = lite_town
    _own(town)
    town.sandbox.actions.deactivate(town.olaf.id)
    town.passes(minutes=10)
    assert cover_line(town, "Bolt Works") == [("vacant", "", "11-23")]
    assert town.mia.types("/handoff cover bolt", in_="#accounts").ok
    form = town.mia.modal
    form.choose("Who?", "@cora")
    form.choose("Last day", "2026-12-04")
    assert form.submit().ok
    town.until(town.clock.now().replace(month=11, day=30))
    assert not [m for m in town.mia.dms("baton") if "the cover by @cora ends" in m.text]
    town.until(town.clock.now().replace(month=12, day=2, hour=10))
    raised = [m for m in town.mia.dms("baton") if "Bolt Works: the cover by @cora ends on Fri 4 Dec" in m.text]
    raised[-1].click("Decide")
    town.mia.modal.choose("Last day", "2026-12-31")
    assert town.mia.modal.submit().ok
    assert cover_line(town, "Bolt Works")[-2:] == [("cover", "cora", "11-23"), ("vacant", "", "01-01")]


def test_the_form_suggests_who_has_room_and_neither_leaves_nor_is_away(lite_town):
    town = lite_town
    town.begun("Acme")
    with town.bot.db.write() as session:
        by = {name: town.bot.desk.person(session, 1, getattr(town, name).id) for name in ("cora", "ines", "ida")}
        _owns(town, session, by["cora"], {"Fjord": Tier.KEY, "Gable": Tier.STANDARD})
        _owns(town, session, by["ines"], {"Hull": Tier.STANDARD})
        _owns(town, session, by["ida"], {})
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    assert "Who has room: @mia (0 accounts), @ines (1 account), @cora (2 accounts)" in town.mia.modal.text
    assert "@olaf (" not in town.mia.modal.text


def test_suggestions_weigh_tiers_and_put_the_same_place_first_and_leave_out_who_is_away(lite_town):
    """Ida has one strategic account, Cora three standard ones: that is less. Ines is near, whatever she has."""
    town = lite_town
    town.begun("Acme")
    north = {"territory": "North", "region": "Nordics"}
    with town.bot.db.write() as session:
        names = ("cora", "ines", "ida", "otto")
        by = {name: town.bot.desk.person(session, 1, getattr(town, name).id) for name in names}
        session.execute(update(t.accounts).values(territory=" north", region="Nordics"))
        _owns(town, session, by["ida"], {"Fjord": Tier.STRATEGIC})
        _owns(town, session, by["cora"], {"Gable": Tier.STANDARD, "Hull": Tier.STANDARD, "Isle": Tier.STANDARD})
        _owns(town, session, by["ines"], {"Jetty": Tier.STRATEGIC, "Kiln": Tier.STRATEGIC}, **north)
        _owns(town, session, by["otto"], {"Lock": Tier.STANDARD}, region="Nordics")
    assert _room(town) == "@ines (2 accounts, same territory), @otto (1 account, same region), @mia (0 accounts)"
    town.bot.away.add(town.actor("otto"), date(2026, 11, 23), date(2026, 12, 1), None, None)
    town.bot.away.add(town.actor("ines"), date(2026, 12, 18), date(2026, 12, 30), None, None)
    assert _room(town).startswith("@ines"), "she is away only later than today, when the cover would begin at once"
    town.bot.away.add(town.actor("ines"), date(2026, 11, 23), date(2026, 11, 24), None, None)
    assert _room(town) == "@mia (0 accounts), @cora (3 accounts), @ida (1 account)"


def _room(town):
    """Who has room, as the form about Acme says."""
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    shown = town.mia.modal.text
    town.mia.modal.close()
    return next(line.partition(": ")[2] for line in shown.splitlines() if line.startswith("Who has room"))


def _owns(town, session, person, accounts, **place):
    for name, tier in accounts.items():
        account = Account(1, name, tier=tier, **place)
        session.add(account)
        session.flush()
        give_account(session, account, person, date(2026, 11, 23) - timedelta(days=50), None)


def test_of_a_quiet_handoff_s_cover_nobody_else_hears(lite_town):
    town = lite_town
    town.begun("Bolt Works")
    form = replace(town.form("Acme"), quiet=True, incoming=None)
    town.bot.start(town.actor("mia"), form)
    town.settle()
    for person, words in (("mia", True), ("otto", False), ("olaf", False)):
        assert ("Acme" in told(town, person, "/handoff cover", "#general")) is words
        assert ("Acme" in getattr(town, person).opens_home().text) is words
