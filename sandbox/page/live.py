"""Tells open pages at once that something has changed, so that they fetch it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.clock import MovableClock
from sandbox.workspace import Workspace


class Feed:
    """Fans every change of the workspace and every move of its clock out to the open sockets."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        workspace.subscribe(lambda _: self._wake())
        if isinstance(workspace.clock, MovableClock):
            workspace.clock.subscribe(lambda _: self._wake())

    def _wake(self) -> None:
        with self._lock:
            listeners = list(self._listeners.items())
        for event, loop in listeners:
            # A loop that was closed has no page to tell.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(event.set)

    async def serve(self, socket: WebSocket) -> None:
        """Send the version after each change until the page goes away. Changes in quick succession are told once."""
        await socket.accept()
        changed = asyncio.Event()
        changed.set()
        with self._lock:
            self._listeners[changed] = asyncio.get_running_loop()
        gone = asyncio.create_task(_until_gone(socket))
        try:
            await self._tell(socket, changed, gone)
        finally:
            gone.cancel()
            with self._lock:
                del self._listeners[changed]

    async def _tell(self, socket: WebSocket, changed: asyncio.Event, gone: asyncio.Task[None]) -> None:
        while not gone.done():
            waiting = asyncio.create_task(changed.wait())
            await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if gone.done():
                return
            changed.clear()
            with suppress(WebSocketDisconnect):
                await socket.send_json({"version": self._workspace.version})


async def _until_gone(socket: WebSocket) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()
