"""From a letter typed into the field for an account to the names that fit: each keystroke is one request of Slack's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from bench.figures import Aim, Figure, percentile
from bench.load import Job, send
from bench.processes import Served
from bench.report import Report
from bench.sample import SECRET, environment
from bench.slack import TEAM

MS, LONGEST = 100, 100
WARM_UP = 20
TYPED = {
    "the beginning of a name": "Company number 54321 Ltd",
    "a word in the middle": "number 9876",
    "only the number": "31415",
    "a name that nobody has": "Zeppelin & Sons of Friedrichshafen",
    "a hundred characters": "company number 777 and all that people paste into a field by mistake; ".ljust(
        LONGEST, "x"
    ),
}


class Completion:
    """`slack` is the address of the Web API stand-in."""

    def __init__(self, report: Report, folder: Path, slack: str) -> None:
        self._report, self._folder, self._slack = report, folder, slack

    def measure(self, name: str, url: str, who: str, accounts: int) -> None:
        """Types each text letter by letter as `who`; prints a table and keeps the aim: the slowest of all."""
        environ = environment(self._slack, url) | {"BATON_LOG_LEVEL": "WARNING"}
        found: dict[str, list[float]] = {}
        with Served(["bot", "web"], environ, self._folder / "completion.log") as server:
            for what, text in TYPED.items():
                bodies = [_body(who, text[:length]) for length in range(1, len(text) + 1)]
                warm = [_body(who, "") for _ in range(WARM_UP)]
                result = send(Job(server.port, SECRET, 1, WARM_UP, [*warm, *bodies]))
                if set(result.statuses) != {"200"}:
                    raise RuntimeError(f"answers to what was typed: {result.statuses}")
                found[what] = result.latencies
        self._report.table(
            f"Completion of {accounts:,} accounts, a keystroke at a time, {name}",
            ("typed", "keystrokes", "p50 ms", "slowest ms"),
            _rows(found),
        )
        slowest = Figure.of([max(max(one) for one in found.values())])
        self._report.aim(Aim(f"completion, {name}: the slowest keystroke", slowest, MS, 0, "ms"))


def _rows(found: dict[str, list[float]]) -> Iterator[tuple[str, ...]]:
    for what, taken in found.items():
        yield what, str(len(taken)), f"{percentile(taken, 0.5):.1f}", f"{max(taken):.1f}"


def _body(user: str, typed: str) -> str:
    """docs.slack.dev/reference/interaction-payloads/block_suggestion-payload"""
    payload = {
        "type": "block_suggestion",
        "user": {"id": user, "username": "somebody", "name": "somebody", "team_id": TEAM},
        "api_app_id": "A0BATON",
        "token": "unused",
        "container": {"type": "view", "view_id": "V1"},
        "team": {"id": TEAM, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "action_id": "account",
        "block_id": "account",
        "value": typed,
        "view": {"id": "V1", "type": "modal", "callback_id": "handoff.start", "state": {"values": {}}, "blocks": []},
    }
    return urlencode({"payload": json.dumps(payload)})
