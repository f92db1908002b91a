"""Files: put into a form or sent into a conversation; the app sees what Slack would show it, and nothing else."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from tiny_bolt import TinyApp, modal, start_sandbox

from sandbox.config import ConfigError, load_manifest
from sandbox.model import User
from sandbox.server import Sandbox

CSV = b"name,tier\nAcme,key\n"


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def fetched(url: str, token: str = "") -> tuple[str, bytes]:
    """Content type and body, as a program gets them that follows redirects."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request) as answer:
        return answer.headers.get_content_type(), answer.read()


def file_field(**element: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": "File"}
    return {
        "type": "input",
        "block_id": "f",
        "label": label,
        "element": {"type": "file_input", "action_id": "file", **element},
    }


def newest(sandbox: Sandbox) -> str:
    return list(sandbox.workspace.files)[-1]


def events(sandbox: Sandbox, kind: str) -> list[dict[str, Any]]:
    return [e["event"] for e in sandbox.delivery.sent if e["event"]["type"] == kind]


def test_a_file_put_into_a_form_comes_whole_with_the_submission(
    sandbox: Sandbox, app: TinyApp, client: WebClient
) -> None:
    mia = sandbox.person("mia")
    app.opens("command", modal(file_field(filetypes=["csv"], max_files=1)))
    mia.types("/tiny", in_="#accounts")
    form = mia.modal
    assert form is not None
    with pytest.raises(AssertionError, match="not accepted"):
        form.upload("File", "list.xlsx", b"PK")
    assert form.submit().errors == {"File": "Please complete this required field."}
    form.upload("File", "list.csv", CSV)
    assert form.value("File") == "list.csv"
    assert refusal(client.files_info, file=newest(sandbox)) == "file_not_found"  # not handed over yet
    assert form.submit().ok
    [got] = app.last["view"]["state"]["values"]["f"]["file"]["files"]
    assert (got["name"], got["filetype"], got["mimetype"], got["size"]) == ("list.csv", "csv", "text/csv", len(CSV))
    assert (got["user"], got["user_team"], got["file_access"]) == (mia.id, sandbox.workspace.team_id, "visible")
    assert client.files_info(file=got["id"])["file"]["url_private_download"] == got["url_private_download"]
    assert fetched(got["url_private_download"], client.token or "") == ("text/csv", CSV)


def test_without_the_token_a_page_to_sign_in_comes_with_200(sandbox: Sandbox, client: WebClient) -> None:
    mia = sandbox.person("mia")
    mia.shares("list.csv", CSV, in_="#accounts", text="the list")
    assert mia.messages("#accounts")[-1].text == "the list\nlist.csv"
    url = client.files_info(file=newest(sandbox))["file"]["url_private_download"]
    for token in ("", "xoxb-somebody-else"):
        kind, body = fetched(url, token)
        assert (kind, b"Sign in" in body) == ("text/html", True)
    with start_sandbox(scopes=("chat:write", "files:write")) as other:
        mia = other.person("mia")
        mia.shares("list.csv", CSV, in_="#accounts")
        url = f"{other.url}/files-pri/{other.workspace.team_id}-{newest(other)}/download/list.csv"
        assert fetched(url, other.workspace.app.bot_token)[0] == "text/html"
        weak = WebClient(token=other.workspace.app.bot_token, base_url=other.api_url)
        assert refusal(weak.files_info, file=newest(other)) == "missing_scope"


def test_the_app_hears_of_files_where_it_is(sandbox: Sandbox, app: TinyApp, client: WebClient) -> None:
    mia = sandbox.person("mia")
    mia.shares("here.csv", CSV, in_="tiny")
    here = newest(sandbox)
    mia.shares("there.csv", CSV, in_="#leadership")
    there = newest(sandbox)
    heard = events(sandbox, "file_shared")
    assert [e["file_id"] for e in heard if e["file_id"] in (here, there)] == [here]
    assert heard[-1]["user_id"] == mia.id
    assert heard[-1]["channel_id"].startswith("D")
    assert heard[-1]["file"] == {"id": here}
    assert client.files_info(file=here)["file"]["ims"] == [heard[-1]["channel_id"]]
    assert refusal(client.files_info, file=there) == "file_not_found"


def test_messages_are_heard_only_with_their_scope(tmp_path: Any) -> None:
    town = {"message.im": "im:history", "message.channels": "channels:history"}
    for event, scope in town.items():
        manifest = tmp_path / "m.yaml"
        words = f"settings: {{event_subscriptions: {{bot_events: [{event}]}}}}\ndisplay_information: {{name: T}}\n"
        manifest.write_text(words)
        with pytest.raises(ConfigError, match=scope):
            load_manifest(manifest)
    with start_sandbox(events=frozenset({"message.im"})) as sandbox, TinyApp(sandbox):
        sandbox.person("mia").shares("list.csv", CSV, in_="tiny", text="see *this*")
        sandbox.person("mia").says("in the channel", in_="#accounts")
        [heard] = events(sandbox, "message")
        assert (heard["subtype"], heard["channel_type"], heard["text"]) == ("file_share", "im", "see *this*")
        assert heard["files"][0]["name"] == "list.csv"


def test_of_a_file_from_another_company_only_its_number_is_told(sandbox: Sandbox, client: WebClient) -> None:
    ada = User("U0ADA000000", "ada", "Ada (customer)", home_team="T0CUSTOMER1")
    sandbox.workspace.users[ada.id] = ada
    sandbox.workspace.find_channel("accounts").members.append(ada.id)  # type: ignore[union-attr]
    shown = sandbox.person("ada").shares("list.csv", CSV, in_="#accounts")
    assert sandbox.person("mia").messages("#accounts")[-1].text == "list.csv"
    [told] = shown.raw["files"]
    assert (told["file_access"], told["mode"]) == ("check_file_info", "file_access")
    assert "url_private" not in told
    info = client.files_info(file=told["id"])["file"]
    assert (info["user_team"], info["file_access"]) == ("T0CUSTOMER1", "visible")
    who = client.users_info(user=ada.id)["user"]
    assert (who["team_id"], who["is_stranger"]) == ("T0CUSTOMER1", True)


def test_a_deleted_file_leaves_a_tombstone(sandbox: Sandbox, client: WebClient) -> None:
    mia = sandbox.person("mia")
    shown = mia.shares("list.csv", CSV, in_="#accounts")
    number = newest(sandbox)
    url = client.files_info(file=number)["file"]["url_private"]
    assert refusal(client.files_delete, file=number) == "cant_delete_file"
    mia.deletes_file("list.csv")
    assert refusal(client.files_info, file=number) == "file_deleted"
    assert shown.raw["files"] == [{"id": number, "mode": "tombstone"}]
    assert fetched(url, client.token or "")[0] == "text/html"
    own = client.files_upload_v2(channel="C0ACCOUNTS0", filename="own.csv", content="a\n")["files"][0]["id"]
    assert client.files_delete(file=own)["ok"]
    assert refusal(client.files_info, file=own) == "file_deleted"
