"""One installation serves one workspace: what comes from another one is answered politely and changes nothing."""

import json

import pytest
from forged import TEAM, chosen, event, form, interaction, submission
from response_hook import Hook

ELSEWHERE = "T0ELSEWHERE"
SENTENCE = "I belong to another Slack workspace"
TABLES = ("workspaces", "people", "accounts", "handoffs", "checklist_items", "feedback_requests", "outbox", "audit")


def _everything(town):
    return {name: town.rows(f"SELECT * FROM {name} ORDER BY id") for name in TABLES}


def _command(town, text, team):
    who = {"user_id": town.mia.id, "channel_id": "C0ACCOUNTS0", "trigger_id": "1.2.x"}
    return form(town, {"command": "/handoff", "text": text, "team_id": team, **who})


def test_a_command_from_elsewhere_gets_a_sentence(begun):
    before = _everything(begun)
    answer = _command(begun, "owner Acme", ELSEWHERE)
    assert SENTENCE in answer.json["text"]
    assert answer.json["response_type"] == "ephemeral"
    assert "Acme" not in answer.text
    assert _everything(begun) == before
    assert "Acme" in _command(begun, "owner Acme", TEAM).text


def test_a_click_from_elsewhere_gets_a_sentence(begun):
    number = begun.rows("SELECT id FROM checklist_items WHERE title = 'Send the org chart'")[0].id
    action = {"action_id": "item.done", "block_id": "b", "type": "button", "value": json.dumps({"item": number})}
    before, hook = _everything(begun), Hook()
    click = {"type": "block_actions", "actions": [action], "response_url": hook.url}
    assert interaction(begun, "olaf", click, ELSEWHERE).status == 200
    begun.settle()
    assert [SENTENCE in said["text"] for said in hook.got] == [True]
    assert _everything(begun) == before
    hook.shutdown()
    hook.server_close()
    assert interaction(begun, "olaf", {"type": "block_actions", "actions": [action]}, TEAM).status == 200
    assert begun.rows("SELECT state FROM checklist_items WHERE id = :n", n=number)[0].state == "done"


def test_a_form_from_elsewhere_gets_a_sentence_and_keeps_what_was_typed(begun):
    before = _everything(begun)
    sent = {"opens": chosen("600"), "closes": chosen("900")}
    days = {"week": {"type": "checkboxes", "selected_options": [{"value": "0"}]}}
    answer = submission(begun, "olaf", "hours.save", {**sent, **days}, team=ELSEWHERE).json
    assert answer["response_action"] == "push"
    assert SENTENCE in str(answer["view"])
    assert _everything(begun) == before
    assert not submission(begun, "olaf", "hours.save", {**sent, **days}).json


def test_what_a_form_of_elsewhere_searches_for_is_not_offered(begun):
    search = {"type": "block_suggestion", "action_id": "account", "block_id": "b", "value": "Ac"}
    assert interaction(begun, "mia", search, ELSEWHERE).json == {"options": []}
    assert "Acme" in interaction(begun, "mia", search, TEAM).text


@pytest.mark.parametrize(
    "about",
    [
        {"type": "tokens_revoked", "tokens": {"bot": ["U0"]}},
        {"type": "app_uninstalled"},
        {"type": "app_home_opened", "tab": "home", "user": "U0STRANGER"},
    ],
)
def test_events_of_elsewhere_are_taken_and_left_alone(begun, about):
    before = _everything(begun)
    assert event(begun, about, ELSEWHERE).status == 200
    assert _everything(begun) == before


def test_a_person_of_elsewhere_with_the_same_number_is_somebody_else(begun):
    gone = {"id": begun.olaf.id, "team_id": ELSEWHERE, "deleted": True, "name": "olaf", "profile": {}}
    before = _everything(begun)
    assert event(begun, {"type": "user_change", "user": gone}, ELSEWHERE).status == 200
    assert _everything(begun) == before
