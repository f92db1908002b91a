"""Every account has an owner or a cover each day: named, offered, confirmed, extended, ended (D18 to D21, U14, U23)."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import update

from bot.domain.accounts import Account
from bot.domain.vocabulary import Tier
from bot.store import schema as t
from bot.usecases.accounts.accounts import give_account
from tests.databases import mostly_sqlite

LAST_DAY = date(2026, 12, 18)
SOON = {"Last day": "2026-11-27"}
"""The Friday of the week in which the stories begin, for those in which it has to pass."""
NAME_IT = "Name who covers, and until when"


def _line(town, account="Acme"):
    """(kind, who, from, until) of each stretch of the account's line."""
    rows = town.rows(
        "SELECT c.kind, p.name, c.from_on, c.until_on, c.confirmed FROM coverage c"
        " JOIN accounts a ON a.id = c.account_id LEFT JOIN people p ON p.id = c.person_id "
        " WHERE a.name = :account ORDER BY c.from_on",
        account=account,
    )
    whole = all(str(one.until_on) == str(other.from_on) for one, other in pairwise(rows))
    assert whole, rows
    assert not rows or rows[-1].until_on is None
    return [
        (one.kind if one.confirmed else "offer", (one.name or "").partition(" ")[0].casefold(), str(one.from_on)[5:])
        for one in rows
    ]


def _without_incoming(town, tier="Standard", **fields):
    town.set_up()
    return town.handoff("Acme", **{"Incoming rep": None, "Tier": tier, **fields})


def _names(town, who="@cora", last=None, first=None, near=None):
    """Mia names the cover from the card."""
    town.card().click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", who)
    if first:
        form.choose("From", first)
    if last:
        form.choose("Last day", last)
    outcome = form.submit()
    if not outcome.ok:
        form.close()
    return outcome


def _thread(town, words, who="mia"):
    person = getattr(town, who)
    found = [m for m in person.thread(town.card(who=who)) if words in m.text]
    assert found, words
    return found[-1]


def _items(town):
    rows = town.rows("SELECT title, due_on, state FROM checklist_items WHERE key LIKE 'along.cover%' ORDER BY id")
    return [(row.title, str(row.due_on)[5:], row.state) for row in rows]


def test_a_handoff_begins_the_account_s_line_with_the_outgoing_rep(town):
    town.begun()
    assert _line(town) == [("owner", "olaf", "11-23")]
    assert "is with @olaf since Mon 23 Nov" in _said(town, "mia", "/handoff owner acme")


def test_of_a_rep_who_is_gone_already_only_a_vacancy_is_left(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Outgoing rep": None, "Already gone? Their name": "Peter"})
    assert _line(town) == [("vacant", "", "11-23")]
    assert "nobody looks after it since Mon 23 Nov" in _said(town, "mia", "/handoff owner acme")
    assert "Nobody looks after it since Mon 23 Nov (1 day without anybody)" in town.card().text


@mostly_sqlite
def test_without_an_incoming_rep_a_cover_with_an_end_is_asked_for_and_named(town):
    card = _without_incoming(town)
    assert "Nobody is named to look after it from Sat 19 Dec on" in card.text
    assert "Acme has nobody from Sat 19 Dec on" in _thread(town, "Who looks after it meanwhile?").text
    assert _items(town) == [(NAME_IT, "12-18", "open")]
    card.click("Hand over")
    assert NAME_IT in town.mia.modal.text
    town.mia.modal.close()
    town.checklist().click("Done", near=NAME_IT)
    form = town.mia.modal
    assert "Last day" in form.labels
    form.choose("Who?", "@cora")
    assert form.submit().ok
    assert "Covered by @cora from Sat 19 Dec until Sun 17 Jan" in town.card().text
    assert "@cora covers Acme from Sat 19 Dec until Sun 17 Jan 2027, says @mia." in _thread(town, "covers").text
    assert _line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "12-19"), ("vacant", "", "01-18")]
    assert [one[::2] for one in _items(town)] == [
        (NAME_IT, "done"),
        ("The cover ends: extend it, pass it on, or let it end", "open"),
    ]
    assert town.rows("SELECT p.name FROM handoffs h JOIN people p ON p.id = h.cover_id")


