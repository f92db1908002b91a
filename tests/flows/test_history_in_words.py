"""The history says in words who looked after an account, and what was written down outside a handoff (U30)."""

from datetime import date

from bot.usecases.coverage.coverage import CoverForm, Wish
from bot.usecases.coverage.special import Sent


def _said(town, who, line):
    person = town.sandbox.person(who)
    assert person.types(line, in_="#general").ok
    if person.modal is None:
        return person.ephemerals("#general")[-1].text
    shown = person.modal.text
    person.modal.close(whole_stack=True)
    return shown


def _account(town):
    return town.rows("SELECT id FROM accounts WHERE name = 'Acme'")[0].id


def _changes(town, wish, who, first, last=None):
    town.bot.coverage.changes.change(town.actor("mia"), _account(town), CoverForm(wish, who, first, last))
    town.settle()


def test_the_history_of_a_cover_is_in_words(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Incoming rep": None})
    _changes(town, Wish.COVER, town.cora.id, date(2026, 12, 19), date(2027, 1, 10))
    shown = _said(town, "otto", "/handoff history acme")
    assert "{" not in shown
    assert (
        "@mia named who covers: @olaf owns it from Mon 23 Nov until Fri 18 Dec; "
        "@cora covers from Sat 19 Dec until Sun 10 Jan 2027; nobody from Mon 11 Jan 2027 on"
    ) in shown


def test_a_cancelled_handoff_does_not_say_that_the_rep_who_stays_has_left(lite_town):
    town = lite_town
    town.begun()
    town.bot.handoffs.cancel(town.actor("mia"), 1, "He stays")
    town.settle()
    town.passes(days=30)
    shown = _said(town, "mia", "/handoff show acme")
    assert "@olaf → @ines" in shown
    assert "He stays" in shown
    assert "left" not in shown


def test_what_is_changed_outside_a_handoff_stands_in_the_history_of_the_account(lite_town):
    town = lite_town
    town.begun()
    sent = Sent("private_label", "Tools", "x", town.cora.id, None, None)
    town.bot.specials.save(town.actor("mia"), _account(town), sent)
    town.bot.handoffs.cancel(town.actor("mia"), 1, "He stays")
    _changes(town, Wish.OWNER, town.cora.id, None)
    shown = _said(town, "otto", "/handoff history acme")
    assert "@mia wrote down a special relationship: kind: Private label, title: “Tools”" in shown
    assert "@mia named another owner: @cora owns it from Mon 23 Nov on" in shown
