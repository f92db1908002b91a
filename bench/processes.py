"""Servers as processes of their own: started, waited for, weighed, stopped. Reads /proc, so Linux only."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.005
KIBI, MEGA = 1024, 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")


class DidNotStart(Exception):
    """A server ended or did not answer; the text is its last words."""


class Served:
    """`python -m MODULE …` with PORT in its environment, up when GET /healthz answers 200.

    `seconds` is how long that took from the start of the process. A context manager: it is stopped at the end.
    """

    def __init__(self, command: list[str], environ: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self._log = log
        variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PORT": str(self.port), **environ}
        with log.open("wb") as lines:
            started = time.perf_counter()
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=variables,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
            )
        while not self._healthy():
            self._still_there(time.perf_counter() - started)
            time.sleep(LOOK_SECONDS)
        self.seconds = time.perf_counter() - started

    def __enter__(self) -> Served:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def cpu_seconds(self) -> float:
        """Processor time of the process and its children since they started."""
        return sum(_cpu_seconds(pid) for pid in self._all())

    def resident_mb(self) -> float:
        """Resident memory of all its processes added up, in MB of a million bytes; shared pages count several times."""
        return sum(_kib(Path(f"/proc/{pid}/status"), "VmRSS:") for pid in self._all()) * KIBI / MEGA

    def proportional_mb(self) -> float:
        """The same with each shared page divided among those who share it (PSS)."""
        return sum(_kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in self._all()) * KIBI / MEGA

    def _all(self) -> list[int]:
        found = [self._process.pid]
        for pid in found:
            found += [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
        return found

    def _healthy(self) -> bool:
        asking = http.client.HTTPConnection(HOST, self.port, timeout=2)
        try:
            asking.request("GET", "/healthz")
            return asking.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()

    def _still_there(self, seconds: float) -> None:
        if self._process.poll() is None and seconds < PATIENCE_SECONDS:
            return
        self._process.kill()
        words = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise DidNotStart(f"{self._log.name} did not answer within {seconds:.0f} s:\n{words}")


def free_port() -> int:
    """A port that nobody holds at this moment."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _cpu_seconds(pid: int) -> float:
    # proc(5): after the name in brackets, the 12th and 13th fields are utime and stime
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _kib(path: Path, name: str) -> int:
    lines = path.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
