"""Workflow Builder's step "Start a handoff": people run a workflow, a handoff begins, and the workflow goes on."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sandbox.functions import Execution, State
from sandbox.steps import run_step
from tests.flows.forged import event
from tests.town import Town

STEP = "Start a handoff"


def inputs(**others: Any) -> dict[str, Any]:
    given = {
        "account": "Acme",
        "reason": "territory_change",
        "outgoing": "@olaf",
        "incoming": "@ines",
        "benefit": "A rep who lives nearby.",
        "channel": "#accounts",
        **others,
    }
    return {name: value for name, value in given.items() if value is not None}


def handoffs(town: Town) -> int:
    return int(town.rows("SELECT count(*) FROM handoffs")[0][0])


def refused(town: Town, run: Execution) -> str:
    """Why the step failed; nothing was started."""
    assert run.state is State.FAILED, run
    assert handoffs(town) == 0
    assert town.rows("SELECT ended_at IS NOT NULL, token FROM executions ORDER BY id DESC")[0] == (1, None)
    return run.error


def test_a_manager_runs_a_workflow_and_the_next_step_gets_the_card(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    run = town.mia.runs_workflow(STEP, **inputs(last_day="2026-12-18", tier="key"))
    card = town.card()
    assert "A rep who lives nearby." in card.text
    assert "Key" in card.text
    assert run.state is State.COMPLETED
    assert (run.outputs["handoff"], run.outputs["account"]) == (1, "Acme")
    assert "/archives/C0ACCOUNTS0/p" in run.outputs["link"]
    assert town.rows("SELECT state, handoff_id, token FROM executions") == [("started", 1, None)]
    # as if she had filled in the form: it is hers, and so the trail says
    handoff = town.bot.overview.handoff(town.actor("mia"), 1)
    assert handoff.manager is not None
    assert handoff.manager.slack_id == town.mia.id
    assert town.rows("SELECT count(*) FROM audit WHERE verb = 'handoff.started'")[0][0] == 1


def test_channel_and_tier_are_those_of_the_account_where_nothing_is_said(lite_town: Town) -> None:
    town = lite_town.begun()
    town.bot.handoffs.cancel(town.actor("mia"), 1, "Another way.")
    run = town.mia.runs_workflow(STEP, **inputs(account="acme", tier="strategic", sales_channel="partner"))
    assert run.outputs["account"] == "Acme"
    town.bot.handoffs.cancel(town.actor("mia"), 2, "Another way.")
    town.mia.runs_workflow(STEP, **inputs())
    assert town.rows("SELECT tier, sales_channel FROM handoffs WHERE id = 3") == [("strategic", "partner")]


def test_whoever_may_not_start_one_is_told_who_may(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    run = town.olaf.runs_workflow(STEP, **inputs(manager="@mia"))
    assert "can do that here" in refused(town, run)
    assert "can do that here" in town.olaf.dms("slackbot")[-1].text


def test_what_is_wrong_is_said_by_input(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    run = town.mia.runs_workflow(STEP, **inputs(incoming="@olaf", last_day="2026-11-20", benefit="x" * 10_000))
    told = refused(town, run)
    for said in ("Incoming rep: ", "Last day: That day has passed", "Benefit to the customer: That is too long"):
        assert said in told
    town.sandbox.actions.deactivate(town.ines.id)
    gone = refused(town, town.mia.runs_workflow(STEP, **inputs()))
    assert "Incoming rep: This person cannot be reached" in gone
    uninvited = refused(town, town.mia.runs_workflow(STEP, **inputs(incoming=None, channel="C0GENERAL00")))
    assert uninvited.startswith("Channel: I am not in that channel")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"account": None, "benefit": " \u200b "}, ("Account: This is needed.", "Benefit to the customer: This is")),
        ({"account": ["Acme"], "benefit": 7}, ("Account: That is no text", "Benefit to the customer: That is no")),
        ({"account": "x" * 10_000}, ("Account: A name of 120 characters at most",)),
        ({"account": "\x00"}, ("Account: This is needed.",)),
        ({"outgoing": "olaf", "incoming": {"id": 1}}, ("Outgoing rep: That is nobody", "Incoming rep: That is")),
        ({"channel": "U0OLAF00000"}, ("Channel: That is no channel",)),
        ({"reason": "boredom", "tier": 3}, ("Reason: Choose one of these: retirement", "Tier: Choose one of these")),
        ({"last_day": "18.12.2026"}, ("Last day: That is no date",)),
        ({"last_day": "9999-12-31"}, ("Last day: That day is too far off",)),
        ({"last_day": 1797465600}, ("Last day: That is no date",)),
        ({"colour": "red", "reason": None}, ("Reason: This is needed.",)),
    ],
    ids=str,
)
def test_inputs_that_nobody_expected_are_refused_in_words(
    lite_town: Town, wrong: dict[str, Any], said: tuple[str, ...]
) -> None:
    town = lite_town
    town.set_up()
    told = refused(town, town.mia.runs_workflow(STEP, checked=False, **inputs(**wrong)))
    for one in said:
        assert one in told, told


def test_reasons_may_be_written_as_people_read_them(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    run = town.mia.runs_workflow(STEP, checked=False, **inputs(reason="Stage move", tier="KEY", runner="U0INES00000"))
    assert run.state is State.COMPLETED
    assert town.rows("SELECT reason, tier FROM handoffs") == [("stage_move", "key")]


def test_a_schedule_acts_for_the_manager_it_names_who_needs_the_permission(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    nobody = run_step(town.sandbox, STEP, inputs())
    assert refused(town, nobody).startswith("Manager: Nobody ran this workflow")
    olaf = run_step(town.sandbox, STEP, inputs(manager="@olaf"))
    assert "can do that here" in refused(town, olaf)
    assert run_step(town.sandbox, STEP, inputs(manager="@mia")).state is State.COMPLETED
    assert handoffs(town) == 1
    town.sandbox.actions.deactivate(town.mia.id)
    gone = run_step(town.sandbox, STEP, inputs(account="Bolt", manager="@mia"))
    assert (gone.state, handoffs(town)) == (State.FAILED, 1)


def test_an_account_that_is_under_way_is_refused_with_its_link_a_quiet_one_without(lite_town: Town) -> None:
    town = lite_town.begun()
    again = town.mia.runs_workflow(STEP, **inputs(account="ACME"))
    assert "Account: Acme already has an open handoff: http" in again.error
    town.bot.start(town.actor("mia"), replace(town.form("Bolt"), quiet=True))
    own = town.mia.runs_workflow(STEP, **inputs(account="Bolt"))
    assert "Bolt already has a quiet handoff" in own.error
    assert "http" not in own.error
    assert handoffs(town) == 2


def test_twice_delivered_is_once_started(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    run = town.mia.runs_workflow(STEP, **inputs())
    told = next(one["event"] for one in town.sandbox.delivery.sent if one["event"]["type"] == "function_executed")
    assert event(town, told).status == 200
    town.settle()
    assert (handoffs(town), len(town.rows("SELECT id FROM executions"))) == (1, 1)
    assert [call.error for call in town.sandbox.workspace.weather.called("functions.completeSuccess")] == [None]
    assert run.state is State.COMPLETED
    for nonsense in ("", 7, "x" * 65, "Fx 1"):
        with pytest.raises(Exception, match="400"):
            event(town, {**told, "function_execution_id": nonsense})
    another = {**told, "function": {"callback_id": "another"}, "function_execution_id": "Fx9"}
    assert event(town, another).status == 200
    assert len(town.rows("SELECT id FROM executions")) == 1


def test_killed_between_the_handoff_and_its_word_to_slack_the_step_ends_once(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    town.sandbox.settle = None  # nothing is delivered: the process dies right after its commit
    run = town.mia.runs_workflow(STEP, **inputs())
    assert (run.state, handoffs(town)) == (State.RUNNING, 1)
    town.close_bot()
    town.open_bot()
    town.bot.courier.begin(alone=True)
    town.settle()
    assert (run.state, run.outputs["handoff"]) == (State.COMPLETED, 1)
    assert len(town.sandbox.workspace.weather.called("functions.completeSuccess")) == 1


def test_slack_has_a_bad_moment_and_is_told_later_without_the_workflow_token(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.fail_next("functions.completeSuccess", status=503, times=1)
    town.sandbox.workspace.weather.fail_next("functions.completeSuccess", status=429, times=1, retry_after=1200)
    run = town.mia.runs_workflow(STEP, **inputs())
    assert run.state is State.RUNNING
    town.passes(minutes=25)
    assert run.state is State.COMPLETED
    assert town.rows("SELECT active FROM workspaces") == [(1,)]


def test_a_step_that_slack_has_given_up_is_left_alone(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    town.sandbox.workspace.executions.only_workflow_tokens = True
    town.sandbox.workspace.weather.fail_next("functions.completeSuccess", status=429, times=1, retry_after=1200)
    run = town.mia.runs_workflow(STEP, **inputs())
    town.passes(hours=3)
    assert (run.state, handoffs(town)) == (State.RUNNING, 1)
    # the token had ended and the bot's own was refused: one try more, and nothing of the workspace stands still
    assert [call.error for call in town.sandbox.workspace.weather.called("functions.completeSuccess")][1:] == [
        "access_denied"
    ]
    assert town.rows("SELECT token, ended_at IS NOT NULL FROM executions") == [(None, 1)]
    assert town.rows("SELECT state FROM outbox WHERE kind = 'step'") == [("sent",)]


def test_while_the_card_cannot_be_posted_the_workflow_gets_the_channel_after_a_minute(lite_town: Town) -> None:
    town = lite_town
    town.set_up()
    town.sandbox.workspace.weather.fail_next("chat.postMessage", status=429, times=1, retry_after=600)
    run = town.mia.runs_workflow(STEP, **inputs())
    assert run.state is State.COMPLETED
    assert run.outputs["link"] == "https://slack.com/app_redirect?channel=C0ACCOUNTS0"
    assert timedelta(minutes=1) <= town.clock.now() - run.issued < timedelta(minutes=2)


def test_the_workflow_token_is_in_no_log(lite_town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town = lite_town
    town.set_up()
    with caplog.at_level(logging.DEBUG):
        town.sandbox.workspace.weather.fail_next("functions.completeSuccess", error="internal_error")
        run = town.mia.runs_workflow(STEP, **inputs())
        town.olaf.runs_workflow(STEP, **inputs())
    assert run.state is State.COMPLETED
    ours = [one for one in caplog.records if not one.name.startswith(("httpcore", "httpx", "urllib3"))]
    assert ours
    assert not [one for one in ours if "xwfp-" in one.getMessage()]
