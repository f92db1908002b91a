"""The end of a cover or of the outgoing rep's days: extended, passed on, run out, taken over, vacant (D18 to D21)."""

from tests.cover_steps import NAME_IT, SOON, cover_items, cover_line, in_thread, names_a_cover, told, without_incoming
from tests.databases import mostly_sqlite


@mostly_sqlite
def test_when_the_last_day_passes_without_anybody_the_account_is_vacant_and_the_days_are_counted(town):
    card = without_incoming(town, "Key", **SOON)
    town.until(town.clock.now().replace(month=11, day=30, hour=9))
    town.passes(minutes=1)
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("vacant", "", "11-28")]
    assert "Nobody looks after it since Sat 28 Nov (3 days without anybody)" in town.card().text
    assert card.ts == town.card().ts
    raised = [m for m in town.mia.dms("baton") if "cannot wait" in m.text]
    assert "Acme (key): nobody looks after it since Sat 28 Nov, 3 days by now." in raised[-1].text
    raised[-1].click("Name the cover")
    form = town.mia.modal
    form.choose("Who?", "@cora")
    assert form.submit().ok
    assert "All settled" in next(m for m in town.mia.dms("baton") if m.ts == raised[-1].ts).text
    assert cover_line(town)[-2:] == [("cover", "cora", "11-30"), ("vacant", "", "12-30")]
    town.passes(days=1)
    assert not [m for m in town.mia.dms("baton") if "cannot wait" in m.text]


def test_the_end_of_a_cover_is_asked_about_ahead_of_time_and_it_is_extended(lite_town):
    town = lite_town
    without_incoming(town, **SOON)
    assert names_a_cover(town, last="2026-12-06").ok
    ((title, due, _),) = cover_items(town)
    assert (title, due) == ("The cover ends: extend it, pass it on, or let it end", "12-02")
    town.until(town.clock.now().replace(month=12, day=2, hour=12))
    assert town.mia.sees("The cover ends: extend it", in_="@baton")
    assert any("The cover ends: extend it" in m.text and "covers until" in m.text for m in town.mia.dms("baton"))
    town.checklist().click("Done", near="The cover ends")
    form = town.mia.modal
    form.choose("Last day", "2026-12-30")
    assert form.submit().ok
    assert cover_line(town)[1:] == [("cover", "cora", "11-28"), ("vacant", "", "12-31")]
    assert [one[1:] for one in cover_items(town)] == [("12-02", "done"), ("12-28", "open")]


def test_a_cover_is_passed_on_to_somebody_else(lite_town):
    town = lite_town
    without_incoming(town, **SOON)
    assert names_a_cover(town).ok
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    form = town.mia.modal
    form.choose("Who?", "@ines")
    form.choose("From", "2026-12-01")
    form.choose("Last day", "2027-01-31")
    assert form.submit().ok
    assert cover_line(town)[1:] == [("cover", "cora", "11-28"), ("cover", "ines", "12-01"), ("vacant", "", "02-01")]
    town.until(town.clock.now().replace(month=12, day=2))
    assert "Covered by @ines until Sun 31 Jan" in town.card().text
    (row,) = town.rows("SELECT p.slack_id FROM handoffs h JOIN people p ON p.id = h.cover_id")
    assert row.slack_id == town.ines.id


def test_a_cover_that_is_let_run_out_leaves_a_vacancy_and_is_asked_for_anew(lite_town):
    town = lite_town
    without_incoming(town, **SOON)
    assert names_a_cover(town, last="2026-12-02").ok
    town.checklist().click("Done", near="The cover ends")
    town.mia.modal.choose("What is to happen?", "The cover ends on Wed 2 Dec, as planned")
    assert town.mia.modal.submit().ok
    assert [one[2] for one in cover_items(town)] == ["done"]
    town.until(town.clock.now().replace(month=12, day=3, hour=9))
    town.passes(minutes=1)
    assert "Nobody looks after it since Thu 3 Dec (1 day without anybody)" in town.card().text
    assert not town.rows("SELECT id FROM handoffs WHERE cover_id IS NOT NULL")
    assert (NAME_IT, "12-03", "open") in cover_items(town)
    assert "Acme has nobody from Thu 3 Dec on" in in_thread(town, "from Thu 3 Dec").text


def test_the_item_about_the_end_is_gone_when_the_cover_ends_early(lite_town):
    town = lite_town
    without_incoming(town)
    assert names_a_cover(town).ok
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    town.mia.modal.choose("What is to happen?", "There is no cover after all")
    assert town.mia.modal.submit().ok
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("vacant", "", "12-19")]
    assert [one[0] for one in cover_items(town)] == [NAME_IT]


@mostly_sqlite
def test_whoever_accepts_is_the_owner_and_the_cover_is_over(town):
    without_incoming(town)
    assert names_a_cover(town, first="2026-11-24").ok
    town.passes(days=2)
    assert "Covered by @cora until" in town.card().text
    town.card().menu("Edit")
    town.mia.modal.choose("Incoming rep", "@ines")
    assert town.mia.modal.submit().ok
    town.card().menu("Override the gate")
    town.mia.modal.fill("Go on all the same?", "They know each other.")
    assert town.mia.modal.submit().ok
    town.ines.dms("baton")[-1].click("Accept")
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "11-24"), ("owner", "ines", "11-25")]
    assert not [one for one in cover_items(town) if one[2] == "open"]
    assert not town.rows("SELECT id FROM handoffs WHERE cover_id IS NOT NULL")
    assert "Acme is with @ines since Wed 25 Nov" in told(town, "otto", "/handoff owner acme", "#general")


def test_the_outgoing_rep_stays_longer_and_the_cover_begins_later(lite_town):
    town = lite_town
    without_incoming(town)
    assert names_a_cover(town).ok
    town.card().menu("Edit")
    town.mia.modal.choose("Last day", "2026-12-22")
    assert town.mia.modal.submit().ok
    assert cover_line(town) == [("owner", "olaf", "11-23"), ("cover", "cora", "12-23"), ("vacant", "", "01-18")]


@mostly_sqlite
def test_somebody_who_leaves_slack_leaves_their_accounts_vacant(town):
    without_incoming(town, "Key")
    town.sandbox.actions.deactivate(town.olaf.id)
    town.passes(minutes=10)
    assert cover_line(town) == [("vacant", "", "11-23")]
    assert "Nobody looks after it since" in town.card().text
    assert [m for m in town.mia.dms("baton") if "cannot wait" in m.text]


def test_a_reminder_of_what_nobody_asks_any_more_still_says_what_it_was_about(lite_town):
    town = lite_town
    without_incoming(town, **SOON)
    assert names_a_cover(town, last="2026-12-06").ok
    town.until(town.clock.now().replace(month=12, day=2, hour=12))
    title = "The cover ends: extend it, pass it on, or let it end"
    assert any(f"Acme: {title}" in m.text and "[Done]" in m.text for m in town.mia.dms("baton"))
    assert town.mia.types("/handoff cover acme", in_="#accounts").ok
    town.mia.modal.choose("What is to happen?", "The cover ends today")
    assert town.mia.modal.submit().ok
    assert title not in [one[0] for one in cover_items(town)]
    town.passes(minutes=1)
    said = [line for m in town.mia.dms("baton") for line in m.text.splitlines() if title in line]
    assert said
    assert all(line.endswith("settled, thank you") for line in said)
    assert town.mia.types("/handoff history acme", in_="#accounts").ok
    assert f"“{title}” is not needed any more" in town.mia.ephemerals("#accounts")[-1].text
