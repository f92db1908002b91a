"""`baton demo` from start to Ctrl-C, as a person at a terminal has it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
BATON = (sys.executable, "-m", "bot")


def two_free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


def test_the_demo_shows_a_page_with_a_bot_behind_it_and_leaves_nothing_running(tmp_path: Path) -> None:
    port, page_port = two_free_ports()
    demo = subprocess.Popen(
        [*BATON, "demo", "--port", str(port), "--page-port", str(page_port), "--folder", str(tmp_path)],
        env={
            "PATH": os.environ["PATH"],
            "SLACK_BOT_TOKEN": "xoxb-of-a-real-workspace",
            "BATON_LOG_LEVEL": "nonsense",
            "BATON_CRM_SECRET": "an-example-secret-of-ours",
            "BATON_HOOK_URL": "https://hooks.example/real",  # were it taken, the bot would not start
        },
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout is not None
    told = ""
    while "Ctrl-C" not in told:
        line = demo.stdout.readline()
        assert line, told
        told += line

    assert f"http://127.0.0.1:{page_port}/ in your browser" in told
    with urlopen(f"http://127.0.0.1:{page_port}/", timeout=5) as page:
        assert page.status == 200
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as health:
        assert health.status == 200

    with pytest.raises(HTTPError) as unsigned:  # docs/crm.md is tried here: 404 without a secret
        urlopen(Request(f"http://127.0.0.1:{port}/hooks/crm", b"{}", {"Content-Type": "application/json"}), timeout=5)
    assert unsigned.value.code == 401

    demo.send_signal(signal.SIGINT)
    rest, _ = demo.communicate(timeout=30)

    assert (demo.returncode, rest) == (0, "Stopping.\n")
    for closed in (port, page_port):
        with pytest.raises(URLError):
            urlopen(f"http://127.0.0.1:{closed}/", timeout=5)
