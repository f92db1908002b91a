"""Somebody looks after the account meanwhile: asked for, named, offered, confirmed, refused (D18, D19, U14, U23)."""

from tests.cover_steps import NAME_IT, cover_items, cover_line, in_thread, names_a_cover, told, without_incoming
from tests.databases import mostly_sqlite


def test_a_handoff_begins_the_account_s_line_with_the_outgoing_rep(town):
    town.begun()
    assert cover_line(town) == [("owner", "olaf", "11-23")]
    assert "is with @olaf since Mon 23 Nov" in told(town, "mia", "/handoff owner acme")


def test_of_a_rep_who_is_gone_already_only_a_vacancy_is_left(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", **{"Outgoing rep": None, "Already gone? Their name": "Peter"})
    assert cover_line(town) == [("vacant", "", "11-23")]
    assert "nobody looks after it since Mon 23 Nov" in told(town, "mia", "/handoff owner acme")
    assert "Nobody looks after it since Mon 23 Nov (1 day without anybody)" in town.card().text


@mostly_sqlite
def test_without_an_incoming_rep_a_cover_with_an_end_is_asked_for_and_named(town):
    card = without_incoming(town)
    assert "Nobody is named to look after it from Sat 19 Dec on" in card.text
    assert "Acme has nobody from Sat 19 Dec on" in in_thread(town, "Who looks after it meanwhile?").text
    assert cover_items(town) == [(NAME_IT, "12-18", "open")]
    card.click("Hand over")
    assert NAME_IT in town.mia.modal.text
    town.mia.modal.close()
    town.checklist().click("Done", near=NAME_IT)
    form = town.mia.modal
    assert "Last day" in form.labels
    form.choose("Who?", "@cora")
    assert form.submit().ok
    assert "Covered by @cora from Sat 19 Dec until Sun 17 Jan" in town.card().text
    assert "@cora covers Acme from Sat 19 Dec until Sun 17 Jan 2027, says @mia." in in_thread(town, "covers").text
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "12-19"), ("vacant", "", "01-18")]
    assert [one[::2] for one in cover_items(town)] == [
        (NAME_IT, "done"),
        ("The cover ends: extend it, pass it on, or let it end", "open"),
    ]
    assert town.rows("SELECT p.name FROM handoffs h JOIN people p ON p.id = h.cover_id")


def test_the_playbook_s_own_step_is_done_by_naming_the_cover_wherever_that_happens(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme", "Voluntary departure", **{"Incoming rep": None, "Tier": "Key"})
    assert not cover_items(town)
    town.card().click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", "@cora")
    assert form.submit().ok
    done = town.rows("SELECT key FROM checklist_items WHERE form = 'cover' AND state = 'done' ORDER BY key")
    assert [row.key for row in done] == ["deal_covers", "name_cover"]


def test_what_cannot_be_is_refused_under_its_field_and_changes_nothing(lite_town):
    town = lite_town
    without_incoming(town)
    before = cover_line(town)
    refused = names_a_cover(town, last="2026-12-18").errors
    assert "would end before it begins" in refused["Last day"]
    refused = names_a_cover(town, first="2026-11-22", last="2026-12-20").errors
    assert "past" in refused["From"]
    refused = names_a_cover(town, first="2026-11-22", last="2026-11-22").errors
    assert refused
    assert "nobody covers for themselves" in names_a_cover(town, who="@olaf", first="2026-12-01").errors["Who?"]
    assert "too far off" in names_a_cover(town, last="2032-01-01").errors["Last day"]
    assert cover_line(town) == before


def test_somebody_who_left_between_the_form_and_its_sending_is_refused(lite_town):
    town = lite_town
    town.cora.opens_home()
    without_incoming(town)
    town.card().click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", "@cora")
    town.sandbox.actions.deactivate(town.cora.id)
    town.settle()
    assert "Who?" in form.submit().errors
    assert not [one for one in cover_line(town) if one[0] == "cover"]


@mostly_sqlite
def test_somebody_offers_to_cover_and_the_manager_confirms(town):
    without_incoming(town)
    in_thread(town, "Who looks after it meanwhile?", "cora").click("I’ll cover")
    assert "A manager has to confirm it" in town.cora.ephemerals("#accounts")[-1].text
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("offer", "cora", "12-19"), ("vacant", "", "01-18")]
    assert "@cora offers to cover from Sat 19 Dec until Sun 17 Jan" in town.card().text
    assert not town.rows("SELECT id FROM handoffs WHERE cover_id IS NOT NULL")
    in_thread(town, "@mia, is that right?").click("Confirm")
    assert "Covered by @cora from Sat 19 Dec" in town.card().text
    assert ("cover", "cora", "12-19") in cover_line(town)
    assert not [one for one in cover_items(town) if one[0] == NAME_IT]


def test_the_second_to_offer_and_the_second_to_confirm_are_told_who_was_first(lite_town):
    """What was shown privately stays as it was: there somebody may click on what is settled by now."""
    town = lite_town
    without_incoming(town)
    asked, again = shown_privately(town, "ines"), shown_privately(town, "cora")
    in_thread(town, "Who looks after it meanwhile?", "cora").click("I’ll cover")
    asked.click("I’ll cover")
    assert "@cora was first and has offered to cover Acme" in town.ines.ephemerals("#accounts")[-1].text
    again.click("I’ll cover")
    assert "You have offered to cover Acme already" in town.cora.ephemerals("#accounts")[-1].text
    town.mia.types("/handoff setup", in_="#accounts")
    setup = town.mia.modal
    setup.choose("Managers", ["@mia", "@ida"])
    assert setup.submit().ok
    for_ida, for_mia = shown_privately(town, "ida", "/handoff cover"), shown_privately(town, "mia", "/handoff cover")
    in_thread(town, "is that right?").click("Confirm")
    for_ida.click("Confirm")
    assert "@mia was first and has confirmed it: @cora covers Acme." in town.ida.ephemerals("#accounts")[-1].text
    for_mia.click("Confirm")
    assert "You have confirmed that already" in town.mia.ephemerals("#accounts")[-1].text
    asked.click("I’ll cover")
    assert "@cora looks after Acme already" in town.ines.ephemerals("#accounts")[-1].text


def shown_privately(town, who, line="/handoff cover acme"):
    """The private message that this line brings, to click on later."""
    told(town, who, line)
    return getattr(town, who).ephemerals("#accounts")[-1]


def test_only_a_manager_confirms_or_names_somebody(lite_town):
    town = lite_town
    without_incoming(town)
    in_thread(town, "Who looks after it meanwhile?", "cora").click("I’ll cover")
    offered = in_thread(town, "is that right?", "cora")
    for button in ("Confirm", "Somebody else"):
        offered.click(button)
        assert "Only @mia can do that here" in town.cora.ephemerals("#accounts")[-1].text
    assert town.cora.modal is None