def test_the_playbook_s_own_step_is_done_by_naming_the_cover_wherever_that_happens(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", "Voluntary departure", **{"Incoming rep": None, "Tier": "Key"})
    assert not _items(town)
    town.card().click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", "@cora")
    assert form.submit().ok
    done = town.rows("SELECT key FROM checklist_items WHERE form = 'cover' AND state = 'done' ORDER BY key")
    assert [row.key for row in done] == ["deal_covers", "name_cover"]


def test_what_cannot_be_is_refused_under_its_field_and_changes_nothing(lite_town):
    town = lite_town
    _without_incoming(town)
    before = _line(town)
    refused = _names(town, last="2026-12-18").errors
    assert "would end before it begins" in refused["Last day"]
    refused = _names(town, first="2026-11-22", last="2026-12-20").errors
    assert "past" in refused["From"]
    refused = _names(town, first="2026-11-22", last="2026-11-22").errors
    assert refused
    assert "nobody covers for themselves" in _names(town, who="@olaf", first="2026-12-01").errors["Who?"]
    assert "too far off" in _names(town, last="2032-01-01").errors["Last day"]
    assert _line(town) == before


def test_somebody_who_left_between_the_form_and_its_sending_is_refused(lite_town):
    town = lite_town
    town.cora.opens_home()
    _without_incoming(town)
    town.card().click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", "@cora")
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    assert "Who?" in form.submit().errors
    assert not [one for one in _line(town) if one[0] == "cover"]


@mostly_sqlite
def test_somebody_offers_to_cover_and_the_manager_confirms(town):
    _without_incoming(town)
    _thread(town, "Who looks after it meanwhile?", "cora").click("I’ll cover")
    assert "A manager has to confirm it" in town.cora.ephemerals("#accounts")[-1].text
    assert _line(town) == [("owner", "olaf", "11-23"), ("offer", "cora", "12-19"), ("vacant", "", "01-18")]
    assert "@cora offers to cover from Sat 19 Dec until Sun 17 Jan" in town.card().text
    assert not town.rows("SELECT id FROM handoffs WHERE cover_id IS NOT NULL")
    _thread(town, "@mia, is that right?").click("Confirm")
    assert "Covered by @cora from Sat 19 Dec" in town.card().text
    assert ("cover", "cora", "12-19") in _line(town)
    assert not [one for one in _items(town) if one[0] == NAME_IT]


def test_the_second_to_offer_and_the_second_to_confirm_are_told_who_was_first(lite_town):
    """What was shown privately stays as it was: there somebody may click on what is settled by now."""
    town = lite_town
    _without_incoming(town)
    asked, again = _shown(town, "ines"), _shown(town, "cora")
    _thread(town, "Who looks after it meanwhile?", "cora").click("I’ll cover")
    asked.click("I’ll cover")
    assert "@cora was first and has offered to cover Acme" in town.ines.ephemerals("#accounts")[-1].text
    again.click("I’ll cover")
    assert "You have offered to cover Acme already" in town.cora.ephemerals("#accounts")[-1].text
    town.mia.types("/handoff setup", in_="#accounts")
    setup = town.mia.modal
    setup.choose("Managers", ["@mia", "@ida"])
    assert setup.submit().ok
    for_ida, for_mia = _shown(town, "ida", "/handoff cover"), _shown(town, "mia", "/handoff cover")
    _thread(town, "is that right?").click("Confirm")
    for_ida.click("Confirm")
    assert "@mia was first and has confirmed it: @cora covers Acme." in town.ida.ephemerals("#accounts")[-1].text
    for_mia.click("Confirm")
    assert "You have confirmed that already" in town.mia.ephemerals("#accounts")[-1].text
    asked.click("I’ll cover")
    assert "@cora looks after Acme already" in town.ines.ephemerals("#accounts")[-1].text


def _shown(town, who, line="/handoff cover acme"):
    """The private message that this line brings, to click on later."""
    _said(town, who, line)
    return getattr(town, who).ephemerals("#accounts")[-1]


def test_only_a_manager_confirms_or_names_somebody(lite_town):
    town = lite_town
    _without_incoming(town)
    _thread(town, "Who looks after it meanwhile?", "cora").click("I’ll cover")
    offered = _thread(town, "is that right?", "cora")
    for button in ("Confirm", "Somebody else"):
        offered.click(button)
        assert "Only @mia can do that here" in town.cora.ephemerals("#accounts")[-1].text
    assert town.cora.modal is None


@mostly_sqlite
def test_when_the_last_day_passes_without_anybody_the_account_is_vacant_and_the_days_are_counted(town):
    card = _without_incoming(town, "Key", **SOON)
    town.until(town.clock.now().replace(month=11, day=30, hour=9))
    town.passes(minutes=1)
    assert _line(town) == [("owner", "olaf", "11-23"), ("vacant", "", "11-28")]
    assert "Nobody looks after it since Sat 28 Nov (3 days without anybody)" in town.card().text
    assert card.ts == town.card().ts
    raised = [m for m in town.mia.dms("baton") if "cannot wait" in m.text]
    assert "Acme (key): nobody looks after it since Sat 28 Nov, 3 days by now." in raised[-1].text
    raised[-1].click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", "@cora")
    assert form.submit().ok
    assert "All settled" in next(m for m in town.mia.dms("baton") if m.ts == raised[-1].ts).text
    assert _line(town)[-2:] == [("cover", "cora", "11-30"), ("vacant", "", "12-30")]
    town.passes(days=1)
    assert not [m for m in town.mia.dms("baton") if "cannot wait" in m.text]


def test_the_end_of_a_cover_is_asked_about_ahead_of_time_and_it_is_extended(lite_town):
    town = lite_town
    _without_incoming(town, **SOON)
    assert _names(town, last="2026-12-06").ok
    ((title, due, _),) = _items(town)
    assert (title, due) == ("The cover ends: extend it, pass it on, or let it end", "12-02")
    town.until(town.clock.now().replace(month=12, day=2, hour=12))
    assert town.mia.sees("The cover ends: extend it", in_="@baton")
    assert any("The cover ends: extend it" in m.text and "covers until" in m.text for m in town.mia.dms("baton"))
    town.checklist().click("Done", near="The cover ends")
    form = town.mia.modal
    form.choose("Last day", "2026-12-30")
    assert form.submit().ok
    assert _line(town)[1:] == [("cover", "cora", "11-28"), ("vacant", "", "12-31")]
    assert [one[1:] for one in _items(town)] == [("12-02", "done"), ("12-28", "open")]


def test_a_cover_is_passed_on_to_somebody_else(lite_town):
    town = lite_town
    _without_incoming(town, **SOON)
    assert _names(town).ok
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    form = town.mia.modal
    form.choose("Who?", "@ines")
    form.choose("From", "2026-12-01")
    form.choose("Last day", "2027-01-31")
    assert form.submit().ok
    assert _line(town)[1:] == [("cover", "cora", "11-28"), ("cover", "ines", "12-01"), ("vacant", "", "02-01")]
    town.until(town.clock.now().replace(month=12, day=2))
    assert "Covered by @ines until Sun 31 Jan" in town.card().text
    (row,) = town.rows("SELECT p.slack_id FROM handoffs h JOIN people p ON p.id = h.cover_id")
    assert row.slack_id == town.ines.id


def test_a_cover_that_is_let_run_out_leaves_a_vacancy_and_is_asked_for_anew(lite_town):
    town = lite_town
    _without_incoming(town, **SOON)
    assert _names(town, last="2026-12-02").ok
    town.checklist().click("Done", near="The cover ends")
    town.mia.modal.choose("What is to happen?", "The cover ends on Wed 2 Dec, as planned")
    assert town.mia.modal.submit().ok
    assert [one[2] for one in _items(town)] == ["done"]
    town.until(town.clock.now().replace(month=12, day=3, hour=9))
    town.passes(minutes=1)
    assert "Nobody looks after it since Thu 3 Dec (1 day without anybody)" in town.card().text
    assert not town.rows("SELECT id FROM handoffs WHERE cover_id IS NOT NULL")
    assert (NAME_IT, "12-03", "open") in _items(town)
    assert "Acme has nobody from Thu 3 Dec on" in _thread(town, "from Thu 3 Dec").text


def test_the_item_about_the_end_is_gone_when_the_cover_ends_early(lite_town):
    town = lite_town
    _without_incoming(town)
    assert _names(town).ok
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    town.mia.modal.choose("What is to happen?", "There is no cover after all")
    assert town.mia.modal.submit().ok
    assert _line(town) == [("owner", "olaf", "11-23"), ("vacant", "", "12-19")]
    assert [one[0] for one in _items(town)] == [NAME_IT]


@mostly_sqlite
def test_whoever_accepts_is_the_owner_and_the_cover_is_over(town):
    _without_incoming(town)
    assert _names(town, first="2026-11-24").ok
    town.passes(days=2)
    assert "Covered by @cora until" in town.card().text
    town.card().menu("Edit")
    town.mia.modal.choose("Incoming rep", "@ines")
    assert town.mia.modal.submit().ok
    town.card().menu("Override the gate")
    town.mia.modal.fill("Go on all the same?", "They know each other.")
    assert town.mia.modal.submit().ok
    town.ines.dms("baton")[-1].click("Accept")
    assert _line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "11-24"), ("owner", "ines", "11-25")]
    assert not [one for one in _items(town) if one[2] == "open"]
    assert not town.rows("SELECT id FROM handoffs WHERE cover_id IS NOT NULL")
    assert "Acme is with @ines since Wed 25 Nov" in _said(town, "otto", "/handoff owner acme", "#general")


