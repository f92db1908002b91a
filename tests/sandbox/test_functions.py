"""Steps of Workflow Builder: what a run hands to the app, how the app ends it, and what Slack refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tiny_bolt import HERE, TinyApp, start_sandbox

from sandbox.choices import NotPossible
from sandbox.config import ConfigError, load_manifest
from sandbox.functions import RUNNER, State
from sandbox.model import Function, Parameter
from sandbox.server import Sandbox
from sandbox.steps import run_step

STEP = Function(
    "do_it",
    "Do it",
    "Does a little",
    (
        Parameter("what", "string", "What", required=True),
        Parameter("who", "slack#/types/user_id", "Who"),
        Parameter("where", "slack#/types/channel_id", "Where"),
        Parameter("by_when", "slack#/types/date", "By when"),
        Parameter("how", "string", "How", choices=("well", "badly")),
        Parameter("runner", RUNNER, "Whoever runs it"),
    ),
    (Parameter("number", "integer", "Number", required=True), Parameter("link", "string", "Link")),
)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Sandbox, TinyApp]]:
    with (
        start_sandbox(functions=(STEP,), events=frozenset({"function_executed"})) as sandbox,
        TinyApp(sandbox) as app,
    ):
        yield sandbox, app


def client_of(sandbox: Sandbox, token: str) -> WebClient:
    return WebClient(token=token, base_url=sandbox.api_url, retry_handlers=[])


def refusal(client: WebClient, method: str, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, json=arguments)
    return str(caught.value.response["error"])


def test_a_person_runs_a_workflow_and_sees_what_the_step_gives(sandbox: Sandbox, app: TinyApp) -> None:
    run = sandbox.person("mia").runs_workflow(
        "Do it", what="Tidy", who="@olaf", where="#accounts", by_when="2026-03-09"
    )
    event = app.last["event"]
    assert event["type"] == "function_executed"
    assert event["function"]["callback_id"] == "do_it"
    assert event["inputs"].pop("runner")["id"] == sandbox.person("mia").id
    given = {"what": "Tidy", "who": "U0OLAF00000", "where": "C0ACCOUNTS0", "by_when": "2026-03-09"}
    assert event["inputs"] == given
    workflow = client_of(sandbox, event["bot_access_token"])
    workflow.functions_completeSuccess(function_execution_id=event["function_execution_id"], outputs={"number": 7})
    assert (run.state, run.outputs) == (State.COMPLETED, {"number": 7})
    # the token ends with the step, and the app's own learns that it is over
    assert refusal(workflow, "auth.test") == "token_revoked"
    again = {"function_execution_id": run.id, "error": "Too late"}
    assert refusal(app.client, "functions.completeError", **again) == "execution_not_in_running_state"


def test_a_step_that_fails_is_told_to_whoever_ran_the_workflow(sandbox: Sandbox, app: TinyApp) -> None:
    mia = sandbox.person("mia")
    run = mia.runs_workflow("Do it", what="Tidy")
    app.client.functions_completeError(function_execution_id=run.id, error="There is <nothing> to tidy")
    assert (run.state, run.error) == (State.FAILED, "There is <nothing> to tidy")
    assert "There is <nothing> to tidy" in mia.dms("slackbot")[-1].text


def test_outputs_are_held_to_the_manifest(sandbox: Sandbox, app: TinyApp) -> None:
    run = run_step(sandbox, "Do it", {"what": "Tidy"})  # nobody ran it: there is no runner
    assert "runner" not in app.last["event"]["inputs"]
    for outputs in ({}, {"number": "7"}, {"number": True}, {"number": 7, "more": 1}, {"number": 7, "link": 3}):
        arguments = {"function_execution_id": run.id, "outputs": outputs}
        assert refusal(app.client, "functions.completeSuccess", **arguments) == "parameter_validation_failed"
    assert refusal(app.client, "functions.completeSuccess", function_execution_id=run.id) == "invalid_arguments"
    assert refusal(app.client, "functions.completeError", function_execution_id=run.id) == "invalid_arguments"
    unknown = {"function_execution_id": "Fx0", "outputs": {"number": 7}}
    assert refusal(app.client, "functions.completeSuccess", **unknown) == "function_execution_not_found"
    assert run.state is State.RUNNING


def test_a_workflow_token_ends_after_a_quarter_of_an_hour_and_is_good_for_its_own_step(
    sandbox: Sandbox, app: TinyApp
) -> None:
    first, second = (run_step(sandbox, "Do it", {"what": "Tidy"}) for _ in range(2))
    workflow = client_of(sandbox, first.token)
    arguments = {"function_execution_id": second.id, "outputs": {"number": 7}}
    assert refusal(workflow, "functions.completeSuccess", **arguments) == "access_denied"
    assert workflow.auth_test()["ok"]
    assert refusal(workflow, "apps.connections.open") == "not_allowed_token_type"
    sandbox.workspace.clock.advance(timedelta(minutes=15))  # type: ignore[attr-defined]
    assert refusal(workflow, "auth.test") == "token_expired"
    sandbox.workspace.executions.only_workflow_tokens = True
    assert refusal(app.client, "functions.completeSuccess", **arguments) == "access_denied"
    sandbox.workspace.executions.only_workflow_tokens = False
    app.client.functions_completeSuccess(**arguments)
    assert second.state is State.COMPLETED


def test_the_builder_offers_only_what_fits_but_old_workflows_hold_anything(sandbox: Sandbox, app: TinyApp) -> None:
    mia = sandbox.person("mia")
    for wrong in (
        {},
        {"what": 3},
        {"what": "Tidy", "who": "olaf"},
        {"what": "Tidy", "by_when": "9.3.2026"},
        {"what": "Tidy", "how": "somehow"},
        {"what": "Tidy", "colour": "red"},
    ):
        with pytest.raises(NotPossible):
            mia.runs_workflow("Do it", **wrong)
    mia.runs_workflow("Do it", checked=False, what=3, colour="red")
    assert app.last["event"]["inputs"]["what"] == 3


def test_a_manifest_whose_functions_slack_would_refuse_is_refused(tmp_path: Path) -> None:
    manifest = yaml.safe_load((HERE / "manifest.yaml").read_text())
    path = tmp_path / "manifest.yaml"
    words = {"type": "string", "title": "Word"}
    function = {
        "title": "Do it",
        "description": "Does a little",
        "input_parameters": {"properties": {"what": words}, "required": ["what"]},
        "output_parameters": {"properties": {}, "required": []},
    }
    manifest["functions"] = {"do_it": function}
    path.write_text(yaml.safe_dump(manifest))
    with pytest.raises(ConfigError) as caught:
        load_manifest(path)
    for needed in ("major_version", "function_runtime: remote", "org_deploy_enabled: true", "function_executed"):
        assert needed in str(caught.value)
    manifest["_metadata"] = {"major_version": 2}
    manifest["settings"] |= {"function_runtime": "remote", "org_deploy_enabled": True}
    manifest["settings"]["event_subscriptions"]["bot_events"].append("function_executed")
    path.write_text(yaml.safe_dump(manifest))
    (found,) = load_manifest(path).functions
    assert found.inputs == (Parameter("what", "string", "Word", required=True),)
    function["input_parameters"] = {"properties": {"what": {"type": "date"}}, "required": ["when"]}
    path.write_text(yaml.safe_dump(manifest))
    with pytest.raises(ConfigError, match=r"when, which is no parameter.*date is no type"):
        load_manifest(path)
