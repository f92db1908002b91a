"""Both databases refuse what is no line of time: a gap, an overlap, a cover without an end. By SQL alone."""

from datetime import date

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.migrations import config, upgrade
from bot.store.database import Database

INSERT = text(
    "INSERT INTO coverage (workspace_id, account_id, person_id, kind, from_on, until_on)"
    " VALUES (:workspace_id, :account_id, :person, :kind, :from_on, :until_on)"
)
D1, D5, D9, D12 = (date(2026, 12, number) for number in (1, 5, 9, 12))


@pytest.fixture
def book(office):
    """An account, Olaf and Ines; rows of coverage are written by hand."""
    office.set_up()
    office.started()
    with office.db.write() as session:
        session.execute(text("DELETE FROM coverage"))
    return Book(office)


class Book:
    def __init__(self, office):
        self.office = office
        rows = office.rows("SELECT p.slack_id, p.id FROM people p")
        self.people = dict(tuple(row) for row in rows)
        ((self.workspace_id, self.account_id),) = office.rows("SELECT workspace_id, id FROM accounts")

    def writes(self, *rows):
        """Rows (who, kind, from, until) in one transaction, in this order."""
        with self.office.db.write() as session:
            for who, kind, first, until in rows:
                values = {"person": self.people.get(who), "kind": kind, "from_on": first, "until_on": until}
                session.execute(INSERT, {"workspace_id": self.workspace_id, "account_id": self.account_id, **values})

    def runs(self, *statements, **values):
        with self.office.db.write() as session:
            for statement in statements:
                session.execute(text(statement), values)

    def line(self):
        return [tuple(row) for row in self.office.rows("SELECT kind, person_id FROM coverage ORDER BY from_on")]


def test_a_line_of_owner_cover_and_vacancy_is_taken(book):
    book.writes(("UOLAF", "owner", D1, D5), ("UINES", "cover", D5, D9), (None, "vacant", D9, None))
    assert [kind for kind, _ in book.line()] == ["owner", "cover", "vacant"]


@pytest.mark.parametrize(
    "rows",
    [
        (("UOLAF", "owner", D1, D5), ("UINES", "owner", D9, None)),
        (("UOLAF", "owner", D1, D9), ("UINES", "owner", D5, None)),
        (("UOLAF", "owner", D1, None), ("UINES", "owner", D5, D9)),
        (("UOLAF", "owner", D1, None), ("UINES", "owner", D5, None)),
        (("UOLAF", "owner", D5, None), ("UINES", "owner", D1, None)),
        (("UOLAF", "owner", D1, D5), ("UINES", "owner", D1, D5)),
        (("UOLAF", "owner", D1, D9), ("UINES", "cover", D5, D9), ("UOLAF", "owner", D9, None)),
    ],
    ids=["gap", "overlap", "after an open end", "two open ends", "before", "twice", "on top"],
)
def test_gaps_and_overlaps_are_refused(book, rows):
    with pytest.raises(IntegrityError):
        book.writes(*rows)
    assert book.line() == []


@pytest.mark.parametrize(
    "row",
    [
        ("UOLAF", "owner", D5, D5),
        ("UOLAF", "owner", D5, D1),
        ("UOLAF", "cover", D1, None),
        ("UOLAF", "vacant", D1, None),
        (None, "owner", D1, None),
        (None, "cover", D1, D5),
    ],
    ids=["no length", "backwards", "endless cover", "vacant with somebody", "owned by nobody", "covered by nobody"],
)
def test_a_row_that_makes_no_sense_is_refused(book, row):
    with pytest.raises(IntegrityError):
        book.writes(row)
    assert book.line() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE coverage SET until_on = '2026-12-04' WHERE kind = 'owner'",
        "UPDATE coverage SET until_on = '2026-12-07' WHERE kind = 'owner'",
        "UPDATE coverage SET from_on = '2026-12-07' WHERE kind = 'cover'",
        "UPDATE coverage SET until_on = NULL WHERE kind = 'owner'",
        "DELETE FROM coverage WHERE kind = 'cover'",
    ],
    ids=["shrinks", "grows", "begins later", "no end", "taken out"],
)
def test_a_change_that_tears_the_line_is_refused(book, statement):
    rows = (("UOLAF", "owner", D1, D5), ("UINES", "cover", D5, D9), (None, "vacant", D9, None))
    book.writes(*rows)
    with pytest.raises(IntegrityError):
        book.runs(statement)
    assert len(book.line()) == 3


