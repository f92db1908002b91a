"""One Web API request from its HTTP form to its answer: token, method, scopes, weather, rate limit, work, record."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox.model import Json
from sandbox.weather import Fault
from sandbox.webapi import METHODS, ApiError
from sandbox.webapi.registry import Call, Method, rate_limited
from sandbox.workspace import Workspace


@dataclass(frozen=True)
class Answer:
    """What goes back; `cut` means: close the connection without sending it."""

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


def arguments(content_type: str, body: bytes, query: str) -> Json:
    """The arguments of a request: query, then form or JSON body. Raises ApiError invalid_form_data / invalid_json."""
    args: Json = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return args
    if content_type.startswith("application/json"):
        try:
            parsed = json.loads(body)
        except ValueError as problem:
            raise ApiError("invalid_json") from problem
        if not isinstance(parsed, dict):
            raise ApiError("json_not_object")
        return {**args, **parsed}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return {**args, **dict(parse_qsl(body.decode(), keep_blank_values=True))}
    raise ApiError("invalid_post_type")


def serve(workspace: Workspace, name: str, args: Json, authorization: str) -> Answer:
    """Answer one call. Faults set in the weather come first, as they would in the network."""
    fault = workspace.weather.next_fault(name, args)
    instead = _fault_answer(fault) if fault else None
    if fault and instead and not fault.taken:
        workspace.weather.record(name, _public(args), instead.body.get("error", "fault"), fault.cut or "refused")
        return instead
    headers = {"x-oauth-scopes": ",".join(workspace.app.scopes)}
    try:
        answer = Answer({"ok": True, **_run(workspace, name, args, authorization)}, headers=headers)
    except ApiError as problem:
        answer = Answer(problem.body(), problem.status, {**headers, **problem.headers})
    workspace.weather.record(name, _public(args), answer.body.get("error"), "after" if fault else "")
    if fault and fault.cut == "after":
        return Answer(answer.body, answer.status, answer.headers, cut=True)
    return instead or answer


def _run(workspace: Workspace, name: str, args: Json, authorization: str) -> Json:
    method = METHODS.get(name)
    if method is None:
        raise ApiError("unknown_method", req_method=name)
    token = authorization.removeprefix("Bearer ").strip() or str(args.get("token") or "")
    execution_id = _authorise(workspace, method, token)
    wait = workspace.limits.spend(name, method.tier)
    if wait:
        raise rate_limited(wait)
    with workspace.holding():
        return method.run(Call(workspace, args, execution_id))


def _authorise(workspace: Workspace, method: Method, token: str) -> str | None:
    """Whether this token may call the method; for a workflow token, the run that it was issued for."""
    app = workspace.app
    if method.token == "none":
        return None
    if not token:
        raise ApiError("not_authed")
    execution = workspace.executions.of_token(token)
    if execution is None and token not in (app.bot_token, app.app_token):
        raise ApiError("invalid_auth")
    if not workspace.installed:
        raise ApiError("account_inactive")
    if execution is not None:
        ended = workspace.executions.ended(execution)
        if ended:
            raise ApiError(ended)
    if (method.token == "app") != (token == app.app_token):
        raise ApiError("not_allowed_token_type")
    missing = [scope for scope in method.scopes if scope not in app.scopes]
    if missing and method.token != "app":
        raise ApiError("missing_scope", needed=",".join(method.scopes), provided=",".join(app.scopes))
    return execution.id if execution is not None else None


def _fault_answer(fault: Fault) -> Answer | None:
    if fault.cut == "before":
        return Answer({"error": "connection cut"}, cut=True)
    if fault.status == 429:
        return Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(fault.retry_after or 1)})
    if fault.status:
        return Answer({"ok": False, "error": fault.error or "service_unavailable"}, fault.status)
    return Answer({"ok": False, "error": fault.error}) if fault.error else None


def _public(args: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in args.items() if k != "token"}
