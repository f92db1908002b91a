"""What could not be delivered is not forgotten: managers and operators see it, know why, and have it sent again."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.domain.refusals import NotAllowed
from bot.migrations import downgrade
from bot.store.database import Database
from tests.served import ROOT
from tests.town import TOKEN


def _refused(town):
    """Carl's question is refused as Slack refuses what it cannot read."""
    town.set_up()
    town.sandbox.workspace.weather.fail_next("chat.postMessage", error="invalid_blocks", channel=town.carl.id)
    town.handoff("Acme")


def _home(town, who):
    person = getattr(town, who)
    person.opens_home()
    return person.home


def _baton(town, *words):
    environment = {**os.environ, "DATABASE_URL": town.settings.database_url, "SLACK_BOT_TOKEN": TOKEN, "COLUMNS": "200"}
    command = [sys.executable, "-m", "bot", "outbox", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_manager_sees_what_was_not_delivered_and_why_and_has_it_sent_again(lite_town):
    town = lite_town
    _refused(town)
    home = _home(town, "mia")
    assert "Could not be delivered" in home.text
    assert "Acme · a question → @carl · Slack does not take it as I made it" in home.text
    assert not any("Acme" in message.text for message in town.carl.dms("baton"))
    home.click("Try again")
    town.settle()
    assert any("Acme" in message.text for message in town.carl.dms("baton"))
    assert "Could not be delivered" not in _home(town, "mia").text
    assert town.rows("SELECT verb FROM audit WHERE verb = 'letter.retried'")


def test_nobody_else_is_shown_it_or_may_have_it_sent(lite_town):
    town = lite_town
    _refused(town)
    assert "Could not be delivered" not in _home(town, "olaf").text
    number = town.rows("SELECT id FROM outbox WHERE state = 'failed'")[0].id
    with pytest.raises(NotAllowed) as refusal:
        town.bot.resend(town.actor("olaf"), number)
    assert town.mia.id in refusal.value.values["people"]


def test_an_operator_lists_what_waits_and_sends_again_what_was_given_up(lite_town):
    town = lite_town
    town.set_up()
    assert "Everything was delivered." in _baton(town).stdout
    town.sandbox.workspace.weather.fail_next("chat.postMessage", error="invalid_blocks", channel=town.carl.id)
    town.handoff("Acme")
    line = next(line for line in _baton(town).stdout.splitlines() if "failed" in line)
    assert "question" in line
    assert "Acme" in line
    assert town.carl.id in line
    assert "Slack does not take it" in line
    number = line.split()[0]
    assert "Name the letters" in _baton(town, "retry").stderr
    assert "It goes again." in _baton(town, "retry", number).stdout
    town.settle()
    assert any("Acme" in message.text for message in town.carl.dms("baton"))
    assert "Nothing was given up." in _baton(town, "--failed").stdout
    assert "sent" in _baton(town, "--all").stdout


def _outbox(url, *words):
    environment = {**os.environ, "DATABASE_URL": url, "COLUMNS": "200"}
    command = [sys.executable, "-m", "bot", "outbox", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("words", [(), ("retry", "--all")])
def test_a_database_that_is_not_there_is_said_in_words_and_not_made(tmp_path, words):
    done = _outbox(f"sqlite:///{tmp_path / 'nothing.db'}", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"There is no database at {tmp_path / 'nothing.db'}.")
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_database_without_tables_is_one_sentence(tmp_path, postgres_server):
    empty = tmp_path / "empty.db"
    empty.touch()
    done = _outbox(f"sqlite:///{empty}")
    assert done.returncode == 2
    assert "no tables yet" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    other = make_url(postgres_server).set(database="template1").render_as_string(hide_password=False)
    done = _outbox(other.replace("postgresql+psycopg", "postgresql"))
    assert done.returncode == 2
    assert "no tables yet" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_database_of_an_earlier_version_is_one_sentence(sqlite_url):
    database = Database(sqlite_url)
    downgrade(database.engine, "0001")
    database.close()
    done = _outbox(sqlite_url)
    assert done.returncode == 2
    assert done.stderr == "The database is not of this version of Baton: `baton migrate` brings it up to date.\n"


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth"])
def test_a_token_that_slack_does_not_take_is_no_missing_permission(lite_town, error):
    town = lite_town.begun()
    town.sandbox.workspace.weather.fail_next("chat.update", error=error)
    item = town.rows("SELECT id FROM checklist_items WHERE form IS NULL")[0].id
    town.bot.checklist.complete(town.actor("olaf"), item)
    town.settle()
    lines = [line for line in _baton(town).stdout.splitlines() if error in line]
    assert lines
    assert all("Slack does not take the token any more" in line and "permission" not in line for line in lines)


def test_what_is_not_listed_is_counted(lite_town):
    town = lite_town.begun()
    columns = "workspace_id, kind, subject_id, handoff_id, priority, state, not_before, created_at, error"
    with town.bot.db.write() as session:
        for state, many in (("failed", 150), ("queued", 151)):
            values = columns.replace(" state,", f" '{state}',")
            session.execute(
                text(
                    f"INSERT INTO outbox (key, {columns})"
                    f" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})"
                    f" SELECT '{state}:' || i, {values} FROM outbox, n WHERE key LIKE 'card:%'"
                )
            )
    listed = _baton(town).stdout
    assert "These are the latest 200. In all, 151 wait and 150 were given up." in listed
    assert sum(" failed " in line for line in listed.splitlines()) == 49
