"""What a file's far end may do to whoever fetches it: the token goes to Slack only, and every end is a sentence."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.slack.downloading import Files
from bot.slack.gateway import Gateway
from bot.slack.shared_file import (
    Empty,
    FileGone,
    FileUnusable,
    KeptElsewhere,
    MayNotRead,
    NotATable,
    NotFetched,
    NotOurs,
    SharedFile,
    TooLarge,
    TooSlow,
    WrongAddress,
)

TOKEN = "xoxb-very-secret"
CSV = b"name,tier\nAcme,key\n"
Answer = Callable[[socket.socket], None]


class FarEnd:
    """A server that answers each request as `answer` says, and remembers what it was asked with."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Answer = lambda connection: None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                continue
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection:
            self.asked.append(connection.recv(65536).decode())
            try:
                self.answer(connection)
            except OSError:
                self.asked.append("cut")

    def says(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        lines = {"Content_Type": "text/csv", "Content_Length": str(len(body)), "Connection": "close", **headers}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items() if value)
        whole = f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body
        self.answer = lambda connection: connection.sendall(whole)

    def close(self) -> None:
        self._over.set()
        self._listener.close()


@pytest.fixture
def far() -> Iterator[FarEnd]:
    end = FarEnd()
    yield end
    end.close()


@pytest.fixture
def stranger() -> Iterator[FarEnd]:
    end = FarEnd()
    yield end
    end.close()
    assert end.asked == [], "nobody but Slack is asked for anything"


def files(far: FarEnd, **limits: Any) -> Files:
    home = f"{far.url}/api/"
    return Files(Gateway(TOKEN, home), TOKEN, home, **{"limit": 1000, "seconds": 5.0, "stall": 2.0} | limits)


def shared(url: str, **more: Any) -> SharedFile:
    return replace(SharedFile("F1", "book.csv", "csv", len(CSV), "U1", "T1", url), **more)


def refused(reader: Files, file: SharedFile) -> FileUnusable | NotFetched:
    with pytest.raises((FileUnusable, NotFetched)) as caught, reader.fetched(file):
        pytest.fail("it was fetched")
    return caught.value


def test_what_is_there_arrives_whole_and_goes_away_again(far: FarEnd) -> None:
    far.says(CSV)
    with files(far).fetched(shared(f"{far.url}/files-pri/T1-F1/book.csv?t=1")) as path:
        assert path.read_bytes() == CSV
    assert not path.exists()
    assert far.asked[0].startswith("GET /files-pri/T1-F1/book.csv?t=1 HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}\r\n" in far.asked[0]
    assert TOKEN not in repr(files(far))


@pytest.mark.parametrize(
    "address",
    [
        "{stranger}/files-pri/T1-F1/book.csv",
        "http://files.slack.com/files-pri/T1-F1/book.csv",
        "https://files.slack.com.evil.example/book.csv",
        "https://evil.example/files.slack.com/book.csv",
        "https://files.slack.com@127.0.0.1:{port}/book.csv",
        "https://someone:else@files.slack.com/book.csv",
        "https://files.slack.com:8443/book.csv",
        "https://notslack.com/book.csv",
        "https://[::1/book.csv",
        "file:///etc/passwd",
        "//files.slack.com/book.csv",
        "http://127.0.0.1:{port}\\@files.slack.com/book.csv",
        "https://files.ѕlack.com/book.csv",
        "",
    ],
)
def test_the_token_goes_to_slack_and_to_nobody_else(far: FarEnd, stranger: FarEnd, address: str) -> None:
    url = address.format(stranger=stranger.url, port=stranger.port)
    assert isinstance(refused(files(far), shared(url)), WrongAddress)
    assert far.asked == []


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_no_redirect_leads_the_token_away(far: FarEnd, stranger: FarEnd, status: str) -> None:
    far.says(b"", status, Location=f"{stranger.url}/book.csv")
    assert isinstance(refused(files(far), shared(f"{far.url}/book.csv")), WrongAddress)
    assert len(far.asked) == 1


def test_a_redirect_inside_slack_is_followed_and_not_for_ever(far: FarEnd) -> None:
    def moves_once(connection: socket.socket) -> None:
        there = "GET /there " in far.asked[-1]
        moved = b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
        whole = f"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: {len(CSV)}\r\n\r\n".encode() + CSV
        connection.sendall(whole if there else moved)

    far.answer = moves_once
    with files(far).fetched(shared(f"{far.url}/here")) as path:
        assert path.read_bytes() == CSV
    far.says(b"", "302 Found", Location="/here")
    assert isinstance(refused(files(far), shared(f"{far.url}/here")), WrongAddress)
    assert len(far.asked) < 10


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", {"Content_Type": "text/html; charset=utf-8"}),
        (b"\n <!doctype HTML><html>" + b" " * 40, {}),
        (b"\xef\xbb\xbf<html>" + b" " * 40, {}),
    ],
)
def test_a_page_to_sign_in_is_no_file(far: FarEnd, body: bytes, headers: dict[str, str]) -> None:
    far.says(body, **headers)
    assert "scope files:read" in str(refused(files(far), shared(f"{far.url}/book.csv")))


