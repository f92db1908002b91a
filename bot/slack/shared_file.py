"""A file that somebody gave Baton, as Slack describes it, and what there may be against fetching it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.refusals import Refusal

TABLES = frozenset({"csv", "tsv", "txt", "text", "plain"})
"""What a table may call itself; what it is, the reader of the file finds out."""


class FileUnusable(Refusal):
    """This file cannot be fetched, now or ever."""


class FileGone(FileUnusable):
    sentence = (
        "I cannot find that file: it was deleted, or it lies in a conversation that I am not in. "
        "Share it with me in a direct message."
    )


class NotOurs(FileUnusable):
    sentence = (
        "This file comes from outside your workspace, so I leave it alone. "
        "If you trust it, save it and share it with me yourself."
    )


class NotATable(FileUnusable):
    sentence = (
        "%(name)s is no CSV file. In your spreadsheet choose “Save as” or “Download”, then CSV, and share that one."
    )


class Empty(FileUnusable):
    sentence = "%(name)s is empty: there is nothing in it to import."


class TooLarge(FileUnusable):
    sentence = "%(name)s is too large: %(size)s MB, and I take %(limit)s MB. Split it into several files."


class KeptElsewhere(FileUnusable):
    sentence = "%(name)s lies outside Slack. Save it, and share the file itself with me."


class MayNotRead(FileUnusable):
    sentence = (
        "Slack does not let me read that file. Share it with me in a direct message; if that does not help, "
        "a Slack admin has to allow me the scope files:read."
    )


class WrongAddress(FileUnusable):
    sentence = "That file does not lie with Slack, so I did not fetch it."


class NotFetched(Refusal):
    """Something went wrong on the way: trying again may help."""

    sentence = "The file did not arrive from Slack. Try again in a moment."


class TooSlow(NotFetched):
    sentence = "The file took too long to arrive from Slack. Try again in a moment."


@dataclass(frozen=True)
class SharedFile:
    """A file as Slack describes it. `team_id`: the workspace of whoever brought it; `size` in bytes."""

    id: str
    name: str
    filetype: str
    size: int
    user_id: str
    team_id: str
    url: str
    outside: bool = False
    gone: bool = False

    @classmethod
    def read(cls, file: Mapping[str, Any]) -> SharedFile:
        """From a file object of files.info."""
        mode = str(file.get("mode") or "")
        return cls(
            id=str(file.get("id") or ""),
            name=str(file.get("name") or file.get("title") or ""),
            filetype=str(file.get("filetype") or "").lower(),
            size=_whole(file.get("size")),
            user_id=str(file.get("user") or ""),
            team_id=str(file.get("user_team") or ""),
            url=str(file.get("url_private_download") or file.get("url_private") or ""),
            outside=bool(file.get("is_external")) or mode == "external",
            gone=mode in ("tombstone", "hidden_by_limit"),
        )

    @property
    def looks_like_a_table(self) -> bool:
        """By what Slack takes it for, or by its name."""
        return self.filetype in TABLES or self.name.rpartition(".")[2].lower() in TABLES


def _whole(found: object) -> int:
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else 0
