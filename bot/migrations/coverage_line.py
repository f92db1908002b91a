"""The database's own guard over coverage: the rows of an account follow each other without gap or overlap.

On SQLite each statement is looked at, so a line is changed from its end: delete, shrink, then insert. PostgreSQL looks
once more before the commit, whatever the order, and with the account locked: two transactions that each look right by
themselves cannot both be.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

CHECKS = {
    "ck_coverage_has_a_length": "until_on IS NULL OR until_on > from_on",
    "ck_coverage_cover_ends": "kind <> 'cover' OR until_on IS NOT NULL",
    "ck_coverage_vacant_without_a_person": "(kind = 'vacant') = (person_id IS NULL)",
}
REFUSAL = "coverage: each row but the first begins on the day on which the one before it ended"

_LINE = """
  SELECT 1 FROM (
    SELECT from_on, lag(until_on) OVER w AS ended, row_number() OVER w AS place
    FROM coverage WHERE account_id = {account} WINDOW w AS (ORDER BY from_on, id)
  ) AS line WHERE place > 1 AND ended IS {differs} from_on
"""
_SQLITE = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}
_FUNCTION = f"""
CREATE FUNCTION coverage_is_one_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  touched bigint[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.account_id] WHEN 'DELETE' THEN ARRAY[OLD.account_id]
                      ELSE ARRAY[OLD.account_id, NEW.account_id] END;
  one bigint;
BEGIN
  FOREACH one IN ARRAY touched LOOP
    PERFORM 1 FROM accounts WHERE id = one FOR NO KEY UPDATE;
    IF EXISTS ({_LINE.format(account="one", differs="DISTINCT FROM")}) THEN
      RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$
"""


def guard() -> None:
    """Refuse from now on what is no line. Every line has to be one already (`mend`)."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(
            "CREATE CONSTRAINT TRIGGER coverage_is_one_line AFTER INSERT OR UPDATE OR DELETE ON coverage"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION coverage_is_one_line()"
        )
        return
    for event, sides in _SQLITE.items():
        looks = "".join(_sqlite_look(side) for side in sides)
        op.execute(f"CREATE TRIGGER coverage_{event} AFTER {event.upper()} ON coverage BEGIN {looks} END")


def unguard() -> None:
    """Undo `guard`."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER coverage_is_one_line ON coverage")
        op.execute("DROP FUNCTION coverage_is_one_line()")
        return
    for event in _SQLITE:
        op.execute(f"DROP TRIGGER coverage_{event}")


def mend() -> None:
    """Make a line of what an older version wrote: each row ends where the next one begins."""
    dates = (sa.column("from_on", sa.Date), sa.column("until_on", sa.Date))
    table = sa.table("coverage", sa.column("id"), sa.column("account_id"), *dates)
    connection = op.get_bind()
    query = sa.select(table).order_by(table.c.account_id, table.c.from_on.desc(), table.c.id.desc())
    account: int | None = None
    following: date | None = None
    for row in connection.execute(query).all():
        latest = row.account_id != account
        account = row.account_id
        until = row.until_on if latest else following
        if until is not None and until <= row.from_on:
            connection.execute(sa.delete(table).where(table.c.id == row.id))
            following = row.from_on if latest else following
            continue
        if until != row.until_on:
            connection.execute(sa.update(table).where(table.c.id == row.id).values(until_on=until))
        following = row.from_on


def begin() -> None:
    """Accounts in an open handoff of which nothing is known yet: the outgoing rep's, else nobody's."""
    op.execute(
        "INSERT INTO coverage (workspace_id, account_id, person_id, kind, from_on, handoff_id, confirmed)"
        " SELECT h.workspace_id, h.account_id, p.id, CASE WHEN p.id IS NULL THEN 'vacant' ELSE 'owner' END,"
        " h.start_on, h.id, true FROM handoffs h LEFT JOIN people p ON p.id = h.outgoing_id AND NOT p.deactivated"
        " WHERE h.state = 'open' AND NOT EXISTS (SELECT 1 FROM coverage c WHERE c.account_id = h.account_id)"
    )


def _sqlite_look(side: str) -> str:
    there = f"EXISTS (SELECT 1 FROM accounts WHERE id = {side}.account_id)"  # else it goes with its account
    line = _LINE.format(account=f"{side}.account_id", differs="NOT")
    return f"SELECT RAISE(ABORT, '{REFUSAL}') WHERE {there} AND EXISTS ({line});"
