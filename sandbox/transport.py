"""How a payload reaches the app: signed HTTP, as Slack sends it. (Socket Mode has the same shape, see sockets.py.)"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier

from sandbox.model import Json

ACK_SECONDS = 3.0
INTERACTIVE, COMMAND, EVENT = "interactive", "slash_commands", "events_api"


@dataclass(frozen=True)
class Answer:
    """The app's answer. `failure` is "" or a retry reason of the Events API; `status` is 0 when nothing came back."""

    status: int = 0
    body: str = ""
    failure: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.failure

    @property
    def detail(self) -> str:
        """For developers: what was wrong."""
        return f"{self.failure} (status {self.status}): {self.body[:500]}" if self.failure else ""

    def parsed(self) -> Any:
        """The body as JSON; None when there is none. Raises ValueError when it is something else."""
        return json.loads(self.body) if self.body.strip() else None


class Transport(Protocol):
    """`kind` is one of INTERACTIVE, COMMAND, EVENT; `retry` is (number, reason) for a repeated event."""

    def send(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer: ...


class HttpTransport:
    """POSTs to the app's request URL. The signature carries real time, for that is what the app checks it against."""

    def __init__(self, request_url: str, signing_secret: str, ack_seconds: float = ACK_SECONDS) -> None:
        self.request_url = request_url
        self._signer = SignatureVerifier(signing_secret)
        self._client = httpx.Client(
            timeout=ack_seconds,
            follow_redirects=True,
            max_redirects=2,
            verify=_certificates(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def send(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer:
        body, content_type = _encoded(kind, payload)
        headers = {"content-type": content_type, "user-agent": "Slackbot 1.0 (sandbox)", **self._signed(body)}
        if retry:
            headers |= {"x-slack-retry-num": str(retry[0]), "x-slack-retry-reason": retry[1]}
        try:
            response = self._client.post(self.request_url, content=body, headers=headers)
        except httpx.TimeoutException:
            return Answer(failure="http_timeout", body="no answer in time")
        except httpx.TooManyRedirects:
            return Answer(failure="too_many_redirects")
        except httpx.HTTPError as problem:
            return Answer(failure="connection_failed", body=str(problem))
        failure = "" if response.is_success else "http_error"
        return Answer(response.status_code, response.text, failure, dict(response.headers))

    def _signed(self, body: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        signature = self._signer.generate_signature(timestamp=timestamp, body=body)
        return {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature or ""}

    def close(self) -> None:
        self._client.close()


@cache
def _certificates() -> ssl.SSLContext:
    """Reading them takes longer than everything else here: once per process."""
    return httpx.create_ssl_context(trust_env=False)


def _encoded(kind: str, payload: Json) -> tuple[str, str]:
    """The raw body and its content type: events as JSON, commands as plain form fields, the rest as `payload`."""
    if kind == EVENT:
        return json.dumps(payload), "application/json"
    fields = payload if kind == COMMAND else {"payload": json.dumps(payload)}
    return urlencode(fields), "application/x-www-form-urlencoded"
