"""A stand-in for Slack's Web API that says yes to everything, as fast as it can: `python -m bench.slack`.

It only keeps Slack's own speed out of the figures; what Slack would really answer is the sandbox's business.
"""

from __future__ import annotations

import itertools
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

TEAM, BOT = "T0BENCH", "U0BATON"
DONE = "item.done"
"""The action_id of the button, as templates/parts.j2 has it."""
_numbers = itertools.count(1_800_000_000)


class _Yes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({"ok": True})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        self._answer(_answer(self.path.rpartition("/")[2], _asked(body)))

    def _answer(self, answer: dict[str, object]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


def _asked(body: str) -> dict[str, str]:
    if body.startswith("{"):
        return {name: str(value) for name, value in json.loads(body).items()}
    return {name: values[0] for name, values in parse_qs(body).items()}


def _answer(method: str, asked: dict[str, str]) -> dict[str, object]:
    channel = asked.get("channel", "C0BENCH")
    if method == "auth.test":
        return {
            "ok": True,
            "team_id": TEAM,
            "team": "Bench",
            "user_id": BOT,
            "bot_id": "B0BATON",
            "url": "https://bench/",
        }
    if method == "users.info":
        return {"ok": True, "user": {"id": asked.get("user", ""), "name": "somebody", "tz": "UTC", "locale": "en-US"}}
    if method == "chat.getPermalink":
        return {"ok": True, "permalink": f"https://bench/{channel}/{asked.get('message_ts', '')}"}
    ts = asked.get("ts") or f"{next(_numbers)}.000100"
    return {"ok": True, "channel": channel, "ts": ts, "message": {"ts": ts}, "view": {"id": "V1", "hash": "1"}}


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), _Yes).serve_forever()
