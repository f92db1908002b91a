"""Baton as real processes: what its operator sees when it starts, cannot start, and is told to stop."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from select import select
from urllib.request import urlopen

import pytest
from real_processes import BATON, ROOT, SECRETS, SMALL_BOT, Started, a_free_port, environment, outcome

from bot.running.inbound import AT_ONCE


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize("command", ["run", "web", "worker"])
def test_missing_settings_are_told_without_a_traceback(command: str) -> None:
    code, told = outcome(*BATON, command)

    assert code == 2
    assert told.splitlines()[0] == "Baton cannot start: 2 settings need attention."
    assert "Traceback" not in told


@pytest.mark.parametrize("command", ["run", "web"])
def test_a_port_that_is_taken_is_told_without_a_traceback(command: str, taken: int) -> None:
    code, told = outcome(*BATON, command, **SECRETS, PORT=str(taken))

    assert code == 2
    assert (
        told == f"Port {taken} on 127.0.0.1 is taken by another program. Stop that one, or set PORT to a free port.\n"
    )


@pytest.mark.parametrize("role", ["run", "worker"])
def test_a_bot_that_cannot_be_built_says_why_and_ends(role: str) -> None:
    port = str(a_free_port())
    code, told = outcome(*SMALL_BOT, role, **SECRETS, PORT=port, SMALL_BOT_REFUSES="1")

    assert code == 2
    assert "Baton cannot start: the wording is broken" in told
    assert "in two lines" in told
    assert "Traceback" not in told


def test_an_address_of_another_machine_is_told(taken: int) -> None:
    assert outcome(*BATON, "run", **SECRETS, HOST="192.0.2.1")[1].startswith("192.0.2.1 is not an address of this")
    assert outcome(*BATON, "run", **SECRETS, HOST="no.such.host.invalid")[0] == 2


@pytest.mark.parametrize("option", ["--port", "--page-port"])
def test_the_demo_says_which_port_is_taken_and_what_to_type(option: str, taken: int) -> None:
    other = "--page-port" if option == "--port" else "--port"
    code, told = outcome(*BATON, "demo", option, str(taken), other, str(a_free_port()))

    assert code == 2
    assert f"Port {taken} on 127.0.0.1 is taken" in told
    assert f"baton demo {option} " in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("role", "does", "time"),
    [("run", ["migrated", "working"], 4), ("web", [], 4), ("worker", ["working"], 8)],
)
def test_each_role_does_its_part_and_stops_when_told(role: str, does: list[str], time: int, tmp_path: Path) -> None:
    started = Started(role, tmp_path / "diary")
    if role != "worker":
        with urlopen(f"http://127.0.0.1:{started.port}/healthz", timeout=5) as health:
            assert health.status == 200

    code, seconds = started.stop(signal.SIGTERM)

    assert (code, started.diary) == (0, [*does, f"stopped within {time} s"])
    assert seconds < 10
    assert "xoxb" not in started.told


def test_ctrl_c_stops_it_cleanly_as_well(tmp_path: Path) -> None:
    started = Started("run", tmp_path / "diary")

    assert started.stop(signal.SIGINT)[0] == 0
    assert started.diary[-1] == "stopped within 4 s"


def test_requests_that_come_slowly_keep_nobody_waiting(tmp_path: Path) -> None:
    started, head = Started("web", tmp_path / "diary"), "POST /slack/events HTTP/1.1\r\nHost: baton\r\nContent-Length: "
    with ExitStack() as slow:
        for _ in range(AT_ONCE + 1):
            sender = slow.enter_context(socket.create_connection(("127.0.0.1", started.port)))
            sender.sendall(f"{head}1000\r\n\r\nhalf a ".encode())
        with socket.create_connection(("127.0.0.1", started.port), timeout=10) as other:
            other.sendall(f"{head}2\r\n\r\n{{}}".encode())
            assert other.recv(100).startswith(b"HTTP/1.1 401")
    assert started.stop(signal.SIGTERM)[0] == 0


def test_it_goes_on_when_whoever_started_it_has_gone(tmp_path: Path) -> None:
    """As after `baton run &` in a shell that is closed."""
    port, diary, number, log = a_free_port(), *(tmp_path / name for name in ("diary", "number", "log"))
    log.touch()
    subprocess.run(
        ["sh", "-c", f'"$@" 2>{log} & echo $! >{number}', "sh", *SMALL_BOT, "run"],
        env=environment(**SECRETS, PORT=str(port), SMALL_BOT_DIARY=str(diary)),
        cwd=ROOT,
        check=True,
    )
    process = int(number.read_text(encoding="ascii"))
    ended = os.pidfd_open(process)
    try:
        while "Baton is ready" not in log.read_text(encoding="utf-8"):
            assert not select([ended], [], [], 0.05)[0]
        assert not select([ended], [], [], 2.5)[0]  # gunicorn looks for its master once a second
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as health:
            assert health.status == 200
        os.kill(process, signal.SIGTERM)
        assert select([ended], [], [], 10)[0]
    finally:
        with suppress(ProcessLookupError):  # where all went well
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        os.close(ended)
    assert diary.read_text(encoding="utf-8").splitlines()[-1] == "stopped within 4 s"


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_one_that_hangs_while_it_stops_is_ended_all_the_same(told: int, tmp_path: Path) -> None:
    started = Started("run", tmp_path / "diary", SMALL_BOT_HANGS="1")

    code, seconds = started.stop(told)

    assert (code, started.diary[-1]) == (0, "stopped within 4 s")
    assert seconds < 5