def test_the_outgoing_rep_stays_longer_and_the_cover_begins_later(lite_town):
    town = lite_town
    _without_incoming(town)
    assert _names(town).ok
    town.card().menu("Edit")
    town.mia.modal.choose("Last day", "2026-12-22")
    assert town.mia.modal.submit().ok
    assert _line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "12-23"), ("vacant", "", "01-18")]


def test_who_covers_what_is_shown_to_everybody_as_far_as_it_is_theirs(lite_town):
    town = lite_town
    _without_incoming(town, "Strategic")
    town.handoff("Bolt Works")
    listed = _said(town, "mia", "/handoff cover")
    assert "Acme (strategic): with @olaf since Mon 23 Nov · nobody is named from Sat 19 Dec" in listed
    assert "Bolt Works" not in listed
    mine = _said(town, "olaf", "/handoff cover")
    assert "Your accounts and covers" in mine
    assert "Bolt Works: with @olaf" in mine
    alone = _said(town, "otto", "/handoff cover acme", "#general")
    assert "nobody is named from Sat 19 Dec" in alone
    town.otto.ephemerals("#general")[-1].click("I’ll cover")
    assert ("offer", "otto", "12-19") in _line(town)
    home = town.mia.opens_home()
    assert "Accounts that need somebody" in home.text
    home.click("Confirm")
    assert "@otto covers from Sat 19 Dec" in _said(town, "mia", "/handoff cover")
    assert "@otto covers from" in town.otto.opens_home().text


