"""What each town is made of and is the same for all: the description of its workspace, and a server for the bot."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.config import load_town
from sandbox.model import Town

ROOT = Path(__file__).resolve().parent.parent


class _Quiet(WSGIRequestHandler):
    """Writes no line about each request."""

    def log_request(self, *_: object) -> None:
        pass


def described() -> Town:
    """The shipped town, as nobody has changed it."""
    return deepcopy(_shipped())


@cache
def _shipped() -> Town:
    return load_town(ROOT / "sandbox" / "town.yaml", ROOT / "manifest.yaml")


def served(app: Flask) -> BaseWSGIServer:
    """A server on a free port that answers already."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server
