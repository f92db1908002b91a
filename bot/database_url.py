"""From the DATABASE_URL that people and hosting platforms write to the one that SQLAlchemy understands.

PostgreSQL addresses follow libpq (https://www.postgresql.org/docs/current/libpq-connect.html, connection URIs): every
parameter of the query is kept (sslmode, options, target_session_attrs, ...), several hosts and socket folders work.
"""

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")


class MalformedUrl(Exception):
    """The address cannot be used; the text completes the sentence "DATABASE_URL ..." and repeats no part of it."""


def sqlalchemy_url(url: str) -> str:
    """The address for SQLAlchemy: ``sqlite:///path`` as it is, PostgreSQL through psycopg 3. Raises MalformedUrl."""
    scheme = url.partition("://")[0].lower()
    if scheme == "sqlite":
        return _sqlite(url)
    if scheme in _POSTGRES and "://" in url:
        return _postgresql(url)
    raise MalformedUrl("is neither an SQLite nor a PostgreSQL address")


def _sqlite(url: str) -> str:
    path = url.partition(":///")[2].partition("?")[0]
    if not path or path == ":memory:":
        raise MalformedUrl("names no file, and a database in memory would be lost at the end")
    if Path(path).is_dir():
        raise MalformedUrl("names a folder, not a file")
    if not Path(path).parent.is_dir():
        raise MalformedUrl("names a file in a folder that does not exist")
    return url


def _postgresql(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as problem:
        raise MalformedUrl("cannot be read") from problem
    who, _, where = parts.netloc.rpartition("@")
    # libpq reads a plus sign as a plus sign, SQLAlchemy as a blank
    query = ["sslmode=require" if pair == "ssl=true" else pair.replace("+", "%2B") for pair in parts.query.split("&")]
    if "," in where or "%2f" in where.lower():
        # SQLAlchemy takes one host in the address, and any number of host=... in the query
        query = [f"host={quote(unquote(host), safe='/:[].')}" for host in where.split(",")] + query
        where = ""
    elif not _port_is_fine(where):
        raise MalformedUrl("has a port that is not a number")
    return "".join(
        [
            "postgresql+psycopg://",
            f"{who}@" if who else "",
            where,
            parts.path or "/",
            "?" + "&".join(filter(None, query)) if any(query) else "",
        ]
    )


def _port_is_fine(where: str) -> bool:
    port = where.rpartition("]")[2].rpartition(":")[2] if ":" in where.rpartition("]")[2] else ""
    return not port or (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536)
