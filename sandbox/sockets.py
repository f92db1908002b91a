"""Socket Mode: payloads go to one of the app's open connections, answers come back by envelope id.

Source: docs.slack.dev/apis/events-api/using-socket-mode. Not imitated: refreshed connections and `disconnect` messages.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.model import Json
from sandbox.transport import ACK_SECONDS, COMMAND, INTERACTIVE, Answer
from sandbox.workspace import Workspace

CONNECTIONS = 10


@dataclass
class _Waiting:
    """An envelope that was sent: `done` is set when its answer came."""

    done: threading.Event = field(default_factory=threading.Event)
    body: str = ""


class SocketTransport:
    """All open connections of the app. `send` is called from worker threads, `serve` runs in the server's loop."""

    def __init__(self, workspace: Workspace, ack_seconds: float = ACK_SECONDS) -> None:
        self.workspace, self.ack_seconds = workspace, ack_seconds
        self._open: list[tuple[WebSocket, asyncio.AbstractEventLoop]] = []
        self._waiting: dict[str, _Waiting] = {}
        self._turn = itertools.count()

    @property
    def connected(self) -> bool:
        return bool(self._open)

    async def serve(self, socket: WebSocket) -> None:
        """One connection of the app, from hello to its end."""
        ticket = socket.query_params.get("ticket", "")
        if not self.workspace.tickets.admit(ticket) or len(self._open) >= CONNECTIONS:
            await socket.close(1008)
            return
        await socket.accept()
        entry = (socket, asyncio.get_running_loop())
        with self.workspace.changing():  # wakes those who wait for the app to connect
            self._open.append(entry)
        try:
            await socket.send_json(self._hello())
            while True:
                self._answered(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._open.remove(entry)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": self.workspace.app.app_id},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }

    def _answered(self, text: str) -> None:
        try:
            message: Any = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.pop(str(message.get("envelope_id")), None) if isinstance(message, dict) else None
        if waiting:
            payload = message.get("payload")
            waiting.body = json.dumps(payload) if payload else ""
            waiting.done.set()

    def send(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer:
        connections = list(self._open)
        if not connections:
            return Answer(failure="connection_failed", body="no socket is open")
        with self.workspace.lock:
            key = self.workspace.next_id("envelope-")
        envelope: Json = {
            "envelope_id": key,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind in (COMMAND, INTERACTIVE),
        }
        if retry:
            envelope |= {"retry_attempt": retry[0], "retry_reason": retry[1]}
        waiting = self._waiting[key] = _Waiting()
        socket, loop = connections[next(self._turn) % len(connections)]
        asyncio.run_coroutine_threadsafe(socket.send_json(envelope), loop)
        if not waiting.done.wait(self.ack_seconds):
            self._waiting.pop(key, None)
            return Answer(failure="http_timeout", body="no answer in time")
        return Answer(200, waiting.body)
