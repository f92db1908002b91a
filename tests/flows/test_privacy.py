"""Everybody sees what is stored about them; an admin erases somebody everywhere, and the proof stays."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlsplit
from urllib.request import urlopen

from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from bot.cli import app
from bot.domain.imports.report import Choices, ImportKind
from bot.store.personal import tables
from bot.usecases.imports.importing import Request
from bot.usecases.leaving.watching import WatchForm
from tests.databases import from_json


def _file(town, who):
    """What is behind the button of the window that they have open."""
    link = next(b["url"] for block in who.modal.view.blocks for b in block.get("elements", []) if b.get("url"))
    base = town.request_url.removesuffix("/slack/events")
    with urlopen(base + urlsplit(link).path) as answer:
        return json.load(answer)


def _watches(town, slack_id, note):
    town.bot.watching.save(town.actor("mia"), WatchForm(slack_id, [], [], town.clock.now().date(), note))


def test_a_rep_sees_all_that_names_them_and_takes_it_along(begun):
    assert begun.olaf.types("/handoff me", in_="#accounts").ok
    shown = begun.olaf.modal
    assert "roles in handoffs: 1" in shown.text
    assert "Nothing is read from your messages" in shown.text
    taken = _file(begun, begun.olaf)
    assert taken["about"] == begun.olaf.id
    assert taken["tables"]["people"][0]["tz"] == "Europe/Oslo"
    assert taken["tables"]["handoffs"][0]["benefit"].startswith("A rep who lives nearby")


def test_what_managers_keep_about_a_rep_is_not_given_out_by_a_click_but_an_admin_has_it(begun):
    begun.bot.watching.save(
        begun.actor("mia"), WatchForm(begun.ines.id, [], [], begun.clock.now().date(), "May leave.")
    )
    begun.ines.types("/handoff me", in_="#accounts")
    assert "watch" not in begun.ines.modal.text
    own = _file(begun, begun.ines)
    assert "watched" not in own["tables"]
    assert "May leave" not in json.dumps(own)
    begun.mia.types("/handoff erase @ines", in_="#accounts")
    assert "watch list: 1" in begun.mia.modal.text
    assert _file(begun, begun.mia)["tables"]["watched"][0]["note"] == "May leave."


def test_a_stranger_to_a_quiet_handoff_does_not_find_it_in_their_file(lite_town):
    lite_town.set_up()
    lite_town.bot.start(lite_town.actor("mia"), replace(lite_town.form("Zenith"), quiet=True))
    lite_town.settle()
    assert lite_town.rows("SELECT 1 FROM handoffs WHERE quiet")
    lite_town.olaf.types("/handoff me", in_="#accounts")
    assert "Zenith" not in json.dumps(_file(lite_town, lite_town.olaf))


def test_who_is_still_needed_is_not_erased_and_only_admins_erase(begun):
    begun.cora.types("/handoff erase @olaf", in_="#accounts")
    assert begun.cora.sees("can do that here")
    begun.mia.types("/handoff erase @ines", in_="#accounts")
    assert "still has to do with Acme" in begun.mia.modal.text
    assert "This cannot be undone" not in begun.mia.modal.text


def _says_yes(town, whom):
    assert town.mia.types(f"/handoff erase @{whom}", in_="#accounts").ok
    form = town.mia.modal
    assert form.submit().errors
    form.choose("This cannot be undone", ["Erase them"])
    return form.submit()


def test_erased_from_every_table_and_the_proof_stays(begun):
    olaf, gone = begun.olaf.id, begun.rows("SELECT id FROM people WHERE slack_id = :o", o=begun.olaf.id)[0].id
    begun.finishes("olaf", begun.rows("SELECT id FROM checklist_items WHERE owner_role = 'outgoing' ORDER BY id")[0].id)
    _watches(begun, olaf, "Olaf may leave.")
    named = Choices(people={"Smith, O.": olaf})  # as a file has him
    begun.bot.imports.work.importing.apply(
        begun.actor("mia"), Request(ImportKind.ACCOUNTS, "book.csv", b'name,owner\nBolt,"Smith, O."\n', choices=named)
    )
    begun.sandbox.actions.deactivate(olaf)
    begun.settle()
    assert _says_yes(begun, "olaf").ok
    begun.settle()
    assert "Done" in begun.mia.modal.text
    file = make_url(begun.settings.database_url).database
    with closing(sqlite3.connect(file)) as database:
        written = "\n".join(database.iterdump())
    assert olaf not in written
    assert "Olaf" not in written
    assert "Smith, O." not in written
    assert "somebody who was erased" in begun.card().text
    proof = begun.rows("SELECT * FROM audit WHERE verb = 'person.erased'")
    assert [row.subject_id for row in proof] == [gone]
    assert from_json(proof[0].after)["rows"]["people"] == 1
    done = begun.rows("SELECT closed_by_id FROM checklist_items WHERE state = 'done'")
    assert {row.closed_by_id for row in done} == {gone}
    begun.passes(days=3)  # reminders, Homes and the morning's looks go on without them
    assert not begun.rows("SELECT 1 FROM outbox WHERE state = 'failed'")


def test_what_slack_says_of_somebody_who_was_erased_or_never_known_and_is_gone_is_not_kept(begun):
    olaf, otto = begun.olaf.id, begun.otto.id
    begun.sandbox.actions.deactivate(olaf)
    begun.settle()
    assert _says_yes(begun, "olaf").ok
    begun.settle()
    begun.sandbox.actions.change_user(olaf, title="Gone fishing")
    begun.sandbox.actions.deactivate(otto)
    begun.settle()
    begun.passes(hours=1)
    file = make_url(begun.settings.database_url).database
    with closing(sqlite3.connect(file)) as database:
        written = "\n".join(database.iterdump())
    assert olaf not in written
    assert otto not in written


def test_nobody_erases_a_stranger_or_themselves(begun):
    begun.mia.types("/handoff erase @otto", in_="#accounts")
    assert begun.mia.sees("cannot find that")
    begun.mia.types("/handoff erase @mia", in_="#accounts")
    assert begun.mia.modal.title == "What I know of you"


def _baton(town, *words):
    environment = {"DATABASE_URL": town.settings.database_url, "BATON_LOG_LEVEL": "ERROR"}
    return CliRunner().invoke(app, ["erase", *words], env=environment)


def test_whoever_runs_baton_erases_a_person_or_everything_and_the_file_forgets_it_too(begun):
    olaf = begun.olaf.id
    begun.sandbox.actions.deactivate(olaf)
    begun.settle()
    first = _baton(begun, "person", olaf)
    assert first.exit_code == 0, first.output
    assert "Nothing was changed" in first.output
    assert "handoffs" in first.output
    assert _baton(begun, "person", olaf, "--yes").exit_code == 0
    assert _baton(begun, "person", olaf, "--yes").exit_code == 2
    begun.close_bot()
    file = make_url(begun.settings.database_url).database
    with open(file, "rb") as bytes_of:  # noqa: PTH123
        assert olaf.encode() not in bytes_of.read()
    assert _baton(begun, "workspace", "TNOBODY").exit_code == 2
    told = _baton(begun, "workspace", "T0SANDBOX01", "--yes")
    assert told.exit_code == 0, told.output
    with closing(sqlite3.connect(file)) as database:
        left = {table.name: database.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] for table in tables()}
        assert {name: count for name, count in left.items() if count} == {"audit": 1}
    with open(file, "rb") as bytes_of:  # noqa: PTH123
        assert b"Acme" not in bytes_of.read()
    begun.open_bot()  # the same workspace may begin again