def test_more_than_was_said_is_not_taken(far: FarEnd) -> None:
    far.says(b"", Content_Length="2000000")
    assert "2 MB" in str(refused(files(far), shared(f"{far.url}/book.csv")))

    def without_end(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n")
        while True:
            connection.sendall(b"a,b\n" * 1000)

    far.answer = without_end
    assert isinstance(refused(files(far), shared(f"{far.url}/book.csv")), TooLarge)


@pytest.mark.parametrize("said", [{}, {"Content_Length": "400"}, {"Content_Length": ""}])
def test_less_than_was_said_is_no_file_either(far: FarEnd, said: dict[str, str]) -> None:
    far.says(CSV[:7], **said)
    assert isinstance(refused(files(far), shared(f"{far.url}/book.csv")), NotFetched)


def _trickles(head: bytes) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"a")
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_whoever_trickles_is_given_up_in_time(far: FarEnd, head: bytes) -> None:
    far.answer = _trickles(head)
    begun = time.monotonic()
    assert isinstance(refused(files(far, seconds=0.3), shared(f"{far.url}/book.csv")), TooSlow)
    assert time.monotonic() - begun < 3


def test_whoever_falls_silent_is_given_up(far: FarEnd) -> None:
    far.answer = lambda connection: time.sleep(1.5)
    assert isinstance(refused(files(far, stall=0.2), shared(f"{far.url}/book.csv")), TooSlow)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("401 No", MayNotRead),
        ("403 No", MayNotRead),
        ("404 No", FileGone),
        ("500 Oh", NotFetched),
        ("204 -", NotFetched),
    ],
)
def test_other_answers_are_sentences(far: FarEnd, status: str, expected: type[Exception]) -> None:
    far.says(b"", status)
    assert isinstance(refused(files(far), shared(f"{far.url}/book.csv")), expected)


def test_nonsense_and_a_closed_door_are_sentences(far: FarEnd) -> None:
    far.answer = lambda connection: connection.sendall(b"\x00\x01 what?\r\n\r\n")
    assert isinstance(refused(files(far), shared(f"{far.url}/book.csv")), NotFetched)
    far.answer = lambda connection: None
    assert isinstance(refused(files(far), shared(f"{far.url}/book.csv")), NotFetched)
    far.close()
    assert isinstance(refused(files(far), shared(f"{far.url}/book.csv")), NotFetched)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"size": 500_000_000}, TooLarge),
        ({"size": 0}, Empty),
        ({"name": "book.xlsx", "filetype": "xlsx"}, NotATable),
        ({"team_id": "T2"}, NotOurs),
        ({"team_id": ""}, NotOurs),
        ({"outside": True}, KeptElsewhere),
        ({"gone": True}, FileGone),
        ({"url": ""}, MayNotRead),
    ],
)
def test_what_cannot_be_used_is_refused_before_it_is_fetched(
    far: FarEnd, change: dict[str, Any], expected: type[Exception]
) -> None:
    file = shared(f"{far.url}/book.csv")
    files(far).require_usable(file, "T1")
    with pytest.raises(expected):
        files(far).require_usable(replace(file, **change), "T1")
    assert far.asked == []


def test_what_slack_says_of_a_file_is_read_whatever_it_leaves_out() -> None:
    whole = {
        "id": "F1", "name": "book.csv", "filetype": "csv", "size": 19, "user": "U1", "user_team": "T1",
        "mode": "hosted", "url_private": "https://files.slack.com/a", "url_private_download": "https://files.slack.com/b",
    }  # fmt: skip
    assert SharedFile.read(whole) == SharedFile("F1", "book.csv", "csv", 19, "U1", "T1", "https://files.slack.com/b")
    assert SharedFile.read({**whole, "mode": "tombstone"}).gone
    assert SharedFile.read({**whole, "is_external": True}).outside
    assert SharedFile.read({"id": None, "size": "19", "name": None}) == SharedFile("", "", "", 0, "", "", "")
