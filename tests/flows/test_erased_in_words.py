"""Somebody is erased wherever they stand in words: however they are written, and nothing else that looks like them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select

from bot.domain.people import Person
from bot.store import personal, queues
from bot.store import schema as t
from bot.store.dossier import entries


def _written(town, slack_id, name, words):
    """Everybody's history and the audit trail say these words; then whoever is called so is erased."""
    now = town.clock.now()
    with town.bot.db.write() as session:
        person = town.bot.desk.person(session, 1, slack_id)
        person.name = name
        note = {"workspace_id": 1, "account_id": 1, "kind": "note", "happened_on": date(2026, 11, 2), "created_at": now}
        trail = {"workspace_id": 1, "at": now, "verb": "entry.kept", "subject_id": 1}
        for said in words:
            session.connection().execute(insert(entries).values(**note, text=said))
            session.connection().execute(insert(queues.audit).values(**trail, after={"text": [{said: said}]}))
        session.flush()
        personal.erase(session, session.get(Person, person.id), now)


def _everything(town):
    with town.bot.db.read() as session:
        found = [session.connection().execute(select(table)).all() for table in personal.tables()]
    return str(found).casefold()


@pytest.mark.parametrize("name", ["Olaf Nordström", "Дмитрий", "山田太郎さん", "Éå Öö"])
def test_in_capitals_small_letters_and_any_script_on_both_databases(town, name):
    town.begun()
    spaced = name.replace(" ", "  ")
    words = [f"{name} said so", name.upper(), name.lower(), f"“{spaced}”’s", f"<@{town.olaf.id}|olaf>"]
    _written(town, town.olaf.id, name, [*words, town.olaf.id.lower()])
    left = _everything(town)
    assert name.casefold() not in left
    assert name.split()[-1].casefold() not in left
    assert town.olaf.id.casefold() not in left


def test_who_is_called_like_a_function_a_place_or_a_customer_takes_nothing_of_theirs_along(lite_town):
    town = lite_town.begun()
    with town.bot.db.write() as session:
        connection = session.connection()
        connection.execute(t.accounts.update().values(region="Marketing", territory="Marketing 2"))
        mail = {"name": "Marketing", "mail": "marketing@acme.example", "role": "user"}
        connection.execute(insert(t.contacts).values(workspace_id=1, account_id=1, **mail))
    before = town.rows("SELECT function FROM stakeholders ORDER BY 1")
    asked = town.rows("SELECT function FROM feedback_requests ORDER BY 1")
    _written(town, town.otto.id, "Marketing", ["Marketing called."])
    assert town.rows("SELECT function FROM stakeholders ORDER BY 1") == before
    assert town.rows("SELECT function FROM feedback_requests ORDER BY 1") == asked
    assert town.rows("SELECT region FROM accounts")[0].region == "Marketing"
    assert town.rows("SELECT mail FROM contacts")[0].mail == "marketing@acme.example"
    assert town.rows("SELECT text FROM entries")[0].text == "erased called."
    assert town.marek.opens_home()
    town.passes(days=1)
    assert not town.rows("SELECT kind, key, detail, error FROM outbox WHERE state = 'failed'")


def test_one_after_the_other_is_erased_before_slack_was_asked_who_they_are(lite_town):
    town = lite_town.begun()
    for number, who in enumerate((town.otto.id, town.cora.id, town.marek.id)):
        _written(town, who, f"Number {number}", [])
    town.passes(days=1)
    assert not town.rows("SELECT kind, key, detail, error FROM outbox WHERE state = 'failed'")
