"""What Slack delivers to the app: interactions and commands once, events with three retries on the sandbox clock."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.model import Json
from sandbox.sockets import SocketTransport
from sandbox.transport import COMMAND, EVENT, INTERACTIVE, Answer, HttpTransport, Transport
from sandbox.workspace import Workspace

RETRY_AFTER = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
"""Before the 1st, 2nd and 3rd retry (docs.slack.dev/apis/events-api/)."""


@dataclass(frozen=True)
class DueRetry:
    """A failed event that waits for its next attempt: `number` of it, `reason` of the last failure."""

    envelope: Json
    number: int
    reason: str
    at: datetime


class Delivery:
    """Sends; never called while the workspace's lock is held, because the app answers by calling back."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.sent: list[Json] = []
        """Every event envelope handed to the app, retries included."""
        self.retries: list[DueRetry] = []
        self.sockets = SocketTransport(workspace)
        self._transport: Transport | None = None
        self._lock = threading.Lock()
        self._in_flight = 0
        self._idle = threading.Condition(self._lock)

    def connect(self, request_url: str) -> None:
        """The app listens at this URL."""
        self.connect_by(HttpTransport(request_url, self.workspace.app.signing_secret))

    def connect_by(self, transport: Transport) -> None:
        self._transport = transport

    def disconnect(self) -> None:
        self._transport = None

    # -- interactions ------------------------------------------------------------------------------------------------

    def interact(self, payload: Json) -> Answer:
        """block_actions, view_submission, view_closed, shortcut, message_action, block_suggestion."""
        return self._send(INTERACTIVE, payload)

    def command(self, fields: Json) -> Answer:
        return self._send(COMMAND, fields)

    def _send(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer:
        # An open socket wins: Slack sends nothing over HTTP to an app in Socket Mode.
        transport = self.sockets if self.sockets.connected else self._transport
        if transport is None:
            return Answer(failure="connection_failed", body="no app is connected")
        return transport.send(kind, payload, retry)

    # -- events ------------------------------------------------------------------------------------------------------

    def send_events(self) -> None:
        """Deliver the queued events now, in order, each with its first retry if need be."""
        for event in self.workspace.take_events():
            self._attempt(self._envelope(event), 0, "")

    def send_events_soon(self) -> None:
        """Deliver the queued events in another thread (the app caused them and is still waiting for its answer)."""
        if not self.workspace.events_due:
            return
        with self._idle:
            self._in_flight += 1
        threading.Thread(target=self._in_background, daemon=True).start()

    def _in_background(self) -> None:
        try:
            self.send_events()
        finally:
            with self._idle:
                self._in_flight -= 1
                self._idle.notify_all()

    def wait_idle(self, timeout: float) -> bool:
        """Wait (real seconds) until no background delivery runs."""
        with self._idle:
            return self._idle.wait_for(lambda: self._in_flight == 0, timeout)

    def send_due_retries(self, now: datetime) -> None:
        """Repeat the failed events whose time has come. Subscribe this to the clock."""
        with self._lock:
            due = [r for r in self.retries if r.at <= now]
            self.retries = [r for r in self.retries if r.at > now]
        for retry in due:
            self._attempt(retry.envelope, retry.number, retry.reason)

    def _attempt(self, envelope: Json, number: int, reason: str) -> None:
        self.sent.append(envelope)
        answer = self._send(EVENT, envelope, (number, reason) if number else None)
        unwanted = answer.headers.get("x-slack-no-retry") == "1"
        if answer.ok or unwanted or number >= len(RETRY_AFTER):
            return
        wait = RETRY_AFTER[number]
        if not wait:
            self._attempt(envelope, number + 1, answer.failure)
            return
        with self._lock:
            self.retries.append(DueRetry(envelope, number + 1, answer.failure, self.workspace.now() + wait))

    def _envelope(self, event: Json) -> Json:
        w = self.workspace
        with w.lock:
            number = w.next_id("Ev")
        return {
            "token": w.app.verification_token,
            "team_id": w.team_id,
            "context_team_id": w.team_id,
            "context_enterprise_id": None,
            "api_app_id": w.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": number,
            "event_time": w.seconds(),
            "is_ext_shared_channel": False,
            "event_context": f"4-{number}",
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": w.team_id,
                    "user_id": w.app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
        }
