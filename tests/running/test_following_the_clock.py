"""The bot's clock follows the clock of a local workspace, and outlives it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread

from bot.clock import FollowingClock, SystemClock


class TownClock(ThreadingHTTPServer):
    """Answers /clock as a local workspace does: at once, or with ?after=n when the version is past n."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.changed = Condition()
        self.offset, self.version, self.garbled = 0.0, 0, False
        super().__init__(("127.0.0.1", port), _Answer)
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/clock"

    def advance(self, seconds: float) -> None:
        with self.changed:
            self.offset += seconds
            self.version += 1
            self.changed.notify_all()


class _Answer(BaseHTTPRequestHandler):
    server: TownClock

    def do_GET(self) -> None:
        town = self.server
        _, _, after = self.path.partition("?after=")
        with town.changed:
            if after:
                town.changed.wait_for(lambda: town.version > int(after), timeout=25)
            now = datetime.now(UTC) + timedelta(seconds=town.offset)
            said = {"now": now.isoformat(), "offset": town.offset, "version": town.version}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>" if town.garbled else json.dumps(said).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def following(url: str) -> Iterator[FollowingClock]:
    clock = FollowingClock(url)
    clock.start()
    yield clock
    clock.close()


def ahead(clock: FollowingClock) -> float:
    return round((clock.now() - SystemClock().now()).total_seconds())


def test_it_starts_with_the_offset_and_follows_each_jump() -> None:
    town, heard, jumped = TownClock(), [], Event()
    town.advance(3600)
    with following(town.url) as clock:
        assert ahead(clock) == 3600
        clock.subscribe(lambda now: (heard.append(now), jumped.set()))

        town.advance(86400)

        assert jumped.wait(5)
        assert ahead(clock) == 90000
        assert [now.tzinfo for now in heard] == [UTC]


def test_a_workspace_that_begins_later_is_found_and_one_that_talks_nonsense_is_ignored() -> None:
    town, jumped = TownClock(), Event()
    town.garbled = True
    with following(town.url) as clock:
        clock.subscribe(lambda _: jumped.set())
        assert ahead(clock) == 0

        town.garbled = False
        town.advance(60)

        assert jumped.wait(5)
        assert ahead(clock) == 60


def test_without_a_workspace_it_shows_real_time_and_keeps_the_last_offset() -> None:
    town = TownClock()
    town.advance(7200)
    with following(town.url) as clock:
        town.shutdown()
        town.server_close()
        assert ahead(clock) == 7200
    with following("http://127.0.0.1:9/clock") as clock:
        assert ahead(clock) == 0
