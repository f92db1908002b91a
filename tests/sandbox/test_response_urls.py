"""Response URLs: how often, how long and about what the app may speak with them."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
from slack_sdk import WebClient
from tiny_bolt import (
    ACCOUNTS,
    TinyApp,
    actions,
    button,
    card,
    post_to,
    section,
)

from sandbox.person import Person
from sandbox.server import Sandbox


def test_a_response_url_speaks_five_times_in_half_an_hour(sandbox: Sandbox, app: TinyApp, mia: Person) -> None:
    mia.types("/tiny", in_="#accounts")
    url = app.last["response_url"]
    for n in range(5):
        assert post_to(url, text=f"word {n}").text == "ok"
    assert (post_to(url, text="too many").status_code, post_to(url, text="x").json()["error"]) == (404, "used_url")
    assert mia.ephemerals("#accounts")[-1].text == "word 4"
    mia.types("/tiny", in_="#accounts")
    sandbox.workspace.clock.advance(timedelta(minutes=31))  # type: ignore[attr-defined]
    assert post_to(app.last["response_url"], text="late").json()["error"] == "expired_url"


def test_a_response_url_replaces_and_deletes_what_was_clicked(app: TinyApp, mia: Person, client: WebClient) -> None:
    shown = card(mia, client, actions(button("go", "Go")))
    shown.click("Go")
    url = app.last["response_url"]
    assert post_to(url, text="private").text == "ok"
    assert mia.ephemerals("#accounts")[-1].text == "private"
    post_to(url, text="public", response_type="in_channel", thread_ts=shown.ts)
    assert mia.thread(shown)[-1].text == "public"
    post_to(url, text="new words", replace_original=True)
    assert (shown.text, shown.buttons) == ("new words", [])
    assert post_to(url, delete_original=True, text="x").status_code == 400
    post_to(url, delete_original=True)
    assert mia.messages("#accounts")[-1].text == "This message was deleted."


def test_an_ephemeral_is_changed_only_by_its_own_response_url(app: TinyApp, mia: Person, client: WebClient) -> None:
    client.chat_postEphemeral(channel=ACCOUNTS, user=mia.id, text="x", blocks=[actions(button("go", "Go"))])
    shown = mia.ephemerals("#accounts")[-1]
    assert shown.click("Go").ok
    assert app.last["container"]["is_ephemeral"] is True
    assert "message" not in app.last
    post_to(app.last["response_url"], text="changed", replace_original=True, response_type="in_channel")
    assert shown.text == "changed"
    post_to(app.last["response_url"], delete_original=True)
    assert shown.ts not in [s.ts for s in mia.ephemerals("#accounts")]


def test_bad_words_through_a_response_url(app: TinyApp, mia: Person) -> None:
    mia.types("/tiny", in_="#accounts")
    url = app.last["response_url"]
    assert post_to(url, blocks=[section("")]).json()["error"] == "invalid_blocks"
    assert post_to(url).json()["error"] == "no_text"
    assert httpx.post(url, content=b"nonsense", trust_env=False).status_code == 400
    assert json.loads(post_to(url[:-3] + "999", text="x").text)["error"] == "no_such_url"
