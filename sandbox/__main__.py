"""`python -m sandbox`: a Slack workspace on this computer, for people in a browser and for an app under development."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sandbox.clock import ShiftedClock
from sandbox.config import ConfigError, load_town
from sandbox.server import PortTaken, Sandbox

STOP_SECONDS = 10.0


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C, SIGTERM, or the end of the command given with --run. Returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        town = load_town(options.town, options.manifest)
        sandbox = Sandbox.start(town, ShiftedClock(), options.port, options.host)
    except ConfigError as problem:
        return _complain(str(problem))
    except PortTaken as problem:
        return _complain(f"{problem.strerror}. Is another sandbox running? Choose another one with --port.")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with sandbox:
        if options.request_url:
            sandbox.connect(options.request_url)
        _greet(sandbox, options.request_url)
        return _run(options.run, sandbox, stopping) if options.run else _wait(stopping)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    sample = Path(__file__).with_name("town.yaml")
    parser.add_argument("--town", type=Path, default=sample, help="who and what is there (default: a sample company)")
    parser.add_argument("--manifest", type=Path, help="the app's Slack manifest (YAML)")
    parser.add_argument("--port", type=int, default=8765, help="where to serve (default 8765; 0: any free port)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--request-url", help="where the app listens, e.g. http://127.0.0.1:3000/slack/events")
    parser.add_argument("--run", help="a command to start with the app's variables, stopped at the end")
    return parser


def _complain(text: str) -> int:
    sys.stderr.write(f"sandbox: {text}\n")
    return 2


def variables(sandbox: Sandbox) -> dict[str, str]:
    """What an app needs in its environment to talk to this sandbox."""
    app = sandbox.workspace.app
    return {
        "SLACK_BOT_TOKEN": app.bot_token,
        "SLACK_SIGNING_SECRET": app.signing_secret,
        "SLACK_APP_TOKEN": app.app_token,
        "SLACK_API_URL": sandbox.api_url,
    }


def _greet(sandbox: Sandbox, request_url: str | None) -> None:
    lines = [f"The workspace is at {sandbox.url} (stop with Ctrl-C)."]
    lines += [f"  {name}={value}" for name, value in variables(sandbox).items()]
    lines.append(f"  the app is expected at {request_url}" if request_url else "  no --request-url given")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _wait(stopping: threading.Event) -> int:
    stopping.wait()
    return 0


def _run(command: str, sandbox: Sandbox, stopping: threading.Event) -> int:
    """Run the command until it ends or we are asked to stop. Returns its exit status (0 when we stopped it)."""
    child = subprocess.Popen(shlex.split(command), env={**os.environ, **variables(sandbox)})
    while child.poll() is None and not stopping.wait(0.2):
        pass
    if child.poll() is not None:
        return child.returncode
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
