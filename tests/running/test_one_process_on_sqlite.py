"""SQLite serves one process: the second one is told so; whoever died makes room at once."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from real_processes import BATON, ROOT, SECRETS, SMALL_BOT, Started, a_free_port, environment, outcome

from bot.running.single import Taken, lock_path, only_process


@pytest.mark.parametrize(("first", "second"), [("run", "worker"), ("worker", "web")])
def test_the_second_process_is_refused_with_the_reason_and_the_way_out(first: str, second: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baton.db'}"
    running = Started(first, tmp_path / "diary", DATABASE_URL=url)

    code, told = outcome(*BATON, second, **SECRETS, DATABASE_URL=url, PORT=str(running.port))

    assert code == 2
    assert (
        f"Baton is already running on this SQLite database (process {running.process.pid}), and SQLite serves one "
        "process only: stop that one, or set DATABASE_URL to a PostgreSQL database to run several." in told
    )
    assert "Traceback" not in told
    assert running.stop(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("role", ["run", "worker"])
def test_after_a_kill_the_next_one_starts(role: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baton.db'}"
    killed = Started(role, tmp_path / "diary", DATABASE_URL=url)
    killed.process.kill()
    killed.process.wait()

    following = Started(role, tmp_path / "another", DATABASE_URL=url)

    assert following.stop(signal.SIGTERM)[0] == 0


def test_migrating_and_looking_need_no_turn(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baton.db'}"
    with only_process(url):
        code, told = outcome(*BATON, "migrate", DATABASE_URL=url)
    assert (code, told) == (0, "The database is up to date.\n")


def test_one_that_ends_in_time_is_waited_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baton.db'}"
    waiting = subprocess.Popen(
        [*SMALL_BOT, "worker"],
        env=environment(**SECRETS, DATABASE_URL=url, SMALL_BOT_DIARY=str(tmp_path / "diary"), PORT=str(a_free_port())),
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr is not None
    with only_process(url):
        lines = iter(waiting.stderr.readline, "")
        while "waiting a moment" not in next(lines):
            pass
    assert any("Baton is ready" in line for line in lines)
    waiting.terminate()
    assert waiting.wait(10) == 0


def test_every_name_of_a_file_means_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "alias.db").symlink_to(tmp_path / "baton.db")
    plain = lock_path(f"sqlite:///{tmp_path / 'baton.db'}")

    assert plain == tmp_path / "baton.db.lock"
    assert lock_path(f"sqlite:///{tmp_path}/folder/../baton.db") == plain
    assert lock_path(f"sqlite:///{tmp_path / 'alias.db'}") == plain
    assert lock_path(f"sqlite:///file:{tmp_path}/baton.db?uri=true") == plain
    assert lock_path("postgresql+psycopg://db/baton") is None


def test_a_lock_is_free_again_after_it_was_let_go(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'baton.db'}"
    with only_process(url), pytest.raises(Taken, match=rf"process {os.getpid()}"), only_process(url, patience=0):
        pass
    with only_process(url, patience=0):
        pass


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "baton.db.lock").mkdir()
    with pytest.raises(Taken, match="cannot be opened"), only_process(f"sqlite:///{tmp_path / 'baton.db'}"):
        pass
