"""The network between Baton and its PostgreSQL or Slack, for tests: it can stop carrying, break, and speak TLS.

Towards Baton it listens on a port of 127.0.0.1.
"""

from __future__ import annotations

import socket
import ssl
import struct
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Lock, Thread

SSL_REQUEST = struct.pack("!II", 8, 80877103)
"""How libpq asks whether the server speaks TLS (PostgreSQL's protocol, "SSLRequest")."""


class Relay:
    """Carries connections until it is told otherwise.

    `behind`: the folder of PostgreSQL's socket, or a port of 127.0.0.1. `tls`: the server's side of TLS, ended here.
    """

    def __init__(self, behind: Path | int, tls: ssl.SSLContext | None = None) -> None:
        self._behind, self._tls = behind, tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._carrying, self._ended = Event(), Event()
        self._carrying.set()
        self._lock = Lock()
        self._open: list[socket.socket] = []
        self.encrypted = 0
        Thread(target=self._accept, daemon=True).start()

    def swallow(self) -> None:
        """A black hole: connections stay, and new ones are accepted, but nobody ever answers."""
        self._carrying.clear()

    def carry(self) -> None:
        """What was swallowed arrives now, as after a cable was plugged in again."""
        self._carrying.set()

    def break_all(self) -> None:
        """Every connection ends at once."""
        with self._lock:
            broken, self._open = self._open, []
        for one in broken:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._ended.set()
        self._carrying.set()
        self._listening.close()
        self.break_all()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), self._secured(client) as front, self._connected() as back:
            with self._lock:
                self._open += [front, back]
            self._pump(front, back)

    def _connected(self) -> socket.socket:
        if isinstance(self._behind, int):
            return socket.create_connection(("127.0.0.1", self._behind))
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._behind / ".s.PGSQL.5432"))
        return server

    def _secured(self, client: socket.socket) -> socket.socket:
        if self._tls is None:
            return client
        assert client.recv(8) == SSL_REQUEST, "asked without TLS"
        client.sendall(b"S")
        secured = self._tls.wrap_socket(client, server_side=True)
        self.encrypted += 1
        return secured

    def _pump(self, front: socket.socket, back: socket.socket) -> None:
        with DefaultSelector() as either:
            either.register(front, EVENT_READ, back)
            either.register(back, EVENT_READ, front)
            while True:
                for key, _ in either.select():
                    self._carrying.wait()
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    while isinstance(key.fileobj, ssl.SSLSocket) and key.fileobj.pending():
                        data += key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)
