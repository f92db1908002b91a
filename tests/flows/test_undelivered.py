"""What could not be delivered is not forgotten: managers and operators see it, know why, and have it sent again."""

import os
import subprocess
import sys

import pytest

from bot.domain.refusals import NotAllowed
from tests.town import ROOT, TOKEN


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
    command = [sys.executable, "-m", "bot.cli", "outbox", *words]
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


def test_a_database_that_is_not_there_is_said_in_words(tmp_path):
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'nothing.db'}"}
    command = [sys.executable, "-m", "bot.cli", "outbox"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "no tables yet" in done.stderr
    assert "Traceback" not in done.stderr
