"""People whom a file names by mail address: asked of Slack each time, and kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

ByMail = Callable[[Sequence[str]], Mapping[str, str]]
"""Slack ids by mail address (in small letters), "" where Slack knows nobody; what could not be asked is left out."""
LONGEST = 254
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")


def nobody_asks(_: Sequence[str]) -> Mapping[str, str]:
    """Where Slack cannot be asked."""
    return {}


def mail_of(name: str) -> str:
    """The mail address that a file has in the place of a name, in small letters; "" when it is none."""
    bare = name.strip().casefold()
    return bare if len(bare) <= LONGEST and _ADDRESS.fullmatch(bare) else ""


def mails_in(rows: Iterable[Any], but: Mapping[str, str]) -> list[str]:
    """The addresses that rows name as owners, each once; those are left out of which somebody said who it is."""
    owners = dict.fromkeys(owner for row in rows if (owner := getattr(row, "owner", None)))
    return list(dict.fromkeys(mail for owner in owners if (mail := mail_of(owner)) and owner not in but))
