"""Every way to write PostgreSQL's address leads to a real server, or is refused with the reason."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from real_processes import BATON, SECRETS, a_free_port, outcome
from relay import Relay
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from bot.clock import SystemClock
from bot.database_url import sqlalchemy_url
from bot.running.metrics import Ledger, Tally
from bot.settings import Role, Settings
from bot.store.database import Database
from bot.store.wakeup import Work


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whoever signs certificates in these tests; nobody else trusts it."""
    return trustme.CA()


@pytest.fixture
def folder(postgres_url: str) -> Path:
    """Where the server's socket is."""
    host = make_url(postgres_url).query["host"]
    assert isinstance(host, str)
    return Path(host)


@pytest.fixture
def plain(folder: Path) -> Iterator[Relay]:
    relay = Relay(folder)
    yield relay
    relay.close()


@pytest.fixture
def secure(folder: Path, authority: trustme.CA) -> Iterator[Relay]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    relay = Relay(folder, context)
    yield relay
    relay.close()


def asked(address: str, question: str) -> object:
    """What a server at the end of DATABASE_URL answers."""
    database = Database(sqlalchemy_url(address))
    try:
        with database.engine.connect() as connection:
            return connection.scalar(text(question))
    finally:
        database.close()


def migrated(address: str) -> tuple[int, str]:
    return outcome(*BATON, "migrate", DATABASE_URL=address)


def test_a_socket_folder_in_the_query_or_in_the_place_of_the_host(folder: Path) -> None:
    for address in (
        f"postgresql:///postgres?host={folder}&user=postgres",
        f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}",
        f"postgresql://postgres@{quote(str(folder), safe='')}/postgres",
        f"postgres://postgres@/postgres?host={folder}&port=5432",
    ):
        assert asked(address, "SELECT current_database()") == "postgres", address


def test_of_several_hosts_the_one_that_answers_is_taken(folder: Path, plain: Relay) -> None:
    dead = a_free_port()
    for address in (
        f"postgresql://postgres@127.0.0.1:{dead},127.0.0.1:{plain.port}/postgres?target_session_attrs=read-write",
        f"postgresql://postgres@/postgres?host=127.0.0.1,127.0.0.1&port={dead},{plain.port}",
    ):
        assert asked(address, "SELECT 1") == 1, address


def test_names_timeouts_and_options_reach_the_server(plain: Relay) -> None:
    address = (
        f"postgres://postgres:unused%40word@127.0.0.1:{plain.port}/postgres"
        "?application_name=baton+eu%20west&connect_timeout=3&options=-c%20search_path%3Dbaton%20-c%20timezone%3DAsia/Tokyo"
    )
    assert asked(address, "SELECT current_setting('application_name')") == "baton+eu west"
    assert asked(address, "SELECT current_setting('search_path')") == "baton"
    assert asked(address, "SELECT current_setting('timezone')") == "Asia/Tokyo"
    assert asked(address.partition("?")[0], "SELECT current_setting('application_name')") == "baton"


@pytest.fixture
def schema(postgres_url: str) -> Iterator[Engine]:
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE SCHEMA elsewhere"))
    yield admin
    with admin.connect() as connection:
        connection.execute(text("DROP SCHEMA elsewhere CASCADE"))
    admin.dispose()


def test_a_schema_of_ones_own_holds_all_tables_and_the_bot_lives_in_it(folder: Path, schema: Engine) -> None:
    address = f"postgresql://postgres@/postgres?host={folder}&options=-c%20search_path%3Delsewhere"

    assert migrated(address) == (0, "The database is up to date.\n")

    database, heard = Database(sqlalchemy_url(address)), []
    ledger = Ledger(database, Tally(), SystemClock())
    ear = database.wakeup(heard.append)
    assert ear is not None
    ear.start()
    ledger.start(Role.WEB)
    ledger.tally.add("inbound")
    ledger.stop()
    while Work.LETTERS not in heard[1:]:
        with database.write() as session:
            session.info["spoke"] = True
    ear.stop(5)
    database.close()
    with schema.connect() as connection:
        assert connection.scalar(text("SELECT value FROM elsewhere.tallies")) == 1
        assert connection.scalar(text("SELECT count(*) FROM public.tallies")) == 0


def test_tls_is_checked_down_to_the_name(secure: Relay, authority: trustme.CA, tmp_path: Path) -> None:
    trusted, foreign = tmp_path / "trusted.pem", tmp_path / "foreign.pem"
    authority.cert_pem.write_to_path(str(trusted))
    trustme.CA().cert_pem.write_to_path(str(foreign))

    def address(host: str, root: Path, mode: str = "verify-full") -> str:
        return f"postgresql://postgres@{host}:{secure.port}/postgres?sslmode={mode}&sslrootcert={root}"

    assert asked(address("localhost", trusted), "SELECT 1") == 1
    assert asked(address("127.0.0.1", trusted, "verify-ca"), "SELECT 1") == 1
    assert asked(f"postgres://postgres@localhost:{secure.port}/postgres?ssl=true", "SELECT 1") == 1
    assert secure.encrypted == 3
    for wrong, why in (
        (address("127.0.0.1", trusted), "does not match host name"),
        (address("localhost", foreign), "certificate verify failed"),
    ):
        code, told = migrated(wrong)
        assert code == 2
        assert why in told
        assert "Check DATABASE_URL." in told


def test_whoever_insists_on_tls_is_told_when_the_server_has_none(folder: Path, plain: Relay) -> None:
    code, told = migrated(f"postgresql://postgres@127.0.0.1:{plain.port}/postgres?sslmode=require")

    assert code == 2
    assert "server does not support SSL, but SSL was required" in told


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("sslmode=yes", "DATABASE_URL has an sslmode that is none of disable, allow"),
        (
            "sslmode=verify-full&sslrootcert=/no/such.pem",
            "names a file in sslrootcert that does not exist",
        ),
        ("connect_timeout=soon", "DATABASE_URL has a connect_timeout that is no number of seconds"),
        ("sslmode=require&pool=5", "DATABASE_URL has a parameter that PostgreSQL's client library does not know (the"),
    ],
)
@pytest.mark.parametrize("command", ["migrate", "worker"])
def test_a_parameter_that_cannot_work_is_refused_at_the_start(command: str, query: str, why: str) -> None:
    address = f"postgresql://baton:a-secret@db.example.com/baton?{query}"
    code, told = outcome(*BATON, command, **SECRETS, DATABASE_URL=address)

    assert code == 2
    assert why in told
    assert "Traceback" not in told
    assert "a-secret" not in told
    assert "/no/such" not in told


def test_a_password_is_kept_out_of_logs_wherever_it_stands() -> None:
    for address in ("postgres://baton:hid%40den@db/baton", "postgres://db/baton?user=baton&password=hid%40den"):
        settings = Settings.from_env({**SECRETS, "DATABASE_URL": address})
        assert "hid@den" in settings.secrets
        assert "den" not in repr(settings)
