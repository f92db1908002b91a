"""Modals and Homes: triggers, the stack, hashes, what typing survives, and what answers to submissions do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tiny_bolt import MIA, TinyApp, actions, button, modal, refusal, section, text_input

from sandbox.model import Json
from sandbox.person import Person
from sandbox.seen import Modal
from sandbox.server import Sandbox

FORM = modal(text_input("who", "Who"), actions(button("more", "More"), block_id="a"))


def trigger(mia: Person, app: TinyApp) -> str:
    """A fresh trigger id, from a command that does nothing."""
    mia.types("/tiny", in_="#accounts")
    return str(app.last["trigger_id"])


def opened(mia: Person, app: TinyApp, view: Json = FORM) -> Modal:
    app.opens("shortcut", view)
    assert mia.shortcut("Start").ok
    form = mia.modal
    assert form
    return form


def test_a_trigger_works_once_and_for_three_seconds(
    sandbox: Sandbox, app: TinyApp, client: WebClient, mia: Person
) -> None:
    key = trigger(mia, app)
    assert client.views_open(trigger_id=key, view=FORM)["view"]["root_view_id"]
    assert refusal(client.views_open, trigger_id=key, view=FORM) == "exchanged_trigger_id"
    assert refusal(client.views_open, trigger_id="1.2.3", view=FORM) == "invalid_trigger_id"
    key = trigger(mia, app)
    sandbox.workspace.clock.advance(timedelta(seconds=3.1))  # type: ignore[attr-defined]
    assert refusal(client.views_open, trigger_id=key, view=FORM) == "expired_trigger_id"


def test_bad_views_name_their_place(client: WebClient, app: TinyApp, mia: Person) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.views_open(trigger_id=trigger(mia, app), view=modal(section("")))
    answer = caught.value.response
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/view/blocks/0/text/text]"
    ]
    huge = modal(*[section("x" * 2990, block_id=str(n)) for n in range(99)])
    assert refusal(client.views_open, trigger_id=trigger(mia, app), view=huge) == "view_too_large"


def test_the_stack_holds_three(client: WebClient, app: TinyApp, mia: Person) -> None:
    first = opened(mia, app)
    for _ in range(2):
        top = mia.modal
        assert top
        assert top.click("More").ok
        client.views_push(trigger_id=app.last["trigger_id"], view=FORM)
    top = mia.modal
    assert top
    assert top.view.root_view_id == first.view_id
    top.click("More")
    assert refusal(client.views_push, trigger_id=app.last["trigger_id"], view=FORM) == "push_limit_reached"
    assert refusal(client.views_push, trigger_id=trigger(mia, app), view=FORM) == "not_found"
    top.close(whole_stack=True)
    assert mia.modal is None


def test_update_by_hash_and_external_id(client: WebClient, app: TinyApp, mia: Person) -> None:
    form = opened(mia, app, {**FORM, "external_id": "one"})
    old = form.view.hash
    client.views_update(external_id="one", hash=old, view={**FORM, "external_id": "one"})
    assert refusal(client.views_update, view_id=form.view_id, hash=old, view=FORM) == "hash_conflict"
    assert refusal(client.views_update, view_id="V0", view=FORM) == "not_found"
    form.click("More")
    again = {**FORM, "external_id": "one"}
    assert refusal(client.views_push, trigger_id=app.last["trigger_id"], view=again) == "duplicate_external_id"


def test_typing_survives_an_update_while_the_ids_stay(client: WebClient, app: TinyApp, mia: Person) -> None:
    form = opened(mia, app)
    form.fill("Who", "Acme")
    client.views_update(view_id=form.view_id, view=modal(section("more"), text_input("who", "Who")))
    assert form.value("Who") == "Acme"
    client.views_update(view_id=form.view_id, view=modal(text_input("who-2", "Who")))
    assert form.value("Who") == ""


def test_a_payload_carries_the_whole_view(app: TinyApp, mia: Person) -> None:
    form = opened(mia, app, {**FORM, "private_metadata": "42"})
    form.fill("Who", "Acme")
    form.click("More")
    view = app.last["view"]
    assert app.last["container"] == {"type": "view", "view_id": form.view_id}
    assert (view["private_metadata"], view["callback_id"], view["hash"]) == ("42", "form", form.view.hash)
    assert view["state"]["values"]["who"]["typed"] == {"type": "plain_text_input", "value": "Acme"}
    assert (app.last["enterprise"], app.last["is_enterprise_install"]) == (None, False)
    assert "response_url" not in app.last
    form.submit()
    assert app.last["type"] == "view_submission"
    assert app.last["response_urls"] == []


def test_errors_stay_under_their_fields(app: TinyApp, mia: Person) -> None:
    form = opened(mia, app)
    app.answers("submit", response_action="errors", errors={"who": "Nobody knows them"})
    form.fill("Who", "Acme")
    outcome = form.submit()
    assert not outcome.ok
    assert outcome.errors == form.errors == {"Who": "Nobody knows them"}
    assert mia.sees("Nobody knows them")
    app.answers("submit", response_action="errors", errors={"a": "not an input"})
    assert form.submit().error == "We had some trouble connecting. Try again?"


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({}, ["Tiny form"]),
        ({"response_action": "clear"}, []),
        (
            {"response_action": "update", "view": modal(title={"type": "plain_text", "text": "Next"})},
            ["Tiny form", "Next"],
        ),
        (
            {"response_action": "push", "view": modal(title={"type": "plain_text", "text": "Next"})},
            ["Tiny form", "Tiny form", "Next"],
        ),
    ],
)
def test_answers_to_a_submission(client: WebClient, app: TinyApp, mia: Person, answer: Json, titles: list[str]) -> None:
    opened(mia, app).click("More")
    client.views_push(trigger_id=app.last["trigger_id"], view=FORM)
    top = mia.modal
    assert top
    top.fill("Who", "Acme")
    app.answers("submit", **answer)
    assert top.submit().ok
    assert [v.plain("title") for v in mia.workspace.modals.get(MIA, [])] == titles


def test_a_bad_view_in_the_answer_is_trouble(app: TinyApp, mia: Person) -> None:
    form = opened(mia, app, modal())
    app.answers("submit", response_action="update", view={"type": "modal", "blocks": []})
    outcome = form.submit()
    assert outcome.error == "We had some trouble connecting. Try again?"
    assert "missing required field: title" in outcome.detail
    assert form.is_open


@pytest.mark.parametrize(
    ("element", "typed", "problem"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab", "Please enter at least 3 characters."),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "Please enter at most 3 characters."),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a whole number."),
        (
            {"type": "number_input", "is_decimal_allowed": True, "min_value": "2"},
            "1",
            "Please enter a number of at least 2.",
        ),
        ({"type": "number_input", "is_decimal_allowed": True}, "one", "Please enter a number."),
        ({"type": "email_text_input"}, "mia", "Please enter a valid email address."),
        ({"type": "url_text_input"}, "acme", "Please enter a valid URL."),
        ({"type": "plain_text_input"}, "   ", "Please complete this required field."),
    ],
)
def test_the_client_refuses_by_itself(app: TinyApp, mia: Person, element: Json, typed: str, problem: str) -> None:
    form = opened(mia, app, modal(text_input("b", "Field", element=element)))
    before = len(app.bodies)
    form.fill("Field", typed)
    assert form.submit().errors == {"Field": problem}
    assert len(app.bodies) == before


def test_closing_is_told_only_when_wanted(app: TinyApp, mia: Person) -> None:
    opened(mia, app).close()
    assert app.last["type"] == "shortcut"
    opened(mia, app, {**FORM, "notify_on_close": True}).close(whole_stack=True)
    assert (app.last["type"], app.last["is_cleared"]) == ("view_closed", True)


def test_a_home_is_published_and_clicked(client: WebClient, app: TinyApp, mia: Person) -> None:
    view = {"type": "home", "blocks": [section("Hello"), actions(button("go", "Go"))]}
    published = client.views_publish(user_id=MIA, view=view)["view"]
    assert mia.home.text == "Hello\n[Go]"
    mia.home.click("Go")
    assert (app.last["view"]["type"], app.last["container"]["type"]) == ("home", "view")
    client.views_publish(user_id=MIA, view=view, hash=published["hash"])
    assert refusal(client.views_publish, user_id=MIA, view=view, hash=published["hash"]) == "hash_conflict"
    assert refusal(client.views_publish, user_id="U0", view=view) == "user_not_found"
    key = app.last["trigger_id"]
    assert client.views_open(trigger_id=key, view=FORM)["ok"]


def test_a_modal_that_is_gone_cannot_be_used(app: TinyApp, mia: Person) -> None:
    form = opened(mia, app, modal())
    assert form.submit().ok
    with pytest.raises(AssertionError, match="closed"):
        _ = form.title
    outcome: Any = mia.sandbox.actions.submit(MIA, form.view_id)
    assert "not on top" in outcome.error
