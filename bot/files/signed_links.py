"""Links that a phone can open without a login: signed, for one purpose, and only for a while.

A link names a purpose, the numbers of what it leads to, and when it ends; nothing of a customer's stands in it. The
key is derived from Slack's signing secret, so there is no further secret to keep, and a new signing secret ends all
links at once.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from unicodedata import normalize
from urllib.parse import quote

_TOKEN = re.compile(r"(?P<said>(?P<purpose>[a-z]{1,20})-(?P<numbers>\d{1,19}(?:\.\d{1,19}){0,5})-(?P<until>\d{1,12}))")
_SIGNED = re.compile(rf"{_TOKEN.pattern}-(?P<signature>[A-Za-z0-9_-]{{43}})")
PATH = "/files"
FILES_OPEN_FOR = timedelta(minutes=15)
"""How long a link works that somebody follows as soon as they have it."""


class Forged(Exception):
    """Not a link of ours, or one that was changed."""


class Expired(Exception):
    """It was a link of ours, and its time is over."""


@dataclass(frozen=True)
class Ticket:
    """What a link is for: one purpose, and the numbers of rows."""

    purpose: str
    numbers: tuple[int, ...]


class SignedLinks:
    """`base_url`: where people reach Baton (`BATON_PUBLIC_URL`); without it there are no links."""

    def __init__(self, secret: str, base_url: str | None, now: Callable[[], datetime]) -> None:
        self._key = hmac.digest(secret.encode(), b"baton signed links", sha256)
        self._base = base_url.rstrip("/") if base_url else None
        self._now = now

    def link(self, ticket: Ticket, until: datetime, filename: str, path: str = PATH) -> str | None:
        """An address that answers until that moment; None while nobody has said where Baton is reached."""
        if self._base is None:
            return None
        return f"{self._base}{path}/{self.token(ticket, until)}/{quote(filename)}"

    def token(self, ticket: Ticket, until: datetime) -> str:
        """The signed part of an address."""
        numbers = ".".join(str(number) for number in ticket.numbers)
        said = f"{ticket.purpose}-{numbers}-{int(until.timestamp())}"
        return f"{said}-{self._signature(said)}"

    def read(self, token: str) -> Ticket:
        """What a token is for. Raises Forged, Expired."""
        found = _SIGNED.fullmatch(token) if token.isascii() else None
        if found is None or not hmac.compare_digest(self._signature(found["said"]), found["signature"]):
            raise Forged()
        if int(found["until"]) < self._now().astimezone(UTC).timestamp():
            raise Expired()
        return Ticket(found["purpose"], tuple(int(number) for number in found["numbers"].split(".")))

    def _signature(self, said: str) -> str:
        return urlsafe_b64encode(hmac.digest(self._key, said.encode(), sha256)).decode().rstrip("=")


def safe_name(words: str, ending: str) -> str:
    """A file name that every system takes: ASCII letters, digits and hyphens of `words`, 60 at most, and the ending."""
    plain = normalize("NFKD", words).encode("ascii", "ignore").decode()
    return (re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:60].rstrip("-") or "baton") + ending
