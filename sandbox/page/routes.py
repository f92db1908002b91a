"""The page's addresses: the page itself, its parts, and what a person does on it.

Every change comes as JSON from a page of the same origin; the acting person is named in it (``as``), as this is a
stand-in on one computer where everybody may be anybody.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from sandbox.model import Outcome, User
from sandbox.page import dates, deeds
from sandbox.page.live import Feed
from sandbox.page.parts import Parts, page, render
from sandbox.page.scene import author_of
from sandbox.page.unread import ReadMarks
from sandbox.page.visit import HOME, Visit, people_of, zone_of
from sandbox.workspace import Workspace

if TYPE_CHECKING:
    from sandbox.actions import Actions

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


def page_routes(workspace: Workspace, actions: Actions) -> list[BaseRoute]:
    """All routes of the page for one workspace."""
    site = Site(workspace, actions)
    return [
        Route("/", site.people),
        Route("/as/{name}", site.person),
        Route("/page/parts", site.parts),
        Route("/page/do/{deed}", site.do, methods=["POST"]),
        Route("/page/options", site.options, methods=["POST"]),
        Route("/page/upload", site.upload, methods=["POST"]),
        Route("/page/file/{file_id}", site.file),
        Mount("/page/static", StaticFiles(directory=_STATIC)),
        WebSocketRoute("/live", site.live),
    ]


class Site:
    """The handlers behind the routes."""

    def __init__(self, workspace: Workspace, actions: Actions) -> None:
        self.workspace, self.actions = workspace, actions
        self.marks = ReadMarks(since=workspace.next_ts())
        self.feed = Feed(workspace)

    async def people(self, request: Request) -> Response:
        """Who is there to be."""
        if request.query_params.get("as"):
            return RedirectResponse(f"/as/{self._user(request.query_params['as']).name}", headers=_HEADERS)
        now = self.workspace.now()
        people = [
            (user, author_of(self.workspace, user.id), dates.clock_time(dates.local(now, zone_of(user))))
            for user in people_of(self.workspace)
        ]
        html = render("people.html", team=self.workspace.team_name, people=people)
        return HTMLResponse(html, headers=_HEADERS)

    async def person(self, request: Request) -> Response:
        """The page of one person."""
        user = self._user(request.path_params["name"])
        return HTMLResponse(await run_in_threadpool(self._page, user, request), headers=_HEADERS)

    def _page(self, user: User, request: Request) -> str:
        visit = self._visit(user, request)
        with self.workspace.lock:
            return page(visit, self.marks)

    async def parts(self, request: Request) -> Response:
        """The parts of the page as they are now; ``seen`` says that the person is looking at them."""
        user = self._user(request.query_params.get("as", ""))
        return JSONResponse(await run_in_threadpool(self._parts, user, request), headers=_HEADERS)

    def _parts(self, user: User, request: Request) -> dict[str, Any]:
        visit = self._visit(user, request)
        with self.workspace.lock:
            if request.query_params.get("seen"):
                deeds.see(visit, self.marks)
            parts = Parts(visit, self.marks)
            return {
                "version": self.workspace.version,
                "at": visit.at,
                "title": parts.title(),
                "parts": parts.all(),
                "words": parts.words(),
            }

    def _visit(self, user: User, request: Request) -> Visit:
        at = request.query_params.get("at") or self._first_place(user)
        if at.startswith("@"):
            at = self.actions.open_dm(user.id, self._user(at).id).id
        return Visit(self.workspace, user, at, request.query_params.get("thread", ""))

    def _first_place(self, user: User) -> str:
        with self.workspace.lock:
            joined = Visit(self.workspace, user, HOME).joined()
        return joined[0].id if joined else HOME

    async def do(self, request: Request) -> Response:
        """One deed of a person; the answer says what came of it."""
        body = await _json_of(request)
        user = self._user(str(body.get("as", "")))
        deed = deeds.DEEDS.get(request.path_params["deed"])
        if deed is None:
            raise HTTPException(404, "there is no such deed")
        outcome = await run_in_threadpool(self._perform, deed, user, body)
        return JSONResponse(asdict(outcome), headers=_HEADERS)

    def _perform(self, deed: deeds.Deed, user: User, body: dict[str, Any]) -> Outcome:
        try:
            return deed(self.actions, self.workspace, user, body)
        except (KeyError, ValueError, LookupError) as mistake:
            return Outcome(ok=False, error=f"That is not possible any more: {mistake}")

    async def options(self, request: Request) -> Response:
        """The options that the app offers for what was typed."""
        body = await _json_of(request)
        user = self._user(str(body.get("as", "")))
        offered = await run_in_threadpool(deeds.options, self.actions, user, body)
        return JSONResponse({"options": offered}, headers=_HEADERS)

    async def upload(self, request: Request) -> Response:
        """A file for a file input: its bytes are the body, its name a parameter."""
        _same_origin(request)
        user = self._user(request.query_params.get("as", ""))
        name = request.query_params.get("name", "file")
        file = await run_in_threadpool(self.actions.upload, user.id, name, await request.body())
        return JSONResponse({"id": file.id, "name": file.name}, headers=_HEADERS)

    async def file(self, request: Request) -> Response:
        """A file of the workspace: pictures are shown, everything else is downloaded."""
        file = self.workspace.files.get(request.path_params["file_id"])
        if file is None or file.deleted:
            raise HTTPException(404, "there is no such file")
        kind = _PICTURES.get(file.name.rpartition(".")[2].lower())
        name = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in file.name)
        shown = {"Content-Disposition": f'{"inline" if kind else "attachment"}; filename="{name}"'}
        return Response(file.content, media_type=kind or "application/octet-stream", headers=_HEADERS | shown)

    async def live(self, socket: WebSocket) -> None:
        """The socket that tells a page of changes."""
        if not _is_own(socket.headers.get("origin"), socket.headers.get("host")):
            await socket.close(1008)
            return
        await self.feed.serve(socket)

    def _user(self, name: str) -> User:
        user = self.workspace.find_user(name) if name else None
        if user is None:
            raise HTTPException(404, "nobody of that name is here")
        return user


async def _json_of(request: Request) -> dict[str, Any]:
    _same_origin(request)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "JSON is wanted")
    try:
        body = await request.json()
    except ValueError:
        raise HTTPException(400, "that is no JSON") from None
    if not isinstance(body, dict):
        raise HTTPException(400, "a JSON object is wanted")
    return body


def _same_origin(request: Request) -> None:
    if not _is_own(request.headers.get("origin"), request.headers.get("host")):
        raise HTTPException(403, "only this page may do that")


def _is_own(origin: str | None, host: str | None) -> bool:
    """Browsers name the origin with every change; only programs, which can do no harm by a visit, leave it out."""
    return origin is None or origin.partition("://")[2] == host