def _own(town):
    """Bolt Works is Ines's: its handoff is over."""
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
    assert _line(town, "Bolt Works") == [("cover", "cora", "11-23"), ("owner", "olaf", "12-05")]
    assert town.mia.types("/handoff cover bolt", in_="#accounts").ok
    form = town.mia.modal
    form.choose("What is to happen?", "Somebody becomes the owner")
    form.choose("Who?", "@ines")
    form.choose("From", "2026-12-01")
    assert form.submit().ok
    assert _line(town, "Bolt Works") == [("cover", "cora", "11-23"), ("owner", "ines", "12-01")]


def test_outside_a_handoff_the_end_of_a_cover_comes_with_what_cannot_wait(lite_town):
    town = lite_town
    _own(town)
    town.sandbox.actions.deactivate(town.olaf.id)
    town.passes(minutes=10)
    assert _line(town, "Bolt Works") == [("vacant", "", "11-23")]
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
    assert _line(town, "Bolt Works")[-2:] == [("cover", "cora", "11-23"), ("vacant", "", "01-01")]


@mostly_sqlite
def test_somebody_who_leaves_slack_leaves_their_accounts_vacant(town):
    _without_incoming(town, "Key")
    town.sandbox.actions.deactivate(town.olaf.id)
    town.passes(minutes=10)
    assert _line(town) == [("vacant", "", "11-23")]
    assert "Nobody looks after it since" in town.card().text
    assert [m for m in town.mia.dms("baton") if "cannot wait" in m.text]


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
        assert ("Acme" in _said(town, person, "/handoff cover", "#general")) is words
        assert ("Acme" in getattr(town, person).opens_home().text) is words


def _said(town, who, line, in_="#accounts"):
    person = getattr(town, who)
    assert person.types(line, in_=in_).ok
    return person.ephemerals(in_)[-1].text


def test_a_reminder_of_what_nobody_asks_any_more_still_says_what_it_was_about(lite_town):
    town = lite_town
    _without_incoming(town, **SOON)
    assert _names(town, last="2026-12-06").ok
    town.until(town.clock.now().replace(month=12, day=2, hour=12))
    title = "The cover ends: extend it, pass it on, or let it end"
    assert any(f"Acme: {title}" in m.text and "[Done]" in m.text for m in town.mia.dms("baton"))
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    town.mia.modal.choose("What is to happen?", "The cover ends today")
    assert town.mia.modal.submit().ok
    assert title not in [one[0] for one in _items(town)]
    town.passes(minutes=1)
    said = [line for m in town.mia.dms("baton") for line in m.text.splitlines() if title in line]
    assert said
    assert all(line.endswith("settled, thank you") for line in said)
    assert town.mia.types("/handoff history acme", in_="#accounts").ok
    assert f"“{title}” is not needed any more" in town.mia.ephemerals("#accounts")[-1].text
