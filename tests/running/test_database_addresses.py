"""The addresses that hosting platforms hand out work, and keep every parameter."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.database_url import MalformedUrl, sqlalchemy_url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "POSTGRES"])
def test_each_way_to_write_postgresql_means_psycopg(scheme: str) -> None:
    url = make_url(sqlalchemy_url(f"{scheme}://baton:p%40ss@db.example.com:6432/baton"))

    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port) == ("baton", "p@ss", "db.example.com", 6432)
    assert url.database == "baton"


def test_the_query_is_kept_whole_and_a_plus_sign_stays_one(tmp_path: Path) -> None:
    root = tmp_path / "ca+b.pem"
    root.touch()
    url = make_url(
        sqlalchemy_url(f"postgres://db/baton?sslmode=verify-full&sslrootcert={root}&options=-c%20timezone%3DUTC")
    )

    assert dict(url.query) == {
        "sslmode": "verify-full",
        "sslrootcert": str(root),
        "options": "-c timezone=UTC",
    }


def test_several_hosts_and_socket_folders_go_where_sqlalchemy_looks_for_them() -> None:
    several = make_url(sqlalchemy_url("postgresql://me@one:5432,two:5433/baton?target_session_attrs=read-write"))
    folder = make_url(sqlalchemy_url("postgresql://%2Fvar%2Frun%2Fpostgresql/baton"))

    assert several.query == {"host": ("one:5432", "two:5433"), "target_session_attrs": "read-write"}
    assert folder.query == {"host": "/var/run/postgresql"}
    assert make_url(sqlalchemy_url("postgres://db/baton?ssl=true")).query == {"sslmode": "require"}
    assert make_url(sqlalchemy_url("postgresql://[::1]:5432/baton")).host == "::1"


def test_an_sqlite_file_needs_a_folder(tmp_path: Path) -> None:
    assert sqlalchemy_url(f"sqlite:///{tmp_path}/baton.db") == f"sqlite:///{tmp_path}/baton.db"
    with pytest.raises(MalformedUrl, match="folder that does not exist"):
        sqlalchemy_url(f"sqlite:///{tmp_path}/gone/baton.db")
    with pytest.raises(MalformedUrl, match="names a folder"):
        sqlalchemy_url(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "baton.db", "mysql://db/baton", "postgres:db", "host=db dbname=baton",
     "postgres://db:port/baton", "postgres://[::1/baton", "postgres://db:99999/baton",
     "postgres://db/baton?sslmode=on", "postgres://db/baton?ssl=1", "postgres://db/baton?connect_timeout=2s",
     "postgres://db/baton?sslmode=verify-ca&sslrootcert=/no/such/file.pem"],
)  # fmt: skip
def test_what_cannot_work_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(MalformedUrl) as refused:
        sqlalchemy_url(url)
    assert url not in str(refused.value)