def test_a_line_is_changed_from_its_end_within_one_transaction(book):
    book.writes(("UOLAF", "owner", D1, D5), ("UINES", "cover", D5, D9), (None, "vacant", D9, None))
    book.runs(
        "DELETE FROM coverage WHERE kind = 'vacant'",
        "UPDATE coverage SET until_on = :later WHERE kind = 'cover'",
        later=D12,
    )
    book.writes((None, "vacant", D12, None))
    assert [kind for kind, _ in book.line()] == ["owner", "cover", "vacant"]


def test_lines_of_two_accounts_have_nothing_to_do_with_each_other(book):
    book.writes(("UOLAF", "owner", D1, None))
    first = book.account_id
    book.office.started("Bolt Works")
    ((book.account_id,),) = book.office.rows("SELECT id FROM accounts WHERE id <> :first", first=first)
    book.runs("DELETE FROM coverage WHERE account_id = :number", number=book.account_id)
    book.writes(("UOLAF", "owner", D9, None))
    with pytest.raises(IntegrityError):
        book.runs("UPDATE coverage SET account_id = :number", number=first)


def test_a_whole_account_goes_with_its_line(book):
    book.writes((None, "vacant", D9, None))
    book.runs("DELETE FROM coverage")
    book.writes(("UOLAF", "owner", D1, D5), ("UINES", "cover", D5, D9), (None, "vacant", D9, None))
    book.runs("DELETE FROM nudges", "DELETE FROM outbox", "DELETE FROM handoffs", "DELETE FROM accounts")
    assert book.line() == []


def test_two_transactions_that_are_right_by_themselves_cannot_both_be(postgres_url):
    """Neither sees what the other has not committed: the account's lock makes the second look again."""
    db = Database(postgres_url)
    with db.write() as session:
        session.execute(text("INSERT INTO workspaces (team_id, name, bot_user_id) VALUES ('T1', 'Town', 'U1')"))
        session.execute(
            text(
                "INSERT INTO accounts (workspace_id, name, name_key, sales_channel, tier)"
                " SELECT id, 'Acme', 'acme', 'direct', 'standard' FROM workspaces"
            )
        )
        values = (
            "INSERT INTO coverage (workspace_id, account_id, kind, from_on, until_on)"
            " SELECT workspace_id, id, 'vacant', '{}', '{}' FROM accounts"
        )
    one, other = db.engine.connect(), db.engine.connect()
    one.exec_driver_sql(values.format(D1, D5))
    other.exec_driver_sql(values.format(D9, D12))
    one.commit()
    with pytest.raises(IntegrityError):
        other.commit()
    one.close()
    other.close()
    db.close()


def test_what_an_older_version_wrote_becomes_a_line(tmp_path):
    """Before 0003 an owner could be followed with a row of no length, or begin before the one before had ended."""
    db = Database(f"sqlite:///{tmp_path / 'older.db'}")
    command.upgrade(config(db.engine), "0002")
    with db.write() as session:
        session.execute(text("INSERT INTO workspaces (team_id, name, bot_user_id) VALUES ('T1', 'Town', 'U1')"))
        for name in ("UOLAF", "UINES"):
            person = text("INSERT INTO people (workspace_id, slack_id, name) VALUES (1, :name, :name)")
            session.execute(person, {"name": name})
        session.execute(
            text(
                "INSERT INTO accounts (workspace_id, name, name_key, sales_channel, tier)"
                " VALUES (1, 'Acme', 'acme', 'direct', 'standard')"
            )
        )
        for person, first, until in ((1, D1, D5), (2, D5, D5), (1, D5, D12), (2, D9, None)):
            values = {"person": person, "kind": "owner", "from_on": first, "until_on": until}
            session.execute(INSERT, {"workspace_id": 1, "account_id": 1, **values})
    upgrade(db.engine)
    with db.read() as session:
        rows = session.execute(text("SELECT person_id, from_on, until_on FROM coverage ORDER BY from_on")).all()
    assert [tuple(row) for row in rows] == [
        (1, str(D1), str(D5)), (1, str(D5), str(D9)), (2, str(D9), None),
    ]  # fmt: skip
    db.close()
