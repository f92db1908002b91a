"""What Slack tells about people, channels and the installation: worked off before it is acknowledged."""

import json
import time

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import create_engine, text

from tests.town import Town


def test_somebody_who_moves_is_nudged_in_their_new_mornings(town):
    town.set_up()
    town.handoff("Acme")
    town.sandbox.actions.change_user(town.olaf.id, tz="Asia/Tokyo")
    [row] = town.rows("SELECT tz FROM people WHERE slack_id = :s", s=town.olaf.id)
    assert row.tz == "Asia/Tokyo"
    mine = (
        "SELECT n.due_at FROM nudges n JOIN checklist_items i ON i.id = n.subject_id WHERE n.state = 'planned' "
        "AND n.obligation = 'item' AND i.owner_role = 'outgoing'"
    )
    assert {str(row.due_at)[11:16] for row in town.rows(mine)} == {"00:00"}  # nine o'clock in Tokyo


def test_what_a_leaver_owes_is_the_managers(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    town.sandbox.actions.deactivate(town.olaf.id)
    town.settle()
    town.passes(days=2)
    assert any("Warn the customer" in message.text for message in town.mia.dms("baton"))


def test_invited_back_baton_says_what_it_could_not_say(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    baton = town.sandbox.workspace.app.bot_user_id
    town.sandbox.workspace.weather.fail_next("chat.update", error="not_in_channel", times=9)
    town.checklist("olaf").click("Done", near="Send the org chart")
    assert town.rows("SELECT key FROM outbox WHERE error = 'not_in_channel' AND kind = 'card'")
    town.sandbox.workspace.weather.clear()
    town.sandbox.actions.leave("C0ACCOUNTS0", baton)
    town.sandbox.actions.invite("C0ACCOUNTS0", baton)
    town.sandbox.wait_idle()
    assert "1 of" in town.card("Acme").text


def test_uninstalled_nothing_more_is_sent(lite_town):
    town = lite_town
    town.set_up()
    town.handoff("Acme")
    town.sandbox.actions.uninstall()
    calls = len(town.sandbox.workspace.weather.calls)
    town.passes(days=3)
    assert len(town.sandbox.workspace.weather.calls) == calls


@pytest.fixture
def sqlite_town(sqlite_url):
    place = Town(sqlite_url)
    yield place
    place.close()


def test_a_busy_database_is_said_in_a_sentence_and_nothing_is_half_done(sqlite_town):
    town = sqlite_town
    town.set_up()
    town.handoff("Acme")
    engine = create_engine(town.settings.database_url)
    with engine.connect() as other:
        other.connection.driver_connection.isolation_level = None
        other.execute(text("BEGIN EXCLUSIVE"))
        town.sandbox.settle = None
        town.checklist("olaf").click("Done", near="Send the org chart")
        other.execute(text("ROLLBACK"))
    engine.dispose()
    assert town.olaf.sees("Try again in a moment")
    assert not town.rows("SELECT 1 FROM checklist_items WHERE state = 'done'")


def test_an_event_of_a_wrong_shape_is_refused_and_changes_nothing(lite_town):
    town = lite_town
    for user in ("U1", {}, {"id": 5}, {"id": town.mia.id, "profile": 5}):
        body = {"type": "event_callback", "team_id": "T0SANDBOX01", "event": {"type": "user_change", "user": user}}
        assert _sent(town, body) == 400
    assert not town.rows("SELECT 1 FROM people")


def _sent(town, body):
    """The status with which the bot answers a signed event."""
    raw = json.dumps(body)
    stamp = str(int(time.time()))
    signature = SignatureVerifier(town.settings.signing_secret).generate_signature(timestamp=stamp, body=raw)
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": "application/json"}
    return httpx.post(town.request_url, content=raw, headers=headers).status_code
