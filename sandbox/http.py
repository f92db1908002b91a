"""The HTTP side that the app talks to: Web API, response URLs, uploads, private files, and the clock."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox import files
from sandbox.clock import MovableClock
from sandbox.delivery import Delivery
from sandbox.model import Json
from sandbox.responses import ResponseError, respond
from sandbox.webapi import ApiError
from sandbox.webapi.endpoint import Answer, arguments, serve
from sandbox.workspace import Workspace

LONG_POLL_SECONDS = 25.0
_live: dict[Any, asyncio.Transport] = {}


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP, with the connections known by their peer so that a fault can cut one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _live[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _live.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


async def _cut(request: Request) -> Response:
    """Close the connection at once; the answer returned here reaches nobody."""
    client = request.client
    transport = _live.get((client.host, client.port)) if client else None
    if transport:
        transport.abort()
        await request.receive()
    return Response(status_code=500)


class Endpoints:
    """The handlers behind the routes."""

    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self.workspace, self.delivery = workspace, delivery
        self.ticks = Ticks(workspace)

    def routes(self) -> list[BaseRoute]:
        hooks = [
            Route(f"/{area}/{{team}}/{{token}}", self.hook, methods=["POST"]) for area in ("actions", "commands", "app")
        ]
        return [
            Route("/api/{method}", self.api, methods=["GET", "POST"]),
            *hooks,
            Route("/upload/v1/{file_id}", self.upload, methods=["POST"]),
            Route("/files-pri/{of}/{name}", self.private_file),
            Route("/files-pri/{of}/download/{name}", self.private_file),
            Route("/signin", self.sign_in),
            Route("/clock", self.clock, methods=["GET"]),
            Route("/clock", self.move_clock, methods=["POST"]),
        ]

    async def api(self, request: Request) -> Response:
        """One Web API call."""
        body = await request.body()
        answer: Answer = await run_in_threadpool(self._serve, request, body)
        if answer.cut:
            return await _cut(request)
        return JSONResponse(answer.body, answer.status, answer.headers)

    def _serve(self, request: Request, body: bytes) -> Answer:
        try:
            args = arguments(request.headers.get("content-type", ""), body, request.url.query)
        except ApiError as problem:
            return Answer(problem.body())
        name = request.path_params["method"]
        answer = serve(self.workspace, name, args, request.headers.get("authorization", ""))
        self.delivery.send_events_soon()
        return answer

    async def hook(self, request: Request) -> Response:
        """A POST to a response URL."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        return await run_in_threadpool(self._respond, request.path_params["token"], body)

    def _respond(self, token: str, body: Any) -> Response:
        weather = self.workspace.weather
        fault = weather.next_fault("response_url")
        if fault and fault.status:
            weather.record("response_url", body, fault.error or "fault")
            headers = {"Retry-After": str(fault.retry_after or 1)} if fault.status == 429 else {}
            return PlainTextResponse(fault.error or "service_unavailable", fault.status, headers)
        try:
            respond(self.workspace, token, body)
        except ResponseError as problem:
            weather.record("response_url", body, problem.code)
            return JSONResponse({"ok": False, "error": problem.code, "detail": problem.detail}, problem.status)
        weather.record("response_url", body, None)
        return PlainTextResponse("ok")

    async def upload(self, request: Request) -> Response:
        """The bytes of a file, raw or as a multipart field."""
        content = await request.body()
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            form = await request.form()
            parts = [part for part in form.values() if not isinstance(part, str)]
            content = await parts[0].read() if parts else b""
        file = self.workspace.files.get(request.path_params["file_id"])
        if file is None or file.done or len(content) != file.length:
            return PlainTextResponse("the upload does not fit its announcement", 400)
        with self.workspace.changing():
            file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def private_file(self, request: Request) -> Response:
        """`url_private`: only for the bot's token, only with files:read, only what the app may see.

        Slack shows everybody else a page to sign in: without any token by a redirect, else at once, both with 200.
        """
        app, given = self.workspace.app, request.headers.get("authorization")
        if not given:
            return RedirectResponse(f"/signin?redir={quote(request.url.path)}", 302)
        file = self.workspace.files.get(request.path_params["of"].rpartition("-")[2])
        allowed = given == f"Bearer {app.bot_token}" and "files:read" in app.scopes and self.workspace.installed
        if file is None or not allowed or file.deleted or not files.seen_by_app(self.workspace, file):
            return await self.sign_in(request)
        return Response(file.content, media_type=files.mimetype(file))

    async def sign_in(self, request: Request) -> Response:
        """What a browser gets that nobody has signed in with."""
        return HTMLResponse("<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body></body></html>")

    async def clock(self, request: Request) -> Response:
        """What time it is; with `after`, waits up to 25 s for the next move of the clock."""
        after = request.query_params.get("after")
        if after is not None and after.isdigit():
            await self.ticks.wait(int(after))
        return JSONResponse(self.ticks.reading())

    async def move_clock(self, request: Request) -> Response:
        """Body {"advance": seconds} or {"jump": "next_morning"} (the next 09:00 in UTC)."""
        clock = self.workspace.clock
        try:
            body = await request.json()
        except ValueError:
            body = {}
        if not isinstance(clock, MovableClock) or not isinstance(body, dict):
            return PlainTextResponse("this clock stands by itself, or the body is no JSON object", 400)
        if body.get("jump") == "next_morning":
            now = clock.now()
            morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
            by = (morning if morning > now else morning + timedelta(days=1)) - now
        elif isinstance(body.get("advance"), int | float):
            by = timedelta(seconds=body["advance"])
        else:
            return PlainTextResponse('send {"advance": seconds} or {"jump": "next_morning"}', 400)
        await run_in_threadpool(clock.advance, by)
        return JSONResponse(self.ticks.reading())


class Ticks:
    """Counts the moves of the clock, so that other processes can follow it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.count = workspace, 0
        self._moved = threading.Condition()
        self._closed = False
        if isinstance(workspace.clock, MovableClock):
            workspace.clock.subscribe(lambda _: self._tick())

    def _tick(self) -> None:
        with self._moved:
            self.count += 1
            self._moved.notify_all()

    def close(self) -> None:
        with self._moved:
            self._closed = True
            self._moved.notify_all()

    def reading(self) -> Json:
        clock = self.workspace.clock
        offset = clock.offset.total_seconds() if isinstance(clock, MovableClock) else 0.0
        return {"now": clock.now().isoformat(), "offset": offset, "version": self.count}

    async def wait(self, after: int) -> None:
        """Return once the count is above `after`, at the latest after 25 s."""
        # It holds a thread for so long: with a limiter of its own, it takes none of the Web API's.
        await anyio.to_thread.run_sync(self._wait, after, limiter=anyio.CapacityLimiter(1))

    def _wait(self, after: int) -> None:
        with self._moved:
            self._moved.wait_for(lambda: self._closed or self.count > after, LONG_POLL_SECONDS)
