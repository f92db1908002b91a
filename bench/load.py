"""The load: `python -m bench.load` sends prepared clicks over keep-alive connections, each as fast as it is answered.

A process of its own, so that it does not share the interpreter with what it measures; bodies are signed before the
clock starts. In: a JSON job on standard input. Out: a JSON result on standard output.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from slack_sdk.signature import SignatureVerifier

PATH = "/slack/events"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


@dataclass(frozen=True)
class Job:
    """Send the first `warm_up` bodies, then measure the rest."""

    port: int
    secret: str
    connections: int
    warm_up: int
    bodies: list[str]


@dataclass(frozen=True)
class Result:
    """Of the measured part: seconds from the first byte sent to the last answer; milliseconds of each acknowledgement
    (from sending to the whole answer); processor seconds of the load itself; answers by status, 0 for a lost one."""

    seconds: float
    latencies: list[float]
    own_cpu: float
    statuses: dict[str, int]


class _Connection(asyncio.Protocol):
    """Sends one request after the other from a common supply."""

    def __init__(self, supply: Iterator[bytes], latencies: list[float], statuses: Counter[str]) -> None:
        self._supply, self._latencies, self._statuses = supply, latencies, statuses
        self._received = bytearray()
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._received, 0, end + 2)
        if length is None or len(self._received) < end + 4 + int(length[1]):
            return
        self._latencies.append((time.perf_counter() - self._sent) * 1000)
        self._statuses[self._received[9:12].decode("ascii")] += 1
        self._received.clear()
        self._send()

    def connection_lost(self, _problem: Exception | None) -> None:
        if not self.done.done():
            self._statuses["0"] += 1
            self.done.set_result(None)

    def _send(self) -> None:
        assert self._transport is not None
        following = next(self._supply, None)
        if following is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(following)


def signed(port: int, secret: str, body: str) -> bytes:
    """One request as Slack sends it (docs.slack.dev/authentication/verifying-requests-from-slack)."""
    now = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=now, body=body)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: Slackbot 1.0\r\nAccept: */*\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body.encode())}\r\n"
        f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: {signature}\r\n\r\n"
    )
    return (head + body).encode()


def send(job: Job) -> Result:
    """Do the job in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Result(**json.loads(ended.stdout))


async def _all(port: int, connections: int, requests: list[bytes]) -> Result:
    latencies: list[float] = []
    statuses: Counter[str] = Counter()
    supply, loop = iter(requests), asyncio.get_running_loop()
    started, own = time.perf_counter(), time.process_time()
    opened = [
        await loop.create_connection(lambda: _Connection(supply, latencies, statuses), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in opened))
    return Result(time.perf_counter() - started, latencies, time.process_time() - own, dict(statuses))


def main() -> None:
    job = Job(**json.load(sys.stdin))
    requests = [signed(job.port, job.secret, body) for body in job.bodies]
    gc.disable()
    asyncio.run(_all(job.port, job.connections, requests[: job.warm_up]))
    json.dump(asdict(asyncio.run(_all(job.port, job.connections, requests[job.warm_up :]))), sys.stdout)


if __name__ == "__main__":
    main()
