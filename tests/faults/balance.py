"""One address for several `baton web`: the next one takes over when the first does not even listen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from sandbox.model import Json
from sandbox.transport import Answer, HttpTransport

NOBODY_LISTENS = "refused"


class Balanced:
    """A transport for the sandbox. Like a load balancer it repeats only what certainly reached nobody."""

    def __init__(self, request_urls: Sequence[str], signing_secret: str) -> None:
        self._ways = [HttpTransport(url, signing_secret) for url in request_urls]
        self._turns = count()

    def send(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer:
        first = next(self._turns)
        answer = Answer(failure="connection_failed", body="no process")
        for step in range(len(self._ways)):
            answer = self._ways[(first + step) % len(self._ways)].send(kind, payload, retry)
            if answer.failure != "connection_failed" or NOBODY_LISTENS not in answer.body:
                break
        return answer

    def close(self) -> None:
        for way in self._ways:
            way.close()
