"""Town files, manifests, the clock's routes and the command."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tiny_bolt import start_sandbox

from sandbox.__main__ import main
from sandbox.clock import ManualClock, ShiftedClock
from sandbox.config import ConfigError, load_manifest, load_town

HERE = Path(__file__).parent
MANIFEST = (HERE / "manifest.yaml").read_text()


def test_the_sample_town_has_everybody() -> None:
    town = load_town(HERE.parents[1] / "sandbox" / "town.yaml", HERE / "manifest.yaml")
    assert {u.name for u in town.users} >= {"mia", "olaf", "ines", "carl", "wanda", "marek", "ida", "cora", "otto"}
    assert len({u.tz for u in town.users}) > 4
    assert len({u.id for u in town.users}) == len(town.users)
    assert (town.app.bot_name, town.app.commands[0].should_escape) == ("tiny", True)


@pytest.mark.parametrize(
    ("town", "problem"),
    [
        ("users: []", "channels: Field required"),
        ("users: [{name: mia, tz: Mars/Base}]\nchannels: []", "'Mars/Base' is no time zone"),
        ("users: [{name: mia, colour: red}]\nchannels: []", "users.0.colour"),
        ("users: []\nchannels: [{name: a, members: [zoe]}]", "nobody is called zoe"),
        ("- 1", "must hold a mapping"),
        ("a: [", "is not YAML"),
    ],
)
def test_a_bad_town_is_named(tmp_path: Path, town: str, problem: str) -> None:
    (tmp_path / "town.yaml").write_text(town)
    with pytest.raises(ConfigError, match=r"town\.yaml") as caught:
        load_town(tmp_path / "town.yaml")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"users:read", ', "", "user_change needs the scope users:read"),
        ("app_home_opened", "app_home_open", "app_home_open is not an event"),
        ("[commands, ", "[", "need the scope commands"),
        ("/tiny", "tiny", "'tiny' is malformed"),
        ("name: Tiny", f"name: {'T' * 36}", "longer than 35"),
        ("Start something", "Start something that is too long", "too long (24)"),
    ],
)
def test_a_bad_manifest_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    (tmp_path / "manifest.yaml").write_text(MANIFEST.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_manifest(tmp_path / "manifest.yaml")
    assert problem in str(caught.value)


def test_clocks() -> None:
    heard: list[datetime] = []
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    clock.subscribe(heard.append)
    clock.advance(timedelta(hours=1))
    clock.jump_to(datetime(2026, 4, 1, tzinfo=UTC))
    assert heard == [datetime(2026, 3, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)]
    with pytest.raises(ValueError, match="aware"):
        clock.jump_to(datetime(2026, 4, 1))
    shifted = ShiftedClock()
    shifted.advance(timedelta(days=1))
    assert shifted.offset == timedelta(days=1)


def test_other_processes_follow_the_clock() -> None:
    with start_sandbox() as sandbox, httpx.Client(base_url=sandbox.url, trust_env=False) as http:
        first = http.get("/clock").json()
        assert (first["now"], first["version"]) == ("2026-03-02T09:00:00+00:00", 0)
        assert http.post("/clock", json={"advance": 90}).json()["now"] == "2026-03-02T09:01:30+00:00"
        assert http.post("/clock", json={"jump": "next_morning"}).json()["now"] == "2026-03-03T09:00:00+00:00"
        assert http.post("/clock", json={"go": 1}).status_code == 400
        answers: list[int] = []
        waiting = threading.Thread(target=lambda: answers.append(http.get("/clock?after=2").json()["version"]))
        waiting.start()
        sandbox.workspace.clock.advance(timedelta(1))  # type: ignore[attr-defined]
        waiting.join(5)
        assert answers == [3]


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    assert f"port {port} on 127.0.0.1 cannot be used: Address already in use" in capsys.readouterr().err


def test_the_command_starts_the_app_with_its_variables() -> None:
    child = f"{sys.executable} -c \"import os; print(os.environ['SLACK_API_URL'], os.environ['SLACK_BOT_TOKEN'])\""
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", "0", "--run", child],
        capture_output=True,
        text=True,
        timeout=20,
        cwd=HERE.parents[1],
        check=False,
    )
    assert done.returncode == 0
    assert "/api/ xoxb-" in done.stdout
