"""Bolt's Socket Mode client against the sandbox."""

from __future__ import annotations

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from tiny_bolt import TinyApp, modal, refusal, start_sandbox


def test_bolt_works_over_a_socket() -> None:
    with start_sandbox() as sandbox, TinyApp(sandbox) as app:
        sandbox.delivery.disconnect()
        handler = SocketModeHandler(app.bolt, sandbox.workspace.app.app_token)
        handler.connect()
        assert sandbox.workspace.wait_until(lambda: sandbox.delivery.sockets.connected, 3)
        mia = sandbox.person("mia")
        app.answers("command", text="over the socket")
        assert mia.types("/tiny", in_="#accounts").ok
        assert mia.ephemerals("#accounts")[-1].text == "over the socket"
        app.opens("shortcut", modal())
        assert mia.shortcut("Start").ok
        form = mia.modal
        assert form
        assert form.submit().ok
        sandbox.actions.change_user(mia.id, title="Boss")
        assert app.last["event"]["type"] == "user_change"
        # Not handler.close(), which waits for a time-out of its own: the sandbox hangs up when it ends.
        handler.client.closed, handler.client.auto_reconnect_enabled = True, False


def test_only_the_app_token_opens_sockets() -> None:
    with start_sandbox() as sandbox:
        client = WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url)
        assert refusal(client.apps_connections_open, app_token=sandbox.workspace.app.bot_token) == (
            "not_allowed_token_type"
        )
