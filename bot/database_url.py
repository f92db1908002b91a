"""From the DATABASE_URL that people and hosting platforms write to the one that SQLAlchemy understands.

PostgreSQL addresses follow libpq (https://www.postgresql.org/docs/current/libpq-connect.html, connection URIs): every
parameter of the query is kept (sslmode, options, target_session_attrs, ...), several hosts and socket folders work.
"""

from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_SECRETS = ("password", "sslpassword")


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
    _check_parameters(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
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


def secrets_in(url: str) -> tuple[str, ...]:
    """The passwords in an address, wherever they stand in it."""
    parts = urlsplit(url)
    given = [value for name, value in parse_qsl(parts.query.replace("+", "%2B")) if name in _SECRETS]
    return tuple(word for word in (parts.password, unquote(parts.password or ""), *given) if word)


def _check_parameters(given: list[tuple[str, str]]) -> None:
    """What libpq would refuse at every connection is said once, at the start. Raises MalformedUrl.

    Which parameters there are, libpq itself is asked (bot/store/postgres.py).
    """
    for name, value in given:
        if name == "sslmode" and value not in _SSL_MODES:
            raise MalformedUrl(f"has an sslmode that is none of {', '.join(_SSL_MODES)}")
        if name == "ssl" and value != "true":
            raise MalformedUrl("has ssl with a value other than true; use sslmode")
        if name == "connect_timeout" and not value.isdecimal():
            raise MalformedUrl("has a connect_timeout that is no number of seconds")
        if name in _FILES and value and value != "system" and not Path(value).is_file():
            raise MalformedUrl(f"names a file in {name} that does not exist")


def _port_is_fine(where: str) -> bool:
    port = where.rpartition("]")[2].rpartition(":")[2] if ":" in where.rpartition("]")[2] else ""
    return not port or (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536)
