"""The sandbox as a running thing: a workspace behind a real socket, people to act in it, and the way to the app."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from sandbox.actions import Actions
from sandbox.clock import Clock, MovableClock, ShiftedClock
from sandbox.delivery import Delivery
from sandbox.http import CuttableProtocol, Endpoints
from sandbox.model import Town
from sandbox.page.routes import page_routes
from sandbox.person import Person
from sandbox.workspace import Workspace

START_SECONDS = 10.0


class PromptServer(uvicorn.Server):
    """uvicorn's server, stopped from another thread at once: by itself it looks ten times a second whether it shall,
    and then waits as long again for connections to end, also where there are none."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    def stop(self) -> None:
        """End as soon as what is being answered is answered."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # its loop is over already
                self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        await self.lifespan.shutdown()


class PortTaken(OSError):
    """Somebody else listens on the port already."""


class Sandbox:
    """Made by `Sandbox.start`; a context manager that closes itself.

    `settle` is called by Person after each act: give it something that waits until the app has nothing left to do,
    and tests need no waiting of their own.
    """

    def __init__(self, workspace: Workspace, delivery: Delivery, listener: socket.socket) -> None:
        self.workspace, self.delivery = workspace, delivery
        self.actions = Actions(workspace, delivery)
        self.settle: Callable[[], None] | None = None
        self._endpoints = Endpoints(workspace, delivery)
        self._listener = listener
        self._started, self._closing = threading.Event(), threading.Event()
        self._people: dict[str, Person] = {}
        self._server = PromptServer(
            uvicorn.Config(
                self._site(),
                http=CuttableProtocol,
                ws="websockets-sansio",
                log_level="warning",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)

    @classmethod
    def start(cls, town: Town, clock: Clock, port: int = 0, host: str = "127.0.0.1") -> Sandbox:
        """Serve the town on a port (0: any free one) and return when it answers. Raises PortTaken."""
        listener = _listen(host, port)
        workspace = Workspace(town, clock)
        workspace.base_url = f"http://{host}:{listener.getsockname()[1]}"
        sandbox = cls(workspace, Delivery(workspace), listener)
        if isinstance(clock, MovableClock):
            clock.subscribe(sandbox._clock_moved)
        sandbox._thread.start()
        if not sandbox._started.wait(START_SECONDS):
            raise RuntimeError("the sandbox did not start")
        if isinstance(clock, ShiftedClock):
            threading.Thread(target=sandbox._keep_time, daemon=True).start()
        return sandbox

    def _site(self) -> Starlette:
        link = WebSocketRoute("/link/", self.delivery.sockets.serve)
        routes = [*self._endpoints.routes(), link, *page_routes(self.workspace, self.actions)]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._started.set()
        yield

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.workspace.base_url

    @property
    def api_url(self) -> str:
        """The `base_url` for slack_sdk's WebClient."""
        return f"{self.url}/api/"

    def connect(self, request_url: str, settle: Callable[[], None] | None = None) -> None:
        """The app listens at `request_url`; `settle` as described above."""
        self.delivery.connect(request_url)
        self.settle = settle or self.settle

    def person(self, name: str) -> Person:
        """Somebody of the town, by name. Raises LookupError."""
        user = self.workspace.find_user(name)
        if user is None:
            raise LookupError(f"nobody is called {name!r}; there are {[u.name for u in self.workspace.users.values()]}")
        return self._people.setdefault(user.id, Person(self, user.id))

    def wait_idle(self, timeout: float = 3.0) -> None:
        """Wait until events the app caused are delivered, then let the app settle."""
        self.delivery.wait_idle(timeout)
        if self.settle:
            self.settle()

    def close(self) -> None:
        """Stop serving."""
        self._closing.set()
        self._endpoints.ticks.close()
        self._server.stop()
        self._thread.join(5)
        self._listener.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _clock_moved(self, now: datetime) -> None:
        with self.workspace.changing():
            pass  # what people see may depend on the time
        self.delivery.send_due_retries(now)

    def _keep_time(self) -> None:
        """While time runs by itself, look every second for retries that fell due."""
        while not self._closing.wait(1.0):
            self.delivery.send_due_retries(self.workspace.now())


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as problem:
        listener.close()
        raise PortTaken(problem.errno, f"port {port} on {host} cannot be used: {problem.strerror}") from problem
    return listener
