"""Requests that are signed as Slack's are, with what no form or button of ours holds: made by hand, or of elsewhere."""

from __future__ import annotations

import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.town import Town

TEAM = "T0SANDBOX01"


@dataclass(frozen=True)
class Reply:
    """What the bot answered: its status and text."""

    status: int
    text: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.text or "{}"))


def interaction(town: Town, who: str, payload: dict[str, Any], team: str = TEAM) -> Reply:
    """A click or a form of somebody's, as `payload` says."""
    person = {"id": town.sandbox.person(who).id, "team_id": team}
    whole = {"user": person, "team": {"id": team}, "api_app_id": "A0", "trigger_id": "1.2.x", **payload}
    return form(town, {"payload": json.dumps(whole)})


def submission(town: Town, who: str, callback_id: str, fields: dict[str, Any], team: str = TEAM) -> Reply:
    """A form that somebody sends: `fields` are the states of its elements by their action_id ("hours.country")."""
    values = {name.rpartition(".")[2]: {name: state} for name, state in fields.items()}
    view = {"type": "modal", "callback_id": callback_id, "private_metadata": "", "state": {"values": values}}
    return interaction(town, who, {"type": "view_submission", "view": view}, team)


def chosen(value: str) -> dict[str, Any]:
    """The state of a menu in which this was chosen."""
    return {"type": "static_select", "selected_option": {"value": value}}


def form(town: Town, fields: dict[str, str]) -> Reply:
    """A command or an interaction."""
    return _send(town, urlencode(fields), "application/x-www-form-urlencoded")


def event(town: Town, about: dict[str, Any], team: str = TEAM) -> Reply:
    """An event."""
    body = {"type": "event_callback", "team_id": team, "api_app_id": "A0", "event_id": "Ev0", "event": about}
    return _send(town, json.dumps(body), "application/json")


def _send(town: Town, body: str, kind: str) -> Reply:
    at = str(int(time.time()))
    signed = hmac.new(town.settings.signing_secret.encode(), f"v0:{at}:{body}".encode(), "sha256").hexdigest()
    headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signed}", "Content-Type": kind}
    with urlopen(Request(town.request_url, body.encode(), headers), timeout=10) as answer:
        return Reply(answer.status, answer.read().decode())
