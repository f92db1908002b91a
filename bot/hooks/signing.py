"""How Baton and other systems sign what they send each other: HMAC-SHA256 over a version, a timestamp and the body.

The same in both directions: `X-Baton-Timestamp` holds Unix seconds, `X-Baton-Signature` "v1=" and the code in hex.
"""

from __future__ import annotations

import hmac
import re

TIMESTAMP, SIGNATURE = "X-Baton-Timestamp", "X-Baton-Signature"
OLDEST = 300
"""Seconds that a signature is good for, before and after its timestamp: clocks differ."""
SHORTEST_SECRET = 16

_SECONDS = re.compile(r"[0-9]{1,12}")


class Unsigned(Exception):
    """Not signed with our secret, or not as we do. The text says what is missing, and nothing about the secret."""


class TooLate(Unsigned):
    """Signed, but too long ago (or too far ahead)."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in the header: "v1=" and the code of "v1:timestamp:body" in hex."""
    basis = b"v1:" + timestamp.encode("ascii") + b":" + body
    return "v1=" + hmac.new(secret.encode(), basis, "sha256").hexdigest()


def check(secret: str, timestamp: str, signed: str, body: bytes, now: float) -> None:
    """Raise Unsigned or TooLate unless `body` was signed with `secret` within OLDEST seconds of `now`."""
    if not timestamp or not signed:
        raise Unsigned(f"the headers {TIMESTAMP} and {SIGNATURE} are both needed")
    if not _SECONDS.fullmatch(timestamp):
        raise Unsigned(f"{TIMESTAMP} is not a number of seconds since 1970")
    if not hmac.compare_digest(signature(secret, timestamp, body).encode(), signed.encode("utf-8", "replace")):
        raise Unsigned(f"{SIGNATURE} does not fit the body and the timestamp")
    if abs(now - int(timestamp)) > OLDEST:
        raise TooLate(f"{TIMESTAMP} is more than {OLDEST // 60} minutes away from now")
